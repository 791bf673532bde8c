"""An MCP server as a source of plugins."""

from __future__ import annotations

import asyncio
import hashlib
import ssl
import subprocess
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from fnmatch import fnmatchcase
from functools import partial
from typing import Any, Final

import httpx
import orjson
from mcp import StdioServerParameters, stdio_client
from mcp.client.streamable_http import streamable_http_client
from mcp.types import (
    CallToolRequest,
    CallToolRequestParams,
    CallToolResult,
    ClientRequest,
    ListToolsRequest,
    ListToolsResult,
    PaginatedRequestParams,
    Tool,
)

from plugins.output import FunctionResult
from plugins.sources.arguments import ArgumentCheck
from plugins.sources.base import CallContext, ImportedFunction, ImportedPlugin, LeftOut, SourceError, SourceLimits
from plugins.sources.guarded_http import GuardedHttp
from plugins.sources.mcp.connection import McpConnection, Streams
from plugins.sources.mcp.registration import McpRegistration, StdioServer
from plugins.sources.mcp.tools import ToolFunction, result_of, tool_function
from plugins.sources.mcp.transport import Failures, GuardedTransport
from plugins.sources.names import assign_names
from plugins.sources.network import AddressGuard, Lookup
from plugins.sources.openapi.keywords import shortened
from plugins.sources.openapi.references import UnusableError

_PAGES: Final = 200
_DEFAULT_LIMITS: Final = SourceLimits()
_NO_PROGRAMS: Final[Mapping[str, StdioServer]] = {}


class McpSource:
    """Turns the tools of an MCP server into functions; see `plugins.sources.base.PluginSource`."""

    def __init__(
        self,
        registration: McpRegistration,
        guard: AddressGuard,
        limits: SourceLimits = _DEFAULT_LIMITS,
        *,
        programs: Mapping[str, StdioServer] = _NO_PROGRAMS,
        on_changed: Callable[[], None] = lambda: None,
        lookup: Lookup | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        """`programs` are the operator's by name; `on_changed` is called when the server has others.

        Raises:
            SourceError: `STDIO_NOT_ALLOWED`, the operator has no program of that name; `TARGET_INVALID` or
                `TARGET_NOT_ALLOWED`, for the URL.
        """
        self._registration = registration
        self._limits = limits
        self._http = GuardedHttp(guard, limits, lookup, tls)
        if registration.stdio and registration.stdio not in programs:
            raise SourceError("STDIO_NOT_ALLOWED", "is none of the programs in the operator's settings", "stdio")
        program = programs.get(registration.stdio)
        if program is None:
            guard.check_url(registration.url)
        self._call_timeout_s = registration.call_timeout_s or limits.call_timeout_s
        opened = self._streamable_http if program is None else partial(_stdio, program)
        self._connection = McpConnection(opened, limits.read_timeout_s, registration.secrets(), on_changed)

    async def read(self) -> ImportedPlugin:
        """List the tools and return the plugin.

        Raises:
            SourceError: the server cannot be reached, is none, has too many tools, or none that can be used.
        """
        tools = await self._tools()
        names, unnamed = assign_names({tool.name: (tool.name,) for tool in tools})
        left_out = list(unnamed)
        functions: dict[str, ToolFunction] = {}
        for tool in tools:
            if tool.name not in names or not self._is_chosen(tool.name, names[tool.name]):
                continue
            try:
                functions[names[tool.name]] = await asyncio.to_thread(
                    tool_function, tool, self._registration, self._limits
                )
            except UnusableError as error:
                left_out.append(LeftOut(tool.name[:200], str(error)))
        if not functions:
            first = next((f": {left.subject} {left.reason}" for left in left_out), "")
            raise SourceError("SOURCE_EMPTY", f"No tool of the server can be a function{first}.")
        server = self._connection.server
        info = server.serverInfo if server is not None else None
        named = (server and server.instructions) or (info and (info.title or info.name))
        return ImportedPlugin(
            name=self._registration.name,
            version=(info.version if info is not None else "")[:64],
            description=shortened(self._registration.description or named) or self._registration.name,
            functions=tuple(self._function(name, function) for name, function in functions.items()),
            left_out=tuple(left_out),
            fingerprint=_fingerprint(functions),
            kind="mcp",
        )

    async def refresh(self, fingerprint: str) -> ImportedPlugin:
        """List the tools again and return the plugin as it is now.

        Raises:
            SourceError: `PLUGIN_DRIFTED` if they changed and the registration refuses that; or as `read`.
        """
        plugin = await self.read()
        if plugin.fingerprint != fingerprint and self._registration.on_drift == "refuse":
            raise SourceError("PLUGIN_DRIFTED", "The tools are no longer those that were registered.")
        return plugin

    async def aclose(self) -> None:
        """End the session, and the program if there is one; calls in flight fail."""
        await self._connection.aclose()
        await self._http.aclose()

    async def _tools(self) -> list[Tool]:
        tools: dict[str, Tool] = {}
        cursor: str | None = None
        for _ in range(_PAGES):
            params = PaginatedRequestParams(cursor=cursor) if cursor is not None else None
            request = ClientRequest(ListToolsRequest(params=params))
            page = await self._connection.ask(request, ListToolsResult, self._limits.read_timeout_s)
            for tool in page.tools:
                # A name that comes twice would be called by chance; the first stays, as it does for the server's own.
                tools.setdefault(tool.name, tool)
            if len(tools) > self._limits.max_functions:
                raise SourceError("SOURCE_TOO_LARGE", f"The server has more than {self._limits.max_functions:,} tools.")
            if not page.nextCursor or page.nextCursor == cursor:
                return list(tools.values())
            cursor = page.nextCursor
        raise SourceError("SOURCE_TOO_LARGE", f"The server lists its tools on more than {_PAGES} pages.")

    def _is_chosen(self, tool: str, name: str) -> bool:
        patterns = self._registration.tools
        return not patterns or any(fnmatchcase(text, pattern) for pattern in patterns for text in (tool, name))

    def _function(self, name: str, function: ToolFunction) -> ImportedFunction:
        check = ArgumentCheck(function.output_schema, self._limits)

        async def invoke(arguments: Mapping[str, Any], context: CallContext) -> FunctionResult:
            """Call the tool and return its answer; see `result_of`."""
            limit_s = self._call_timeout_s
            if context.deadline_s is not None:
                limit_s = min(limit_s, max(0.001, context.deadline_s))
            params = CallToolRequestParams(name=function.tool, arguments=function.sent_arguments(arguments))
            request = ClientRequest(CallToolRequest(params=params))
            answer = await self._connection.ask(request, CallToolResult, limit_s)
            return await asyncio.to_thread(result_of, answer, check, self._limits, self._registration.secrets())

        return ImportedFunction(
            name=name,
            description=function.description,
            effect=function.effect,
            input_schema=function.input_schema,
            output_schema=function.output_schema,
            invoke=invoke,
            idempotent=function.idempotent,
        )

    @asynccontextmanager
    async def _streamable_http(self, failures: Failures, on_lost: Callable[[], None]) -> AsyncIterator[Streams]:
        transport = GuardedTransport(self._http, self._limits, self._call_timeout_s, failures, on_lost)
        client = httpx.AsyncClient(
            transport=transport, headers=self._registration.sent_headers(), timeout=None, trust_env=False
        )
        async with client, streamable_http_client(self._registration.url, http_client=client) as (read, write, _):
            yield read, write


@asynccontextmanager
async def _stdio(program: StdioServer, _failures: Failures, _on_lost: Callable[[], None]) -> AsyncIterator[Streams]:
    server = StdioServerParameters(
        command=program.command,
        args=list(program.arguments),
        env={name: value.get_secret_value() for name, value in program.env.items()},
        cwd=program.working_directory,
        encoding_error_handler="replace",
    )
    # What a program says beside the protocol may hold anything, so it is not ours to log.
    nowhere: Any = subprocess.DEVNULL
    async with stdio_client(server, errlog=nowhere) as streams:
        yield streams


def _fingerprint(functions: Mapping[str, ToolFunction]) -> str:
    """Return the SHA-256 of what a model is told of the tools and what is sent to them."""
    return hashlib.sha256(orjson.dumps(dict(functions), option=orjson.OPT_SORT_KEYS)).hexdigest()
