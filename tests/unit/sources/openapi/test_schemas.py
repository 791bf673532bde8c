"""Schemas as JSON Schema 2020-12, for requests and for answers."""

from __future__ import annotations

from typing import Any

import pytest

from plugins.sources.arguments import ArgumentCheck, check_schema
from plugins.sources.base import SourceError, SourceLimits
from plugins.sources.openapi.references import References
from plugins.sources.openapi.schemas import Definition, Schemas

LIMITS = SourceLimits(max_enum_values=3)


def ref(name: str) -> dict[str, Any]:
    return {"$ref": f"#/components/schemas/{name}"}


def request(schema: Any, **schemas: Any) -> Any:
    return _whole(Schemas(References({"components": {"schemas": schemas}}), "request", LIMITS), schema)


def response(schema: Any, **schemas: Any) -> Any:
    return _whole(Schemas(References({"components": {"schemas": schemas}}), "response", LIMITS), schema)


def _whole(schemas: Schemas, schema: Any) -> dict[str, Any]:
    made = schemas.convert(schema)
    definitions = {name: definition.schema for name, definition in schemas.closure([made]).items()}
    whole = {**made.schema, "$defs": definitions} if definitions else made.schema
    check_schema(whole)
    return whole


@pytest.mark.parametrize(
    ("schema", "converted"),
    [
        ({}, {}),
        (True, {}),
        (False, {"not": {}}),
        (None, {}),
        ({"type": "string", "example": "x", "xml": {}, "x-a": 1, "title": "T"}, {"type": "string", "description": "T"}),
        ({"type": "string", "nullable": True}, {"type": ["string", "null"]}),
        ({"type": "string", "nullable": True, "enum": ["a"]}, {"type": ["string", "null"], "enum": ["a", None]}),
        ({"type": ["string", "null"]}, {"type": ["string", "null"]}),
        ({"type": "number", "minimum": 1, "exclusiveMinimum": True}, {"type": "number", "exclusiveMinimum": 1}),
        ({"type": "number", "maximum": 1, "exclusiveMaximum": False}, {"type": "number", "maximum": 1}),
        ({"type": "number", "exclusiveMaximum": 5}, {"type": "number", "exclusiveMaximum": 5}),
        ({"type": "string", "format": "byte"}, {"type": "string", "format": "byte", "contentEncoding": "base64"}),
        ({"type": "array", "items": [{"type": "string"}]}, {"type": "array", "prefixItems": [{"type": "string"}]}),
        ({"enum": ["a", "a", 1, True]}, {}),
        ({"enum": ["a", "a", "b"]}, {"enum": ["a", "b"]}),
        ({"type": "string", "enum": [1, True]}, {"type": "string", "enum": ["1", "true"]}),
        ({"default": 5}, {"default": 5}),
        ({"default": "x" * 2_000}, {}),
        ({"description": " a\n b "}, {"description": "a b"}),
    ],
)
def test_a_request(schema: Any, converted: Any) -> None:
    assert request(schema) == converted


def test_nullable_parts_of_several() -> None:
    assert request({"allOf": [{"type": "string"}], "nullable": True, "description": "d"}) == {
        "description": "d",
        "anyOf": [{"allOf": [{"type": "string"}]}, {"type": "null"}],
    }
    assert request({**ref("A"), "nullable": True}, A={"type": "string"}) == {
        "anyOf": [{"$ref": "#/$defs/A"}, {"type": "null"}],
        "$defs": {"A": {"type": "string"}},
    }


def test_an_answer_says_what_may_be_where_and_not_what_must() -> None:
    schema = {
        "type": "object",
        "required": ["id"],
        "additionalProperties": False,
        "properties": {
            "id": {"type": "string", "minLength": 5, "format": "uuid", "enum": ["a"], "readOnly": True},
            "secret": {"type": "string", "writeOnly": True},
            "either": {"oneOf": [{"type": "string"}, ref("A")], "not": {"type": "null"}},
        },
    }

    assert response(schema, A={"type": "integer", "maximum": 5}) == {
        "type": ["object", "null"],
        "properties": {
            "id": {"type": ["string", "null"], "format": "uuid"},
            "either": {"anyOf": [{"type": ["string", "null"]}, {"$ref": "#/$defs/A"}]},
        },
        "$defs": {"A": {"type": ["integer", "null"]}},
    }


def test_what_is_read_only_is_not_asked_for_anywhere() -> None:
    base = {"type": "object", "required": ["id"], "properties": {"id": {"type": "string", "readOnly": True}}}
    schema = {
        "allOf": [ref("Base"), {"type": "object", "required": ["id", "name"], "properties": {"name": ref("Name")}}],
        "properties": {"made": ref("Time")},
        "required": ["made"],
    }
    whole = request(schema, Base=base, Name={"type": "string"}, Time={"type": "string", "readOnly": True})

    assert whole["allOf"] == [
        {"$ref": "#/$defs/Base"},
        {"type": "object", "required": ["name"], "properties": {"name": {"$ref": "#/$defs/Name"}}},
    ]
    assert whole["$defs"]["Base"] == {"type": "object", "properties": {}}
    assert whole["properties"] == {}
    assert "required" not in whole


def test_a_discriminator_becomes_words() -> None:
    schema = {
        "oneOf": [{"type": "object"}],
        "description": "A pet.",
        "discriminator": {"propertyName": "kind", "mapping": {"cat": "Cat", "dog": "Dog"}},
    }

    assert request(schema)["description"] == "A pet. `kind` says which: cat, dog"


def test_recursion_stays_a_reference() -> None:
    tree = {
        "type": "object",
        "required": ["name"],
        "properties": {"name": {"type": "string"}, "children": {"items": ref("Tree")}},
    }
    whole = request({"type": "object", "properties": {"tree": ref("Tree")}}, Tree=tree)
    check = ArgumentCheck(whole, SourceLimits())

    check.check({"tree": {"name": "a", "children": [{"name": "b", "children": []}]}})
    with pytest.raises(SourceError, match=r"tree\.children\[0\]\.name"):
        check.check({"tree": {"name": "a", "children": [{}]}})


CIRCLES = [
    {"A": ref("A")},
    {"A": ref("B"), "B": ref("A")},
    {"A": {"allOf": [ref("A"), {"type": "object"}]}},
    {"A": {"oneOf": [ref("B"), ref("C")]}, "B": {"allOf": [ref("A")]}, "C": {"allOf": [ref("A"), {"type": "object"}]}},
    {"A": {"not": ref("B")}, "B": {"anyOf": [{"allOf": [ref("A")]}]}},
    {"A": {"if": ref("A"), "then": {"dependentSchemas": {"x": ref("A")}}}},
    {"A": {"properties": {"x": {"allOf": [ref("B")]}}}, "B": {"allOf": [ref("C")]}, "C": {"allOf": [ref("B")]}},
]


@pytest.mark.parametrize("schemas", CIRCLES)
def test_circles_that_apply_to_one_value_are_cut(schemas: dict[str, Any]) -> None:
    for start in schemas:
        whole = request({"type": "object", "properties": {"a": ref(start)}}, **schemas)

        # A circle that is left would be `SCHEMA_INVALID`.
        assert refusal(whole, {"a": {"x": {"x": {}}}}) in ("", "ARGUMENTS_INVALID")


def refusal(schema: dict[str, Any], arguments: dict[str, Any]) -> str:
    try:
        ArgumentCheck(schema, SourceLimits()).check(arguments)
    except SourceError as error:
        return error.code
    return ""


@pytest.mark.parametrize(
    ("reference", "words"),
    [
        ("#/components/schemas/None", "not there"),
        ("https://other.example/a.json", "another document"),
        ("#anchor", "anchor"),
        ("other.yaml#/a", "another document"),
    ],
)
def test_what_cannot_be_found_is_said_where_it_is_used(reference: str, words: str) -> None:
    schemas = Schemas(References({"components": {"schemas": {"A": {"items": {"$ref": reference}}}}}), "request", LIMITS)
    made = schemas.convert(ref("A"))

    problems = [d.problem for d in schemas.closure([made]).values()]
    assert any(words in problem for problem in problems)


def test_definitions_are_made_once_and_shared() -> None:
    schemas = Schemas(References({"components": {"schemas": {"A": {"type": "string"}}}}), "request", LIMITS)

    first, second = schemas.convert(ref("A")), schemas.convert({"items": ref("A")})

    assert schemas.closure([first])["A"] is schemas.closure([second])["A"]
    assert isinstance(schemas.closure([first])["A"], Definition)


def test_names_of_definitions_are_plain_and_differ() -> None:
    whole = request(
        {
            "properties": {
                "a": ref("My~1Order"),
                "b": ref("My Order"),
                "c": {"$ref": "#/components/schemas/A/properties/x"},
            }
        },
        **{
            "My/Order": {"type": "string"},
            "My Order": {"type": "integer"},
            "A": {"properties": {"x": {"type": "null"}}},
        },
    )

    assert sorted(whole["$defs"]) == ["A_properties_x", "My_Order", "My_Order_2"]


def test_very_deep_schemas_stay_open() -> None:
    schema: dict[str, Any] = {"type": "string"}
    for _ in range(150):
        schema = {"type": "object", "properties": {"a": schema}}

    depth, level = 0, request(schema)
    while level:
        level, depth = level.get("properties", {}).get("a"), depth + 1
    assert depth < 70
