"""Parameters, the paths that they stand in, and the names of operations."""

from __future__ import annotations

from tests.unit.sources.openapi.quirks.shop import Document, Quirk, add, get


def path_level_parameters(d: Document) -> None:
    item = d["paths"]["/orders/{number}"]
    item["parameters"] = item["get"].pop("parameters")
    item["delete"]["parameters"] = []


def path_level_parameter_overridden(d: Document) -> None:
    d["paths"]["/orders/{number}"]["parameters"] = [{"name": "number", "in": "path", "required": True}]


def no_operation_ids(d: Document) -> None:
    for item in d["paths"].values():
        for operation in item.values():
            operation.pop("operationId", None)


def one_operation_id_for_all(d: Document) -> None:
    for item in d["paths"].values():
        for operation in item.values():
            operation["operationId"] = "call"


def operation_ids_that_are_no_names(d: Document) -> None:
    d["paths"]["/orders"]["get"]["operationId"] = "orders/list (v2)"
    d["paths"]["/orders"]["post"]["operationId"] = "注文を作る"
    d["paths"]["/customers"]["get"]["operationId"] = "2-customers" + "x" * 90


def placeholder_without_parameter(d: Document) -> None:
    get(d, path="/found/{id}/{other-id}")


def parameter_without_placeholder(d: Document) -> None:
    get(d, {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}})


def headers_that_are_no_parameters(d: Document) -> None:
    names = ("Accept", "Content-Type", "Authorization", "X-Request-Id", "Host", "Content-Length")
    get(d, *({"name": n, "in": "header", "required": True, "schema": {"type": "string"}} for n in names))


def all_places_and_styles(d: Document) -> None:
    many = {"type": "array", "items": {"type": "string"}}
    thing = {"type": "object", "properties": {"a": {"type": "string"}}}
    get(
        d,
        {"name": "label", "in": "path", "required": True, "style": "label", "explode": True, "schema": many},
        {"name": "matrix", "in": "path", "required": True, "style": "matrix", "schema": thing},
        {"name": "deep", "in": "query", "style": "deepObject", "explode": True, "schema": thing},
        {"name": "pipes", "in": "query", "style": "pipeDelimited", "schema": many},
        {"name": "spaces", "in": "query", "style": "spaceDelimited", "explode": False, "schema": many},
        {"name": "commas", "in": "query", "explode": False, "schema": many, "allowReserved": True},
        {"name": "X-List", "in": "header", "schema": many},
        {"name": "session", "in": "cookie", "schema": {"type": "string"}},
        {"name": "wrong", "in": "query", "style": "matrix", "schema": many, "allowEmptyValue": True},
        path="/found/{label}/{matrix}",
    )


def parameter_with_content(d: Document) -> None:
    get(d, {"name": "filter", "in": "query", "content": {"application/json": {"schema": {"type": "object"}}}})


def names_that_are_no_arguments(d: Document) -> None:
    names = ("filter[name]", "filter.name", "filter name", "run_context", "名前", "$top", "body")
    get(d, *({"name": n, "in": "query", "schema": {"type": "string"}} for n in names))


def one_name_in_three_places(d: Document) -> None:
    get(
        d,
        {"name": "id", "in": "path", "required": True},
        {"name": "id", "in": "query", "schema": {"type": "string"}},
        {"name": "id", "in": "header", "schema": {"type": "string"}},
        path="/found/{id}",
    )


def parameters_left_from_swagger(d: Document) -> None:
    get(d, {"name": "a", "in": "query", "type": "string"}, {"name": "b", "in": "formData", "type": "file"})
    add(d, "/added", post={"parameters": [{"name": "c", "in": "body", "required": True, "schema": {}}]})


def paths_of_odd_form(d: Document) -> None:
    get(d, path="/a?action=List&version=1")
    add(d, "no-slash", get={})
    add(d, "/a b/ü/{id}/:run('x')", get={})
    add(d, "/#Action=Tag", get={})
    add(d, "/orders/", get={})


def path_that_leads_out(d: Document) -> None:
    get(d, path="/../admin")


def upper_case_methods(d: Document) -> None:
    d["paths"]["/customers"] = {"GET": d["paths"]["/customers"]["get"]}


QUIRKS: tuple[Quirk, ...] = (
    Quirk("path_level_parameters", path_level_parameters),
    Quirk("path_level_parameter_overridden", path_level_parameter_overridden),
    Quirk("no_operation_ids", no_operation_ids),
    Quirk("one_operation_id_for_all", one_operation_id_for_all),
    Quirk("operation_ids_that_are_no_names", operation_ids_that_are_no_names),
    Quirk("placeholder_without_parameter", placeholder_without_parameter),
    Quirk("parameter_without_placeholder", parameter_without_placeholder),
    Quirk("headers_that_are_no_parameters", headers_that_are_no_parameters),
    Quirk("all_places_and_styles", all_places_and_styles),
    Quirk("parameter_with_content", parameter_with_content),
    Quirk("names_that_are_no_arguments", names_that_are_no_arguments),
    Quirk("one_name_in_three_places", one_name_in_three_places),
    Quirk("parameters_left_from_swagger", parameters_left_from_swagger, costs=1),
    Quirk("paths_of_odd_form", paths_of_odd_form),
    Quirk("path_that_leads_out", path_that_leads_out, costs=1),
    Quirk("upper_case_methods", upper_case_methods),
)
