from __future__ import annotations

from typing import Any

import pytest

from plugins.sources.arguments import ArgumentCheck, check_schema
from plugins.sources.base import SourceError, SourceLimits

SCHEMA = {
    "type": "object",
    "additionalProperties": False,
    "required": ["id"],
    "properties": {
        "id": {"type": "string", "maxLength": 3},
        "kind": {"enum": ["a", "b"]},
        "items": {"type": "array", "items": {"$ref": "#/$defs/Item"}},
    },
    "$defs": {"Item": {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}},
}


def failure(schema: dict[str, Any], arguments: dict[str, Any], **limits: int) -> SourceError:
    with pytest.raises(SourceError) as raised:
        ArgumentCheck(schema, SourceLimits(**limits)).check(arguments)
    return raised.value


def test_arguments_that_fit_pass() -> None:
    ArgumentCheck(SCHEMA, SourceLimits()).check({"id": "x", "kind": "a", "items": [{"n": 1}]})


@pytest.mark.parametrize(
    ("arguments", "field", "words"),
    [
        ({}, "id", "is required"),
        ({"id": "x", "secret": "hunter2"}, "secret", "is not known"),
        ({"id": "hunter2"}, "id", "maxLength 3"),
        ({"id": "x", "kind": "hunter2"}, "kind", "enum"),
        ({"id": "x", "items": [{"n": 1}, {"n": "hunter2"}]}, "items[1].n", "type integer"),
        ({"id": "x", "items": [{}]}, "items[0].n", "is required"),
    ],
)
def test_what_does_not_fit_is_named_without_its_value(arguments: dict[str, Any], field: str, words: str) -> None:
    error = failure(SCHEMA, arguments)
    assert (error.code, error.field) == ("ARGUMENTS_INVALID", field)
    assert words in error.message
    assert "hunter2" not in str(error)


def test_what_is_too_large_is_refused_before_it_is_read() -> None:
    deep: Any = {}
    for _ in range(50):
        deep = {"id": deep}
    assert failure(SCHEMA, deep).code == "ARGUMENTS_TOO_LARGE"
    assert failure(SCHEMA, {"items": [{"n": 1}] * 50}, max_argument_values=100).code == "ARGUMENTS_TOO_LARGE"
    assert failure(SCHEMA, {"id": "x" * 200_000}, max_argument_values=100).code == "ARGUMENTS_TOO_LARGE"


def test_a_schema_that_doubles_at_each_reference_is_given_up() -> None:
    definitions: dict[str, Any] = {"d0": {"type": "object"}}
    for i in range(1, 40):
        definitions[f"d{i}"] = {"allOf": [{"$ref": f"#/$defs/d{i - 1}"}, {"$ref": f"#/$defs/d{i - 1}"}]}
    assert failure({"$ref": "#/$defs/d39", "$defs": definitions}, {}).code == "SCHEMA_INVALID"


@pytest.mark.parametrize("reference", ["#", "#/$defs/none", "https://schemas.example/x.json"])
def test_a_reference_that_leads_nowhere_or_out_is_refused(reference: str) -> None:
    assert failure({"$ref": reference}, {}).code == "SCHEMA_INVALID"


def test_regular_expressions_from_outside_are_not_run() -> None:
    hostile = {
        "properties": {"a": {"pattern": "^(a+)+$"}},
        "patternProperties": {"^(a+)+$": {}},
        "additionalProperties": False,
    }
    ArgumentCheck(hostile, SourceLimits()).check({"a": "a" * 40 + "!", "a" * 40 + "!": 1})


def test_a_schema_is_checked() -> None:
    check_schema(SCHEMA)
    with pytest.raises(SourceError, match="SCHEMA_INVALID: input/properties/a/type"):
        check_schema({"properties": {"a": {"type": "text"}}}, "input")
