"""Functions of a document called on a server: what is sent, what comes back, and what may go wrong."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import web
from pydantic import SecretStr

from plugins.output import FunctionResult
from plugins.sources.base import CallContext, ImportedPlugin, SourceError, SourceLimits
from plugins.sources.openapi import ApiKey, Basic, Bearer, ClientCredentials, OpenApiRegistration, OpenApiSource
from tests.unit.sources.servers import LOOPBACK, HttpServer, json_answer, serving

CONTEXT = CallContext(tenant="t", run="r")
SECRET = SecretStr("s3cr+et/ =")
LIMITS = SourceLimits(call_timeout_s=5.0, max_response_bytes=100_000, max_result_values=500, max_argument_values=500)

ORDER = {
    "type": "object",
    "properties": {"number": {"type": "integer"}, "item": {"type": "string"}, "parts": {"type": "array"}},
}


def document(**operation: Any) -> dict[str, Any]:
    """Return a document of one operation, `call`; `method`, `path` and `root` are taken out of its facts."""
    method, path = operation.pop("method", "get"), operation.pop("path", "/orders")
    root = operation.pop("root", {})
    facts = {"operationId": "call", "responses": {"200": {"content": {"application/json": {"schema": ORDER}}}}}
    return {"openapi": "3.1.0", "paths": {path: {method: facts | operation}}, **root}


class Called:
    """The function of a document on a server."""

    def __init__(self, server: HttpServer) -> None:
        self.server = server
        self.sources: list[OpenApiSource] = []

    async def plugin(self, described: dict[str, Any], **given: Any) -> ImportedPlugin:
        given.setdefault("server_url", f"{self.server.url}/v1")
        registration = OpenApiRegistration("shop", document=json.dumps(described).encode(), **given)
        self.sources.append(OpenApiSource(registration, LOOPBACK, LIMITS))
        return await self.sources[-1].read()

    async def __call__(
        self, described: dict[str, Any], arguments: dict[str, Any] | None = None, **given: Any
    ) -> FunctionResult:
        plugin = await self.plugin(described, **given)
        return await plugin.functions[0].invoke(arguments or {}, CONTEXT)

    async def failing(
        self, described: dict[str, Any], arguments: dict[str, Any] | None = None, **given: Any
    ) -> SourceError:
        with pytest.raises(SourceError) as failed:
            await self(described, arguments, **given)
        return failed.value


@pytest.fixture
async def call() -> AsyncIterator[Called]:
    async with serving(json_answer('{"number": 7, "item": "tea"}')) as server:
        called = Called(server)
        yield called
        for source in called.sources:
            await source.aclose()


async def test_a_call_with_parameters_in_all_places(call: Called) -> None:
    parameters = [
        {"name": "number", "in": "path", "required": True, "schema": {"type": "integer"}},
        {"name": "number", "in": "query", "schema": {"type": "integer"}},
        {"name": "filter[name]", "in": "query", "schema": {"type": "string"}},
        {"name": "tags", "in": "query", "schema": {"type": "array"}},
        {"name": "where", "in": "query", "content": {"application/json": {}}},
        {"name": "X-Trace", "in": "header", "schema": {"type": "string"}},
        {"name": "session", "in": "cookie", "schema": {"type": "string"}},
        {"name": "unused", "in": "query", "schema": {"type": "string"}},
    ]
    result = await call(
        document(path="/orders/{number}", parameters=parameters),
        {
            "number": 7,
            "query_number": 8.0,
            "filter_name": "a&b",
            "tags": ["x", "y"],
            "where": {"a": 1},
            "X-Trace": "t",
            "session": "s;t",
            "unused": None,
        },
    )

    seen = call.server.seen[0]
    assert seen.path == "/v1/orders/7"
    assert seen.query == "number=8&filter%5Bname%5D=a%26b&tags=x&tags=y&where=%7B%22a%22%3A1%7D"
    assert (seen.headers["X-Trace"], seen.headers["Cookie"]) == ("t", "session=s%3Bt")
    assert seen.headers["Accept"].startswith("application/json")
    assert result == FunctionResult(
        '{"number": 7, "item": "tea"}', {"status": 200, "body": {"number": 7, "item": "tea"}}
    )


async def test_a_call_with_a_body(call: Called) -> None:
    body = {"required": True, "content": {"application/json": {"schema": ORDER}}}
    await call(document(method="post", requestBody=body), {"body": {"item": "tea"}})

    seen = call.server.seen[0]
    assert (seen.method, seen.body, seen.headers["Content-Type"]) == ("POST", b'{"item":"tea"}', "application/json")


@pytest.mark.parametrize(
    "value", ["..", ".", "../admin", "..\\admin", "%2e%2e", "..%2fadmin", "..;/admin", "a/../..", ""]
)
async def test_no_argument_leads_out_of_the_path(call: Called, value: str) -> None:
    parameters = [{"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}]
    error = await call.failing(document(path="/orders/{id}", parameters=parameters), {"id": value})

    assert error.code == "ARGUMENTS_INVALID"
    assert call.server.seen == []


async def test_a_path_argument_keeps_its_slashes_escaped(call: Called) -> None:
    parameters = [{"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}]
    await call(document(path="/files/{id}", parameters=parameters), {"id": "a/b?c#d é"})

    assert (call.server.seen[0].path, call.server.seen[0].query) == ("/v1/files/a%2Fb%3Fc%23d%20%C3%A9", "")


@pytest.mark.parametrize("value", ["a\r\nX-Evil: 1", "a\nb", "\x00", "日本"])
async def test_no_argument_adds_a_header(call: Called, value: str) -> None:
    parameters = [{"name": "X-Trace", "in": "header", "schema": {"type": "string"}}]
    error = await call.failing(document(parameters=parameters), {"X-Trace": value})

    assert (error.code, error.field) == ("ARGUMENTS_INVALID", "X-Trace")


async def test_what_cannot_be_sent(call: Called) -> None:
    parameters = [{"name": "q", "in": "query", "schema": {}}]

    assert (await call.failing(document(parameters=parameters), {"q": "x" * 9_000})).code == "ARGUMENTS_TOO_LARGE"
    assert (await call.failing(document(parameters=parameters), {"q": [2**70]})).code == "ARGUMENTS_INVALID"


SCHEMES = {
    "header": {"type": "apiKey", "in": "header", "name": "X-Key"},
    "query": {"type": "apiKey", "in": "query", "name": "key"},
    "cookie": {"type": "apiKey", "in": "cookie", "name": "key"},
    "bearer": {"type": "http", "scheme": "bearer"},
    "basic": {"type": "http", "scheme": "basic"},
}


def secured(*names: str) -> dict[str, Any]:
    return {"components": {"securitySchemes": SCHEMES}, "security": [{name: [] for name in names}]}


async def test_credentials_are_sent_where_the_document_says(call: Called) -> None:
    held = {
        "header": ApiKey(SECRET),
        "query": ApiKey(SECRET),
        "cookie": ApiKey(SECRET),
        "bearer": Bearer(SecretStr("tok")),
    }
    parameters = [
        {"name": "key", "in": "query", "required": True, "schema": {"type": "string"}},
        {"name": "session", "in": "cookie", "schema": {"type": "string"}},
    ]
    described = document(root=secured("header", "query", "cookie", "bearer"), parameters=parameters)
    await call(described, {"session": "1"}, credentials=held)

    seen = call.server.seen[0]
    assert seen.headers["X-Key"] == "s3cr+et/ ="
    assert seen.headers["Authorization"] == "Bearer tok"
    assert seen.headers["Cookie"] == "session=1; key=s3cr%2Bet%2F%20%3D"
    assert seen.query == "key=s3cr%2Bet%2F%20%3D"
    assert "key" not in (await call.plugin(described, credentials=held)).functions[0].input_schema["properties"]


async def test_headers_of_the_registration_are_sent_and_are_no_arguments(call: Called) -> None:
    parameters = [{"name": "x-version", "in": "header", "required": True, "schema": {"type": "string"}}]
    described = document(parameters=parameters)
    await call(described, headers={"X-Version": SecretStr("2")})

    assert call.server.seen[0].headers["X-Version"] == "2"
    plugin = await call.plugin(described, headers={"X-Version": SecretStr("2")})
    assert plugin.functions[0].input_schema["properties"] == {}


FAULTS = [
    (301, "text/html", "<p>Moved</p>", "TARGET_REDIRECTS", False, "redirect"),
    (304, "text/html", "", "TARGET_REDIRECTS", False, "304"),
    (400, "application/json", '{"message": "no such item"}', "CALL_REFUSED", False, "400: no such item"),
    (401, "application/problem+json", '{"detail": "who?"}', "TARGET_DENIED", False, "401: who?"),
    (403, "text/plain", "not you", "TARGET_DENIED", False, "403: not you"),
    (404, "application/json", '{"error": {"message": "none"}}', "CALL_REFUSED", False, "404: none"),
    (410, "application/json", "[]", "CALL_REFUSED", False, "410."),
    (422, "application/json", '{"errors": [{"msg": "item"}]}', "CALL_REFUSED", False, "422: item"),
    (429, "application/json", "{broken", "CALL_FAILED", True, "429."),
    (500, "text/html", "<h1>stack trace</h1>", "CALL_FAILED", True, "500."),
    (503, "text/plain", "x" * 9_000, "CALL_FAILED", True, "503: xxx"),
]


@pytest.mark.parametrize(("status", "kind", "text", "code", "retryable", "words"), FAULTS)
async def test_answers_that_are_no_success(
    call: Called, status: int, kind: str, text: str, code: str, retryable: bool, words: str
) -> None:
    async def answer(_request: web.BaseRequest) -> web.StreamResponse:
        return web.Response(status=status, text=text, content_type=kind, headers={"Location": "http://10.0.0.1/?k=1"})

    call.server.answer = answer
    error = await call.failing(document())

    assert (error.code, error.retryable) == (code, retryable)
    assert words in error.message
    assert len(error.message) < 400
    assert len(call.server.seen) == 1


async def test_secrets_that_a_service_says_back_are_not_said_on(call: Called) -> None:
    async def answer(request: web.BaseRequest) -> web.StreamResponse:
        said = f"bad key {request.headers['X-Key']} in {request.raw_path} of {request.headers['Authorization']}"
        return web.json_response({"message": said}, status=403)

    call.server.answer = answer
    held = {"header": ApiKey(SECRET), "query": ApiKey(SECRET), "basic": Basic("ana", SecretStr("word"))}
    error = await call.failing(document(root=secured("header", "query", "basic")), credentials=held)

    assert error.message == "The service answered 403: bad key *** in /v1/orders?key=*** of ***"


ANSWERS: list[tuple[int, str, bytes, dict[str, Any]]] = [
    (200, "application/json", b'{"number": 1}', {"status": 200, "body": {"number": 1}}),
    (201, "application/json", b'{"number": null, "more": 1}', {"status": 201, "body": {"number": None, "more": 1}}),
    (200, "application/json", b"null", {"status": 200, "body": None}),
    (204, "", b"", {"status": 204}),
    (200, "application/json", b"", {"status": 200}),
    (200, "", b'{"item": "a"}', {"status": 200, "body": {"item": "a"}}),
]


@pytest.mark.parametrize(("status", "kind", "raw", "data"), ANSWERS)
async def test_answers_that_are_a_success(
    call: Called, status: int, kind: str, raw: bytes, data: dict[str, Any]
) -> None:
    async def answer(_request: web.BaseRequest) -> web.StreamResponse:
        response = web.Response(status=status, body=raw)
        response.headers["Content-Type"] = kind
        return response

    call.server.answer = answer
    result = await call(document())

    assert result.data == data


@pytest.mark.parametrize(
    ("kind", "raw", "note"),
    [
        ("application/json", b'{"number": "seven"}', "at body.number"),
        ("application/json", b"[1]", "not what the document says"),
        ("application/json", b"{broken", "not what the document says"),
        ("application/json", b"[" + b"0," * 1_000 + b"0]", "not what the document says"),
        ("application/json", b"[" * 500 + b"]" * 500, "not what the document says"),
        ("text/html", b"<p>hello</p>", "not what the document says"),
        ("image/png", b"\x89PNG", "image/png"),
        ("application/octet-stream", b"x" * 50_000, "octet-stream"),
        ("application/json", b'{"parts": [' + b'"' + b"x" * 60_000 + b'", ' + b"1, " * 600 + b"1]}", "document says"),
    ],
)
async def test_answers_that_are_not_what_the_document_says(call: Called, kind: str, raw: bytes, note: str) -> None:
    async def answer(_request: web.BaseRequest) -> web.StreamResponse:
        return web.Response(body=raw, content_type=kind)

    call.server.answer = answer
    result = await call(document())

    assert "body" not in result.data
    assert note in result.data["note"]
    assert (result.text == raw.decode(errors="replace")) is kind.startswith(("application/json", "text/"))


async def test_an_answer_in_text(call: Called) -> None:
    async def answer(_request: web.BaseRequest) -> web.StreamResponse:
        return web.Response(text="a,b", content_type="text/csv")

    call.server.answer = answer
    result = await call(document(responses={"200": {"content": {"text/csv": {}}}}))

    assert result == FunctionResult("a,b", {"status": 200, "body": "a,b"})


async def test_a_service_that_does_not_answer_in_time(call: Called) -> None:
    hang = asyncio.Event()

    async def answer(_request: web.BaseRequest) -> web.StreamResponse:
        await hang.wait()
        return web.Response()

    call.server.answer = answer
    plugin = await call.plugin(document())
    with pytest.raises(SourceError) as late:
        await plugin.functions[0].invoke({}, CallContext("t", "r", deadline_s=0.05))
    with pytest.raises(SourceError) as over:
        await plugin.functions[0].invoke({}, CallContext("t", "r", deadline_s=-1.0))
    hang.set()

    assert late.value.code == over.value.code == "CALL_TIMEOUT"


async def test_a_call_that_is_cancelled_leaves_no_connection_in_use(call: Called) -> None:
    hang, asked = asyncio.Event(), asyncio.Event()

    async def answer(_request: web.BaseRequest) -> web.StreamResponse:
        asked.set()
        await hang.wait()
        return web.Response()

    call.server.answer = answer
    plugin = await call.plugin(document())
    task = asyncio.ensure_future(plugin.functions[0].invoke({}, CONTEXT))
    await asked.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    hang.set()
    call.server.answer = json_answer("{}")

    assert (await plugin.functions[0].invoke({}, CONTEXT)).data["status"] == 200


# OAuth2.

TOKEN_SCHEME = {"type": "oauth2", "flows": {"clientCredentials": {"tokenUrl": "/token", "scopes": {}}}}
WITH_TOKEN = {"components": {"securitySchemes": {"oauth": TOKEN_SCHEME}}, "security": [{"oauth": ["read", "write"]}]}


class TokenServer:
    """Hands out tokens t1, t2, …; takes only those in `good`."""

    def __init__(self, expires_in: Any = 3600) -> None:
        self.given = 0
        self.good: set[str] = set()
        self.expires_in = expires_in
        self.answer: dict[str, Any] = {}
        self.status = 200

    async def __call__(self, request: web.BaseRequest) -> web.StreamResponse:
        if request.raw_path == "/token":
            self.given += 1
            self.good.add(f"t{self.given}")
            answer = {"access_token": f"t{self.given}", "token_type": "Bearer", "expires_in": self.expires_in}
            return web.json_response({**answer, **self.answer}, status=self.status)
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        return web.json_response({"number": 1}, status=200 if token in self.good else 401)


def with_client(server: HttpServer, **facts: Any) -> dict[str, Any]:
    client = ClientCredentials("me/1", SECRET, token_url=f"{server.url}/token", **facts)
    return {"credentials": {"oauth": client}}


async def test_a_token_is_asked_for_once_and_kept(call: Called) -> None:
    call.server.answer = tokens = TokenServer()
    plugin = await call.plugin(document(root=WITH_TOKEN), **with_client(call.server))
    await asyncio.gather(*(plugin.functions[0].invoke({}, CONTEXT) for _ in range(5)))

    asked = call.server.seen[0]
    assert tokens.given == 1
    assert asked.body == b"grant_type=client_credentials&scope=read+write"
    # The user and the password are form-encoded before they are joined: RFC 6749, section 2.3.1.
    assert asked.headers["Authorization"] == "Basic bWUlMkYxOnMzY3IlMkJldCUyRislM0Q="


async def test_a_client_in_the_form(call: Called) -> None:
    call.server.answer = TokenServer()
    facts = {"in_body": True, "scopes": ("all",), "parameters": {"audience": "https://a.example"}}
    await call(document(root=WITH_TOKEN), **with_client(call.server, **facts))

    asked = call.server.seen[0]
    assert "Authorization" not in asked.headers
    assert asked.body == (
        b"grant_type=client_credentials&audience=https%3A%2F%2Fa.example&scope=all"
        b"&client_id=me%2F1&client_secret=s3cr%2Bet%2F+%3D"
    )


@pytest.mark.parametrize(("expires_in", "given"), [(3600, 1), ("3600", 1), (0, 3), ("soon", 1), (None, 1), (-5, 3)])
async def test_a_token_that_ended_is_replaced(call: Called, expires_in: Any, given: int) -> None:
    call.server.answer = tokens = TokenServer(expires_in)
    plugin = await call.plugin(document(root=WITH_TOKEN), **with_client(call.server))
    for _ in range(3):
        await plugin.functions[0].invoke({}, CONTEXT)

    assert tokens.given == given


async def test_a_token_that_is_refused_is_replaced_once(call: Called) -> None:
    call.server.answer = tokens = TokenServer()
    plugin = await call.plugin(document(root=WITH_TOKEN), **with_client(call.server))
    await plugin.functions[0].invoke({}, CONTEXT)
    tokens.good.clear()

    assert (await plugin.functions[0].invoke({}, CONTEXT)).data["status"] == 200
    assert tokens.given == 2


async def test_a_token_that_is_refused_again_is_an_error(call: Called) -> None:
    call.server.answer = tokens = TokenServer()
    tokens.answer = {"access_token": "stranger"}
    error = await call.failing(document(root=WITH_TOKEN), **with_client(call.server))

    assert (error.code, tokens.given) == ("TARGET_DENIED", 2)
    assert "stranger" not in error.message


@pytest.mark.parametrize(
    ("status", "answer", "words", "retryable"),
    [
        (400, {"error": "invalid_client", "error_description": "secret s3cr"}, "400: invalid_client", False),
        (401, {"error": "<script>"}, "401.", False),
        (503, {}, "503.", True),
        (200, {"access_token": ""}, "without a bearer token", False),
        (200, {"access_token": "a\r\nb"}, "without a bearer token", False),
        (200, {"access_token": None}, "without a bearer token", False),
        (200, {"token_type": "mac"}, "without a bearer token", False),
    ],
)
async def test_a_server_of_tokens_that_gives_none(
    call: Called, status: int, answer: dict[str, Any], words: str, retryable: bool
) -> None:
    call.server.answer = tokens = TokenServer()
    tokens.status, tokens.answer = status, answer
    error = await call.failing(document(root=WITH_TOKEN), **with_client(call.server))

    assert (error.code, error.retryable) == ("TARGET_DENIED", retryable)
    assert words in error.message
    assert "s3cr" not in error.message
