"""`vaiven health`: the shortest question, for the health checks of containers and scripts."""

from __future__ import annotations

from typing import Annotated, Final

import typer

from service.cli.caller import Caller
from service.cli.command import command
from service.cli.exits import FAILED, CommandError
from service.cli.screen import print_json, say

LIMIT_S: Final = 5.0


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    command(app, "health", example="vaiven health || echo not serving")(health)


def health(
    caller: Caller,
    service: Annotated[
        str,
        typer.Argument(help="One service, e.g. vaiven.v1.AgentService; left out: the whole server.", metavar="SERVICE"),
    ] = "",
) -> None:
    """Say whether the service takes requests.

    The exit status is 0 only if it does.
    """
    from grpc import RpcError, StatusCode
    from grpc_health.v1.health_pb2 import HealthCheckRequest, HealthCheckResponse

    limit_s = caller.connection.timeout_s or LIMIT_S
    check = caller.health.Check  # pyright: ignore[reportAttributeAccessIssue] - not in typeshed's stub
    try:
        status = caller.call(check, HealthCheckRequest(service=service), limit_s=limit_s).status
    except RpcError as error:
        if error.code() is not StatusCode.NOT_FOUND:
            raise
        raise CommandError(f"The server has no service {service}.") from error
    name = HealthCheckResponse.ServingStatus.Name(status)
    if caller.connection.json:
        print_json({"status": name})
    else:
        say(name, style="green" if status == HealthCheckResponse.SERVING else "red")
    if status != HealthCheckResponse.SERVING:
        raise typer.Exit(FAILED)
