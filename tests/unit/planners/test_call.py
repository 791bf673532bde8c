"""The planner that turns a sentence into one valid call, with a scripted model."""

from __future__ import annotations

from typing import Any

import pytest
from jsonschema import Draft202012Validator

from planners.call import CallPlanner, Decision, FunctionChoice, PlanError
from planners.layout import FunctionLine, choice_system


class ScriptedModel:
    """Gives its answers in turn and remembers what it was asked; `checked` holds answers against the schema."""

    def __init__(self, *answers: dict[str, Any], checked: bool = True) -> None:
        self._answers = list(answers)
        self._checked = checked
        self.asked: list[tuple[str, str, dict[str, Any]]] = []

    async def complete_json(self, system: str, user: str, schema: dict[str, Any]) -> dict[str, Any]:
        self.asked.append((system, user, schema))
        answer = self._answers.pop(0)
        if self._checked:
            Draft202012Validator(schema).validate(answer)
        return answer


def _function(name: str, required: list[str], **properties: dict[str, Any]) -> FunctionChoice:
    schema = {"type": "object", "additionalProperties": False, "required": required, "properties": properties}
    return FunctionChoice(name, f"Do {name}.", schema)


DRAFT = _function(
    "email.draft",
    ["purpose"],
    recipient={"type": "string", "maxLength": 20},
    purpose={"type": "string", "minLength": 1, "maxLength": 40},
    points={"type": "array", "maxItems": 3, "items": {"type": "string"}},
    tone={"type": "string", "enum": ["neutral", "warm"]},
    copies={"type": "integer", "minimum": 1},
)
REVISE = _function(
    "email.revise",
    ["instruction"],
    instruction={"type": "string", "maxLength": 50, "x-vaiven-fill": "request"},
    draft={"type": "string", "x-vaiven-fill": "last_answer"},
    note={"type": "string", "x-vaiven-fill": "none"},
)
ALL = [DRAFT, REVISE]
ARGUMENTS = {"recipient": "Ana", "purpose": "the review", "points": ["it moves"], "tone": "warm"}


def _call(name: str, arguments: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "arguments": arguments}


async def test_one_allowed_function_needs_no_choice() -> None:
    model = ScriptedModel(_call("email.draft", ARGUMENTS))
    decision = await CallPlanner().decide("write to Ana", [DRAFT], model)
    assert decision == Decision("email.draft", ARGUMENTS, "only")
    ((system, user, schema),) = model.asked
    line = FunctionLine("email.draft", ("recipient", "purpose", "points", "tone", "copies"), "Do email.draft.")
    assert (system, user) == (choice_system([line]), "write to Ana")
    assert schema["properties"]["name"] == {"const": "email.draft"}
    assert schema["properties"]["arguments"]["required"] == ["recipient", "purpose", "points", "tone"]


async def test_a_function_is_chosen_among_the_allowed_names_then_filled() -> None:
    model = ScriptedModel({"name": "email.draft"}, _call("email.draft", ARGUMENTS))
    decision = await CallPlanner().decide("write to Ana", ALL, model)
    assert decision == Decision("email.draft", ARGUMENTS, "chosen")
    choice, filling = model.asked
    assert choice[2]["properties"] == {"name": {"enum": ["email.draft", "email.revise"]}}
    assert "Do email.revise: email.revise" in choice[0]
    assert "email.revise" not in filling[0]


async def test_what_is_filled_verbatim_asks_no_model() -> None:
    model = ScriptedModel({"name": "email.revise"})
    decision = await CallPlanner().decide("make it shorter", ALL, model, last_answer="Hi Ana, ...")
    assert decision == Decision("email.revise", {"instruction": "make it shorter", "draft": "Hi Ana, ..."}, "chosen")
    assert len(model.asked) == 1


async def test_without_a_last_answer_the_argument_stays_away() -> None:
    decision = await CallPlanner().decide("shorter", [REVISE], ScriptedModel())
    assert decision.arguments == {"instruction": "shorter"}


async def test_given_arguments_win_over_decided_and_filled_ones() -> None:
    model = ScriptedModel(_call("email.draft", ARGUMENTS))
    decision = await CallPlanner().decide("write", [DRAFT], model, given={"recipient": "Bo", "copies": 2})
    assert decision.arguments == ARGUMENTS | {"recipient": "Bo", "copies": 2}
    decision = await CallPlanner().decide("shorter", [REVISE], ScriptedModel(), given={"instruction": "longer"})
    assert decision.arguments == {"instruction": "longer"}


async def test_no_model_is_asked_when_all_is_given() -> None:
    given = ARGUMENTS | {"copies": 1}
    assert (await CallPlanner().decide("write", [DRAFT], ScriptedModel(), given=given)).arguments == given


async def test_empty_optional_texts_are_dropped() -> None:
    model = ScriptedModel(_call("email.draft", ARGUMENTS | {"recipient": " ", "points": []}))
    decision = await CallPlanner().decide("write", [DRAFT], model)
    assert decision.arguments == {"purpose": "the review", "points": [], "tone": "warm"}


async def test_an_empty_required_text_is_missing_and_named() -> None:
    model = ScriptedModel(_call("email.draft", ARGUMENTS | {"purpose": ""}))
    with pytest.raises(PlanError) as caught:
        await CallPlanner().decide("write", [DRAFT], model)
    assert (caught.value.code, caught.value.field) == ("ARGUMENT_MISSING", "purpose")
    assert caught.value.message == "email.draft also needs: purpose."


@pytest.mark.parametrize(
    ("given", "field"),
    [({"recipient": "secret" * 9}, "recipient"), ({"points": ["a", 7]}, "points[1]"), ({"nick": "secret"}, "nick")],
)
async def test_arguments_that_do_not_fit_are_refused_without_their_value(given: dict[str, Any], field: str) -> None:
    with pytest.raises(PlanError) as caught:
        await CallPlanner().decide("write", [DRAFT], ScriptedModel(_call("email.draft", ARGUMENTS)), given=given)
    assert (caught.value.code, caught.value.field) == ("ARGUMENT_INVALID", field)
    assert field in caught.value.message
    assert "secret" not in caught.value.message


async def test_a_request_too_long_for_its_argument_is_refused() -> None:
    with pytest.raises(PlanError, match="instruction must have at most 50 characters"):
        await CallPlanner().decide("x" * 51, [REVISE], ScriptedModel())


@pytest.mark.parametrize(
    ("functions", "answers", "code"),
    [
        ([], [], "NO_FUNCTION"),
        (ALL, [{"name": "email.send"}], "MODEL_ANSWER_INVALID"),
        (ALL, [{}], "MODEL_ANSWER_INVALID"),
        ([DRAFT], [{"name": "email.draft"}], "MODEL_ANSWER_INVALID"),
    ],
)
async def test_what_cannot_be_decided_says_why(
    functions: list[FunctionChoice], answers: list[dict[str, Any]], code: str
) -> None:
    with pytest.raises(PlanError) as caught:
        await CallPlanner().decide("write", functions, ScriptedModel(*answers, checked=False))
    assert caught.value.code == code
