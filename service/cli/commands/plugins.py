"""`vaiven plugins`: what agents can do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from service.cli.caller import Caller
from service.cli.command import command, new_group
from service.cli.names import function_name, short, whole
from service.cli.page import PageOptions, say_more
from service.cli.screen import console, print_facts, print_json, print_table, printable, say, when

if TYPE_CHECKING:
    from vaiven.v1.plugin_pb2 import Function, Plugin

group = new_group(
    "See and add to what agents can do.", example="vaiven plugins add grpc://127.0.0.1:50052 --name orders"
)

MOST_NAMES: Final = 12
"""Of more functions `list` tells the number."""
MOST_SHOWN: Final = 100
"""As many functions `show` prints with their effects."""
FUNCTION_COLUMNS: Final = ("Function", "Effect", "Repeatable", "What it does")


@command(group, "list", example="vaiven plugins list")
def list_plugins(caller: Caller, page: PageOptions) -> None:
    """List the plugins."""
    from vaiven.v1.plugin_service_pb2 import ListPluginsRequest

    request = ListPluginsRequest(page_size=page.limit, page_token=page.page_token)
    answer = caller.call(caller.plugins.ListPlugins, request)
    if caller.connection.json:
        return print_json(answer)
    rows = (
        (short(p.name), printable(p.version), p.kind, state_of(p), _functions_of(p), printable(p.description))
        for p in answer.plugins
    )
    print_table(
        ("Plugin", "Version", "Kind", "State", "Functions", "What it is for"), rows, empty="There are no plugins."
    )
    return say_more(answer.next_page_token)


@command(group, "show", example="vaiven plugins show email")
def show(caller: Caller, plugin: Annotated[str, typer.Argument(help="The plugin's name.", metavar="PLUGIN")]) -> None:
    """Show a plugin."""
    from vaiven.v1.plugin_service_pb2 import GetPluginRequest

    found = caller.call(caller.plugins.GetPlugin, GetPluginRequest(name=whole("plugins", plugin))).plugin
    if caller.connection.json:
        return print_json(found)
    print_facts(
        [
            ("Plugin", found.name),
            ("Version", printable(found.version)),
            ("For", printable(found.description)),
            ("Kind", found.kind),
            ("State", state_of(found)),
            ("Why", printable(found.state_message)),
            ("Source", _where(found)),
            ("Owners", printable(", ".join(found.owners))),
            ("Fingerprint", found.fingerprint[:16]),
            ("Etag", found.etag),
            ("Registered", when(found.create_time) if found.HasField("create_time") else ""),
        ]
    )
    console().print()
    _show_functions(caller, found)
    return show_left_out(found)


def _show_functions(caller: Caller, plugin: Plugin) -> None:
    """Print the first functions of a plugin with their effects; of one that cannot be used only the names are known."""
    from vaiven.v1.plugin_pb2 import PLUGIN_STATE_READY
    from vaiven.v1.plugin_service_pb2 import ListFunctionsRequest

    if plugin.state == PLUGIN_STATE_READY:
        request = ListFunctionsRequest(parent=plugin.name, page_size=MOST_SHOWN)
        rows = function_rows(caller.call(caller.plugins.ListFunctions, request).functions)
    else:
        rows = [(short(name), "", "", "") for name in plugin.functions[:MOST_SHOWN]]
    print_table(FUNCTION_COLUMNS, rows, empty="There are no functions.")
    if len(plugin.functions) > len(rows):
        more = f"{len(plugin.functions) - len(rows)} more"
        say(f"There are {more}; `vaiven plugins functions {short(plugin.name)}` lists them.")


def function_rows(functions: Iterable[Function]) -> list[tuple[str, ...]]:
    """Return a row of `FUNCTION_COLUMNS` for each function."""
    return [(short(f.name), effect_of(f), "yes" if f.idempotent else "", printable(f.description)) for f in functions]


@command(group, "functions", example="vaiven plugins functions email.draft")
def functions(
    caller: Caller,
    page: PageOptions,
    name: Annotated[
        str | None, typer.Argument(help="A plugin, or one function to see its arguments.", metavar="PLUGIN[.FUNCTION]")
    ] = None,
) -> None:
    """List functions, or show one with its arguments."""
    from vaiven.v1.plugin_service_pb2 import ListFunctionsRequest

    one = function_name(name) if name and ("." in name or "/functions/" in name) else ""
    parent = one.rpartition("/functions/")[0] if one else whole("plugins", name) if name else ""
    request = ListFunctionsRequest(parent=parent, page_size=1000 if one else page.limit, page_token=page.page_token)
    answer = caller.call(caller.plugins.ListFunctions, request)
    if one:
        return _show_function(caller, one, answer.functions)
    if caller.connection.json:
        return print_json(answer)
    print_table(FUNCTION_COLUMNS, function_rows(answer.functions), empty="There are no functions.")
    return say_more(answer.next_page_token)


def _show_function(caller: Caller, name: str, found: Iterable[Function]) -> None:
    from google.protobuf.json_format import MessageToDict

    from service.cli.exits import CommandError

    function = next((f for f in found if f.name == name), None)
    if function is None:
        raise CommandError(f"There is no function {short(name)}.", hint="See them with `vaiven plugins functions`.")
    if caller.connection.json:
        return print_json(function)
    print_facts(
        [("Function", function.name), ("Does", printable(function.description)), ("Effect", effect_of(function))]
    )
    console().print()
    _print_schema("Argument", MessageToDict(function.input_schema))
    console().print()
    return _print_schema("Result", MessageToDict(function.output_schema))


def effect_of(function: Function) -> str:
    """Return what a function touches, in a word."""
    from vaiven.v1.plugin_pb2 import Effect

    return Effect.Name(function.effect).removeprefix("EFFECT_").lower()


def state_of(plugin: Plugin) -> str:
    """Return whether a plugin can be used, in a word."""
    from vaiven.v1.plugin_pb2 import PluginState

    return PluginState.Name(plugin.state).removeprefix("PLUGIN_STATE_").lower()


def show_left_out(plugin: Plugin) -> None:
    """Print what of a source did not become a function, and why."""
    if not plugin.left_out_count:
        return
    console().print()
    rows = ((printable(left.subject), printable(left.reason)) for left in plugin.left_out)
    print_table(("Left out", "Why"), rows, empty="")
    if plugin.left_out_count > len(plugin.left_out):
        say(f"{plugin.left_out_count - len(plugin.left_out)} more were left out.")


def _functions_of(plugin: Plugin) -> str:
    names = [name.rpartition("/")[2] for name in plugin.functions]
    return ", ".join(names) if len(names) <= MOST_NAMES else f"{len(names)} functions"


def _where(plugin: Plugin) -> str:
    kind = plugin.source.WhichOneof("source")
    if kind == "grpc":
        return printable(plugin.source.grpc.target)
    if kind == "openapi":
        return printable(plugin.source.openapi.url or "its document")
    if kind == "mcp":
        return printable(plugin.source.mcp.url or f"the program {plugin.source.mcp.program}")
    return "its prompt" if kind else ""


def _print_schema(title: str, schema: Mapping[str, Any]) -> None:
    required = schema.get("required", [])
    rows = (
        (
            f"{field} *" if field in required else field,
            _type_of(facts),
            printable(str(facts.get("description", ""))),
        )
        for field, facts in schema.get("properties", {}).items()
    )
    print_table((title, "Type", "What it is (* must be there)"), rows, empty=f"No {title.lower()}s.")


def _type_of(facts: Mapping[str, Any]) -> str:
    if "enum" in facts:
        return " | ".join(str(value) for value in facts["enum"])
    kind = facts.get("type", "any")
    return " or ".join(kind) if isinstance(kind, list) else str(kind)
