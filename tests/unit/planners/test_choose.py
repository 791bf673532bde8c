"""The rule that picks the planner, and what it says of it."""

from __future__ import annotations

from typing import Any, get_args

import pytest

from planners.choose import ModelAbility, NoPlannerError, PlannerName, PlannerRequest, choose

ONE, MANY = ["email.draft"], ["email.draft", "code.review"]
ABLE = ModelAbility("models/big", tools=True, json_schema=True)
PLAIN = ModelAbility("models/small", tools=False, json_schema=True)
MUTE = ModelAbility("models/mute", tools=False, json_schema=False)


@pytest.mark.parametrize(
    ("request_", "model", "planner", "words"),
    [
        (PlannerRequest(MANY), ABLE, "tool_loop", "models/big can call functions, so it uses 2 of them as it goes."),
        (PlannerRequest(MANY), PLAIN, "structured", "models/small cannot call functions by itself"),
        (PlannerRequest(ONE), ABLE, "direct", "Only email.draft is allowed, so it is called directly."),
        (PlannerRequest(ONE), MUTE, "direct", "Only email.draft"),
        (PlannerRequest(ONE, recipe="r"), ABLE, "recipe", "The caller named the recipe r."),
        (PlannerRequest([], recipe="r"), MUTE, "recipe", "recipe r"),
        (PlannerRequest(ONE, "structured"), ABLE, "structured", "The caller asked for a plan written first."),
        (PlannerRequest(MANY, "direct"), PLAIN, "direct", "The caller asked for one direct call."),
        (PlannerRequest(MANY, "reflect", "r"), PLAIN, "reflect", "The caller asked for a draft that is criticised"),
    ],
)
def test_the_planner_follows_from_the_request_then_from_the_model(
    request_: PlannerRequest, model: ModelAbility, planner: str, words: str
) -> None:
    choice = choose(request_, model)
    assert choice.planner == planner
    assert words in choice.explanation
    assert choice.explanation.endswith(".")


@pytest.mark.parametrize(
    ("request_", "model", "words"),
    [
        (PlannerRequest([]), ABLE, "No function is allowed"),
        (PlannerRequest(MANY, "recipe"), ABLE, "none is named"),
        (PlannerRequest(MANY, "tool_loop"), PLAIN, "models/small cannot call functions"),
        (PlannerRequest(MANY), MUTE, "models/mute cannot answer in a given form"),
        (PlannerRequest(MANY, "reflect"), MUTE, "cannot answer in a given form"),
    ],
)
def test_a_planner_that_cannot_work_is_refused(request_: PlannerRequest, model: ModelAbility, words: str) -> None:
    with pytest.raises(NoPlannerError, match=words):
        choose(request_, model)


@pytest.mark.parametrize("planner", get_args(PlannerName))
def test_every_planner_can_be_asked_for(planner: Any) -> None:
    assert choose(PlannerRequest(MANY, planner, "r"), ABLE).planner == planner
