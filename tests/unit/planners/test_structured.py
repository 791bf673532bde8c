"""Plans that a model writes: what it is told, what it may write, and what becomes of it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from planners.call import PlanError
from planners.filling import Fill
from planners.layout import FunctionLine, plan_repair, plan_system
from planners.plan_draft import draft_schema
from planners.plan_findings import InvalidPlanError, PlanLimits
from planners.structured import StructuredPlanner
from tests.unit.planners.fakes import catalogue, facts, schema
from tests.unit.planners.test_call import ScriptedModel

TEXT = {"type": "string"}
FUNCTIONS = catalogue(
    facts(
        "orders.get",
        "read",
        takes=schema(id={"type": "integer", "minimum": 1}),
        gives=schema(state=TEXT, email={"type": ["string", "null"]}),
    ),
    facts(
        "email.draft",
        takes=schema(
            ["to"],
            to=TEXT,
            points={"type": "array", "maxItems": 3, "items": TEXT},
            tone={"enum": ["warm", "cold"]},
            when={"$ref": "#/$defs/day"},
            collections={"type": "array", "items": TEXT, "x-vaiven-fill": "none"},
        )
        | {"$defs": {"day": {"type": "object", "properties": {"from": TEXT}}}},
        gives=schema(subject=TEXT, body=TEXT),
    ),
    facts("code.review", takes=schema(code={**TEXT, "x-vaiven-fill": "request"}), gives=schema(findings={})),
    facts("bank.pay", "write", allowed=False),
)
ALLOWED = [one for one in FUNCTIONS.values() if one.allowed]
GET = {"name": "orders.get", "arguments": {"id": 1042}}


def draft(*steps: dict[str, Any]) -> dict[str, Any]:
    return {"steps": list(steps)}


def mail(**arguments: Any) -> dict[str, Any]:
    return {"name": "email.draft", "arguments": {"to": "Ana", **arguments}}


def earlier(text: str) -> dict[str, str]:
    return {"from": text}


async def plan(*answers: dict[str, Any], checked: bool = True, **more: Any) -> tuple[Any, ScriptedModel]:
    model = ScriptedModel(*answers, checked=checked)
    return await StructuredPlanner().plan("order 1042?", FUNCTIONS, model, **more), model


async def test_a_draft_becomes_a_plan() -> None:
    found, model = await plan(
        draft(GET, mail(points=[earlier("steps.s1.result.state"), "Thanks"], tone="warm", when={"from": "May"}))
    )
    assert found.to_json() == {
        "goal": "order 1042?",
        "steps": [
            {"id": "s1", "function": "orders.get", "arguments": {"id": 1042}},
            {
                "id": "s2",
                "function": "email.draft",
                "arguments": {
                    "to": "Ana",
                    "points": [{"$ref": "steps.s1.result.state"}, "Thanks"],
                    "tone": "warm",
                    "when": {"from": "May"},
                },
            },
        ],
    }
    ((system, user, _),) = model.asked
    assert user == "order 1042?"
    assert "email.draft(to, points, tone, when) -> text, subject, body: Do email.draft." in system
    assert "bank.pay" not in system


def test_the_schema_offers_earlier_steps_and_nothing_of_the_host() -> None:
    offered = draft_schema(ALLOWED, 3)
    Draft202012Validator.check_schema(offered)
    valid = Draft202012Validator(offered)
    assert offered["$defs"]["earlier"]["properties"]["from"]["enum"][:4] == [
        "steps.s1.text",
        "steps.s1.result.state",
        "steps.s1.result.email",
        "steps.s1.result.subject",
    ]
    assert valid.is_valid(draft(GET, mail(to=earlier("steps.s2.text")), mail(when={"from": "May"})))
    assert not valid.is_valid(draft(GET, GET, GET, GET))
    assert not valid.is_valid(draft(mail(to=earlier("steps.s3.text"))))
    assert not valid.is_valid(draft(mail(collections=["x"])))
    assert not valid.is_valid(draft({"name": "bank.pay", "arguments": {}}))
    assert not valid.is_valid(draft(mail(tone="rude")))
    assert not valid.is_valid(draft(mail(when=5)))
    assert "from" not in json.dumps(draft_schema(ALLOWED[:1], 1))


async def test_texts_stay_texts_and_empty_ones_are_not_said() -> None:
    tricky = {"name": "email.draft", "arguments": {"to": "${steps.s9.text}", "points": ["${"], "when": {"$ref": "x"}}}
    found, _ = await plan(draft(tricky, mail(tone="")), checked=False)
    first, second = found.steps
    assert first.arguments == {"to": "${$}{steps.s9.text}", "points": ["${$}{"], "when": {"$literal": {"$ref": "x"}}}
    assert first.needs == ()
    assert second.arguments == {"to": "Ana"}


async def test_what_is_copied_is_filled_and_what_is_given_wins() -> None:
    fill = Fill("see ${x}", given={"collections": ["faq"], "tone": "cold"})
    review: dict[str, Any] = {"name": "code.review", "arguments": {}}
    other = {"name": "code.review", "arguments": {"code": earlier("steps.s1.text")}}
    found, _ = await plan(draft(review, other, mail(tone="warm")), fill=fill)
    assert [step.arguments for step in found.steps] == [
        {"code": {"$literal": "see ${x}"}},
        {"code": {"$ref": "steps.s1.text"}},
        {"to": "Ana", "tone": "cold", "collections": ["faq"]},
    ]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (draft(mail(to=earlier("steps.s1.text"))), "steps must not wait for one another in a circle: s1 -> s1"),
        (draft(mail(to=earlier("steps.s3.text"))), "s1: arguments names a step that does not exist: s3"),
        (
            draft(GET, mail(to=earlier("steps.s1.result.email"))),
            "s2: arguments.to cannot take steps.s1.result.email: it",
        ),
        (draft({"name": "orders.get", "arguments": {"id": 0}}), "s1: arguments.id must be at least 1"),
        (draft({"name": "bank.pay", "arguments": {}}), "s1: name is no function: bank.pay"),
        (draft({"name": "orders.get"}), "s1: arguments must be an object"),
        (draft(*[GET] * 5), "steps must be a list of one to 4 steps"),
        ({"steps": "all"}, "steps must be a list of one to 4 steps"),
        ({"steps": [5]}, "s1: name is no function: None"),
        ({}, "steps must be a list of one to 4 steps"),
    ],
)
async def test_a_wrong_draft_is_mended_once_in_the_validator_s_words(wrong: dict[str, Any], said: str) -> None:
    found, model = await plan(wrong, draft(GET), checked=False)
    assert [step.function for step in found.steps] == ["orders.get"]
    first, second = model.asked
    assert (first[0], first[2]) == (second[0], second[2])
    assert second[1].startswith("order 1042?\n\nYour plan was:\n" + json.dumps(wrong, separators=(",", ":")))
    assert said in second[1]

    with pytest.raises(InvalidPlanError, match=r"."):
        await plan(wrong, wrong, checked=False)


async def test_limits_hold_for_what_a_model_plans() -> None:
    found, model = await plan(draft(GET, GET), draft(GET), limits=PlanLimits(max_steps=1), checked=False)
    assert len(found.steps) == 1
    assert model.asked[0][2]["properties"]["steps"]["maxItems"] == 1


async def test_nothing_allowed_is_said() -> None:
    with pytest.raises(PlanError) as caught:
        await StructuredPlanner().plan("x", catalogue(FUNCTIONS["bank.pay"]), ScriptedModel())
    assert caught.value.code == "NO_FUNCTION"


def test_the_layout_of_a_plan() -> None:
    line = FunctionLine("a.b", ("x", "y"), "Do it.", ("z",))
    assert plan_system([line], 3) == (
        "Plan the request in one to 3 steps. Each step calls one function. Steps are named s1, s2 and so on in their "
        'order. An argument may come from an earlier step: {"from":"steps.s1.text"}. '
        "Use no more steps than the request needs. Answer in JSON.\nFunctions:\na.b(x, y) -> text, z: Do it."
    )
    assert plan_repair("ask", {"steps": []}, ["s1: no", "s2: no"]) == (
        'ask\n\nYour plan was:\n{"steps":[]}\nIt is wrong:\ns1: no\ns2: no\nWrite the whole plan again.'
    )
