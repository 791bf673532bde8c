"""`vaiven keys`: who may call a service that asks for credentials. It works on the file of keys, not on the service."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from service.cli.command import command, new_group, wants_json
from service.cli.commands.serve import ConfigOption, SetOption, read_settings
from service.cli.exits import USAGE, CommandError
from service.cli.screen import print_facts, print_json, print_table, say
from service.permissions import ALL_PERMISSIONS, Permission

if TYPE_CHECKING:
    from service.auth.keys import KeyRecord

group = new_group(
    "Make and revoke the keys of callers.",
    example="vaiven keys create --tenant shop --name orders",
)

T = TypeVar("T")

EVERY = "all"
NAMES = ", ".join([*Permission, EVERY])


@dataclass(frozen=True, slots=True)
class Place:
    """Which file of keys it is: named here, or by the settings of the service."""

    keys_file: Annotated[
        Path | None, typer.Option(help="The file of keys, if not that of the settings.", metavar="FILE")
    ] = None
    config: ConfigOption = None
    settings: SetOption = None

    def path(self) -> Path:
        """Return the file.

        Raises:
            CommandError: The settings are wrong.
        """
        return self.keys_file or read_settings(self.settings or (), self.config, {}).auth.keys_file


JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@command(group, "create", example="vaiven keys create --tenant shop --name orders --permission use --days 90")
def create(
    context: typer.Context,
    place: Place,
    tenant: Annotated[str, typer.Option(help="Whose runs, documents and plugins the key sees.", metavar="TENANT")],
    name: Annotated[str, typer.Option(help="Who will use it; the log has this name.", metavar="NAME")],
    permission: Annotated[
        list[str] | None,
        typer.Option(help=f"What it allows, `use` if nothing is said; may be repeated: {NAMES}.", metavar="PERMISSION"),
    ] = None,
    days: Annotated[
        int | None, typer.Option(help="It ends after so many days; else never.", metavar="DAYS", min=1, max=3650)
    ] = None,
    json: JsonOption = False,
) -> None:
    """Make a key and print it, this once: only a digest of it is kept.

    A running service takes it within a second.
    """
    from pydantic import ValidationError

    from service.auth.keys import new_key

    allowed = _permissions(permission or [Permission.USE])
    now = datetime.now(UTC).replace(microsecond=0)
    try:
        key, record = new_key(tenant, name, allowed, now, None if days is None else now + timedelta(days=days))
    except ValidationError as error:
        wrong = str(error.errors()[0]["loc"][0])
        raise CommandError(
            f"--{wrong} takes 1 to 63 letters, digits, dots, dashes and underscores, the first a letter or digit.",
            exit_code=USAGE,
        ) from error

    def add(keys: tuple[KeyRecord, ...]) -> tuple[tuple[KeyRecord, ...], None]:
        if any((one.tenant, one.name) == (tenant, name) for one in keys):
            hint = "Give the new one another name, e.g. with a number, and revoke the old one when nobody uses it."
            raise CommandError(f"The tenant {tenant} has a key called {name}.", hint=hint)
        return (*keys, record), None

    path = place.path()
    _change(path, add)
    if wants_json(context, json):
        return print_json({"key": key, **_told(record)})
    say(f"{_words(record)}\nKeep it now: it is not shown again. Kept in {path}.", style="")
    # Alone on the output, so that a script can take it.
    return typer.echo(key)


@command(group, "list", example="vaiven keys list --tenant shop")
def list_keys(
    context: typer.Context,
    place: Place,
    tenant: Annotated[str, typer.Option(help="Only those of this tenant.", metavar="TENANT")] = "",
    json: JsonOption = False,
) -> None:
    """List the keys, without what would let anybody in."""
    from service.auth.key_file import KeyFileError, read_keys

    try:
        keys = [key for key in read_keys(place.path()) if tenant in ("", key.tenant)]
    except KeyFileError as error:
        raise CommandError(str(error)) from error
    if wants_json(context, json):
        return print_json({"keys": [_told(key) for key in keys]})
    rows = ((key.id, key.tenant, key.name, _allowed(key), _day(key.create_time), _end(key)) for key in keys)
    return print_table(("Id", "Tenant", "Name", "Permissions", "Made", "Ends"), rows, empty="There are no keys.")


@command(group, "revoke", example="vaiven keys revoke abcdefghijkl")
def revoke(
    context: typer.Context,
    place: Place,
    key: Annotated[str, typer.Argument(help="The id of the key, as `vaiven keys list` shows it.", metavar="ID")],
    json: JsonOption = False,
) -> None:
    """Take a key back: a running service refuses it within a second; what it started goes on to its end."""

    def remove(keys: tuple[KeyRecord, ...]) -> tuple[tuple[KeyRecord, ...], KeyRecord]:
        found = next((one for one in keys if one.id == key), None)
        if found is None:
            # Whatever was typed is not repeated: it may be a whole key.
            raise CommandError("There is no key of that id; `vaiven keys list` shows them.")
        return tuple(one for one in keys if one is not found), found

    record = _change(place.path(), remove)
    if wants_json(context, json):
        return print_json(_told(record))
    return print_facts([("Revoked", record.id), ("Tenant", record.tenant), ("Name", record.name)])


def _change(path: Path, change: Callable[[tuple[KeyRecord, ...]], tuple[tuple[KeyRecord, ...], T]]) -> T:
    from service.auth.key_file import KeyFileError, change_keys

    try:
        return change_keys(path, change)
    except KeyFileError as error:
        raise CommandError(str(error)) from error


def _permissions(names: Sequence[str]) -> frozenset[Permission]:
    if EVERY in names:
        return ALL_PERMISSIONS
    try:
        return frozenset(Permission(name) for name in names)
    except ValueError:
        raise CommandError(f"--permission takes one of {NAMES}.", exit_code=USAGE) from None


def _allowed(key: KeyRecord) -> str:
    return EVERY if key.permissions == ALL_PERMISSIONS else ", ".join(sorted(key.permissions))


def _words(key: KeyRecord) -> str:
    return f"A key of {key.tenant} for {key.name}, id {key.id}; allows: {_allowed(key)}; ends: {_end(key)}."


def _day(moment: datetime) -> str:
    return moment.astimezone().strftime("%Y-%m-%d")


def _end(key: KeyRecord) -> str:
    return "never" if key.expire_time is None else _day(key.expire_time)


def _told(key: KeyRecord) -> dict[str, Any]:
    return key.model_dump(mode="json", exclude={"salt", "digest"})
