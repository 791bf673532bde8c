"""Which JSON Schemas OpenAI's strict mode takes, and so enforces."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

_KEYWORDS: Final = frozenset(
    {
        "$defs",
        "$ref",
        "additionalProperties",
        "anyOf",
        "const",
        "definitions",
        "description",
        "enum",
        "items",
        "properties",
        "required",
        "title",
        "type",
    }
)
"""What both OpenAI and Azure take.

Source: Microsoft Learn, "Structured outputs", supported schemas; OpenAI, "Structured model outputs".
"""


def is_strict(schema: dict[str, Any]) -> bool:
    """Return whether strict mode takes `schema`: an object at the root, and each object closed and all required."""
    return schema.get("type") == "object" and "anyOf" not in schema and _is_taken(schema)


def _is_taken(schema: object) -> bool:
    if not isinstance(schema, dict) or not schema.keys() <= _KEYWORDS:
        return False
    is_object = schema.get("type") == "object" or "properties" in schema
    if is_object and not _is_closed(schema):
        return False
    return all(_is_taken(part) for part in _parts(schema))


def _is_closed(schema: dict[str, Any]) -> bool:
    names = set(schema.get("properties") or ())
    return schema.get("additionalProperties") is False and set(schema.get("required") or ()) == names


def _parts(schema: dict[str, Any]) -> Iterator[object]:
    for keyword in ("properties", "$defs", "definitions"):
        if keyword in schema:
            named = schema[keyword]
            yield from named.values() if isinstance(named, dict) else [named]
    if "items" in schema:
        yield schema["items"]
    yield from schema.get("anyOf") or ()
