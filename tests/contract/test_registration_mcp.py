"""Functions of registered plugins as tools of `vaiven mcp`: called through, and told of when they come and go."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import mcp.types as types
from mcp import ClientSession
from mcp.shared.memory import create_client_server_memory_streams
from vaiven.v1 import plugin_service_pb2

from service.cli.source_options import SourceOptions
from service.cli.source_words import source_of
from service.mcp.bridge import FunctionBridge
from service.mcp.server import FunctionServer
from tests.contract.registering import House, house, shop
from tests.contract.test_registration_openapi import ALLOWED, http_shop, register


class Agent:
    """A desktop agent: its session, and one look at the service when it is asked for."""

    def __init__(self, session: ClientSession, looks: asyncio.Queue[None], looked: asyncio.Event) -> None:
        self.session = session
        self.told = asyncio.Event()
        self._looks = looks
        self._looked = looked

    async def look(self) -> None:
        """Let the server look once whether there are other functions."""
        self._looked.clear()
        self._looks.put_nowait(None)
        await self._looked.wait()

    async def tools(self) -> dict[str, types.Tool]:
        """Return the tools by name."""
        return {tool.name: tool for tool in (await self.session.list_tools()).tools}

    async def call(self, tool: str, **arguments: Any) -> Any:
        """Return the structured result of a call that succeeds."""
        result = await self.session.call_tool(tool, arguments)
        assert not result.isError, result.content
        return result.structuredContent


@asynccontextmanager
async def agent_of(service: House) -> AsyncIterator[Agent]:
    """Start what `vaiven mcp` runs, and talk to it."""
    looks: asyncio.Queue[None] = asyncio.Queue()
    looked = asyncio.Event()

    async def pause(_seconds: float) -> None:
        looked.set()
        await looks.get()

    async def heard(message: Any) -> None:
        if isinstance(getattr(message, "root", None), types.ToolListChangedNotification):
            agent.told.set()

    server = FunctionServer(FunctionBridge(service.plugins, "here"), "1.2.3")
    async with create_client_server_memory_streams() as (ours, (read, write)):
        running = [
            asyncio.create_task(server.run(read, write, server.create_initialization_options())),
            asyncio.create_task(server.watch(30.0, pause)),
        ]
        try:
            async with ClientSession(*ours, message_handler=heard) as session:
                agent = Agent(session, looks, looked)
                await session.initialize()
                await looked.wait()
                yield agent
        finally:
            for task in running:
                task.cancel()
            await asyncio.wait(running)


async def test_an_agent_calls_registered_functions_and_is_told_when_they_come_and_go(tmp_path: Path) -> None:
    async with (
        shop() as target,
        http_shop() as server,
        house(tmp_path, **ALLOWED) as service,
        agent_of(service) as agent,
    ):
        assert not [name for name in await agent.tools() if name.startswith(("orders__", "shop__"))]
        await agent.look()
        assert not agent.told.is_set()

        await service.add(target)
        await register(service, source_of(f"{server.url}/openapi.json", SourceOptions()))
        await agent.look()
        await agent.told.wait()
        tools = await agent.tools()
        get_order, note_order = tools["orders__get_order"], tools["shop__note_order"]
        assert get_order.annotations is not None
        assert get_order.annotations.readOnlyHint
        assert note_order.annotations is None or not note_order.annotations.readOnlyHint
        assert "order_id" in get_order.inputSchema["properties"]

        assert (await agent.call("orders__get_order", order_id=1042))["order_id"] == "1042"
        assert (await agent.call("shop__get_order", number=7))["body"]["state"] == "sent"
        wrong = await agent.session.call_tool("orders__get_order", {"order_id": "none"})
        assert wrong.isError

        agent.told.clear()
        await service.plugins.DeletePlugin(plugin_service_pb2.DeletePluginRequest(name="plugins/orders"))
        await agent.look()
        await agent.told.wait()
        assert "orders__get_order" not in await agent.tools()
        gone = await agent.session.call_tool("shop__get_order", {"number": 8})
        assert not gone.isError
