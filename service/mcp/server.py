"""The MCP server over a `FunctionBridge`: tools listed and called, and a notice when there are others."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Final
from weakref import WeakSet

import anyio
import mcp.types as types
from mcp.server.lowlevel import NotificationOptions, Server
from mcp.server.models import InitializationOptions
from mcp.server.session import ServerSession
from mcp.shared.exceptions import McpError

from service.mcp.bridge import FunctionBridge, Progress, ServiceError

_INSTRUCTIONS: Final = (
    "Functions of a vaiven service. Each call is a run of its own; a tool that is not read-only changes something."
)


class FunctionServer(Server[Any, Any]):
    """Serves the tools of a bridge, on however many sessions."""

    def __init__(self, bridge: FunctionBridge, version: str) -> None:
        super().__init__("vaiven", version=version, instructions=_INSTRUCTIONS)
        self._bridge = bridge
        self._sessions: WeakSet[ServerSession] = WeakSet()
        self._known: list[types.Tool] | None = None
        self.request_handlers[types.ListToolsRequest] = self._list_tools
        self.request_handlers[types.CallToolRequest] = self._call_tool

    def create_initialization_options(
        self,
        notification_options: NotificationOptions | None = None,
        experimental_capabilities: dict[str, dict[str, Any]] | None = None,
    ) -> InitializationOptions:
        """Say that the list of tools may change."""
        options = notification_options or NotificationOptions(tools_changed=True)
        return super().create_initialization_options(options, experimental_capabilities or {})

    async def watch(self, interval_s: float, pause: Callable[[float], Awaitable[None]] = asyncio.sleep) -> None:
        """Look every `interval_s` seconds whether the service has other functions, and tell all sessions if so."""
        while True:
            await pause(interval_s)
            if self._known is None:
                # Nobody has asked for the tools yet.
                continue
            try:
                found = await self._bridge.tools()
            except ServiceError:
                # It is away for now; who calls a tool meanwhile is told.
                continue
            if found != self._known:
                self._known = found
                await self._say_that_tools_changed()

    async def _say_that_tools_changed(self) -> None:
        for session in list(self._sessions):
            try:
                await session.send_tool_list_changed()
            except (anyio.BrokenResourceError, anyio.ClosedResourceError):
                self._sessions.discard(session)

    async def _list_tools(self, _request: types.ListToolsRequest) -> types.ServerResult:
        self._sessions.add(self.request_context.session)
        try:
            self._known = await self._bridge.tools()
        except ServiceError as error:
            raise McpError(types.ErrorData(code=types.INTERNAL_ERROR, message=str(error))) from error
        return types.ServerResult(types.ListToolsResult(tools=self._known))

    async def _call_tool(self, request: types.CallToolRequest) -> types.ServerResult:
        asked = request.params
        try:
            return types.ServerResult(await self._bridge.call(asked.name, asked.arguments or {}, self._progress()))
        except ServiceError as error:
            raise McpError(types.ErrorData(code=types.INVALID_PARAMS, message=str(error))) from error

    def _progress(self) -> Progress | None:
        """Return how the caller is told that text arrives, None if it did not ask for that."""
        context = self.request_context
        token = context.meta.progressToken if context.meta is not None else None
        if token is None:
            return None

        async def tell(characters: int, piece: str) -> None:
            await context.session.send_progress_notification(
                token, characters, message=piece, related_request_id=str(context.request_id)
            )

        return tell
