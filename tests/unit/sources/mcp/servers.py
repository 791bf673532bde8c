"""MCP servers for tests: the library's own on loopback, one as a program, and one that answers as a test says."""

from __future__ import annotations

import asyncio
import socket
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import mcp.types as types
import uvicorn
from mcp.server.lowlevel import Server
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from starlette.types import Receive, Scope, Send

CallTool = Callable[[str, dict[str, Any]], Awaitable[types.CallToolResult]]


def text(said: str, **more: Any) -> types.CallToolResult:
    return types.CallToolResult(content=[types.TextContent(type="text", text=said)], **more)


def tool(name: str, properties: Any = None, **more: Any) -> types.Tool:
    schema = {"type": "object", "properties": properties or {}}
    return types.Tool(name=name, inputSchema=more.pop("inputSchema", schema), **more)


@dataclass
class ToolServer:
    """What an MCP server offers; may be changed while it runs."""

    tools: list[types.Tool]
    call: CallTool
    instructions: str | None = None
    page_size: int = 1_000
    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    requests: list[dict[str, str]] = field(default_factory=list)
    sessions: set[Any] = field(default_factory=set)
    called: defaultdict[str, asyncio.Event] = field(default_factory=lambda: defaultdict(asyncio.Event))
    cancelled: asyncio.Event = field(default_factory=asyncio.Event)

    def server(self) -> Server[Any, Any]:
        server: Server[Any, Any] = Server("shop-tools", version="2.1", instructions=self.instructions)

        async def list_tools(request: types.ListToolsRequest) -> types.ServerResult:
            start = int(request.params.cursor or 0) if request.params else 0
            page = self.tools[start : start + self.page_size]
            more = start + self.page_size < len(self.tools)
            cursor = str(start + self.page_size) if more else None
            return types.ServerResult(types.ListToolsResult(tools=page, nextCursor=cursor))

        async def call_tool(request: types.CallToolRequest) -> types.ServerResult:
            arguments = request.params.arguments or {}
            self.calls.append((request.params.name, arguments))
            self.called[request.params.name].set()
            self.sessions.add(server.request_context.session)
            try:
                return types.ServerResult(await self.call(request.params.name, arguments))
            except asyncio.CancelledError:
                self.cancelled.set()
                raise

        server.request_handlers[types.ListToolsRequest] = list_tools
        server.request_handlers[types.CallToolRequest] = call_tool
        return server

    async def say_that_tools_changed(self) -> None:
        for session in self.sessions:
            await session.send_tool_list_changed()


@asynccontextmanager
async def serving_mcp(tools: ToolServer, *, json: bool = False) -> AsyncIterator[str]:
    """Run a server of streamable HTTP on a free port of 127.0.0.1, and yield its endpoint."""
    manager = StreamableHTTPSessionManager(tools.server(), json_response=json)

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        headers = {key.decode(): value.decode() for key, value in scope["headers"]}
        tools.requests.append({"method": scope["method"], **headers})
        await manager.handle_request(scope, receive, send)

    config = uvicorn.Config(app, log_config=None, lifespan="off", timeout_graceful_shutdown=0)
    server = uvicorn.Server(config)
    listening = socket.create_server(("127.0.0.1", 0))
    async with manager.run():
        running = asyncio.create_task(server.serve([listening]))
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}/mcp"
        finally:
            server.should_exit = server.force_exit = True
            await running
