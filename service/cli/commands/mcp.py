"""`vaiven mcp`: the service's functions as an MCP server, for desktop agents."""

from __future__ import annotations

from typing import Annotated

import typer

from service.cli.caller import Caller, Connection, credentials_of, open_async_channel
from service.cli.command import command
from service.cli.exits import USAGE, CommandError
from service.cli.names import allowed_name


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    command(app, "mcp", example="vaiven mcp --allow support --read-only")(mcp)


def mcp(
    caller: Caller,
    allow: Annotated[
        list[str] | None,
        typer.Option(help="Offer this plugin or function only; may be repeated.", metavar="PLUGIN[.FUNCTION]"),
    ] = None,
    read_only: Annotated[bool, typer.Option("--read-only", help="Offer only functions that change nothing.")] = False,
    http: Annotated[
        str | None,
        typer.Option(help="Serve streamable HTTP here, on this machine only (port 0: any).", metavar="HOST:PORT"),
    ] = None,
    token: Annotated[
        str,
        typer.Option(
            help="What clients of --http must bring as bearer token.", metavar="TEXT", envvar="VAIVEN_MCP_TOKEN"
        ),
    ] = "",
) -> None:
    """Offer the functions to desktop agents as MCP tools.

    Without --http it speaks on standard input and output: let the agent start it.
    """
    import asyncio

    names = [allowed_name(name) for name in allow or ()]
    if token and not (token.isascii() and token.isprintable()):
        raise CommandError("The token must be printable ASCII.", exit_code=USAGE)
    asyncio.run(_serve(caller.connection, names, read_only=read_only, http=http, token=token))


async def _serve(connection: Connection, allowed: list[str], *, read_only: bool, http: str | None, token: str) -> None:
    from vaiven.v1.plugin_service_pb2_grpc import PluginServiceStub

    from service.cli.screen import say
    from service.cli.version import installed_version
    from service.mcp.bridge import FunctionBridge
    from service.mcp.server import FunctionServer
    from service.mcp.transports import ListenError, serve_http, serve_stdio

    async with open_async_channel(connection) as channel:
        bridge = FunctionBridge(
            PluginServiceStub(channel),
            connection.address,
            allowed=allowed,
            read_only=read_only,
            timeout_s=connection.timeout_s,
            metadata=credentials_of(connection),
        )
        server = FunctionServer(bridge, installed_version())
        if http is None:
            await serve_stdio(server)
            return
        try:
            await serve_http(server, http, token, lambda url: say(f"MCP at {url}"))
        except ListenError as error:
            raise CommandError(str(error), exit_code=USAGE) from error
