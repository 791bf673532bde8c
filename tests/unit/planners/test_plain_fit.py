"""What plainly fits a schema: never more than what the whole validator lets through."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from planners.plain_fit import plain_fit
from plugins.manifest import load_installed

TEXTS = st.fixed_dictionaries(
    {"type": st.just("string")},
    optional={
        "minLength": st.integers(0, 3),
        "maxLength": st.integers(0, 3),
        "enum": st.lists(st.sampled_from(["", "a", "ab", "é"]), min_size=1, unique=True),
        "description": st.just("A text."),
    },
)
LISTS = st.fixed_dictionaries(
    {"type": st.just("array"), "items": TEXTS},
    optional={"minItems": st.integers(0, 2), "maxItems": st.integers(0, 2)},
)
NAMES = st.sampled_from(["one", "two", "three"])
SCHEMAS = st.fixed_dictionaries(
    {"type": st.just("object"), "properties": st.dictionaries(NAMES, TEXTS | LISTS)},
    optional={"required": st.lists(NAMES, unique=True), "additionalProperties": st.just(False)},
)
OTHERS = st.sampled_from([None, 1, True])
VALUES = st.text("abé😀", max_size=4) | st.lists(st.text("ab", max_size=4), max_size=3) | OTHERS


@given(SCHEMAS, st.dictionaries(NAMES, VALUES))
def test_what_fits_breaks_nothing(schema: dict[str, Any], arguments: dict[str, Any]) -> None:
    plain = plain_fit(schema)
    assert plain is not None
    is_valid = Draft202012Validator(schema).is_valid(arguments)
    known = arguments.keys() <= schema["properties"].keys()
    assert plain.fits(arguments) == (is_valid and known)


@pytest.mark.parametrize(
    "rule",
    [
        {"type": "string", "pattern": "^a"},
        {"type": "string", "format": "date"},
        {"type": ["string", "null"]},
        {"type": "string", "enum": ["a", None]},
        {"type": "string", "maxLength": True},
        {"type": "integer"},
        {"type": "array", "items": {"type": "array"}},
        {"type": "array", "items": {"type": "string"}, "uniqueItems": True},
        {"$ref": "#/$defs/text"},
        True,
    ],
)
def test_anything_else_is_for_the_validator(rule: object) -> None:
    assert plain_fit({"type": "object", "properties": {"one": rule}}) is None


@pytest.mark.parametrize(
    "schema",
    [
        {"properties": {}},
        {"type": "object", "patternProperties": {}},
        {"type": "object", "additionalProperties": {"type": "string"}, "minProperties": 1},
        {"type": "object", "required": "one"},
    ],
)
def test_so_is_another_object(schema: dict[str, Any]) -> None:
    assert plain_fit(schema) is None


def test_the_functions_that_are_installed_are_plain() -> None:
    schemas = [function.input_schema for manifest in load_installed() for function in manifest.functions]
    assert all(plain_fit(schema) for schema in schemas)
