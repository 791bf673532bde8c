from __future__ import annotations

from typing import Any

import pytest

from service.backends.openai_protocol.schema import is_strict

CLOSED: dict[str, Any] = {
    "type": "object",
    "properties": {"a": {"type": "string"}},
    "required": ["a"],
    "additionalProperties": False,
}


def holding(schema: object) -> dict[str, Any]:
    return {**CLOSED, "properties": {"a": schema}}


@pytest.mark.parametrize(
    "schema",
    [
        CLOSED,
        {**CLOSED, "properties": {}, "required": []},
        {**CLOSED, "title": "A", "description": "An a."},
        holding({"type": "array", "items": CLOSED}),
        holding({"anyOf": [{"type": "null"}, CLOSED]}),
        holding({"enum": ["x", "y"]}),
        {**holding({"$ref": "#/$defs/b"}), "$defs": {"b": CLOSED}},
    ],
)
def test_taken(schema: dict[str, Any]) -> None:
    assert is_strict(schema)


@pytest.mark.parametrize(
    "schema",
    [
        {},
        {"type": "object"},
        {"type": "array", "items": CLOSED},
        {"type": "object", "anyOf": [CLOSED]},
        {**CLOSED, "additionalProperties": True},
        {**CLOSED, "required": []},
        {**CLOSED, "patternProperties": {}},
        holding({"type": "string", "minLength": 3}),
        holding({"type": "object", "properties": {"b": {"type": "string"}}}),
        holding({"type": "array", "items": {"type": "object"}}),
        holding({"anyOf": [{"type": "object"}]}),
        holding(True),
        {**CLOSED, "$defs": {"b": {"type": "object"}}},
        {**CLOSED, "$defs": ["b"]},
    ],
)
def test_not_taken(schema: dict[str, Any]) -> None:
    assert not is_strict(schema)
