"""How desktop agents reach the MCP server: standard input and output, or streamable HTTP on this machine alone."""

from __future__ import annotations

import asyncio
import hmac
import ipaddress
import os
import socket
import stat
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, Final, TextIO

import uvicorn
from mcp.server.stdio import stdio_server
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from mcp.server.transport_security import TransportSecuritySettings
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from service.mcp.server import FunctionServer

PATH: Final = "/mcp"
WATCH_S: Final = 30.0
"""How often is looked whether the service has other functions."""
_SESSIONS: Final = 100
_LINE_BYTES: Final = 4_194_304
"""The longest message that is read; as long as one that comes by HTTP may be."""


class ListenError(ValueError):
    """The server cannot listen where it was told to; the message says why."""


async def serve_stdio(server: FunctionServer) -> None:
    """Serve one agent on standard input and output until the input ends."""
    async with _watching(server), stdio_server(stdin=await _lines_of(sys.stdin)) as (read, write):
        await server.run(read, write, server.create_initialization_options())


async def _lines_of(stream: TextIO) -> Any:
    """Return the lines of a pipe or a terminal, read without a thread; None where the system cannot do that.

    The library reads in a thread, which keeps the process from ending after Ctrl-C until one more line comes.
    """
    reader = asyncio.StreamReader(limit=_LINE_BYTES)
    try:
        mode = os.fstat(stream.fileno()).st_mode
        if not (stream.isatty() or stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode)):
            return None
        await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), stream)
    except (ValueError, NotImplementedError):
        return None
    return _decoded(reader)


async def _decoded(reader: asyncio.StreamReader) -> AsyncIterator[str]:
    async for line in reader:
        yield line.decode(errors="replace")


async def serve_http(server: FunctionServer, address: str, token: str, started: Callable[[str], None]) -> None:
    """Serve agents of this machine by streamable HTTP until the process is told to stop.

    `address` is `host:port`, the host a loopback address, port 0 any. With a `token`, requests must bring it as
    `Authorization: Bearer`. `started` is told the URL.

    Raises:
        ListenError: it is not an address of this machine, or is taken.
    """
    with listen(address) as listening:
        host, port = listening.getsockname()[:2]
        shown = f"[{host}]" if ":" in host else host
        # A page in a browser that a name led here brings that name as Host; only our own are answered.
        hosts = [f"{name}:{port}" for name in ("127.0.0.1", "localhost", "[::1]", shown)]
        manager = StreamableHTTPSessionManager(
            server,
            security_settings=TransportSecuritySettings(allowed_hosts=hosts, allowed_origins=[]),
            max_sessions=_SESSIONS,
        )
        config = uvicorn.Config(
            guarded(manager.handle_request, token),
            log_config=None,
            access_log=False,
            lifespan="off",
            server_header=False,
            timeout_graceful_shutdown=2,
        )
        async with _watching(server), manager.run():
            started(f"http://{shown}:{port}{PATH}")
            await uvicorn.Server(config).serve([listening])


def listen(address: str) -> socket.socket:
    """Return a socket that listens at a loopback address.

    Raises:
        ListenError: it is none, or is taken.
    """
    host, _, port = address.rpartition(":")
    host = host.strip("[]").replace("localhost", "127.0.0.1")
    try:
        local = ipaddress.ip_address(host).is_loopback and 0 <= int(port) < 65_536
    except ValueError:
        local = False
    if not local:
        raise ListenError(f"{address} is no loopback address with a port, such as 127.0.0.1:8808.")
    try:
        return socket.create_server((host, int(port)), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except OSError as error:
        raise ListenError(f"Cannot listen at {address}: {error.strerror}.") from error


def guarded(app: ASGIApp, token: str) -> ASGIApp:
    """Return `app` at `PATH` alone, and for who brings the token, if there is one."""
    expected = f"Bearer {token}".encode()

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        if scope["path"] != PATH:
            await PlainTextResponse("There is nothing here.", 404)(scope, receive, send)
            return
        given = next((value for name, value in scope["headers"] if name == b"authorization"), b"")
        if token and not hmac.compare_digest(given, expected):
            refusal = PlainTextResponse("The token is missing or wrong.", 401, {"WWW-Authenticate": "Bearer"})
            await refusal(scope, receive, send)
            return
        await app(scope, receive, send)

    return answer


@asynccontextmanager
async def _watching(server: FunctionServer) -> AsyncIterator[None]:
    watch = asyncio.create_task(server.watch(WATCH_S))
    try:
        yield
    finally:
        watch.cancel()
        await asyncio.wait([watch])
