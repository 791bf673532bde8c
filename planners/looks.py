"""What an argument is likely to look like, by its format, its name, and then its description."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from planners.mentions import Kind
from planners.wording import stems
from plugins.manifest import FILL

_HINTS: Final = (
    (Kind.VERSION, ("versi", "relea")),
    (Kind.EMAIL, ("email", "mail", "corre")),
    (Kind.PHONE, ("phone", "telep", "mobil", "telef")),
    (Kind.TIME, ("time", "hour", "begin", "hora")),
    (Kind.DAY, ("day", "date", "start", "until", "due", "deadl", "fecha", "dia", "inici")),
    (Kind.IDENTIFIER, ("number", "code", "id", "ident", "key", "numbe", "numer", "codig")),
    (Kind.TOLD, ("text", "note", "noted", "messa", "comme", "subje", "body", "conte", "asunt")),
    (Kind.NAME, ("name", "perso", "custo", "compa", "conta", "emplo", "city", "addre", "stree", "nombr")),
)
"""The stems by which a text is called or described, and what it then looks like."""

_FORMATS: Final = {"email": Kind.EMAIL, "date": Kind.DAY, "time": Kind.TIME, "uuid": Kind.IDENTIFIER}


def is_text(prop: Any) -> bool:
    """Return whether the argument is a text that is neither chosen from a list nor copied whole."""
    return isinstance(prop, Mapping) and _types(prop) == {"string"} and "enum" not in prop and FILL not in prop


def is_number(prop: Any) -> bool:
    """Return whether the argument is a number, also one that may be written as a text, as 64 bits are in JSON."""
    return isinstance(prop, Mapping) and bool(_types(prop) & {"integer", "number"}) and "enum" not in prop


def is_whole(prop: Mapping[str, Any]) -> bool:
    """Return whether a number must have no fraction."""
    return "number" not in _types(prop)


def _types(prop: Mapping[str, Any]) -> set[str]:
    types = prop.get("type", ())
    return {types} if isinstance(types, str) else set(types) - {"null"}


def looks(argument: str, prop: Mapping[str, Any]) -> Iterator[Kind]:
    """Yield what a text looks like that is given for the argument, the likeliest first."""
    if (form := _FORMATS.get(str(prop.get("format")))) is not None:
        yield form
    for words in (stems(argument), stems(str(prop.get("description", "")))):
        for kind, hints in _HINTS:
            if any(word in hints for word in words):
                yield kind
