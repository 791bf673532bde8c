"""Functions as models are told of them: names, schemas, and the arguments that come back."""

from __future__ import annotations

import re

import pytest

from planners.filling import Fill
from planners.tools import CallFormError, call_arguments, tool_declarations, tool_name, tool_schema
from tests.unit.planners.fakes import facts, schema

TEXT = {"type": "string"}
REVISE = schema(
    ["instruction", "draft", "tone"],
    instruction={**TEXT, "description": "What to change.", "x-vaiven-fill": "request"},
    draft={**TEXT, "x-vaiven-fill": "last_answer"},
    tone=TEXT,
    collections={"type": "array", "x-vaiven-fill": "none"},
)


def test_a_tool_s_name_has_no_dot_and_is_never_too_long() -> None:
    assert tool_name("email.draft") == "email-draft"
    long = [tool_name(f"{'p' * 64}.{'f' * 60}{end}") for end in "ab"]
    assert all(re.fullmatch(r"[a-zA-Z0-9_-]{1,64}", name) for name in long)
    assert long[0] != long[1]


def test_what_is_copied_may_be_left_out_and_what_the_host_gives_is_not_offered() -> None:
    offered = tool_schema(REVISE)
    assert set(offered["properties"]) == {"instruction", "draft", "tone"}
    assert offered["required"] == ["tone"]
    assert offered["additionalProperties"] is False
    assert offered["properties"]["instruction"]["description"] == (
        "What to change. Leave it out to take what the user says as it is."
    )
    assert "x-vaiven-fill" not in str(offered)
    (declared,) = tool_declarations([facts("email.revise", takes=REVISE)])
    assert declared["function"] == {"name": "email-revise", "description": "Do email.revise.", "parameters": offered}


def test_arguments_are_filled_and_what_is_given_wins() -> None:
    fill = Fill("shorter", "Dear Ana", {"collections": ["faq"], "tone": "warm", "unknown": 1})
    assert fill.completed(REVISE, {"draft": "Hi", "tone": "cold"}) == {
        "instruction": "shorter",
        "draft": "Hi",
        "tone": "warm",
        "collections": ["faq"],
    }
    assert Fill().completed(REVISE, {}) == {}


@pytest.mark.parametrize(("text", "expected"), [("", {}), (None, {}), ('{"a": 1}', {"a": 1}), ({"a": 1}, {"a": 1})])
def test_arguments_are_read(text: str | None, expected: dict[str, int]) -> None:
    assert call_arguments(text) == expected


@pytest.mark.parametrize("text", ["{", "[1]", "5", "null", "[" * 100_000])
def test_what_is_no_object_is_refused(text: str) -> None:
    with pytest.raises(CallFormError, match="JSON"):
        call_arguments(text)
