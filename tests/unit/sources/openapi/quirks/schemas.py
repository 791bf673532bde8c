"""Schemas: of both versions of OpenAPI, of JSON Schema, and of neither."""

from __future__ import annotations

from tests.unit.sources.openapi.quirks.shop import Document, Quirk, add, answer, get, post, ref, schema


def empty_schemas(d: Document) -> None:
    get(d, {"name": "any", "in": "query", "schema": {}}, {"name": "bare", "in": "query"}, responses=answer({}))
    post(d, {})


def media_type_without_schema(d: Document) -> None:
    add(d, "/added", post={"requestBody": {"content": {"application/json": {}}}, "responses": {"200": {}}})


def types_with_null(d: Document) -> None:
    post(d, {"type": "object", "properties": {"a": {"type": ["string", "null"]}, "b": {"type": ["integer", "string"]}}})


def nullable(d: Document) -> None:
    fields = {
        "a": {"type": "string", "nullable": True, "enum": ["x", "y"]},
        "b": {"allOf": [ref("Order")], "nullable": True},
        "c": {"nullable": True},
    }
    post(d, {"type": "object", "properties": fields})


def discriminator_with_mapping(d: Document) -> None:
    schema(d, Card={"type": "object", "properties": {"kind": {"type": "string"}}}, Cash={"type": "object"})
    mapping = {"card": "#/components/schemas/Card", "cash": "Cash"}
    post(d, {"oneOf": [ref("Card"), ref("Cash")], "discriminator": {"propertyName": "kind", "mapping": mapping}})


def all_of_with_read_only(d: Document) -> None:
    base = {"type": "object", "required": ["id"], "properties": {"id": {"type": "string", "readOnly": True}}}
    schema(d, Base=base)
    post(d, {"allOf": [ref("Base"), {"type": "object", "required": ["id", "name"], "properties": {"name": {}}}]})


def exclusive_bounds_of_both_versions(d: Document) -> None:
    get(
        d,
        {"name": "a", "in": "query", "schema": {"type": "number", "minimum": 0, "exclusiveMinimum": True}},
        {"name": "b", "in": "query", "schema": {"type": "number", "exclusiveMaximum": 10, "exclusiveMinimum": False}},
    )


def keywords_of_json_schema_2020(d: Document) -> None:
    fields = {
        "const": {"const": "x"},
        "tuple": {"type": "array", "prefixItems": [{"type": "string"}, True], "items": False},
        "map": {"type": "object", "patternProperties": {"^x-": {}}, "propertyNames": {"maxLength": 5}},
        "if": {"if": {"type": "string"}, "then": {"minLength": 1}, "else": {"type": "integer"}},
        "contains": {"type": "array", "contains": {"type": "integer"}, "minContains": 2},
        "examples": {"type": "string", "examples": ["a"], "$comment": "none", "contentMediaType": "text/html"},
        "closed": {"type": "object", "unevaluatedProperties": False, "dependentRequired": {"a": ["b"]}},
        "schemas": {"$defs": {"x": {"type": "string"}}, "dependentSchemas": {"a": {"required": ["b"]}}},
    }
    post(d, {"type": "object", "properties": fields})


def types_that_do_not_exist(d: Document) -> None:
    names = ("date", "datetime", "file", "any", "float", "long", "String", "uuid", None, 7, "bool", ["any"])
    post(d, {"type": "object", "properties": {f"f{i}": {"type": name} for i, name in enumerate(names)}})


def keywords_of_the_wrong_form(d: Document) -> None:
    fields = {
        "a": {"type": "string", "required": True, "minLength": "5", "maxLength": -1, "pattern": 7, "enum": []},
        "b": {"type": "array", "items": None, "minItems": 1.0, "uniqueItems": "yes"},
        "c": {"allOf": [], "oneOf": {"type": "string"}, "anyOf": None},
        "d": {"properties": None, "additionalProperties": None, "required": "a"},
        "e": None,
        "f": {"type": "array", "items": [{"type": "string"}, {"type": "integer"}]},
        "g": {"multipleOf": 0, "default": {"x": [1]}, "example": {"$ref": "#/nowhere"}, "format": ["date"]},
        "h": "string",
    }
    post(d, {"type": "object", "properties": fields, "required": ["a", "a", 7]})


def property_named_ref(d: Document) -> None:
    post(d, {"type": "object", "properties": {"$ref": {"type": "string"}, "type": {"type": "string"}}})


def patterns_of_other_languages(d: Document) -> None:
    patterns = (r"^\p{L}+$", r"/^a$/i", r"(?<name>a)", r"(a+)+$", "[", r"^(?>a)*+$")
    post(
        d, {"type": "object", "properties": {f"p{i}": {"type": "string", "pattern": p} for i, p in enumerate(patterns)}}
    )


def long_enum(d: Document) -> None:
    get(d, {"name": "zone", "in": "query", "schema": {"type": "string", "enum": [f"zone-{i}" for i in range(700)]}})


def enums_of_mixed_types(d: Document) -> None:
    get(d, {"name": "e", "in": "query", "schema": {"type": "string", "enum": [1, True, "a", 1, None]}})


def maps(d: Document) -> None:
    post(d, {"type": "object", "additionalProperties": {"type": "object", "additionalProperties": ref("Order")}})


def deep_nesting(d: Document) -> None:
    nested: Document = {"type": "string"}
    for _ in range(80):
        nested = {"type": "object", "properties": {"a": nested}}
    post(d, nested)


def boolean_schemas(d: Document) -> None:
    post(d, {"type": "object", "properties": {"yes": True, "no": False}, "additionalProperties": False})
    get(d, responses=answer(True))


QUIRKS: tuple[Quirk, ...] = (
    Quirk("empty_schemas", empty_schemas),
    Quirk("media_type_without_schema", media_type_without_schema),
    Quirk("types_with_null", types_with_null),
    Quirk("nullable", nullable),
    Quirk("discriminator_with_mapping", discriminator_with_mapping),
    Quirk("all_of_with_read_only", all_of_with_read_only),
    Quirk("exclusive_bounds_of_both_versions", exclusive_bounds_of_both_versions),
    Quirk("keywords_of_json_schema_2020", keywords_of_json_schema_2020),
    Quirk("types_that_do_not_exist", types_that_do_not_exist),
    Quirk("keywords_of_the_wrong_form", keywords_of_the_wrong_form),
    Quirk("property_named_ref", property_named_ref),
    Quirk("patterns_of_other_languages", patterns_of_other_languages),
    Quirk("long_enum", long_enum),
    Quirk("enums_of_mixed_types", enums_of_mixed_types),
    Quirk("maps", maps),
    Quirk("deep_nesting", deep_nesting),
    Quirk("boolean_schemas", boolean_schemas),
)
