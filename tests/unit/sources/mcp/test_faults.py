"""What an MCP server may do wrong, and what a caller then learns."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import web

from plugins.sources.base import CallContext, ImportedPlugin, SourceError, SourceLimits
from plugins.sources.mcp import McpRegistration, McpSource, connection
from tests.unit.sources.servers import LOOPBACK, HttpServer, serving

CONTEXT = CallContext(tenant="t", run="r")
LIMITS = SourceLimits(call_timeout_s=2.0, read_timeout_s=2.0, max_response_bytes=10_000)
DONE = {"content": [{"type": "text", "text": "done"}]}


class Scripted:
    """Answers as MCP says, but for the methods in `answers`."""

    def __init__(self) -> None:
        self.answers: dict[str, Any] = {}
        self.sessions = 0
        self.release = asyncio.Event()
        self.hanging = asyncio.Event()

    async def __call__(self, request: web.BaseRequest) -> web.StreamResponse:
        if request.method != "POST":
            return web.Response(status=405 if request.method == "GET" else 200)
        message = json.loads(await request.read())
        method = message["method"]
        if method in self.answers:
            scripted: web.StreamResponse = await self.answers[method](self, request, message)
            return scripted
        if method == "initialize":
            self.sessions += 1
            facts = {"protocolVersion": "2025-06-18", "capabilities": {}, "serverInfo": {"name": "s", "version": "1"}}
            return reply(message, facts, {"Mcp-Session-Id": str(self.sessions)})
        if "id" not in message:
            return web.Response(status=202)
        listed = {"tools": [{"name": "t", "inputSchema": {"type": "object"}}]}
        return reply(message, listed if method == "tools/list" else DONE)


def reply(message: dict[str, Any], result: Any, headers: Any = None) -> web.Response:
    return web.json_response({"jsonrpc": "2.0", "id": message["id"], "result": result}, headers=headers)


def status(code: int, **headers: str) -> Any:
    async def answer(_server: Scripted, _request: Any, _message: Any) -> web.StreamResponse:
        return web.Response(status=code, text="s3cret details", headers=headers)

    return answer


def body(text: str, kind: str = "application/json") -> Any:
    async def answer(_server: Scripted, _request: Any, message: Any) -> web.StreamResponse:
        return web.Response(text=text.replace("ID", str(message["id"])), content_type=kind)

    return answer


def rpc_error(code: int, said: str) -> Any:
    return body(
        json.dumps({"jsonrpc": "2.0", "id": 0, "error": {"code": code, "message": said}}).replace('"id": 0', '"id": ID')
    )


def events(*pieces: str, hang: bool = False, cut: bool = False) -> Any:
    async def answer(server: Scripted, request: web.BaseRequest, message: Any) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        for piece in pieces:
            await response.write(piece.replace("ID", str(message["id"])).encode())
        if hang:
            server.hanging.set()
            await server.release.wait()
        if cut and request.transport is not None:
            request.transport.abort()
        return response

    return answer


async def silent(server: Scripted, _request: Any, _message: Any) -> web.StreamResponse:
    server.hanging.set()
    await server.release.wait()
    return web.Response()


async def hang_up(_server: Scripted, request: web.BaseRequest, _message: Any) -> web.StreamResponse:
    if request.transport is not None:
        request.transport.abort()
    return web.Response()


RESULT = 'data: {"jsonrpc": "2.0", "id": ID, "result": {"content": []}}\n\n'

FAULTS: list[tuple[str, Any, str, bool]] = [
    ("redirect away", status(302, Location="http://169.254.169.254/"), "TARGET_REDIRECTS", False),
    ("redirect within", status(307, Location="/other"), "TARGET_REDIRECTS", False),
    ("401", status(401), "TARGET_DENIED", False),
    ("403", status(403), "TARGET_DENIED", False),
    ("400", status(400), "CALL_REFUSED", False),
    ("429", status(429), "CALL_FAILED", True),
    ("500", status(500), "CALL_FAILED", True),
    ("202 for a request", status(202), "CALL_REFUSED", False),
    ("a page", body("<p>hello</p>", "text/html"), "RESPONSE_INVALID", False),
    ("broken JSON", body('{"jsonrpc": "2.0"'), "RESPONSE_INVALID", False),
    ("no JSON-RPC", body("[]"), "RESPONSE_INVALID", False),
    ("another request's answer", body('{"jsonrpc": "2.0", "id": 999, "result": {}}'), "RESPONSE_INVALID", False),
    (
        "a result of another kind",
        body('{"jsonrpc": "2.0", "id": ID, "result": {"content": 5}}'),
        "RESPONSE_INVALID",
        False,
    ),
    (
        "too large",
        body('{"jsonrpc": "2.0", "id": ID, "result": {"x": "' + "x" * 20_000 + '"}}'),
        "RESPONSE_TOO_LARGE",
        False,
    ),
    ("an event that is too large", events("data: " + "x" * 20_000), "RESPONSE_TOO_LARGE", False),
    ("events without end", events(*[f": {'x' * 1_000}\n\n"] * 20), "RESPONSE_TOO_LARGE", False),
    (
        "a stream without an answer",
        events('data: {"jsonrpc": "2.0", "method": "notifications/x"}\n\n'),
        "RESPONSE_INVALID",
        True,
    ),
    ("an empty stream", events(), "RESPONSE_INVALID", True),
    ("a stream cut off", events("data: {", cut=True), "RESPONSE_INVALID", True),
    ("an event that is no message", events("data: {}\n\n"), "RESPONSE_INVALID", True),
    ("a connection cut off", hang_up, "TARGET_UNREACHABLE", True),
    ("wrong arguments", rpc_error(-32602, "number"), "ARGUMENTS_INVALID", False),
    ("no such method", rpc_error(-32601, "tools"), "METHOD_GONE", False),
    ("an error", rpc_error(-32000, "out  of\ntea"), "CALL_REFUSED", False),
    (
        "an error in an event",
        events('data: {"jsonrpc": "2.0", "id": ID, "error": {"code": 1, "message": "x"}}\n\n'),
        "CALL_REFUSED",
        False,
    ),
]


@pytest.fixture
async def server() -> AsyncIterator[HttpServer]:
    scripted = Scripted()
    async with serving(scripted) as running:
        yield running
        scripted.release.set()


@pytest.fixture
async def source(server: HttpServer) -> AsyncIterator[McpSource]:
    made = McpSource(McpRegistration("tools", url=f"{server.url}/mcp"), LOOPBACK, LIMITS)
    yield made
    await made.aclose()


def script(server: HttpServer) -> Scripted:
    assert isinstance(server.answer, Scripted)
    return server.answer


async def failing(plugin: ImportedPlugin, deadline_s: float | None = None) -> SourceError:
    with pytest.raises(SourceError) as failed:
        await plugin.functions[0].invoke({}, CallContext("t", "r", deadline_s))
    return failed.value


@pytest.mark.parametrize(("answer", "code", "retryable"), [pytest.param(*facts, id=name) for name, *facts in FAULTS])
async def test_a_call_that_goes_wrong_leaves_the_session_open(
    server: HttpServer, source: McpSource, answer: Any, code: str, retryable: bool
) -> None:
    plugin = await source.read()
    script(server).answers["tools/call"] = answer
    error = await failing(plugin)
    script(server).answers.clear()

    assert (error.code, error.retryable) == (code, retryable)
    assert "s3cret" not in error.message
    assert (await plugin.functions[0].invoke({}, CONTEXT)).text == "done"
    assert script(server).sessions == 1


OPENING: list[tuple[str, Any, str]] = [
    ("nobody there", status(404), "CALL_REFUSED"),
    ("denied", status(401), "TARGET_DENIED"),
    ("a page", body("<p>hello</p>", "text/html"), "RESPONSE_INVALID"),
    ("an error", rpc_error(-32000, "not today"), "CALL_REFUSED"),
    ("another kind of answer", body('{"jsonrpc": "2.0", "id": ID, "result": {}}'), "RESPONSE_INVALID"),
    (
        "an unknown version",
        body(
            '{"jsonrpc": "2.0", "id": ID, "result": {"protocolVersion": "1999-01-01", "capabilities": {},'
            ' "serverInfo": {"name": "s", "version": "1"}}}'
        ),
        "RESPONSE_INVALID",
    ),
    ("a redirect", status(301, Location="https://other.example/"), "TARGET_REDIRECTS"),
    ("cut off", hang_up, "TARGET_UNREACHABLE"),
]


@pytest.mark.parametrize(("answer", "code"), [pytest.param(*facts, id=name) for name, *facts in OPENING])
async def test_a_session_that_cannot_be_opened(server: HttpServer, source: McpSource, answer: Any, code: str) -> None:
    script(server).answers["initialize"] = answer
    with pytest.raises(SourceError) as failed:
        await source.read()

    assert failed.value.code == code


async def test_a_server_that_does_not_answer(server: HttpServer, source: McpSource) -> None:
    plugin = await source.read()
    for answer in (silent, events(hang=True), events("data: ", hang=True)):
        script(server).answers["tools/call"] = answer
        assert (await failing(plugin, deadline_s=0.05)).code == "CALL_TIMEOUT"
    script(server).answers["initialize"] = silent
    other = McpSource(McpRegistration("tools", url=server.url), LOOPBACK, SourceLimits(read_timeout_s=0.05))
    with pytest.raises(SourceError) as late:
        await other.read()
    script(server).release.set()
    await other.aclose()

    assert late.value.code == "CALL_TIMEOUT"


async def test_a_session_that_the_server_forgot_is_opened_again(
    server: HttpServer, source: McpSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "_FIRST_PAUSE_S", 0.0)
    plugin = await source.read()
    script(server).answers["tools/call"] = status(404)
    error = await failing(plugin)
    del script(server).answers["tools/call"]
    assert (error.code, error.retryable) == ("TARGET_UNREACHABLE", True)

    for _ in range(10_000):
        await asyncio.sleep(0)
        if script(server).sessions == 2:
            break
    assert (await source.read()).fingerprint == plugin.fingerprint
    calls = [seen for seen in server.seen if b"tools/list" in seen.body]
    assert [seen.headers["mcp-session-id"] for seen in calls] == ["1", "2"]


async def test_a_stream_that_ends_is_taken_up_again_by_its_events(
    server: HttpServer, source: McpSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    plugin = await source.read()
    scripted = script(server)
    scripted.answers["tools/call"] = events("id: 7\nretry: 1\ndata: \n\n")
    answer = scripted.__call__

    async def with_rest(request: web.BaseRequest) -> web.StreamResponse:
        if request.method == "GET" and request.headers.get("Last-Event-Id") == "7":
            ids = [json.loads(seen.body)["id"] for seen in server.seen if b"tools/call" in seen.body]
            return web.Response(text=RESULT.replace("ID", str(ids[-1])), content_type="text/event-stream")
        return await answer(request)

    monkeypatch.setattr(server, "answer", with_rest)
    assert (await plugin.functions[0].invoke({}, CONTEXT)).data == {"text": ""}


@pytest.mark.parametrize(
    ("pages", "words"),
    [
        ('{"tools": [], "nextCursor": "c"}', "No tool"),
        ('{"tools": "none"}', "not what MCP says"),
        ('{"tools": [{"name": "t", "inputSchema": 5}]}', "not what MCP says"),
    ],
)
async def test_lists_that_are_none(server: HttpServer, source: McpSource, pages: str, words: str) -> None:
    script(server).answers["tools/list"] = body('{"jsonrpc": "2.0", "id": ID, "result": ' + pages + "}")
    with pytest.raises(SourceError, match=words):
        await source.read()


async def test_pages_without_end(server: HttpServer, source: McpSource, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("plugins.sources.mcp.source._PAGES", 20)
    asked = 0

    async def pages(_server: Scripted, _request: Any, message: Any) -> web.StreamResponse:
        nonlocal asked
        asked += 1
        return reply(message, {"tools": [], "nextCursor": str(asked)})

    script(server).answers["tools/list"] = pages
    with pytest.raises(SourceError, match="20 pages") as endless:
        await source.read()
    assert endless.value.code == "SOURCE_TOO_LARGE"


async def test_a_source_can_be_closed_while_calls_are_in_flight(server: HttpServer, source: McpSource) -> None:
    plugin = await source.read()
    script(server).answers["tools/call"] = silent
    call = asyncio.ensure_future(plugin.functions[0].invoke({}, CONTEXT))
    await script(server).hanging.wait()
    await source.aclose()

    with pytest.raises(SourceError) as ended:
        await call
    assert ended.value.code == "TARGET_UNREACHABLE"
