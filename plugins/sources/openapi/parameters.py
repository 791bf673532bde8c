"""The parameters of an operation, its path's included, read from the document."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, cast

from plugins.sources.base import RESERVED_ARGUMENTS
from plugins.sources.openapi.keywords import shortened
from plugins.sources.openapi.operation import Parameter
from plugins.sources.openapi.references import References, UnusableError
from plugins.sources.openapi.registration import OWN_HEADERS
from plugins.sources.openapi.schemas import Definition, Schemas
from plugins.sources.openapi.styles import STYLES, Place, Style

_NOT_IN_ARGUMENTS: Final = re.compile(r"[^0-9A-Za-z_-]+", re.ASCII)
_ARGUMENT_CHARACTERS: Final = 64
"""The longest name of an argument that models' tool calls take."""
_TOKEN: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,200}", re.ASCII)
"""Names that a header or cookie may have. Source: RFC 9110, section 5.1."""


@dataclass
class ReadParameters:
    """The parameters that became arguments, with their schemas by argument, and those that did not, with reasons."""

    parameters: list[Parameter] = field(default_factory=list)
    schemas: dict[str, Definition] = field(default_factory=dict)
    left_out: list[tuple[str, str]] = field(default_factory=list)


class ParameterReader:
    """Reads the parameters of one document; `given` are the headers and the like that the registration sends."""

    def __init__(self, references: References, schemas: Schemas) -> None:
        self._references = references
        self._schemas = schemas

    def read(
        self,
        levels: tuple[Any, ...],
        in_path: tuple[str, ...],
        taken: Collection[str],
        given: Collection[tuple[str, str]],
    ) -> ReadParameters:
        """Return the parameters of `levels`, of which later ones replace earlier ones of the same name and place.

        `in_path` are the placeholders of the path; one that nothing declares is taken for a text. `taken` are names
        that no argument may have; `given` are places and names (in lower case) of what is sent anyway.

        Raises:
            UnusableError: one that must be given cannot be.
        """
        declared: dict[tuple[str, str], Mapping[str, Any]] = {}
        for level in levels:
            for entry in level if isinstance(level, list) else ():
                parameter = self._references.resolve(entry)
                name, place = parameter.get("name"), parameter.get("in")
                if not isinstance(name, str) or not name or not isinstance(place, str):
                    raise UnusableError("has a parameter without a name or a place")
                declared[place, name] = parameter
        for name in in_path:
            declared.setdefault(("path", name), {"schema": {"type": "string", "minLength": 1}})
        read = ReadParameters()
        for (place, name), facts in declared.items():
            if self._is_ours(place, name, in_path, given):
                continue
            try:
                self._add(read, place, name, facts, taken)
            except UnusableError as error:
                if place == "path" or facts.get("required") is True:
                    raise UnusableError(f"its parameter {name[:50]} {error}") from None
                read.left_out.append((name[:100], str(error)))
        return read

    def _is_ours(self, place: str, name: str, in_path: tuple[str, ...], given: Collection[tuple[str, str]]) -> bool:
        # OpenAPI says of some headers that they are no parameters; a path that lacks its parameter does not need it.
        header_of_ours = place == "header" and name.lower() in OWN_HEADERS
        return header_of_ours or (place == "path" and name not in in_path) or (place, name.lower()) in given

    def _add(
        self, read: ReadParameters, place: str, name: str, parameter: Mapping[str, Any], taken: Collection[str]
    ) -> None:
        if place not in STYLES:
            raise UnusableError(f"is in {place[:20]}, which OpenAPI 3 does not know")
        where = cast(Place, place)
        if where in ("header", "cookie") and _TOKEN.fullmatch(name) is None:
            raise UnusableError("has a name that no header or cookie can have")
        content = parameter.get("content")
        media = next(iter(content.items()), None) if isinstance(content, dict) else None
        raw = parameter.get("schema") if media is None else media[1].get("schema") if isinstance(media[1], dict) else {}
        made = self._schemas.convert(raw if raw is not None else {"type": "string"})
        for used in (made, *self._schemas.closure([made]).values()):
            if used.problem:
                raise UnusableError(used.problem)
        style = self._style(where, parameter)
        explode = parameter.get("explode")
        argument = _argument(name, place, {*taken, *read.schemas})
        described = shortened(parameter.get("description"))
        if described:
            made.schema = {**made.schema, "description": described}
        if parameter.get("deprecated") is True:
            made.schema = {**made.schema, "deprecated": True}
        read.schemas[argument] = made
        read.parameters.append(
            Parameter(
                argument=argument,
                name=name,
                place=where,
                style=style,
                explode=explode if isinstance(explode, bool) else style in ("form", "deepObject"),
                required=where == "path" or parameter.get("required") is True,
                reserved=parameter.get("allowReserved") is True,
                as_json=media is not None and "json" in str(media[0]).lower(),
            )
        )

    def _style(self, place: Place, parameter: Mapping[str, Any]) -> Style:
        style = parameter.get("style")
        # A style that the place cannot have is written by mistake; its default is what the service then takes.
        return style if style in STYLES[place] else STYLES[place][0]


def _argument(name: str, place: str, taken: Collection[str]) -> str:
    """Return a name for the argument: the parameter's own where it can be, else with its place, else numbered."""
    base = _NOT_IN_ARGUMENTS.sub("_", name).strip("_-")[:_ARGUMENT_CHARACTERS] or place
    with_place = f"{place}_{base}"[:_ARGUMENT_CHARACTERS]
    numbered = (f"{with_place[: _ARGUMENT_CHARACTERS - 8]}_{i}" for i in range(2, len(taken) + 4))
    return next(name for name in (base, with_place, *numbered) if name not in taken and name not in RESERVED_ARGUMENTS)
