"""Documents with the features and the quirks that public OpenAPI documents have, alone and combined.

None is copied: each quirk is a function over a small document of our own, named by what it does.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml
from pydantic import SecretStr

from plugins.sources.openapi import ApiKey, Basic, Bearer, ClientCredentials, Credentials, OpenApiRegistration

Document = dict[str, Any]
URL = "https://docs.shop.example/specs/openapi.json"
KEY = SecretStr("k3y")

CREDENTIALS: Mapping[str, Credentials] = {
    "key_header": ApiKey(KEY),
    "key_query": ApiKey(KEY),
    "key_cookie": ApiKey(KEY),
    "bearer": Bearer(KEY),
    "basic": Basic("ana", KEY),
    "oauth": ClientCredentials("id", KEY),
    "undefined": Bearer(KEY),
}


@dataclass(frozen=True)
class Quirk:
    """What is done to a document; `costs` are the operations that cannot be taken because of it."""

    name: str
    apply: Callable[[Document], object]
    costs: int = 0
    write: Callable[[str], bytes] | None = None
    only: str = ""
    """`yaml`: means something only there."""


@dataclass(frozen=True)
class Sample:
    """A document as bytes, and what must become of it. `error`: the code of the refusal of the whole."""

    name: str
    raw: bytes
    operations: int
    error: str = ""
    given: Mapping[str, Any] = field(default_factory=dict)

    def registration(self) -> OpenApiRegistration:
        facts: dict[str, Any] = {"credentials": CREDENTIALS, **self.given}
        return OpenApiRegistration(name="shop", document=self.raw, **facts)


def shop(version: str) -> Document:
    """Return a document without quirks: five operations on orders and customers."""
    order = {"$ref": "#/components/schemas/Order"}
    number = {"name": "number", "in": "path", "required": True, "schema": {"type": "integer"}}
    return {
        "openapi": version,
        "info": {"title": "Shop", "version": "1.2.0", "description": "Orders and customers."},
        "servers": [{"url": "https://api.shop.example/v1"}],
        "paths": {
            "/orders": {
                "get": {
                    "operationId": "listOrders",
                    "summary": "List orders",
                    "parameters": [{"name": "limit", "in": "query", "schema": {"type": "integer", "maximum": 100}}],
                    "responses": answer({"type": "array", "items": order}),
                },
                "post": {
                    "operationId": "createOrder",
                    "requestBody": {"required": True, "content": {"application/json": {"schema": order}}},
                    "responses": answer(order, "201"),
                },
            },
            "/orders/{number}": {
                "get": {"operationId": "getOrder", "parameters": [number], "responses": answer(order)},
                "delete": {
                    "operationId": "deleteOrder",
                    "parameters": [number],
                    "responses": {"204": {"description": "gone"}},
                },
            },
            "/customers": {"get": {"operationId": "listCustomers", "responses": answer({"type": "array"})}},
        },
        "components": {
            "schemas": {
                "Order": {
                    "type": "object",
                    "required": ["item"],
                    "properties": {"item": {"type": "string"}, "count": {"type": "integer", "default": 1}},
                }
            }
        },
    }


def answer(schema: Any, status: str = "200") -> Document:
    return {status: {"description": "ok", "content": {"application/json": {"schema": schema}}}}


def body(schema: Any, media: str = "application/json", **more: Any) -> Document:
    return {"required": True, "content": {media: {"schema": schema, **more}}}


def add(document: Document, path: str, **operations: Any) -> None:
    document["paths"].setdefault(path, {}).update(operations)


def post(document: Document, schema: Any, media: str = "application/json", **more: Any) -> None:
    add(document, "/added", post={"operationId": "add", "requestBody": body(schema, media, **more), "responses": {}})


def get(document: Document, *parameters: Any, path: str = "/found", responses: Any = None) -> None:
    add(document, path, get={"operationId": "find", "parameters": list(parameters), "responses": responses or {}})


def schema(document: Document, **schemas: Any) -> None:
    document["components"]["schemas"].update(schemas)


def ref(name: str) -> Document:
    return {"$ref": f"#/components/schemas/{name}"}


def secured(name: str, scheme: Document) -> Callable[[Document], object]:
    def apply(document: Document) -> None:
        document["components"]["securitySchemes"] = {name: scheme}
        document["security"] = [{name: []}]

    return apply


# What stands in the document.


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


# What stands in a schema.


def empty_schemas(d: Document) -> None:
    get(d, {"name": "any", "in": "query", "schema": {}}, {"name": "bare", "in": "query"}, responses=answer({}))
    post(d, {})


def media_type_without_schema(d: Document) -> None:
    add(d, "/added", post={"requestBody": {"content": {"application/json": {}}}, "responses": {"200": {}}})


def types_with_null(d: Document) -> None:
    post(d, {"type": "object", "properties": {"a": {"type": ["string", "null"]}, "b": {"type": ["integer", "string"]}}})


def nullable(d: Document) -> None:
    fields = {
        "a": {"type": "string", "nullable": True, "enum": ["x", "y"]},
        "b": {"allOf": [ref("Order")], "nullable": True},
        "c": {"nullable": True},
    }
    post(d, {"type": "object", "properties": fields})


def discriminator_with_mapping(d: Document) -> None:
    schema(d, Card={"type": "object", "properties": {"kind": {"type": "string"}}}, Cash={"type": "object"})
    mapping = {"card": "#/components/schemas/Card", "cash": "Cash"}
    post(d, {"oneOf": [ref("Card"), ref("Cash")], "discriminator": {"propertyName": "kind", "mapping": mapping}})


def all_of_with_read_only(d: Document) -> None:
    base = {"type": "object", "required": ["id"], "properties": {"id": {"type": "string", "readOnly": True}}}
    schema(d, Base=base)
    post(d, {"allOf": [ref("Base"), {"type": "object", "required": ["id", "name"], "properties": {"name": {}}}]})


def exclusive_bounds_of_both_versions(d: Document) -> None:
    get(
        d,
        {"name": "a", "in": "query", "schema": {"type": "number", "minimum": 0, "exclusiveMinimum": True}},
        {"name": "b", "in": "query", "schema": {"type": "number", "exclusiveMaximum": 10, "exclusiveMinimum": False}},
    )


def keywords_of_json_schema_2020(d: Document) -> None:
    fields = {
        "const": {"const": "x"},
        "tuple": {"type": "array", "prefixItems": [{"type": "string"}, True], "items": False},
        "map": {"type": "object", "patternProperties": {"^x-": {}}, "propertyNames": {"maxLength": 5}},
        "if": {"if": {"type": "string"}, "then": {"minLength": 1}, "else": {"type": "integer"}},
        "contains": {"type": "array", "contains": {"type": "integer"}, "minContains": 2},
        "examples": {"type": "string", "examples": ["a"], "$comment": "none", "contentMediaType": "text/html"},
        "closed": {"type": "object", "unevaluatedProperties": False, "dependentRequired": {"a": ["b"]}},
        "schemas": {"$defs": {"x": {"type": "string"}}, "dependentSchemas": {"a": {"required": ["b"]}}},
    }
    post(d, {"type": "object", "properties": fields})


def types_that_do_not_exist(d: Document) -> None:
    names = ("date", "datetime", "file", "any", "float", "long", "String", "uuid", None, 7, "bool", ["any"])
    post(d, {"type": "object", "properties": {f"f{i}": {"type": name} for i, name in enumerate(names)}})


def keywords_of_the_wrong_form(d: Document) -> None:
    fields = {
        "a": {"type": "string", "required": True, "minLength": "5", "maxLength": -1, "pattern": 7, "enum": []},
        "b": {"type": "array", "items": None, "minItems": 1.0, "uniqueItems": "yes"},
        "c": {"allOf": [], "oneOf": {"type": "string"}, "anyOf": None},
        "d": {"properties": None, "additionalProperties": None, "required": "a"},
        "e": None,
        "f": {"type": "array", "items": [{"type": "string"}, {"type": "integer"}]},
        "g": {"multipleOf": 0, "default": {"x": [1]}, "example": {"$ref": "#/nowhere"}, "format": ["date"]},
        "h": "string",
    }
    post(d, {"type": "object", "properties": fields, "required": ["a", "a", 7]})


def property_named_ref(d: Document) -> None:
    post(d, {"type": "object", "properties": {"$ref": {"type": "string"}, "type": {"type": "string"}}})


def patterns_of_other_languages(d: Document) -> None:
    patterns = (r"^\p{L}+$", r"/^a$/i", r"(?<name>a)", r"(a+)+$", "[", r"^(?>a)*+$")
    post(
        d, {"type": "object", "properties": {f"p{i}": {"type": "string", "pattern": p} for i, p in enumerate(patterns)}}
    )


def long_enum(d: Document) -> None:
    get(d, {"name": "zone", "in": "query", "schema": {"type": "string", "enum": [f"zone-{i}" for i in range(700)]}})


def enums_of_mixed_types(d: Document) -> None:
    get(d, {"name": "e", "in": "query", "schema": {"type": "string", "enum": [1, True, "a", 1, None]}})


def maps(d: Document) -> None:
    post(d, {"type": "object", "additionalProperties": {"type": "object", "additionalProperties": ref("Order")}})


def deep_nesting(d: Document) -> None:
    nested: Document = {"type": "string"}
    for _ in range(80):
        nested = {"type": "object", "properties": {"a": nested}}
    post(d, nested)


def boolean_schemas(d: Document) -> None:
    post(d, {"type": "object", "properties": {"yes": True, "no": False}, "additionalProperties": False})
    get(d, responses=answer(True))


# What stands beside operations.


def no_servers(d: Document) -> None:
    del d["servers"]


def relative_server(d: Document) -> None:
    d["servers"] = [{"url": "/api/v2"}, {"url": "https://other.example"}]


def server_variables(d: Document) -> None:
    variables = {
        "region": {"default": "eu", "enum": ["eu", "us"]},
        "base": {"default": "v1"},
        "port": {"default": 8443},
    }
    d["servers"] = [{"url": "https://{region}.shop.example:{port}/{base}", "variables": variables}]


def servers_of_paths_and_operations(d: Document) -> None:
    d["paths"]["/orders"]["servers"] = [{"url": "https://orders.shop.example"}]
    d["paths"]["/customers"]["get"]["servers"] = [{"url": "https://customers.shop.example/base/"}]


def http_server_before_https(d: Document) -> None:
    d["servers"] = [{"url": "http://api.shop.example"}, {"url": "https://api.shop.example"}]


def server_of_one_operation_is_private(d: Document) -> None:
    d["paths"]["/customers"]["get"]["servers"] = [{"url": "https://10.0.0.1/"}]


def other_methods(d: Document) -> None:
    add(d, "/orders", options={"responses": {}}, trace={"responses": {}}, head={"operationId": "h"}, query={})


def extensions_everywhere(d: Document) -> None:
    d["x-origin"] = [{"url": "https://other.example"}]
    d["paths"]["x-internal"] = {"get": {}}
    for item in list(d["paths"].values()):
        item["x-owner"] = {"get": 1}
        for operation in item.values():
            operation["x-code"] = ["y"]
    d["components"]["schemas"]["Order"]["x-go-name"] = "Order"
    d["components"]["x-parts"] = None


def nulls_for_nothing(d: Document) -> None:
    d["paths"]["/customers"]["get"] |= {"parameters": None, "description": None, "tags": None, "security": None}
    d["paths"]["/customers"]["get"] |= {"requestBody": None, "servers": None, "summary": None}
    d["tags"] = d["externalDocs"] = None
    d["info"]["description"] = None


def no_info(d: Document) -> None:
    del d["info"]


def default_answers_only(d: Document) -> None:
    for item in d["paths"].values():
        for operation in item.values():
            operation["responses"] = {"default": {"$ref": "#/components/responses/Any"}}
    d["components"]["responses"] = {"Any": {"description": "any", "content": {"application/json": {"schema": {}}}}}


def no_answers(d: Document) -> None:
    for item in d["paths"].values():
        for operation in item.values():
            operation.pop("responses")


def ranges_of_answers(d: Document) -> None:
    get(d, responses={"2XX": answer({"type": "string"})["200"], "4XX": {"description": "no"}, 500: None})


def several_good_answers(d: Document) -> None:
    get(d, responses=answer(ref("Order")) | answer({"type": "string"}, "202"))


def callbacks_links_and_webhooks(d: Document) -> None:
    operation = d["paths"]["/orders"]["post"]
    operation["callbacks"] = {"done": {"{$request.body#/url}": {"post": {"responses": {}}}}}
    operation["responses"]["201"]["links"] = {"self": {"operationId": "getOrder"}}
    d["webhooks"] = {"paid": {"post": {"responses": {}}}}


def keys_of_later_versions(d: Document) -> None:
    d |= {"jsonSchemaDialect": "https://spec.openapis.org/oas/3.1/dialect/base", "self": "x"}
    d["info"] |= {"summary": "s", "license": {"identifier": "MIT"}}


def many_operations(d: Document) -> None:
    for i in range(295):
        d["paths"][f"/things{i}"] = {"get": {"operationId": f"thing{i}", "responses": {}}}


def deprecated_operation(d: Document) -> None:
    d["paths"]["/customers"]["get"]["deprecated"] = True


# Parameters.


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


# Bodies.


def urlencoded_form(d: Document) -> None:
    fields = {"name": {"type": "string"}, "tags": {"type": "array"}, "deep": {"type": "object"}}
    encoding = {"deep": {"style": "deepObject", "explode": True}, "tags": {"explode": False}}
    post(d, {"type": "object", "properties": fields}, "application/x-www-form-urlencoded", encoding=encoding)


def multipart_with_an_optional_file(d: Document) -> None:
    fields = {"name": {"type": "string"}, "photo": {"type": "string", "format": "binary"}}
    post(d, {"type": "object", "properties": fields}, "multipart/form-data")


def multipart_file(d: Document) -> None:
    fields = {"photo": {"type": "string", "format": "binary"}}
    post(d, {"type": "object", "properties": fields, "required": ["photo"]}, "multipart/form-data")


def file_of_version_31(d: Document) -> None:
    fields = {"photo": {"type": "string", "contentMediaType": "image/png"}, "name": {"type": "string"}}
    post(
        d, {"type": "object", "properties": fields}, "multipart/form-data", encoding={"name": {"contentType": "text/*"}}
    )


def json_by_other_names(d: Document) -> None:
    post(d, ref("Order"), "application/vnd.shop.v1+json; charset=utf-8")
    get(d, responses={"200": {"content": {"application/hal+json": {"schema": {}}, "text/json": {"schema": {}}}}})


def any_media_type(d: Document) -> None:
    post(d, ref("Order"), "*/*")
    get(d, responses={"200": {"content": {"*/*": {"schema": ref("Order")}}}})


def several_media_types(d: Document) -> None:
    add(d, "/added", post={"requestBody": {"content": {"application/xml": {}, "application/json": {"schema": {}}}}})


def text_body(d: Document) -> None:
    post(d, {"type": "string"}, "text/plain")


def xml_body(d: Document) -> None:
    post(d, ref("Order"), "application/xml")


def optional_binary_body(d: Document) -> None:
    add(d, "/added", post={"requestBody": {"content": {"application/octet-stream": {"schema": {"type": "string"}}}}})


def binary_answer(d: Document) -> None:
    get(d, responses={"200": {"content": {"image/png": {"schema": {"type": "string", "format": "binary"}}}}})


def body_of_a_get(d: Document) -> None:
    add(d, "/found", get={"requestBody": body({"type": "object"}), "responses": {}})


# Security.


def security_alternatives(d: Document) -> None:
    d["components"]["securitySchemes"] = {
        "bearer": {"type": "http", "scheme": "Bearer"},
        "signature": {"type": "http", "scheme": "hoba"},
    }
    d["security"] = [{"signature": []}, {"bearer": []}, {}]
    d["paths"]["/customers"]["get"]["security"] = []


def scheme_that_is_not_known(d: Document) -> None:
    d["components"]["securitySchemes"] = {"tls": {"type": "mutualTLS"}}
    d["paths"]["/customers"]["get"]["security"] = [{"tls": []}]


def scheme_that_is_not_there(d: Document) -> None:
    d["security"] = [{"undefined": []}]


# How it is written.


def with_mark(text: str) -> bytes:
    return b"\xef\xbb\xbf" + text.encode()


def utf_16(text: str) -> bytes:
    return text.encode("utf-16")


def crlf(text: str) -> bytes:
    return text.replace("\n", "\r\n").encode()


def with_tabs(text: str) -> bytes:
    return (
        text.replace("paths:\n", "paths:\n\t\n\t# The paths\n") if "\npaths:" in text else text.replace("  ", "\t")
    ).encode()


def with_latin_1(text: str) -> bytes:
    return text.encode().replace(b"Orders and customers", b"Caf\xe9s")


def with_control_characters(text: str) -> bytes:
    return text.replace("Orders and customers", "Orders\x7f \x85" if text.startswith("{") else "Orders \x07").encode()


def numbers_as_keys(text: str) -> bytes:
    return text.replace("'200'", "200").replace("'204'", "204").replace("'201'", "201").encode()


def scalars_of_yaml_11(text: str) -> bytes:
    added = (
        "x-facts:\n  day: 2024-01-31\n  time: 12:30:15\n  no: NO\n  on: yes\n  old: 0777\n  big: 1_000\n  inf: .inf\n"
    )
    return (text + added).replace("version: 1.2.0", "version: 2024-01-31").encode()


def version_as_number(text: str) -> bytes:
    return text.replace("openapi: 3.0.3", "openapi: 3.0").replace("openapi: 3.1.0", "openapi: 3.1").encode()


def anchors_and_merges(text: str) -> bytes:
    added = (
        "x-common: &common\n  summary: Common\n  parameters: &some\n  - {name: q, in: query}\n"
        "x-more: &more\n  <<: *common\n  deprecated: true\n"
    )
    operation = "  /merged:\n    get:\n      <<: [*more, *common]\n      operationId: merged\n"
    return (added + text.replace("paths:\n", f"paths:\n{operation}", 1)).encode()


def flow_style(text: str) -> bytes:
    return yaml.safe_dump(yaml.safe_load(text), default_flow_style=True, allow_unicode=True).encode()


def nothing(_document: Document) -> None:
    """Leave the document as it is."""


def five_megabytes(d: Document) -> None:
    d["info"]["description"] = "word " * 1_000_000


QUIRKS: tuple[Quirk, ...] = (
    Quirk("plain", nothing),
    *(
        Quirk(apply.__name__, apply)
        for apply in (
            path_level_parameters,
            path_level_parameter_overridden,
            no_operation_ids,
            one_operation_id_for_all,
            operation_ids_that_are_no_names,
            recursive_schema,
            mutual_recursion,
            parent_is_one_of_its_children,
            schema_that_is_itself,
            refs_to_parameters_and_bodies,
            refs_of_refs,
            ref_into_a_path,
            ref_with_siblings,
            refs_with_escapes,
            ref_to_the_document_by_name,
            remote_ref_in_an_answer,
            dangling_ref_in_an_answer,
            path_items_in_components,
            empty_schemas,
            media_type_without_schema,
            types_with_null,
            nullable,
            discriminator_with_mapping,
            all_of_with_read_only,
            exclusive_bounds_of_both_versions,
            keywords_of_json_schema_2020,
            types_that_do_not_exist,
            keywords_of_the_wrong_form,
            property_named_ref,
            patterns_of_other_languages,
            long_enum,
            enums_of_mixed_types,
            maps,
            deep_nesting,
            boolean_schemas,
            no_servers,
            relative_server,
            server_variables,
            servers_of_paths_and_operations,
            http_server_before_https,
            extensions_everywhere,
            nulls_for_nothing,
            no_info,
            default_answers_only,
            no_answers,
            ranges_of_answers,
            several_good_answers,
            callbacks_links_and_webhooks,
            keys_of_later_versions,
            many_operations,
            deprecated_operation,
            placeholder_without_parameter,
            parameter_without_placeholder,
            headers_that_are_no_parameters,
            all_places_and_styles,
            parameter_with_content,
            names_that_are_no_arguments,
            one_name_in_three_places,
            paths_of_odd_form,
            upper_case_methods,
            urlencoded_form,
            multipart_with_an_optional_file,
            file_of_version_31,
            json_by_other_names,
            any_media_type,
            several_media_types,
            text_body,
            optional_binary_body,
            binary_answer,
            body_of_a_get,
            security_alternatives,
            scheme_that_is_not_there,
            five_megabytes,
        )
    ),
    Quirk("remote_ref_in_a_body", remote_ref_in_a_body, costs=1),
    Quirk("remote_ref_of_a_parameter", remote_ref_of_a_parameter, costs=1),
    Quirk("remote_path_item", remote_path_item),
    Quirk("dangling_ref_in_a_body", dangling_ref_in_a_body, costs=1),
    Quirk("server_of_one_operation_is_private", server_of_one_operation_is_private, costs=1),
    Quirk("other_methods", other_methods, costs=2),
    Quirk("parameters_left_from_swagger", parameters_left_from_swagger, costs=1),
    Quirk("path_that_leads_out", path_that_leads_out, costs=1),
    Quirk("multipart_file", multipart_file, costs=1),
    Quirk("xml_body", xml_body, costs=1),
    Quirk("scheme_that_is_not_known", scheme_that_is_not_known, costs=1),
    Quirk("api_key_in_header", secured("key_header", {"type": "apiKey", "in": "header", "name": "X-Key"})),
    Quirk("api_key_in_query", secured("key_query", {"type": "apiKey", "in": "query", "name": "key"})),
    Quirk("api_key_in_cookie", secured("key_cookie", {"type": "apiKey", "in": "cookie", "name": "key"})),
    Quirk("bearer", secured("bearer", {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"})),
    Quirk("basic", secured("basic", {"type": "http", "scheme": "Basic"})),
    Quirk("openid", secured("bearer", {"type": "openIdConnect", "openIdConnectUrl": "https://id.example"})),
    Quirk(
        "client_credentials",
        secured(
            "oauth",
            {
                "type": "oauth2",
                "flows": {"clientCredentials": {"tokenUrl": "https://api.shop.example/t", "scopes": {}}},
            },
        ),
    ),
    Quirk("byte_order_mark", nothing, write=with_mark),
    Quirk("utf_16", nothing, write=utf_16),
    Quirk("crlf", nothing, write=crlf),
    Quirk("tabs", nothing, write=with_tabs),
    Quirk("latin_1", nothing, write=with_latin_1),
    Quirk("control_characters", nothing, write=with_control_characters, only="yaml"),
    Quirk("numbers_as_keys", nothing, write=numbers_as_keys, only="yaml"),
    Quirk("scalars_of_yaml_11", nothing, write=scalars_of_yaml_11, only="yaml"),
    Quirk("version_as_number", nothing, write=version_as_number, only="yaml"),
    Quirk("anchors_and_merges", nothing, write=anchors_and_merges, only="yaml"),
    Quirk("flow_style", nothing, write=flow_style, only="yaml"),
)

REFUSED: tuple[Sample, ...] = (
    Sample("swagger 2.0", b'{"swagger": "2.0", "info": {}, "paths": {}}', 0, "DOCUMENT_UNSUPPORTED"),
    Sample("version 4", b'{"openapi": "4.0.0", "paths": {}}', 0, "DOCUMENT_UNSUPPORTED"),
    Sample("no version", b"info: {}\npaths: {}\n", 0, "DOCUMENT_INVALID"),
    Sample("no paths", b'{"openapi": "3.0.3", "info": {}}', 0, "DOCUMENT_INVALID"),
    Sample("a page", b"<!DOCTYPE html><html><body>Not here</body></html>", 0, "DOCUMENT_INVALID"),
    Sample("cut off", json.dumps(shop("3.0.3")).encode()[:-40], 0, "DOCUMENT_INVALID"),
    Sample("indented by tabs", b"openapi: 3.0.3\npaths:\n\t/a:\n\t\tget: {}\n", 0, "DOCUMENT_INVALID"),
)


def samples() -> Iterator[Sample]:
    """Return each quirk in 3.0 as JSON and in 3.1 as YAML, then quirks in threes, then what is no document."""
    for quirk in QUIRKS:
        if quirk.only != "yaml":
            yield _sample([quirk], "3.0.3", "json")
        if quirk.apply is not five_megabytes:
            yield _sample([quirk], "3.1.0", "yaml")
    inside = [quirk for quirk in QUIRKS if quirk.write is None and quirk.apply not in (five_megabytes, many_operations)]
    # Of those that add the same operation the last one wins, so each three of these is of different places.
    apart = [quirk for quirk in inside if quirk.apply in _APART]
    for i, quirk in enumerate(apart):
        others = (apart[(i + 3) % len(apart)], apart[(i + 7) % len(apart)])
        yield _sample([quirk, *others], "3.1.0" if i % 2 else "3.0.3", "yaml" if i % 3 else "json")
    yield from REFUSED


_APART: tuple[Callable[[Document], object], ...] = (
    path_level_parameters,
    recursive_schema,
    remote_ref_in_an_answer,
    relative_server,
    refs_to_parameters_and_bodies,
    extensions_everywhere,
    nulls_for_nothing,
    callbacks_links_and_webhooks,
    placeholder_without_parameter,
    security_alternatives,
    parent_is_one_of_its_children,
    keys_of_later_versions,
)


def _sample(quirks: list[Quirk], version: str, kind: str) -> Sample:
    document = copy.deepcopy(shop(version))
    for quirk in quirks:
        quirk.apply(document)
    text = (
        json.dumps(document, ensure_ascii=False, indent=2)
        if kind == "json"
        else yaml.dump(document, Dumper=_Dumper, sort_keys=False, allow_unicode=True)
    )
    write = next((quirk.write for quirk in quirks if quirk.write), None)
    raw = write(text) if write else text.encode()
    methods = {"get", "put", "post", "delete", "patch", "head", "options", "trace"}
    paths = (item for path, item in document["paths"].items() if not path.startswith("x-"))
    count = sum(method.lower() in methods for item in paths for method in item)
    count += sum(quirk.write is anchors_and_merges for quirk in quirks)
    count += sum(quirk.apply is path_items_in_components for quirk in quirks)
    name = " + ".join(quirk.name for quirk in quirks)
    return Sample(f"{name} ({version}, {kind})", raw, count - sum(quirk.costs for quirk in quirks))


class _Dumper(yaml.SafeDumper):
    def ignore_aliases(self, _data: Any) -> bool:
        return True
