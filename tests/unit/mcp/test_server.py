"""The MCP server as clients see it: in memory, over HTTP on this machine, and through our own MCP source."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import mcp.types as types
import pytest
from mcp import ClientSession, McpError
from mcp.shared.memory import create_client_server_memory_streams
from pydantic import SecretStr

from plugins.sources.base import CallContext
from plugins.sources.mcp import McpRegistration, McpSource
from service.mcp.bridge import FunctionBridge
from service.mcp.server import FunctionServer
from service.mcp.transports import ListenError, listen, serve_http
from tests.unit.mcp import fakes
from tests.unit.mcp.fakes import FakePlugins, serving_plugins, stub
from tests.unit.sources.servers import LOOPBACK


@pytest.fixture
def plugins() -> FakePlugins:
    return FakePlugins()


@pytest.fixture
async def server(plugins: FakePlugins) -> AsyncIterator[FunctionServer]:
    async with serving_plugins(plugins) as address, stub(address) as connected:
        yield FunctionServer(FunctionBridge(connected, address), "1.2.3")


@asynccontextmanager
async def client(server: FunctionServer, messages: list[Any] | None = None) -> AsyncIterator[ClientSession]:
    async def keep(message: Any) -> None:
        if messages is not None:
            messages.append(message)

    async with create_client_server_memory_streams() as (ours, (read, write)):
        running = asyncio.create_task(server.run(read, write, server.create_initialization_options()))
        try:
            async with ClientSession(*ours, message_handler=keep) as session:
                opened = await session.initialize()
                assert opened.serverInfo.version == "1.2.3"
                assert opened.capabilities.tools is not None
                assert opened.capabilities.tools.listChanged
                yield session
        finally:
            running.cancel()
            await asyncio.wait([running])


async def test_tools_are_listed_and_called(server: FunctionServer) -> None:
    told: list[tuple[float, str | None]] = []

    async def progress(progress: float, total: float | None, message: str | None) -> None:
        assert total is None
        told.append((progress, message))

    async with client(server) as session:
        tools = (await session.list_tools()).tools
        result = await session.call_tool("email__draft", {"to": "Ana"}, progress_callback=progress)

    assert [tool.name for tool in tools] == ["email__draft", "support__create_ticket", "support__find"]
    assert result.content == [types.TextContent(type="text", text="Dear Ana")]
    assert result.structuredContent == {"subject": "Hi", "words": 2}
    assert told == [(5.0, "Dear "), (8.0, "Ana")]


async def test_an_unknown_tool(server: FunctionServer) -> None:
    async with client(server) as session:
        with pytest.raises(McpError, match="There is no tool nothing") as refused:
            await session.call_tool("nothing", {})
    assert refused.value.error.code == types.INVALID_PARAMS


async def test_a_service_that_is_away(plugins: FakePlugins) -> None:
    async with serving_plugins(plugins) as address:
        pass
    async with (
        stub(address) as connected,
        client(FunctionServer(FunctionBridge(connected, address), "1.2.3")) as session,
    ):
        with pytest.raises(McpError, match="No vaiven service answers"):
            await session.list_tools()


async def test_agents_are_told_of_other_functions(server: FunctionServer, plugins: FakePlugins) -> None:
    messages: list[Any] = []
    pauses: asyncio.Queue[None] = asyncio.Queue()
    looked = asyncio.Event()

    async def pause(_seconds: float) -> None:
        looked.set()
        await pauses.get()

    watch = asyncio.create_task(server.watch(30.0, pause))

    async def look() -> None:
        looked.clear()
        pauses.put_nowait(None)
        await looked.wait()

    async with client(server, messages) as session:
        await look()
        await session.list_tools()
        await look()
        assert messages == []
        plugins.functions.append(fakes.function("code.review"))
        await look()
        assert len((await session.list_tools()).tools) == 4
    await look()
    watch.cancel()

    assert [type(message.root) for message in messages] == [types.ToolListChangedNotification]


@asynccontextmanager
async def over_http(server: FunctionServer, token: str = "") -> AsyncIterator[str]:
    url: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    running = asyncio.create_task(serve_http(server, "127.0.0.1:0", token, url.set_result))
    try:
        yield await url
    finally:
        running.cancel()
        await asyncio.wait([running])


async def test_our_own_source_speaks_with_our_own_server(server: FunctionServer) -> None:
    async with over_http(server, "tok") as url:
        source = McpSource(McpRegistration("shop", url=url, bearer=SecretStr("tok")), LOOPBACK)
        plugin = await source.read()
        result = await plugin.functions[0].invoke({"to": "Ana"}, CallContext("t", "r"))
        await source.aclose()

    assert {f.name: f.effect for f in plugin.functions} == {
        "email_draft": "read",
        "support_create_ticket": "write",
        "support_find": "read",
    }
    assert result.data == {"text": "Dear Ana", "structured": {"subject": "Hi", "words": 2}}


OPEN = {"jsonrpc": "2.0", "id": 1, "method": "initialize"}


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        ("/mcp", {"Authorization": "Bearer wrong"}, 401),
        ("/mcp", {}, 401),
        ("/", {"Authorization": "Bearer tok"}, 404),
        ("/mcp", {"Authorization": "Bearer tok", "Host": "evil.example"}, 421),
        ("/mcp", {"Authorization": "Bearer tok", "Origin": "https://evil.example"}, 403),
    ],
)
async def test_who_is_turned_away(server: FunctionServer, path: str, headers: dict[str, str], status: int) -> None:
    accept = {"Accept": "application/json, text/event-stream"}
    async with (
        over_http(server, "tok") as url,
        aiohttp.ClientSession() as http,
        http.post(url.replace("/mcp", path), json=OPEN, headers=accept | headers) as response,
    ):
        assert response.status == status


@pytest.mark.parametrize(
    "address",
    ["0.0.0.0:0", "8.8.8.8:80", "[::]:0", "shop.example:80", "127.0.0.1", "127.0.0.1:x", ":80", "127.0.0.1:70000"],
)
def test_it_listens_on_this_machine_alone(address: str) -> None:
    with pytest.raises(ListenError, match="no loopback address"):
        listen(address)


def test_an_address_that_is_taken() -> None:
    with listen("localhost:0") as taken, pytest.raises(ListenError, match="Cannot listen"):
        listen(f"127.0.0.1:{taken.getsockname()[1]}")
