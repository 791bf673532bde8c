"""`vaiven plugins add`, `update`, `refresh`, `test`, `remove`: plugins that are registered while the service runs."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from service.cli.caller import Caller
from service.cli.command import command
from service.cli.commands.plugins import effect_of, show_left_out
from service.cli.commands.plugins import group as group
from service.cli.exits import USAGE, CommandError
from service.cli.names import short, whole
from service.cli.run_options import RunOptions, new_request_id
from service.cli.screen import print_json, print_table, printable, say
from service.cli.source_words import SourceOptions, name_of, source_of

if TYPE_CHECKING:
    from vaiven.v1.plugin_pb2 import Function

READ_TIMEOUT_S: Final = 120.0
"""Reading a source may take the service twice `plugins.read_timeout_s`, and others may be read before it."""

SOURCES: Final = (
    "grpc[s]://HOST:PORT, https://…/openapi.json, mcp+https://…, mcp:PROGRAM, ./prompt.yaml or ./openapi.yaml."
)

Description = Annotated[str, typer.Option(help="What it is for; else what the source says.", metavar="TEXT")]
Owners = Annotated[list[str] | None, typer.Option("--owner", help="Who answers for it.", metavar="OWNER")]
Name = Annotated[str, typer.Argument(help="The plugin's name.", metavar="PLUGIN")]


class OnDrift(StrEnum):
    """What happens when a source is no longer what was registered."""

    REFUSE = "refuse"
    REREAD = "reread"


@command(group, "add", example="vaiven plugins add grpc://127.0.0.1:50052 --name orders")
def add(
    caller: Caller,
    source: Annotated[str, typer.Argument(help=SOURCES, metavar="SOURCE")],
    options: SourceOptions,
    name: Annotated[str, typer.Option(help="The plugin's name; else made from the source.", metavar="NAME")] = "",
    description: Description = "",
    owner: Owners = None,
    reread: Annotated[
        bool, typer.Option("--reread", help="Take the source as it is when it changes, instead of refusing calls.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show what it would be.")] = False,
) -> None:
    """Register a service, a document, a tool server or a prompt; its functions can be called at once."""
    from vaiven.v1.plugin_pb2 import DRIFT_ACTION_REREAD, Plugin
    from vaiven.v1.plugin_service_pb2 import RegisterPluginRequest

    registered = source_of(source, options)
    if reread:
        registered.on_drift = DRIFT_ACTION_REREAD
    request = RegisterPluginRequest(
        request_id=new_request_id(),
        plugin_id=(name or name_of(source)).removeprefix("plugins/"),
        plugin=Plugin(description=description, owners=owner, source=registered),
        validate_only=dry_run,
    )
    answer = caller.call(caller.plugins.RegisterPlugin, request, limit_s=_limit_s(caller))
    _show(caller, answer, f"would be {short(answer.plugin.name)}" if dry_run else f"{answer.plugin.name} is registered")


@command(group, "update", example='vaiven plugins update orders --description "Orders of the shop." --on-drift reread')
def update(
    caller: Caller,
    plugin: Name,
    options: SourceOptions,
    source: Annotated[str, typer.Option(help=f"Another source: {SOURCES}", metavar="SOURCE")] = "",
    description: Description = "",
    owner: Owners = None,
    on_drift: Annotated[
        OnDrift | None, typer.Option(help="When the source changes: refuse calls, or take it as it is.")
    ] = None,
) -> None:
    """Change a registered plugin; its source is read again."""
    from vaiven.v1.plugin_pb2 import DriftAction, PluginSource
    from vaiven.v1.plugin_pb2 import Plugin as Changed
    from vaiven.v1.plugin_service_pb2 import UpdatePluginRequest

    if not source and options != SourceOptions():
        raise CommandError("These options are of a source: name it with --source.", exit_code=USAGE)
    change = Changed(name=whole("plugins", plugin), description=description, owners=owner)
    paths = [path for path, said in (("description", description), ("owners", owner), ("source", source)) if said]
    if source:
        change.source.CopyFrom(source_of(source, options))
    if on_drift is not None:
        change.source.MergeFrom(PluginSource(on_drift=DriftAction.Value(f"DRIFT_ACTION_{on_drift.name}")))
        paths += ["source.on_drift"]
    if not paths:
        raise CommandError("Say what is to change: --description, --owner, --source or --on-drift.", exit_code=USAGE)
    request = UpdatePluginRequest(request_id=new_request_id(), plugin=change)
    request.update_mask.paths.extend(paths)
    answer = caller.call(caller.plugins.UpdatePlugin, request, limit_s=_limit_s(caller))
    _show(caller, answer, f"{answer.plugin.name} is changed")


@command(group, "refresh", example="vaiven plugins refresh orders --accept")
def refresh(
    caller: Caller,
    plugin: Name,
    accept: Annotated[bool, typer.Option("--accept", help="Take the source as it is, although it changed.")] = False,
) -> None:
    """Read a plugin's source again."""
    from vaiven.v1.plugin_service_pb2 import RefreshPluginRequest

    request = RefreshPluginRequest(request_id=new_request_id(), name=whole("plugins", plugin), accept_changes=accept)
    answer = caller.call(caller.plugins.RefreshPlugin, request, limit_s=_limit_s(caller))
    _show(caller, answer, f"{answer.plugin.name} is read again")


@command(group, "test", example="""vaiven plugins test orders.get_order --arguments '{"order_id": "1042"}'""")
def try_out(
    caller: Caller,
    name: Annotated[str, typer.Argument(help="A plugin, or one function to call.", metavar="PLUGIN[.FUNCTION]")],
    options: RunOptions,
    arguments: Annotated[str, typer.Option(help="The function's arguments, a JSON object.", metavar="JSON")] = "",
) -> None:
    """Read a plugin's source without changing anything, or call one of its functions."""
    from vaiven.v1.plugin_service_pb2 import RefreshPluginRequest

    if "." in name or "/functions/" in name:
        from service.cli.invoke import invoke

        return invoke(caller, name, _json_object(arguments), options)
    if arguments:
        raise CommandError("--arguments are for a function: name one, e.g. orders.get_order.", exit_code=USAGE)
    request = RefreshPluginRequest(name=whole("plugins", name), validate_only=True)
    answer = caller.call(caller.plugins.RefreshPlugin, request, limit_s=_limit_s(caller))
    return _show(caller, answer, f"{answer.plugin.name} answers and is what was registered")


@command(group, "remove", example="vaiven plugins remove orders")
def remove(caller: Caller, plugin: Name) -> None:
    """Remove a registered plugin; calls that are going on may end."""
    from vaiven.v1.plugin_service_pb2 import DeletePluginRequest

    name = whole("plugins", plugin)
    answer = caller.call(caller.plugins.DeletePlugin, DeletePluginRequest(name=name, request_id=new_request_id()))
    print_json(answer) if caller.connection.json else say(f"{name} is removed.", style="")


def _show(caller: Caller, answer: Any, done: str) -> None:
    if caller.connection.json:
        return print_json(answer)
    rows = (
        (short(f.name), effect_of(f), "yes" if f.idempotent else "", printable(f.description)) for f in answer.functions
    )
    print_table(("Function", "Effect", "Repeatable", "What it does"), rows, empty="There are no functions.")
    show_left_out(answer.plugin)
    return say(f"{done}: {_counted(answer.functions, 'function')}, version {answer.plugin.version}.", style="")


def _counted(things: Iterable[Function], word: str) -> str:
    number = len(list(things))
    return f"{number} {word}" if number == 1 else f"{number} {word}s"


def _limit_s(caller: Caller) -> float:
    return caller.connection.timeout_s or READ_TIMEOUT_S


def _json_object(text: str) -> dict[str, Any]:
    import json

    try:
        value = json.loads(text or "{}")
    except ValueError as error:
        raise CommandError(f"--arguments is not JSON: {error}.", exit_code=USAGE) from error
    if not isinstance(value, dict):
        raise CommandError("--arguments must be a JSON object.", exit_code=USAGE)
    return value
