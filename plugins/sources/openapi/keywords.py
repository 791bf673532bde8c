"""Single keywords of an OpenAPI schema as JSON Schema 2020-12 has them; what is not of their form is dropped."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

TYPES: Final = frozenset({"string", "number", "integer", "boolean", "array", "object", "null"})
_MEANT: Final = {
    **dict.fromkeys(("int", "int32", "int64", "long", "short"), "integer"),
    **dict.fromkeys(("float", "double", "decimal", "numeric"), "number"),
    **dict.fromkeys(("bool",), "boolean"),
    **dict.fromkeys(("str", "text", "file", "date", "datetime", "date-time", "time", "uuid", "uri", "enum"), "string"),
    **dict.fromkeys(("list",), "array"),
    **dict.fromkeys(("dict", "map"), "object"),
}
"""Types that documents name although no version of OpenAPI has them."""

TEXT_CHARACTERS: Final = 300
_DEFAULT_CHARACTERS: Final = 1_000


def shortened(text: Any, most: int = TEXT_CHARACTERS) -> str:
    """Return `text` on one line and cut to `most` characters; an empty string if it is no text."""
    if not isinstance(text, str):
        return ""
    # Far longer than what is kept, so that a book need not be split into words.
    line = " ".join(text[: most * 20].split())
    return line if len(line) <= most else f"{line[: most - 1].rstrip()}…"


def types_of(value: Any) -> list[str]:
    """Return the types that a `type` names, known ones only; empty: any."""
    named = value if isinstance(value, list) else [value]
    types: list[str] = []
    for name in named:
        if isinstance(name, str):
            low = name.strip().lower()
            meant = low if low in TYPES else _MEANT.get(low, "")
            if not meant:
                return []
            types.append(meant)
        elif name is None and isinstance(value, list):
            types.append("null")
    return list(dict.fromkeys(types))


def enum_of(value: Any, types: list[str], most: int) -> list[Any] | None:
    """Return the choices of an `enum`, or None if it has none, or too many to be of use to a model."""
    if not isinstance(value, list) or not value or len(value) > most:
        return None
    as_text = types == ["string"]
    choices: list[Any] = []
    for choice in value:
        if as_text and isinstance(choice, bool):
            choice = str(choice).lower()
        elif as_text and isinstance(choice, int | float):
            choice = str(choice)
        if not any(choice == other and type(choice) is type(other) for other in choices):
            choices.append(choice)
    return choices


def bounds(schema: Mapping[str, Any]) -> dict[str, int | float]:
    """Return the minimum and maximum, exclusive ones as numbers (3.0 has them as flags beside the bound)."""
    found: dict[str, int | float] = {}
    for bound, exclusive in (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")):
        limit, strict = _number(schema.get(bound)), schema.get(exclusive)
        if strict is True and limit is not None:
            found[exclusive] = limit
            continue
        if limit is not None:
            found[bound] = limit
        if (strict_limit := _number(strict)) is not None:
            found[exclusive] = strict_limit
    return found


def plain_keywords(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Return the keywords that hold no schema and that need no other keyword to be understood."""
    found = {key: value for key in _PLAIN if (value := _PLAIN[key](schema.get(key))) is not None}
    if "const" in schema:
        found["const"] = schema["const"]
    return found


def small_default(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Return the `default`, unless it is large."""
    if "default" in schema and schema["default"] is not None and len(str(schema["default"])) <= _DEFAULT_CHARACTERS:
        return {"default": schema["default"]}
    return {}


def required_names(value: Any) -> list[str]:
    """Return the names of a `required`, each once; older documents have a flag there, which says nothing here."""
    return list(dict.fromkeys(name for name in value if isinstance(name, str))) if isinstance(value, list) else []


def _number(value: Any) -> int | float | None:
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def _positive(value: Any) -> int | float | None:
    number = _number(value)
    return number if number is not None and number > 0 else None


def _count(value: Any) -> int | None:
    number = _number(value)
    return int(number) if number is not None and number >= 0 and number == int(number) else None


def pattern_of(value: Any) -> str | None:
    """Return a regular expression, or None if it is not one that Python can read too.

    Sets that hold sets are left out as well: Python warns that it may come to read them otherwise.
    """
    if _text(value) is None or any(mark in value for mark in ("[[", "--", "&&", "~~", "||")):
        return None
    try:
        re.compile(value)
    except (re.error, RecursionError, OverflowError):
        return None
    return str(value)


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value and len(value) <= _DEFAULT_CHARACTERS else None


def _true(value: Any) -> bool | None:
    return True if value is True else None


def _names_by_name(value: Any) -> dict[str, list[str]] | None:
    if not isinstance(value, dict):
        return None
    return {key: required_names(names) for key, names in value.items()} or None


_PLAIN: Final[Mapping[str, Callable[[Any], Any]]] = {
    **dict.fromkeys(("minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties"), _count),
    **dict.fromkeys(("minContains", "maxContains"), _count),
    **dict.fromkeys(("format", "contentEncoding", "contentMediaType"), _text),
    "pattern": pattern_of,
    **dict.fromkeys(("uniqueItems", "deprecated"), _true),
    "multipleOf": _positive,
    "dependentRequired": _names_by_name,
}
