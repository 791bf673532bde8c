"""A small document without quirks, what adds to it, and what a quirk and a sample are."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

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
