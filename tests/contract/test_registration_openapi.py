"""OpenAPI services registered over the RPC, of a document and an HTTP service on loopback that the operator allows."""

from __future__ import annotations

import base64
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

import grpc
import pytest
from aiohttp import web
from vaiven.v1 import plugin_pb2, plugin_service_pb2

from service.cli.source_options import SourceOptions
from service.cli.source_words import source_of
from service.rpc.convert.values import struct_to_proto
from service.runs import listing
from tests.contract.edge import refusal
from tests.contract.registering import House, house, result_of
from tests.unit.sources.servers import HttpServer, serving

SECRETS: Final = {name: f"{name}-is-secret" for name in ("token", "key", "password", "client")}
ALLOWED: Final[dict[str, Any]] = {
    "allowed_hosts": ("127.0.0.1",),
    "allow_http": True,
    "secrets": {name: {"value": value, "hosts": ("127.0.0.1",)} for name, value in SECRETS.items()},
}
GET_ORDER: Final = "plugins/shop/functions/get_order"
ISSUED: Final = "issued-token"


def document(**scheme: Any) -> dict[str, Any]:
    """Return a document of two operations; `scheme` is how calls are authorised, nothing: they are not."""
    number = {"name": "number", "in": "path", "required": True, "schema": {"type": "integer"}}
    order = {
        "type": "object",
        "properties": {"number": {"type": "integer"}, "state": {"type": "string", "enum": ["new", "sent"]}},
    }
    answer = {"200": {"description": "An order.", "content": {"application/json": {"schema": order}}}}
    note = {"type": "object", "required": ["text"], "properties": {"text": {"type": "string"}}}
    written = {"required": True, "content": {"application/json": {"schema": note}}}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Shop", "version": "1"},
        "servers": [{"url": "/v1"}],
        "paths": {
            "/orders/{number}": {
                "parameters": [number],
                "get": {"operationId": "getOrder", "summary": "Read an order.", "responses": answer},
                "post": {
                    "operationId": "noteOrder",
                    "summary": "Note something.",
                    "requestBody": written,
                    "responses": answer,
                },
            }
        },
        **({"security": [{"all": []}], "components": {"securitySchemes": {"all": scheme}}} if scheme else {}),
    }


@asynccontextmanager
async def http_shop(**scheme: Any) -> AsyncIterator[HttpServer]:
    """Serve the document, the two operations, and tokens."""

    async def answer(request: web.BaseRequest) -> web.StreamResponse:
        if request.path == "/openapi.json":
            return web.json_response(document(**scheme))
        if request.path == "/token":
            return web.json_response({"access_token": ISSUED, "token_type": "Bearer", "expires_in": 3600})
        return web.json_response({"number": int(request.path.rpartition("/")[2]), "state": "sent"})

    async with serving(answer) as server:
        yield server


def register(service: House, source: plugin_pb2.PluginSource) -> Any:
    return service.plugins.RegisterPlugin(
        plugin_service_pb2.RegisterPluginRequest(plugin_id="shop", plugin=plugin_pb2.Plugin(source=source))
    )


async def test_a_document_by_url_becomes_functions_that_are_called(tmp_path: Path) -> None:
    async with http_shop() as server, house(tmp_path, **ALLOWED) as service:
        url = f"{server.url}/openapi.json"
        answer = await register(service, source_of(url, SourceOptions()))
        assert (answer.plugin.name, answer.plugin.kind) == ("plugins/shop", "openapi")
        assert answer.plugin.state == plugin_pb2.PLUGIN_STATE_READY
        assert answer.plugin.source.openapi.url == url
        effects = {function.name: function.effect for function in answer.functions}
        note_order = "plugins/shop/functions/note_order"
        assert effects == {GET_ORDER: plugin_pb2.EFFECT_READ, note_order: plugin_pb2.EFFECT_WRITE}

        listed = await service.plugins.ListFunctions(plugin_service_pb2.ListFunctionsRequest(parent="plugins/shop"))
        assert [one.name for one in listed.functions] == [GET_ORDER, note_order]
        assert "number" in listed.functions[0].input_schema["properties"]  # type: ignore[operator]

        result = result_of(await service.call(GET_ORDER, number=1042))
        assert (result["status"], result["body"]) == (200, {"number": 1042, "state": "sent"})
        result_of(await service.call(note_order, number=7, body={"text": "By hand."}))
        sent = [(seen.method, seen.path, seen.body) for seen in server.seen[1:]]
        assert sent == [("GET", "/v1/orders/1042", b""), ("POST", "/v1/orders/7", b'{"text":"By hand."}')]

        # Arguments that do not fit never reach the service.
        given = struct_to_proto({"number": "../admin"})
        call = service.plugins.InvokeFunction(plugin_service_pb2.InvokeFunctionRequest(name=GET_ORDER, arguments=given))
        assert await refusal(call) == (grpc.StatusCode.INVALID_ARGUMENT, "INVALID_FIELD")
        assert len(server.seen) == 3


async def test_a_document_that_comes_with_the_request(tmp_path: Path) -> None:
    async with http_shop() as server, house(tmp_path, **ALLOWED) as service:
        source = plugin_pb2.OpenApiSource(
            document=json.dumps(document()).encode(), server_url=f"{server.url}/v2", operations=["GET *"]
        )
        answer = await register(service, plugin_pb2.PluginSource(openapi=source))
        assert [one.name for one in answer.functions] == [GET_ORDER]
        assert not answer.plugin.source.openapi.document
        result_of(await service.call(GET_ORDER, number=5))
        assert [seen.path for seen in server.seen] == ["/v2/orders/5"]


async def test_it_is_there_again_after_a_restart_and_tells_when_it_changed(tmp_path: Path) -> None:
    async with http_shop() as server:
        async with house(tmp_path, **ALLOWED) as service:
            await register(service, source_of(f"{server.url}/openapi.json", SourceOptions()))
        async with house(tmp_path, **ALLOWED) as service:
            assert result_of(await service.call(GET_ORDER, number=1))["status"] == 200

            async def narrower(_: web.BaseRequest) -> web.StreamResponse:
                changed = document()
                changed["paths"]["/orders/{number}"]["get"]["operationId"] = "fetchOrder"
                return web.json_response(changed)

            server.answer = narrower
            refresh = plugin_service_pb2.RefreshPluginRequest(name="plugins/shop")
            drifted = (grpc.StatusCode.FAILED_PRECONDITION, "PLUGIN_DRIFTED")
            assert await refusal(service.plugins.RefreshPlugin(refresh)) == drifted


@pytest.mark.parametrize("missing", ["allowed_hosts", "allow_http"])
async def test_what_the_operator_did_not_allow_is_not_called(tmp_path: Path, missing: str) -> None:
    settings = {name: value for name, value in ALLOWED.items() if name != missing}
    async with http_shop() as server, house(tmp_path, **settings) as service:
        call = register(service, source_of(f"{server.url}/openapi.json", SourceOptions()))
        assert await refusal(call) == (grpc.StatusCode.PERMISSION_DENIED, "TARGET_NOT_ALLOWED")
        assert not server.seen
        assert "plugins/shop" not in await service.names()


BASIC: Final = "Basic " + base64.b64encode(f"ada:{SECRETS['password']}".encode()).decode()
KEY_IN_QUERY: Final = {"type": "apiKey", "in": "query", "name": "k"}
FLOWS: Final = {"clientCredentials": {"tokenUrl": "https://elsewhere.example/token", "scopes": {"read": "Read."}}}


@pytest.mark.parametrize(
    ("scheme", "said", "header", "sent", "query"),
    [
        ({"type": "http", "scheme": "bearer"}, {"secret": "token"}, "Authorization", f"Bearer {SECRETS['token']}", ""),
        ({"type": "http", "scheme": "basic"}, {"basic": "ada:password"}, "Authorization", BASIC, ""),
        ({"type": "apiKey", "in": "header", "name": "X-Key"}, {"api_key": "key"}, "X-Key", SECRETS["key"], ""),
        (KEY_IN_QUERY, {"api_key": "secrets/key"}, "X-Key", None, f"k={SECRETS['key']}"),
        ({}, {"api_key": "key", "api_key_in": "header:X-Own"}, "X-Own", SECRETS["key"], ""),
        (
            {"type": "oauth2", "flows": FLOWS},
            {"client": "app:client", "token_url": "{url}/token", "scope": ["read"]},
            "Authorization",
            f"Bearer {ISSUED}",
            "",
        ),
    ],
    ids=["bearer", "basic", "key in a header", "key in the query", "key of no scheme", "client"],
)
async def test_credentials_are_sent_as_the_command_line_says(
    tmp_path: Path, scheme: dict[str, Any], said: dict[str, Any], header: str, sent: str | None, query: str
) -> None:
    async with http_shop(**scheme) as server, house(tmp_path, **ALLOWED) as service:
        given = {name: value.format(url=server.url) if name == "token_url" else value for name, value in said.items()}
        options = SourceOptions(server_url=f"{server.url}/v1", **given)
        answer = await register(service, source_of(f"{server.url}/openapi.json", options))
        assert len(answer.functions) == 2, answer.plugin.left_out
        assert result_of(await service.call(GET_ORDER, number=9))["status"] == 200
        called = server.seen[-1]
        assert (called.path, called.query, called.headers.get(header)) == ("/v1/orders/9", query, sent)
        if "client" in said:
            (asked,) = [seen for seen in server.seen if seen.path == "/token"]
            basic = base64.b64encode(f"app:{SECRETS['client']}".encode()).decode()
            assert asked.headers["Authorization"] == f"Basic {basic}"
            assert b"scope=read" in asked.body
        shown = str(await service.get("shop"))
    assert not [secret for secret in SECRETS.values() if secret in shown or secret.encode() in on_disk(tmp_path)]


def on_disk(directory: Path) -> bytes:
    return b"".join(file.read_bytes() for file in directory.iterdir() if file.is_file())


async def test_a_secret_goes_to_its_hosts_only(tmp_path: Path) -> None:
    elsewhere = {**ALLOWED, "secrets": {"token": {"value": SECRETS["token"], "hosts": ("api.shop.example",)}}}
    async with http_shop(type="http", scheme="bearer") as server, house(tmp_path, **elsewhere) as service:
        options = SourceOptions(secret="token", server_url=server.url)
        refused = await refusal(register(service, source_of(f"{server.url}/openapi.json", options)))
        assert refused == (grpc.StatusCode.PERMISSION_DENIED, "SECRET_NOT_ALLOWED")
        assert not server.seen


async def test_a_page_of_functions_stays_below_what_clients_take(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with http_shop() as server, house(tmp_path, **ALLOWED) as service:
        await register(service, source_of(f"{server.url}/openapi.json", SourceOptions()))
        request = plugin_service_pb2.ListFunctionsRequest(page_size=1000)
        whole = await service.plugins.ListFunctions(request)
        assert not whole.next_page_token
        bound = max(function.ByteSize() for function in whole.functions) * 2
        for limit in (bound, 1):
            monkeypatch.setattr(listing, "MAX_PAGE_BYTES", limit)
            pages = [await service.plugins.ListFunctions(request)]
            while token := pages[-1].next_page_token:
                request = plugin_service_pb2.ListFunctionsRequest(page_size=1000, page_token=token)
                pages.append(await service.plugins.ListFunctions(request))
            request = plugin_service_pb2.ListFunctionsRequest(page_size=1000)
            assert [one for page in pages for one in page.functions] == list(whole.functions)
            sizes = [sum(one.ByteSize() for one in page.functions) for page in pages]
            assert all(size <= limit or len(page.functions) == 1 for size, page in zip(sizes, pages, strict=True))
            assert 1 < len(pages) <= len(whole.functions)
