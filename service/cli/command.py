"""How a function becomes a command: groups of options are dataclasses, and every client command gets a `Caller`."""

from __future__ import annotations

import dataclasses
import functools
import inspect
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, Final, TypeVar, get_type_hints

import typer
from typer.core import TyperArgument, TyperCommand, TyperGroup

from service.cli.caller import Caller, Connection
from service.cli.exits import INTERRUPTED, CommandError

Function = TypeVar("Function", bound=Callable[..., None])

DEFAULT_ADDRESS = "127.0.0.1:50051"


@dataclasses.dataclass(frozen=True, slots=True)
class ConnectionOptions:
    """The options of `vaiven` itself, which may also stand after any client command."""

    address: Annotated[str | None, typer.Option(hidden=True)] = None
    tls_ca: Annotated[Path | None, typer.Option(hidden=True)] = None
    tls_server_name: Annotated[str | None, typer.Option(hidden=True)] = None
    key: Annotated[str | None, typer.Option(hidden=True)] = None
    key_file: Annotated[Path | None, typer.Option(hidden=True)] = None
    json: Annotated[bool, typer.Option("--json", hidden=True)] = False
    timeout: Annotated[float | None, typer.Option(hidden=True, min=0.001)] = None


ALSO = "It also takes --address, --tls-ca, --key-file and the other options of `vaiven --help`."


def resolve_connection(context: typer.Context, given: ConnectionOptions) -> Connection:
    """Return the options of the command, or else of `vaiven` itself (which reads the environment), or else defaults."""
    root = context.find_root().params

    def chosen(name: str) -> Any:
        value = getattr(given, name)
        return root.get(name) if value is None else value

    return Connection(
        address=chosen("address") or DEFAULT_ADDRESS,
        tls_ca=chosen("tls_ca"),
        tls_server_name=chosen("tls_server_name"),
        # What stands in the command goes before all that is said about `vaiven` itself.
        key=given.key if given.key_file or given.key else root.get("key"),
        key_file=given.key_file if given.key_file or given.key else root.get("key_file"),
        json=wants_json(context, given.json),
        timeout_s=chosen("timeout"),
    )


class WordedCommand(TyperCommand):
    """A command whose help and errors are in a person's words, without the names of Python's types."""

    def __init__(self, **attributes: Any) -> None:
        """Leave the type out of the help of each argument, which says what it takes."""
        super().__init__(**attributes)
        for parameter in self.params:
            if isinstance(parameter, TyperArgument):
                parameter.display_type_rich = lambda ctx: None  # type: ignore[method-assign]

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Parse, without the name of the exception in front of what was wrong."""
        try:
            return super().parse_args(ctx, args)
        except typer.BadParameter as error:
            error.message = error.message.removeprefix("Value error, ")
            raise


class OrderedGroup(TyperGroup):
    """The commands of `vaiven` in the order in which one needs them; typer would list the groups last."""

    def list_commands(self, ctx: Any) -> list[str]:
        """Return the names of the commands in order."""
        return sorted(super().list_commands(ctx), key=lambda name: ORDER.index(name) if name in ORDER else len(ORDER))


ORDER: Final = (
    *("demo", "serve", "ask", "plan", "email", "code", "support"),
    *("runs", "plans", "sessions", "tickets", "knowledge", "plugins", "models", "operations"),
    *("route", "policy", "usage", "budgets", "privacy", "keys", "mcp", "health", "doctor"),
)


def new_group(help_text: str, *, example: str) -> typer.Typer:
    """Return a group of commands."""
    return typer.Typer(help=help_text, no_args_is_help=True, epilog=as_example(example))


def wants_json(context: typer.Context, given: bool) -> bool:
    """Return whether `--json` stands before or after the command."""
    return given or bool(context.find_root().params.get("json"))


def command(group: typer.Typer, name: str, *, example: str) -> Callable[[Function], Function]:
    """Register a function as the command `name`.

    A parameter whose type is a dataclass becomes one option for each of its fields. A parameter of type `Caller` gets
    one made from the connection options; it is closed at the end, and what a call raises is worded for a person. One of
    type `typer.Context` gets the context.
    """

    def register(function: Function) -> Function:
        run, calls = _as_command(function)
        epilog = f"{as_example(example)}\n\n{ALSO}" if calls else as_example(example)
        group.command(name, cls=WordedCommand, epilog=epilog)(run)
        return function

    return register


def with_hyphens(word: str) -> str:
    """Return the name of a command, an option or a choice as it is written here; settings and the contract have `_`."""
    return word.replace("_", "-")


def as_example(*lines: str) -> str:
    """Return the end of a command's help."""
    # The mark keeps the lines as they are.
    return "\n  ".join(["\b\nExample:", *lines])


def _as_command(function: Callable[..., None]) -> tuple[Callable[..., None], bool]:
    """Return what typer can register, and whether it calls the service."""
    hints = get_type_hints(function, include_extras=True)
    own = [inspect.Parameter("context", inspect.Parameter.KEYWORD_ONLY, annotation=typer.Context)]
    groups: dict[str, type] = {}
    contexts: list[str] = []
    for parameter in inspect.signature(function).parameters.values():
        kind = hints[parameter.name]
        if kind is Caller:
            groups[parameter.name] = ConnectionOptions
        elif kind is typer.Context:
            contexts.append(parameter.name)
        elif dataclasses.is_dataclass(kind) and isinstance(kind, type):
            groups[parameter.name] = kind
        else:
            own.append(parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY, annotation=kind))
    parameters = [*own, *(parameter for kind in groups.values() for parameter in _fields(kind))]

    @functools.wraps(function)
    def run(**values: Any) -> None:
        context = values.pop("context")
        built = {
            name: kind(**{field.name: values.pop(field.name) for field in dataclasses.fields(kind)})
            for name, kind in groups.items()
        }
        with worded(context, built) as given:
            function(**given, **values, **dict.fromkeys(contexts, context))

    # typer reads the signature and the type hints, both of this function and not of the wrapped one.
    run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    run.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    del run.__wrapped__
    return run, ConnectionOptions in groups.values()


def _fields(kind: type) -> Iterator[inspect.Parameter]:
    hints = get_type_hints(kind, include_extras=True)
    for field in dataclasses.fields(kind):
        made = field.default_factory
        default = field.default if made is dataclasses.MISSING else made()
        yield inspect.Parameter(
            field.name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=hints[field.name]
        )


@contextmanager
def worded(context: typer.Context, built: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Hand in a `Caller` for the connection options, and turn errors into words on stderr and an exit status.

    Raises:
        typer.Exit: The command failed; everything has been said.
    """
    caller: Caller | None = None
    given = dict(built)
    for name, value in built.items():
        if isinstance(value, ConnectionOptions):
            given[name] = caller = Caller(resolve_connection(context, value))
    try:
        with caller.guarded() if caller is not None else _nothing():
            yield given
    except CommandError as error:
        from service.cli.failures import show_command_error

        show_command_error(error, as_json=caller is not None and caller.connection.json)
        raise typer.Exit(error.exit_code) from error
    except KeyboardInterrupt as interrupt:
        from service.cli.screen import error_console

        error_console().print("Interrupted.", style="yellow")
        raise typer.Exit(INTERRUPTED) from interrupt


@contextmanager
def _nothing() -> Iterator[None]:
    yield
