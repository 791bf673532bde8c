from __future__ import annotations

import json
from typing import Any

import pytest

from service.backends.base import Guidance
from service.backends.onnx.guidance import close_objects, lark_grammar
from service.errors import InvalidArgumentError


def test_schema_is_closed_and_has_rigid_spaces() -> None:
    schema = {"type": "object", "properties": {"a": {"type": "array", "items": {"properties": {}}}}}
    head, body = lark_grammar(Guidance("json_schema", json.dumps(schema))).split("start: %json ")
    assert '"no_forcing": true' in head
    closed = json.loads(body)
    assert closed["x-guidance"] == {"whitespace_flexible": False}
    assert closed["additionalProperties"] is False
    assert closed["properties"]["a"]["items"]["additionalProperties"] is False


def test_an_object_that_says_stays_as_it_is() -> None:
    schema = {"properties": {"a": True}, "additionalProperties": {"type": "string"}}
    assert close_objects(schema) == schema
    assert close_objects({"type": "object"}) == {"type": "object"}


@pytest.mark.parametrize(
    "schema",
    [
        {"allOf": [{"properties": {"a": True}}, {"properties": {"b": True}}]},
        {"properties": {"a": True}, "anyOf": [{"properties": {"b": True}}, {"required": ["a"]}]},
        {"properties": {"a": True}, "required": ["b"]},
    ],
)
def test_objects_of_several_parts_stay_open(schema: dict[str, Any]) -> None:
    assert close_objects(schema) == schema


def test_hints_of_the_caller_are_kept() -> None:
    text = lark_grammar(Guidance("json_schema", '{"x-guidance":{"lenient":true,"whitespace_flexible":true}}'))
    assert '"x-guidance": {"lenient": true, "whitespace_flexible": false}' in text


def test_alternatives_and_definitions_are_closed() -> None:
    schema = {"anyOf": [{"properties": {}}], "$defs": {"d": {"properties": {}}}}
    closed = close_objects(schema)
    assert closed["anyOf"][0]["additionalProperties"] is closed["$defs"]["d"]["additionalProperties"] is False


@pytest.mark.parametrize(
    ("regex", "expected"), [("a/b", r"start: /a\/b/"), (r"a\/b", r"start: /a\/b/"), (r"\\/", r"start: /\\\//")]
)
def test_slashes_do_not_end_a_regex(regex: str, expected: str) -> None:
    assert lark_grammar(Guidance("regex", regex)).endswith(expected)


@pytest.mark.parametrize(
    "guidance",
    [
        Guidance("json_schema", "not json"),
        Guidance("json_schema", "[]"),
        Guidance("json_schema", "true"),
        Guidance("regex", ""),
        Guidance("lark_grammar", " \n"),
    ],
)
def test_malformed_guidance_is_refused(guidance: Guidance) -> None:
    with pytest.raises(InvalidArgumentError):
        lark_grammar(guidance)
