"""A request of several parts becomes a plan of one call for each."""

from __future__ import annotations

import pytest

from planners.filling import Fill
from planners.parts import parts, plan_of_parts
from planners.plan_findings import InvalidPlanError, PlanLimits
from plugins.manifest import FILL
from tests.unit.planners.fakes import facts, schema
from tests.unit.planners.test_call import ScriptedModel

TEXT = {"type": "string"}
STATE = facts("orders.get_state", "read", takes=schema(number={"type": "integer"}), outside=True)
DRAFT = facts("email.draft", takes=schema(["purpose"], purpose=TEXT, points={"type": "array", "items": TEXT}))
REPLY = facts("email.reply", takes=schema(message={**TEXT, FILL: "request"}))


@pytest.mark.parametrize(
    ("request_", "found"),
    [
        (
            "what is the state of order 1042, and draft an e-mail",
            ["what is the state of order 1042", "draft an e-mail"],
        ),
        ("find Ana and Bo", ["find Ana and Bo"]),
        ("book a room; tell Ana", ["book a room", "tell Ana"]),
        ("mira el pedido 7, y escribe a Ana", ["mira el pedido 7", "escribe a Ana"]),
        ("do this and then do that, and rest; sleep", ["do this", "do that", "rest; sleep"]),
    ],
)
def test_a_request_is_parted_where_another_thing_is_to_be_done(request_: str, found: list[str]) -> None:
    assert parts(request_, 3) == found


async def test_each_part_is_a_call_and_gets_what_the_one_before_said() -> None:
    model = ScriptedModel(
        {"name": "email.draft"},
        {"name": "email.draft", "arguments": {"purpose": "to tell", "points": []}},
        checked=False,
    )
    asked = "the state of order 1042, and draft an e-mail"
    plan = await plan_of_parts(asked, [STATE, DRAFT, REPLY], model, Fill(asked), most=4, limits=PlanLimits())
    assert [(step.id, step.function, step.arguments) for step in plan.steps] == [
        ("s1", "orders.get_state", {"number": 1042}),
        ("s2", "email.draft", {"purpose": "to tell", "points": [{"$ref": "steps.s1.text"}]}),
    ]
    assert plan.goal == asked


async def test_what_is_copied_is_followed_by_what_was_said_and_stays_a_text() -> None:
    asked = "the state of order 1042, and answer ${steps.x.text}"
    model = ScriptedModel({"name": "email.reply"}, checked=False)
    plan = await plan_of_parts(asked, [STATE, DRAFT, REPLY], model, Fill(asked), most=4, limits=PlanLimits())
    assert plan.steps[1].arguments == {"message": "answer ${$}{steps.x.text}\n\n${steps.s1.text}"}


async def test_what_may_not_run_is_no_plan() -> None:
    asked = "order 1, and then order 2"
    with pytest.raises(InvalidPlanError, match="at most 1"):
        await plan_of_parts(asked, [STATE], ScriptedModel(), Fill(asked), most=4, limits=PlanLimits(max_steps=1))
