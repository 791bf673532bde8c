"""Where settings come from, and errors that say which setting is wrong, where it was given and what to do.

Precedence: command-line flag, then environment (`VAIVEN_<AREA>__<KEY>`), then `vaiven.toml`, then the default.
"""

from __future__ import annotations

import difflib
import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel, ValidationError
from pydantic_settings import EnvSettingsSource
from pydantic_settings import SettingsError as UnreadableEnvironment

from service.settings import ENV_DELIMITER, ENV_PREFIX, Settings

FILE_NAME: Final = "vaiven.toml"

_IN_DATA_DIRECTORY: Final = ("path", "directory", "keys_file")


class SettingsError(ValueError):
    """Settings are wrong; one line for each says which, what is wrong and what to do."""


@dataclass(frozen=True, slots=True)
class SettingFact:
    """One setting, for documents and help: `name` is `area.key`, `default` as one would write it in TOML."""

    name: str
    environment: str
    default: str
    description: str


def setting_facts() -> tuple[SettingFact, ...]:
    """Return every setting in the order in which they are declared."""
    facts: list[SettingFact] = []
    for area, area_field in Settings.model_fields.items():
        model = area_field.annotation
        if not (isinstance(model, type) and issubclass(model, BaseModel)):
            raise TypeError(f"{area} is not an area")
        for key, field in model.model_fields.items():
            default = (
                "the user's data directory"
                if key in _IN_DATA_DIRECTORY
                else _as_toml(field.get_default(call_default_factory=True))
            )
            facts.append(SettingFact(f"{area}.{key}", _variable(area, key), default, field.description or ""))
    return tuple(facts)


def load_settings(flags: Mapping[str, Any] | None = None, file: Path | None = None) -> Settings:
    """Read the settings from flags (nested by area), the environment and a file.

    `file` None: `vaiven.toml` in the working directory, where there is one.

    Raises:
        SettingsError: Something is wrong; all that is wrong is in the message.
    """
    layers = [
        _Layer("the command line", dict(flags or {})),
        _Layer("the environment", _environment()),
        _Layer(str(file or FILE_NAME), _file(file)),
    ]
    merged: dict[str, Any] = {}
    for layer in reversed(layers):
        merged = _merged(merged, layer.values)
    try:
        return Settings(**merged)
    except ValidationError as error:
        lines = [_worded(problem["loc"], problem["type"], problem["msg"], layers) for problem in error.errors()]
        raise SettingsError("\n".join(lines)) from None


@dataclass(frozen=True, slots=True)
class _Layer:
    source: str
    values: dict[str, Any]

    def has(self, place: tuple[int | str, ...]) -> bool:
        """Return whether this layer says something at the place."""
        values: Any = self.values
        for part in place:
            if not _holds(values, part):
                return False
            values = values[part]
        return True


def _holds(values: object, part: int | str) -> bool:
    if isinstance(values, list):
        return isinstance(part, int) and part < len(values)
    return isinstance(values, Mapping) and part in values


def _merged(under: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    both = {key: _merged(under[key], over[key]) for key in under if _are_tables(under[key], over.get(key))}
    return {**under, **over, **both}


def _are_tables(one: object, other: object) -> bool:
    return isinstance(one, Mapping) and isinstance(other, Mapping)


def _environment() -> dict[str, Any]:
    unknown = [
        name
        for name in os.environ
        if name.upper().startswith(ENV_PREFIX)
        and ENV_DELIMITER in name
        and name.removeprefix(ENV_PREFIX).split(ENV_DELIMITER)[0].lower() not in Settings.model_fields
    ]
    if unknown:
        areas = ", ".join(Settings.model_fields)
        raise SettingsError(f"{unknown[0]} (environment): there is no such area; there are {areas}.")
    try:
        return EnvSettingsSource(Settings)()
    except UnreadableEnvironment as error:
        raise SettingsError(
            f"The environment cannot be read: {error}. Lists and tables are written as JSON."
        ) from error


def _file(file: Path | None) -> dict[str, Any]:
    path = file or Path(FILE_NAME)
    if file is None and not path.is_file():
        return {}
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsError(f"{path} cannot be read: {error.strerror}.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path} is not TOML: {error}.") from error


def _worded(place: tuple[int | str, ...], kind: str, message: str, layers: list[_Layer]) -> str:
    source = next((layer.source for layer in layers if place and layer.has(place)), "")
    name = ".".join(str(part) for part in place) or "the settings"
    if source == "the environment":
        name = ".".join([_variable(*(str(part) for part in place[:2])), *(str(part) for part in place[2:])])
    where = f"{name} ({source})" if source else name
    if kind == "extra_forbidden":
        known = [fact.name for fact in setting_facts()] + list(Settings.model_fields)
        near = difflib.get_close_matches(".".join(str(part) for part in place), known, n=1)
        advice = f"; did you mean {near[0]}?" if near else "; `docs/configuration.md` lists them."
        return f"{where}: there is no such setting{advice}"
    return f"{where}: {message.removeprefix('Value error, ')}."


def _variable(*parts: str) -> str:
    return ENV_PREFIX + ENV_DELIMITER.join(parts).upper()


def _as_toml(value: Any) -> str:
    match value:
        case None:
            return "not set"
        case bool():
            return str(value).lower()
        case str():
            return f'"{value}"'
        case dict():
            return "{}"
        case tuple():
            return f"[{', '.join(_as_toml(one) for one in value)}]"
        case BaseModel():
            return "{}"
        case _:
            return str(value)
