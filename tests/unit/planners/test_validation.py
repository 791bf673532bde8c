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


def test_what_is_missing_may_still_come_to_unfinished_arguments() -> None:
    assert violations(SCHEMA, {}, unfinished=True) == ()
    assert [v.field for v in violations(SCHEMA, {"to": "x"}, unfinished=True)] == ["to"]
    assert [v.field for v in violations(SCHEMA, {"place": {}}, unfinished=True)] == ["place.city"]
    assert len(violations(SCHEMA, {})) == 2


def test_the_name_of_an_invented_field_is_cut() -> None:
    (found,) = violations(SCHEMA, VALID | {"x" * 5000: 1})
    assert len(found.field) == 100


def test_nothing_is_fetched_for_a_schema() -> None:
    schema = {"properties": {"a": {"$ref": "http://127.0.0.1:9/x.json"}}}
    assert violations(schema, {"a": 1}) == (
        Violation("", "cannot be checked: a reference of the schema cannot be followed"),
    )
    assert violations(schema, {}) == ()


def test_references_that_double_come_to_an_end() -> None:
    parts = {f"d{n}": {"allOf": [{"$ref": f"#/$defs/d{n + 1}"}] * 2} for n in range(40)} | {"d40": {}}
    (found,) = violations({"$ref": "#/$defs/d0", "$defs": parts}, {"a": 1})
    assert found.message.startswith("cannot be checked")
    circle = {"$ref": "#/$defs/a", "$defs": {"a": {"$ref": "#/$defs/a"}}}
    assert violations(circle, {"a": 1})[0].message.startswith("cannot be checked")


def test_regular_expressions_from_outside_are_not_run() -> None:
    slow = {"type": "string", "pattern": "^(a+)+$", "maxLength": 50}
    schema = {
        "type": "object",
        "properties": {"a": slow, "b": {"type": "integer"}},
        "patternProperties": {"^(x+)+$": slow},
        "additionalProperties": False,
    }
    arguments = {"a": "a" * 40 + "!", "b": "1", "x" * 40 + "!": 1}
    assert violations(schema, arguments, outside=True) == (Violation("b", "must be of type integer"),)
    closed = {"type": "object", "properties": {}, "additionalProperties": False}
    assert violations(closed, {"a": 1}, outside=True) == (Violation("a", "is not known"),)
