"""What a document's operations become: names, arguments, effects, and what is left out with which words."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pydantic import SecretStr

from plugins.sources.base import SourceLimits
from plugins.sources.network import AddressGuard
from plugins.sources.openapi import Bearer, ClientCredentials, OpenApiRegistration, OperationRule
from plugins.sources.openapi.document import read_document
from plugins.sources.openapi.reader import DocumentReader, ReadDocument

SERVERS = [{"url": "https://api.example/v1"}]
SECRET = SecretStr("s")


def read(paths: Any, limits: SourceLimits | None = None, root: Any = None, **given: Any) -> ReadDocument:
    document = {"openapi": "3.1.0", "servers": SERVERS, "paths": paths} | (root or {})
    raw = json.dumps(document).encode()
    registration = OpenApiRegistration("shop", document=raw, **given)
    limits = limits or SourceLimits()
    return DocumentReader(read_document(raw, 10**7), registration, AddressGuard(), limits).read()


def reasons(document: ReadDocument) -> dict[str, str]:
    return {left.subject: left.reason for left in document.left_out}


def test_names() -> None:
    document = read(
        {
            "/a": {
                "get": {"operationId": "getUserByID"},
                "post": {"operationId": "twice"},
                "put": {"operationId": "twice"},
            },
            "/users/{id}/posts": {"get": {}, "delete": {"operationId": "注文"}},
            "/b": {"get": {"operationId": "x" * 200}},
            "/a%20b/{c}": {"patch": {"operationId": 7}},
        }
    )

    names = {operation.subject: name for name, operation in document.operations.items()}
    assert names["GET /a"] == "get_user_by_id"
    assert (names["POST /a"], names["PUT /a"]) == ("post_a", "put_a")
    assert names["GET /users/{id}/posts"] == "get_users_id_posts"
    assert names["DELETE /users/{id}/posts"] == "delete_users_id_posts"
    assert len(names["GET /b"]) == 64
    assert names["PATCH /a%20b/{c}"] == "patch_a_b_c"


def test_effects_are_those_of_the_methods_unless_the_operator_says_otherwise() -> None:
    operations = {method: {"operationId": method} for method in ("get", "head", "put", "delete", "post", "patch")}
    rules = {
        "post": OperationRule(effect="read", idempotent=True, description="Searches"),
        "GET /a": OperationRule(effect="write", idempotent=False),
    }

    plain = read({"/a": operations}).operations
    ruled = read({"/a": operations}, rules=rules).operations

    assert {name: (op.effect, op.idempotent) for name, op in plain.items()} == {
        "get": ("read", True),
        "head": ("read", True),
        "put": ("write", True),
        "delete": ("write", True),
        "post": ("write", False),
        "patch": ("write", False),
    }
    assert (ruled["post"].effect, ruled["post"].idempotent, ruled["post"].description) == ("read", True, "Searches")
    assert (ruled["get"].effect, ruled["get"].idempotent) == ("write", False)


def test_descriptions() -> None:
    document = read(
        {
            "/a": {
                "get": {"summary": "List.", "description": "All  of\nthem."},
                "put": {"description": "x" * 2_000},
                "post": {},
                "delete": {"summary": "Same", "description": "Same"},
            }
        },
        SourceLimits(max_description_characters=50),
    )

    said = {operation.method: operation.description for operation in document.operations.values()}
    assert said["GET"] == "List. All of them"
    assert said["PUT"] == "x" * 49 + "…"
    assert said["POST"] == "POST /a"
    assert said["DELETE"] == "Same"


def test_arguments() -> None:
    parameters = [
        {"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}, "description": "The id"},
        {"name": "id", "in": "query", "schema": {"type": "string"}, "deprecated": True},
        {"name": "run_context", "in": "query"},
        {"name": "body", "in": "query", "required": True},
        {"name": "$filter", "in": "query", "schema": {"$ref": "#/components/schemas/F"}, "description": "Which"},
        {"name": "名", "in": "query"},
        {"name": "x" * 100, "in": "query"},
        {"name": "Authorization", "in": "header"},
        {"name": "bad name", "in": "header"},
        {"name": "unknown", "in": "matrix"},
    ]
    body = {"required": True, "content": {"application/json": {"schema": {"type": "object"}}}}
    document = read(
        {"/a/{id}/{other}": {"parameters": parameters, "post": {"operationId": "call", "requestBody": body}}},
        root={"components": {"schemas": {"F": {"type": "string"}}}},
    )

    assert document.operations["call"].input_schema == {
        "type": "object",
        "properties": {
            "id": {"type": "integer", "description": "The id"},
            "query_id": {"type": "string", "deprecated": True},
            "query_run_context": {"type": "string"},
            "query_body": {"type": "string"},
            "filter": {"$ref": "#/$defs/F", "description": "Which"},
            "query": {"type": "string"},
            "x" * 64: {"type": "string"},
            "other": {"type": "string", "minLength": 1},
            "body": {"type": "object"},
        },
        "required": ["id", "query_body", "other", "body"],
        "additionalProperties": False,
        "$defs": {"F": {"type": "string"}},
    }
    assert reasons(document) == {
        "POST /a/{id}/{other}: bad name": "has a name that no header or cookie can have",
        "POST /a/{id}/{other}: unknown": "is in matrix, which OpenAPI 3 does not know",
    }


def test_an_operation_s_parameter_replaces_its_path_s() -> None:
    first = {"name": "q", "in": "query", "required": True, "schema": {"type": "string"}}
    second = {"name": "q", "in": "query", "schema": {"type": "integer"}}
    document = read({"/a": {"parameters": [first], "get": {"parameters": [second]}, "put": {}}})

    assert document.operations["get_a"].input_schema["properties"]["q"] == {"type": "integer"}
    assert document.operations["put_a"].input_schema["required"] == ["q"]


def test_only_what_the_operator_chose_is_read() -> None:
    paths = {
        "/orders": {"get": {"operationId": "listOrders"}, "post": {"operationId": "createOrder"}},
        "/orders/{id}": {"get": {"operationId": "getOrder"}},
        "/users": {"get": {"operationId": "listUsers"}},
    }

    assert list(read(paths, operations=("GET /orders*",)).operations) == ["list_orders", "get_order"]
    assert list(read(paths, operations=("list*", "create_order")).operations) == [
        "list_orders",
        "create_order",
        "list_users",
    ]
    assert read(paths, operations=("nothing",)).operations == {}


def test_no_more_functions_than_the_limit() -> None:
    paths: dict[str, Any] = {f"/a{i}": {"get": {}} for i in range(20)}
    document = read(paths, SourceLimits(max_functions=5))

    assert len(document.operations) == 5
    assert reasons(document) == {"GET /a5 and those after it": "more than 5 functions"}


def test_schemas_that_are_too_large() -> None:
    schemas = {f"S{i}": {"properties": {"next": {"$ref": f"#/components/schemas/S{i + 1}"}}} for i in range(20)}
    body = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/S0"}}}}
    answer = {"200": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/S0"}}}}}
    root = {"components": {"schemas": {**schemas, "S20": {}}}}
    paths: dict[str, Any] = {"/a": {"post": {"requestBody": body}, "get": {"responses": answer}}}

    document = read(paths, SourceLimits(max_types_per_function=10), root)
    assert reasons(document) == {"POST /a": "its schema has more than 10 definitions"}
    assert document.operations["get_a"].output_schema["properties"]["body"] == {}

    document = read(paths, SourceLimits(max_schema_characters=200), root)
    assert reasons(document) == {"POST /a": "its schema is longer than 200 characters"}


OAUTH = {
    "oauth": {"type": "oauth2", "flows": {"clientCredentials": {"tokenUrl": "https://id.example/t", "scopes": {}}}}
}
BEARER = {"bearer": {"type": "http", "scheme": "bearer"}}


def test_credentials_stay_with_the_first_server() -> None:
    elsewhere = {"servers": [{"url": "https://files.example"}]}
    port = {"servers": [{"url": "https://api.example:8443"}]}
    root = {"components": {"securitySchemes": BEARER}, "security": [{"bearer": []}]}
    paths: dict[str, Any] = {
        "/a": {"get": {}},
        "/b": {"get": elsewhere},
        "/c": {"get": port},
        "/d": {"get": {**elsewhere, "security": []}},
    }
    held = {"bearer": Bearer(SECRET)}

    assert list(read(paths, root=root, credentials=held).operations) == ["get_a", "get_d"]
    trusted = read(paths, root=root, credentials=held, credential_hosts=("Files.example", "api.example"))
    assert list(trusted.operations) == ["get_a", "get_b", "get_c", "get_d"]


def test_a_client_s_secret_goes_to_no_host_that_only_the_document_names() -> None:
    root = {"components": {"securitySchemes": OAUTH}, "security": [{"oauth": []}]}
    held = {"oauth": ClientCredentials("me", SECRET)}

    assert "token URL is on another host" in reasons(read({"/a": {"get": {}}}, root=root, credentials=held))["GET /a"]
    assert read({"/a": {"get": {}}}, root=root, credentials=held, credential_hosts=("id.example",)).operations
    given = {"oauth": ClientCredentials("me", SECRET, token_url="https://id.example/t")}
    assert read({"/a": {"get": {}}}, root=root, credentials=given).operations


LEFT_OUT: list[tuple[dict[str, Any], str]] = [
    ({"security": [{"key": []}]}, "needs the credentials of key, which were not given"),
    ({"requestBody": {"$ref": "#/components/requestBodies/X"}}, "which is not there"),
    ({"requestBody": {"required": True, "content": {"application/xml": {}}}}, "takes only application/xml"),
    ({"requestBody": {"required": True, "content": {"application/octet-stream": {}}}}, "takes only application/octet"),
    ({"parameters": [{"$ref": "other.yaml#/P"}]}, "refers to another document, other.yaml"),
    ({"parameters": [{"name": "a"}]}, "has a parameter without a name or a place"),
    ({"parameters": [{"name": "a", "in": "body", "required": True}]}, "its parameter a is in body"),
    ({"parameters": ["a"]}, "is not an object"),
    ({"servers": [{"url": "https://192.168.0.1"}]}, "private"),
    ({"servers": [{"url": "https://{x}.example"}]}, "no default"),
]


@pytest.mark.parametrize(("operation", "reason"), LEFT_OUT)
def test_what_is_left_out_says_why_and_the_rest_stays(operation: dict[str, Any], reason: str) -> None:
    document = read({"/a": {"post": operation}, "/b": {"get": {}}})

    assert reason in reasons(document)["POST /a"]
    assert list(document.operations) == ["get_b"]


@pytest.mark.parametrize("path", ["/../a", "/a/%2e%2e/b", "/a/..;/b", "/%252e%252e/"])
def test_paths_that_lead_out_are_left_out(path: str) -> None:
    assert "dots" in reasons(read({path: {"get": {}}}))[f"GET {path}"]


def test_the_query_in_a_path_is_sent_and_its_fragment_is_not() -> None:
    document = read({"/a?action=List Me&x=1": {"get": {}}, "/a#Action=b": {"post": {}}, "/b?x={y}": {"get": {}}})

    operations = {operation.method: operation for operation in document.operations.values()}
    assert (operations["GET"].path, operations["GET"].query) == ("/a", ("action=List%20Me", "x=1"))
    assert (operations["POST"].path, operations["POST"].query) == ("/a", ())
    assert reasons(document) == {"GET /b?x={y}": "has a parameter in the query of its path"}
