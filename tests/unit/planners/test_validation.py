"""Validation of arguments: every message names its field and none repeats a value."""

from __future__ import annotations

from typing import Any

import pytest

from planners.validation import Violation, violations

SECRET = "hunter2-secret"
SCHEMA: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["to", "count"],
    "properties": {
        "to": {"type": "string", "minLength": 2, "maxLength": 20},
        "count": {"type": "integer", "minimum": 1, "maximum": 9},
        "ratio": {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1, "multipleOf": 0.25},
        "tone": {"enum": ["warm", "cold"]},
        "kind": {"const": "mail"},
        "code": {"type": "string", "pattern": "^[A-Z]+$"},
        "points": {"type": "array", "maxItems": 2, "uniqueItems": True, "items": {"type": "string", "maxLength": 20}},
        "place": {
            "type": "object",
            "additionalProperties": False,
            "required": ["city"],
            "properties": {"city": {"type": "string"}},
        },
        "either": {"anyOf": [{"type": "integer"}, {"type": "null"}]},
    },
}
VALID: dict[str, Any] = {"to": "Ana", "count": 3}


def test_valid_arguments_break_nothing() -> None:
    assert violations(SCHEMA, VALID | {"ratio": 0.5, "points": ["a"], "place": {"city": "Lyon"}}) == ()


@pytest.mark.parametrize(
    ("arguments", "field", "message"),
    [
        ({"to": "x"}, "to", "must have at least 2 characters"),
        ({"to": SECRET * 2}, "to", "must have at most 20 characters"),
        ({"to": 5}, "to", "must be of type string"),
        ({"count": 0}, "count", "must be at least 1"),
        ({"count": 10}, "count", "must be at most 9"),
        ({"ratio": 0}, "ratio", "must be greater than 0"),
        ({"ratio": 0.3}, "ratio", "must be a multiple of 0.25"),
        ({"tone": SECRET}, "tone", "must be one of warm, cold"),
        ({"kind": SECRET}, "kind", "must be mail"),
        ({"code": SECRET}, "code", "must match the pattern ^[A-Z]+$"),
        ({"points": ["a", "b", "c"]}, "points", "must have at most 2 items"),
        ({"points": ["a", "a"]}, "points", "must not hold an item twice"),
        ({"points": ["a", SECRET * 2]}, "points[1]", "must have at most 20 characters"),
        ({"place": {}}, "place.city", "is required"),
        ({"place": {"city": "Lyon", "zip": SECRET}}, "place.zip", "is not known"),
        ({"either": SECRET}, "either", "does not fit the schema"),
        ({"nick": SECRET}, "nick", "is not known"),
    ],
)
def test_a_violation_names_the_field_and_hides_the_value(arguments: dict[str, Any], field: str, message: str) -> None:
    found = violations(SCHEMA, VALID | arguments)
    assert Violation(field, message) in found
    assert SECRET not in str(found)


def test_all_missing_fields_are_named_in_order() -> None:
    assert violations(SCHEMA, {}) == (Violation("count", "is required"), Violation("to", "is required"))


def test_the_name_of_an_invented_field_is_cut() -> None:
    (found,) = violations(SCHEMA, VALID | {"x" * 5000: 1})
    assert len(found.field) == 100
