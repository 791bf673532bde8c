"""A plan as a model writes it: steps without names, in a schema small enough for constrained decoding."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from planners.call import call_schema
from planners.facts import FunctionFacts
from planners.filling import Fill
from planners.plan import Plan
from planners.plan_findings import InvalidPlanError, PlanViolation, ViolationCode
from planners.references import LITERAL, REF, escaped, quoted
from planners.tools import tool_schema

FROM: Final = "from"
"""The key by which a model refers to an earlier step; it sees no `$ref`, which some providers take for their own."""

MAX_RESULT_NAMES: Final = 24
"""How many names of results are offered as references; each costs a branch of the grammar for each earlier step."""

_PLACE: Final = "#/properties/steps/items/anyOf/{}/properties/arguments"
_EARLIER: Final = {"$ref": "#/$defs/earlier"}
_SHOWN_CHARACTERS: Final = 80


def result_names(facts: FunctionFacts) -> tuple[str, ...]:
    """Return the names in the function's result."""
    return tuple(facts.output_schema.get("properties", {}))


def draft_schema(functions: Sequence[FunctionFacts], most: int) -> dict[str, Any]:
    """Return the JSON Schema of a draft with at most `most` steps, a choice by the function's name for each."""
    earlier = _references(functions, most)
    steps = [
        call_schema(
            one.name, _arguments_schema(one, f"#/properties/steps/items/anyOf/{at}/properties/arguments", earlier)
        )
        for at, one in enumerate(functions)
    ]
    schema: dict[str, Any] = {
        "type": "object",
        "properties": {"steps": {"type": "array", "minItems": 1, "maxItems": most, "items": {"anyOf": steps}}},
        "required": ["steps"],
        "additionalProperties": False,
    }
    if earlier:
        schema["$defs"] = {
            "earlier": {
                "type": "object",
                "properties": {FROM: {"enum": list(earlier)}},
                "required": [FROM],
                "additionalProperties": False,
            }
        }
    return schema


def read_draft(draft: Mapping[str, Any], functions: Sequence[FunctionFacts], most: int, fill: Fill, goal: str) -> Plan:
    """Return the plan that a draft says, with its steps named and its arguments filled.

    What a model writes as a text stays a text, whatever it looks like: only `from` refers to something.

    Raises:
        InvalidPlanError: it is not of the form that was asked for.
    """
    written = draft.get("steps")
    if not isinstance(written, list) or not 1 <= len(written) <= most:
        raise InvalidPlanError((PlanViolation("FORM", "", "steps", f"must be a list of one to {most} steps"),))
    by_name = {one.name: one for one in functions}
    references = frozenset(_references(functions, most))
    steps = [_step(f"s{at}", one, by_name, references, fill) for at, one in enumerate(written, start=1)]
    return Plan.read({"steps": steps, "goal": goal})


def _step(
    name: str, written: Any, by_name: Mapping[str, FunctionFacts], references: frozenset[str], fill: Fill
) -> dict[str, Any]:
    function = written.get("name") if isinstance(written, dict) else None
    arguments = written.get("arguments") if isinstance(written, dict) else None
    facts = by_name.get(function) if isinstance(function, str) else None
    if facts is None:
        raise _wrong("FUNCTION_UNKNOWN", name, "name", f"is no function: {str(function)[:_SHOWN_CHARACTERS]}")
    if not isinstance(arguments, dict):
        raise _wrong("FORM", name, "arguments", "must be an object")
    # An empty text says that the request does not tell.
    said = {key: _argument(value, references) for key, value in arguments.items() if value != ""}
    filled = fill.completed(facts.input_schema, {})
    known = {key: quoted(value) for key, value in filled.items() if key in fill.given or key not in said}
    return {"id": name, "function": facts.name, "arguments": {**said, **known}}


def _argument(value: Any, references: frozenset[str]) -> Any:
    if isinstance(value, str):
        return escaped(value)
    if isinstance(value, list):
        return [_argument(item, references) for item in value]
    if not isinstance(value, dict):
        return value
    if set(value) == {FROM} and value[FROM] in references:
        return {REF: value[FROM]}
    if REF in value or LITERAL in value:
        return {LITERAL: value}
    return {key: _argument(item, references) for key, item in value.items()}


def _references(functions: Sequence[FunctionFacts], most: int) -> tuple[str, ...]:
    names = dict.fromkeys(name for one in functions for name in result_names(one))
    parts = ["text", *(f"result.{name}" for name in list(names)[:MAX_RESULT_NAMES])]
    return tuple(f"steps.s{at}.{part}" for at in range(1, most) for part in parts)


def _arguments_schema(facts: FunctionFacts, place: str, earlier: Sequence[str]) -> dict[str, Any]:
    schema = tool_schema(facts.input_schema)
    moved: dict[str, Any] = _moved(schema, place)
    if earlier:
        moved["properties"] = {name: _or_earlier(prop) for name, prop in moved["properties"].items()}
    return moved


def _or_earlier(prop: Any) -> dict[str, Any]:
    """Return `prop` or a reference; in a list each item may be one."""
    if isinstance(prop, dict) and prop.get("type") == "array" and isinstance(prop.get("items"), dict):
        prop = {**prop, "items": {"anyOf": [prop["items"], _EARLIER]}}
    return {"anyOf": [prop, _EARLIER]}


def _moved(part: Any, place: str) -> Any:
    """Return a part of a schema with its `#/…` references led to `place`, where the whole will lie."""
    if isinstance(part, list):
        return [_moved(item, place) for item in part]
    if not isinstance(part, dict):
        return part
    return {
        key: place + value[1:]
        if key == "$ref" and isinstance(value, str) and value.startswith("#")
        else _moved(value, place)
        for key, value in part.items()
    }


def _wrong(code: ViolationCode, step: str, field: str, message: str) -> InvalidPlanError:
    return InvalidPlanError((PlanViolation(code, step, field, message),))
