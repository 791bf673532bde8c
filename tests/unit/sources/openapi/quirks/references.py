"""References: to themselves, to each other, to nothing, to other documents."""

from __future__ import annotations

from tests.unit.sources.openapi.quirks.shop import Document, Quirk, answer, get, post, ref, schema


def recursive_schema(d: Document) -> None:
    schema(d, Node={"type": "object", "properties": {"children": {"type": "array", "items": ref("Node")}}})
    post(d, ref("Node"))


def mutual_recursion(d: Document) -> None:
    schema(d, A={"type": "object", "properties": {"b": ref("B")}}, B={"type": "object", "properties": {"a": ref("A")}})
    post(d, {"type": "array", "items": ref("A")})


def parent_is_one_of_its_children(d: Document) -> None:
    kind = {"type": "object", "properties": {"kind": {"type": "string"}}}
    schema(
        d,
        Pet={"oneOf": [ref("Cat"), ref("Dog")], "discriminator": {"propertyName": "kind"}},
        Cat={"allOf": [ref("Pet"), kind]},
        Dog={"allOf": [ref("Pet"), kind]},
    )
    post(d, ref("Pet"))


def schema_that_is_itself(d: Document) -> None:
    schema(d, Loop=ref("Loop"), All={"allOf": [ref("All")]})
    post(d, {"type": "object", "properties": {"a": ref("Loop"), "b": ref("All")}})


def refs_to_parameters_and_bodies(d: Document) -> None:
    d["components"] |= {
        "parameters": {"Limit": d["paths"]["/orders"]["get"]["parameters"][0]},
        "requestBodies": {"Order": d["paths"]["/orders"]["post"]["requestBody"]},
        "responses": {"Order": d["paths"]["/orders/{number}"]["get"]["responses"]["200"]},
    }
    d["paths"]["/orders"]["get"]["parameters"] = [{"$ref": "#/components/parameters/Limit"}]
    d["paths"]["/orders"]["post"]["requestBody"] = {"$ref": "#/components/requestBodies/Order"}
    d["paths"]["/orders/{number}"]["get"]["responses"] = {"200": {"$ref": "#/components/responses/Order"}}


def refs_of_refs(d: Document) -> None:
    d["components"]["parameters"] = {"A": {"$ref": "#/components/parameters/B"}, "B": {"name": "b", "in": "query"}}
    schema(d, First=ref("Second"), Second=ref("Order"))
    get(d, {"$ref": "#/components/parameters/A"})
    post(d, ref("First"))


def ref_into_a_path(d: Document) -> None:
    post(d, {"$ref": "#/paths/~1orders/get/parameters/0/schema"})


def ref_with_siblings(d: Document) -> None:
    post(d, {"type": "object", "properties": {"o": {**ref("Order"), "description": "The order", "nullable": True}}})


def refs_with_escapes(d: Document) -> None:
    schema(d, **{"My Order/v1": {"type": "string"}, "Generic«Order»": {"type": "string"}})
    post(d, {"$ref": "#/components/schemas/My%20Order~1v1"})
    get(d, responses=answer({"$ref": "#/components/schemas/Generic«Order»"}))


def ref_to_the_document_by_name(d: Document) -> None:
    post(d, {"$ref": "openapi.json#/components/schemas/Order"})


def remote_ref_in_a_body(d: Document) -> None:
    post(d, {"$ref": "https://other.example/schemas.json#/Order"})


def remote_ref_in_an_answer(d: Document) -> None:
    get(d, responses=answer({"$ref": "./models/order.yaml"}))


def remote_ref_of_a_parameter(d: Document) -> None:
    get(d, {"$ref": "parameters.yaml#/Limit"})


def remote_path_item(d: Document) -> None:
    d["paths"]["/remote"] = {"$ref": "paths/remote.yaml"}


def dangling_ref_in_an_answer(d: Document) -> None:
    get(d, responses=answer(ref("Missing")))


def dangling_ref_in_a_body(d: Document) -> None:
    post(d, {"type": "object", "properties": {"a": ref("Missing")}})


def path_items_in_components(d: Document) -> None:
    d["components"]["pathItems"] = {"Customers": d["paths"]["/customers"]}
    d["paths"]["/customers"] = {"$ref": "#/components/pathItems/Customers"}


QUIRKS: tuple[Quirk, ...] = (
    Quirk("recursive_schema", recursive_schema),
    Quirk("mutual_recursion", mutual_recursion),
    Quirk("parent_is_one_of_its_children", parent_is_one_of_its_children),
    Quirk("schema_that_is_itself", schema_that_is_itself),
    Quirk("refs_to_parameters_and_bodies", refs_to_parameters_and_bodies),
    Quirk("refs_of_refs", refs_of_refs),
    Quirk("ref_into_a_path", ref_into_a_path),
    Quirk("ref_with_siblings", ref_with_siblings),
    Quirk("refs_with_escapes", refs_with_escapes),
    Quirk("ref_to_the_document_by_name", ref_to_the_document_by_name),
    Quirk("remote_ref_in_a_body", remote_ref_in_a_body, costs=1),
    Quirk("remote_ref_in_an_answer", remote_ref_in_an_answer),
    Quirk("remote_ref_of_a_parameter", remote_ref_of_a_parameter, costs=1),
    Quirk("remote_path_item", remote_path_item),
    Quirk("dangling_ref_in_an_answer", dangling_ref_in_an_answer),
    Quirk("dangling_ref_in_a_body", dangling_ref_in_a_body, costs=1),
    Quirk("path_items_in_components", path_items_in_components),
)
