"""Schemas as far as a plan reads them: what lies at a path, and what fits what."""

from __future__ import annotations

from typing import Any

import pytest

from planners.shapes import ANY, Shape, misfit

PERSON: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["name"],
    "properties": {
        "name": {"type": "string"},
        "age": {"type": ["integer", "null"]},
        "friends": {"type": "array", "items": {"$ref": "#"}},
        "pair": {"type": "array", "prefixItems": [{"type": "string"}], "items": False},
        "either": {"oneOf": [{"type": "integer"}, {"$ref": "#/$defs/word"}]},
        "both": {"allOf": [{"type": "object"}, {"properties": {"x": {"const": 1}}}]},
        "free": {"type": "object", "additionalProperties": {"type": "boolean"}},
        "unsaid": {"description": "anything"},
    },
    "$defs": {"word": {"type": "string", "enum": ["a", "b"]}},
}


def types(*path: str | int) -> list[set[str] | None]:
    found = Shape.of(PERSON).at(path)
    return [None if (kinds := shape.types()) is None else set(kinds) for shape in found]


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (("name",), [{"string"}]),
        (("age",), [{"integer", "null"}]),
        (("friends", 3, "friends", 0, "name"), [{"string"}]),
        (("pair", 0), [{"string"}]),
        (("pair", 1), []),
        (("either",), [{"integer"}, {"string"}]),
        (("both", "x"), [{"integer"}]),
        (("both", "y"), [None]),
        (("free", "whatever"), [{"boolean"}]),
        (("unsaid", "deep", 3), [None]),
        (("nick",), []),
        (("name", "x"), []),
        (("name", 0), []),
        ((0,), []),
    ],
)
def test_what_lies_at_a_path(path: tuple[str | int, ...], expected: list[set[str] | None]) -> None:
    assert types(*path) == expected


@pytest.mark.parametrize(
    ("source", "target", "why"),
    [
        ({"type": "string"}, {"type": "string", "maxLength": 3}, ""),
        ({"type": "integer"}, {"type": "number"}, ""),
        ({"type": "number"}, {"type": "integer"}, "may be of type number but must be of type integer"),
        ({"type": ["string", "null"]}, {"type": "string"}, "may be of type null but must be of type string"),
        ({"anyOf": [{"type": "string"}, {"type": "array"}]}, {"type": "string"}, "may be of type array"),
        ({"type": "string"}, {"anyOf": [{"type": "null"}, {"type": "string"}]}, ""),
        ({}, {"type": "string"}, ""),
        ({"type": "string"}, {}, ""),
        ({"type": "string"}, {"enum": ["a", "b"]}, "may be other than a, b"),
        ({"enum": ["a"]}, {"enum": ["a", "b"]}, ""),
        ({"enum": ["a", "c"]}, {"enum": ["a", "b"]}, "may be other than a, b"),
        ({"const": 2.0}, {"type": "integer"}, ""),
        (
            {"type": "array", "items": {"type": "string"}},
            {"type": "array", "items": {"type": "integer"}},
            "its items: may",
        ),
        ({"type": "array"}, {"type": "array", "items": {"type": "integer"}}, ""),
        ({"type": "object"}, PERSON, ""),
        ({"type": "object", "additionalProperties": False}, PERSON, "has no name"),
        ({"type": "object", "properties": {"name": {"type": "integer"}}}, PERSON, "its name: may be of type integer"),
        (
            {"type": "object", "properties": {"name": {"type": "string"}, "nick": {}}},
            PERSON,
            "has nick, which is not known there",
        ),
        (PERSON, PERSON, ""),
    ],
)
def test_whether_one_schema_fits_another(source: dict[str, Any], target: dict[str, Any], why: str) -> None:
    said = misfit(Shape.of(source).forms(), Shape.of(target).forms())
    assert said.startswith(why)
    assert bool(said) == bool(why)


def test_a_schema_that_turns_in_circles_comes_to_an_end() -> None:
    knot: dict[str, Any] = {"$ref": "#/$defs/a", "$defs": {"a": {"anyOf": [{"$ref": "#/$defs/a"}] * 30}}}
    assert Shape.of(knot).forms() == (ANY,)
    wide: dict[str, Any] = {"type": "object", "properties": {f"p{n}": {"$ref": "#"} for n in range(30)}}
    assert misfit(Shape.of(wide).forms(), Shape.of({**wide}).forms()) == ""


@pytest.mark.parametrize("pointer", ["https://schemas.example/x.json", "#/nowhere", "#/$defs/word/enum"])
def test_a_pointer_that_leads_nowhere_says_nothing(pointer: str) -> None:
    assert Shape.of({"$ref": pointer, **PERSON}).forms() == (ANY,)


def test_escaped_pointers_are_followed() -> None:
    assert Shape.of({"$ref": "#/$defs/a~1b~0", "$defs": {"a/b~": {"type": "null"}}}).forms()[0].types() == frozenset(
        {"null"}
    )
