"""`vaiven serve`: the service itself, in this process."""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from service.cli.command import command, wants_json
from service.cli.exits import USAGE, CommandError

if TYPE_CHECKING:
    from service.bootstrap import App
    from service.cli.serving import Serving
    from service.settings import Settings

ConfigOption = Annotated[
    Path | None, typer.Option(help="Read the settings from this file, not ./vaiven.toml.", metavar="FILE")
]
SetOption = Annotated[
    list[str] | None, typer.Option("--set", help="Any setting; may be repeated.", metavar="AREA.KEY=VALUE")
]


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    command(app, "serve", example="vaiven serve --listen 127.0.0.1:50051 --set runs.max_concurrent=8")(serve)


def serve(
    context: typer.Context,
    listen: Annotated[str | None, typer.Option(help="Where to listen (port 0: any).", metavar="HOST:PORT")] = None,
    side_port: Annotated[
        int | None, typer.Option(help="Serve /livez, /readyz and /metrics here (0: any).", metavar="PORT")
    ] = None,
    store: Annotated[Path | None, typer.Option(help="The file that everything is kept in.", metavar="FILE")] = None,
    config: ConfigOption = None,
    settings: SetOption = None,
    json: Annotated[bool, typer.Option("--json", help="Print one line of JSON when it answers.")] = False,
) -> None:
    """Run the service until it is told to stop.

    SIGTERM or Ctrl-C: it takes no more runs, lets those in flight come to their end, and stops. Options go before the
    environment (VAIVEN_<AREA>__<KEY>), that before the file.
    """
    import asyncio

    given: dict[str, Any] = {
        "server": {"address": listen} if listen is not None else {},
        "side_port": {"port": side_port} if side_port is not None else {},
        "store": {"path": store} if store is not None else {},
    }
    read = read_settings(settings or (), config, given)

    def reread() -> Settings:
        from service.settings_sources import SettingsError

        try:
            return read_settings(settings or (), config, given)
        except CommandError as error:
            raise SettingsError(str(error)) from error

    asyncio.run(_serve(read, reread, as_json=wants_json(context, json)))


def read_settings(assignments: Sequence[str], config: Path | None, given: Mapping[str, dict[str, Any]]) -> Settings:
    """Return the settings of options, environment and file; `given` areas go before `assignments`.

    Raises:
        CommandError: One is wrong; in words.
    """
    from service.settings_sources import SettingsError, load_settings

    flags: dict[str, dict[str, Any]] = {}
    for assignment in assignments:
        name, equals, value = assignment.partition("=")
        area, dot, key = name.strip().partition(".")
        if not (equals and dot and key):
            raise CommandError(f"--set takes AREA.KEY=VALUE, not {assignment!r}.", exit_code=USAGE)
        flags.setdefault(area, {})[key] = _value(value.strip())
    for area, values in given.items():
        flags.setdefault(area, {}).update(values)
    try:
        return load_settings({area: values for area, values in flags.items() if values}, config)
    except SettingsError as error:
        raise CommandError(str(error), exit_code=USAGE) from error


def _value(text: str) -> Any:
    """Return a value as TOML has it, so that a number is one; what is not TOML is the text itself."""
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text


async def _serve(settings: Settings, reread: Callable[[], Settings], *, as_json: bool) -> None:
    import asyncio

    from plugins.manifest import ManifestError
    from service.bootstrap import serve as run_service
    from service.cli.serving import describe, show
    from service.errors import VaivenError
    from service.rpc.listen import ConfigurationError
    from service.settings_sources import SettingsError
    from service.telemetry.logging import configure_logging

    configure_logging(settings.logging.level, settings.logging.format)
    announcements: set[asyncio.Task[None]] = set()

    async def announce(app: App) -> None:
        found: Serving = await describe(app)
        show(found, as_json=as_json)
        sys.stdout.flush()

    def started(app: App) -> None:
        announcements.add(asyncio.create_task(announce(app)))

    try:
        await run_service(settings, started, reread=reread)
    except VaivenError as error:
        raise CommandError(error.message, hint="`vaiven doctor` looks into it.") from error
    except (SettingsError, ConfigurationError, ManifestError) as error:
        raise CommandError(str(error)) from error
    await asyncio.gather(*announcements)
