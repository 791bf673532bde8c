"""`vaiven plugins add`, `update`, `refresh`, `test`, `remove`: plugins that are registered while the service runs."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from service.cli.caller import Caller
from service.cli.command import command
from service.cli.commands.plugins import FUNCTION_COLUMNS, function_rows, show_left_out
from service.cli.commands.plugins import group as group
from service.cli.exits import USAGE, CommandError
from service.cli.names import short, whole
from service.cli.registration_file import read_registration
from service.cli.run_options import RunOptions, new_request_id
from service.cli.screen import print_json, print_table, say
from service.cli.source_options import SourceOptions
from service.cli.source_words import FORMS, name_of, source_of

if TYPE_CHECKING:
    from vaiven.v1.plugin_pb2 import Function, Plugin

READ_TIMEOUT_S: Final = 120.0
"""Reading a source may take the service twice `plugins.read_timeout_s`, and others may be read before it."""

SOURCES: Final = (
    "grpc[s]://HOST:PORT, https://…/openapi.json, mcp+https://…, mcp:PROGRAM, ./prompt.yaml or ./openapi.yaml."
)

Description = Annotated[str, typer.Option(help="What it is for; else what the source says.", metavar="TEXT")]
Owners = Annotated[list[str] | None, typer.Option("--owner", help="Who answers for it.", metavar="OWNER")]
Name = Annotated[str, typer.Argument(help="The plugin's name.", metavar="PLUGIN")]
File = Annotated[
    Path | None,
    typer.Option(help="A registration with rules, TLS and all the rest; see examples/plugins.", metavar="FILE"),
]
Etag = Annotated[
    str, typer.Option(help="Only if `plugins show` still says this etag; else that of this moment.", metavar="ETAG")
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Only show what it would be.")]


class OnDrift(StrEnum):
    """What happens when a source is no longer what was registered."""

    REFUSE = "refuse"
    REREAD = "reread"


@command(group, "add", example="vaiven plugins add grpc://127.0.0.1:50052 --name orders")
def add(
    caller: Caller,
    options: SourceOptions,
    source: Annotated[str, typer.Argument(help=SOURCES, metavar="SOURCE")] = "",
    file: File = None,
    name: Annotated[str, typer.Option(help="The plugin's name; else made from the source.", metavar="NAME")] = "",
    description: Description = "",
    owner: Owners = None,
    reread: Annotated[
        bool, typer.Option("--reread", help="Take the source as it is when it changes, instead of refusing calls.")
    ] = False,
    dry_run: DryRun = False,
) -> None:
    """Register a service, a document, a tool server or a prompt; its functions can be called at once."""
    from vaiven.v1.plugin_pb2 import DRIFT_ACTION_REREAD
    from vaiven.v1.plugin_service_pb2 import RegisterPluginRequest

    if bool(source) == (file is not None):
        raise CommandError("Say what is registered: either a source, or --file.", hint=FORMS, exit_code=USAGE)
    plugin = _said(source, file, options, description, owner)
    if not plugin.HasField("source"):
        raise CommandError(f"{file}: source is missing.", exit_code=USAGE)
    if reread:
        plugin.source.on_drift = DRIFT_ACTION_REREAD
    plugin_id = (name or plugin.name or name_of(source or str(file))).removeprefix("plugins/")
    plugin.name = plugin.etag = ""
    request = RegisterPluginRequest(
        request_id=new_request_id(), plugin_id=plugin_id, plugin=plugin, validate_only=dry_run
    )
    answer = caller.call(caller.plugins.RegisterPlugin, request, limit_s=_limit_s(caller))
    _show(caller, answer, f"would be {short(answer.plugin.name)}" if dry_run else f"{answer.plugin.name} is registered")


@command(group, "update", example='vaiven plugins update orders --description "Orders of the shop." --on-drift reread')
def update(
    caller: Caller,
    plugin: Name,
    options: SourceOptions,
    source: Annotated[str, typer.Option(help=f"Another source: {SOURCES}", metavar="SOURCE")] = "",
    file: File = None,
    description: Description = "",
    owner: Owners = None,
    on_drift: Annotated[
        OnDrift | None, typer.Option(help="When the source changes: refuse calls, or take it as it is.")
    ] = None,
    etag: Etag = "",
    dry_run: DryRun = False,
) -> None:
    """Change a registered plugin; its source is read again. Refused where it changed since it was read."""
    from vaiven.v1.plugin_pb2 import DriftAction
    from vaiven.v1.plugin_service_pb2 import UpdatePluginRequest

    if source and file is not None:
        raise CommandError("Say --source or --file, not both.", exit_code=USAGE)
    name = whole("plugins", plugin)
    change = _said(source, file, options, description, owner)
    if change.name not in ("", plugin, name):
        raise CommandError(f"{file}: name is {change.name}, and {plugin} is to change.", exit_code=USAGE)
    paths = [path for path in ("description", "owners") if getattr(change, path)]
    paths += ["source"] if change.HasField("source") else []
    if on_drift is not None:
        change.source.on_drift = DriftAction.Value(f"DRIFT_ACTION_{on_drift.name}")
        paths += ["source.on_drift"]
    if not paths:
        hint = "Say what is to change: --description, --owner, --source, --file or --on-drift."
        raise CommandError(hint, exit_code=USAGE)
    change.name, change.etag = name, etag or change.etag or _etag_of(caller, name)
    request = UpdatePluginRequest(request_id=new_request_id(), plugin=change, validate_only=dry_run)
    request.update_mask.paths.extend(paths)
    answer = caller.call(caller.plugins.UpdatePlugin, request, limit_s=_limit_s(caller))
    _show(caller, answer, f"{answer.plugin.name} {'would be' if dry_run else 'is'} changed")


def _said(source: str, file: Path | None, options: SourceOptions, description: str, owners: list[str] | None) -> Plugin:
    """Return what is said of a plugin, by a source or a file; what stands beside them wins."""
    from vaiven.v1.plugin_pb2 import Plugin

    if not source and options != SourceOptions():
        where = "write them into the file" if file else "name it with --source"
        raise CommandError(f"These options are of a source: {where}.", exit_code=USAGE)
    said = read_registration(file) if file is not None else Plugin()
    if source:
        said.source.CopyFrom(source_of(source, options))
    said.description = description or said.description
    if owners:
        del said.owners[:]
        said.owners.extend(owners)
    return said


def _etag_of(caller: Caller, name: str) -> str:
    """Return the etag of the plugin as it is now, so that a change by somebody else meanwhile is refused."""
    from vaiven.v1.plugin_service_pb2 import GetPluginRequest

    return caller.call(caller.plugins.GetPlugin, GetPluginRequest(name=name)).plugin.etag


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
def remove(caller: Caller, plugin: Name, etag: Etag = "") -> None:
    """Remove a registered plugin; calls that are going on may end. Refused where it changed since it was read."""
    from vaiven.v1.plugin_service_pb2 import DeletePluginRequest

    name = whole("plugins", plugin)
    request = DeletePluginRequest(name=name, request_id=new_request_id(), etag=etag or _etag_of(caller, name))
    answer = caller.call(caller.plugins.DeletePlugin, request)
    print_json(answer) if caller.connection.json else say(f"{name} is removed.", style="")


def _show(caller: Caller, answer: Any, done: str) -> None:
    if caller.connection.json:
        return print_json(answer)
    print_table(FUNCTION_COLUMNS, function_rows(answer.functions), empty="There are no functions.")
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
