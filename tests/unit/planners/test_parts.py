"""A request of several parts becomes a plan of one call for each."""

from __future__ import annotations

from typing import Any

import pytest

from planners.call import FunctionChoice
from planners.clauses import parts
from planners.filling import Fill
from planners.likely import meant
from planners.parts import plan_of_parts
from planners.plan_findings import InvalidPlanError, PlanLimits
from plugins.manifest import COPIED, FILL
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
        ("do this and then do that, and rest; sleep", ["do this", "do that, and rest", "sleep"]),
        ("do this, then that; rest; sleep", ["do this", "that", "rest; sleep"]),
        ("look up order 7 and write a mail about it", ["look up order 7", "write a mail about it"]),
        ("where is order 7? then draft a mail", ["where is order 7", "draft a mail"]),
        ("Where is it? Please write to Ana.", ["Where is it?", "Please write to Ana."]),
        ("how is it, and could you write to Ana?", ["how is it", "could you write to Ana?"]),
        ("busca el pedido 7 y redacta un correo", ["busca el pedido 7", "redacta un correo"]),
        ("draft a mail to Ana, Bo, and Cy", ["draft a mail to Ana, Bo, and Cy"]),
        ("draft a mail and sign it with Bo", ["draft a mail and sign it with Bo"]),
        ("draft a mail and write it well", ["draft a mail and write it well"]),
        ("write to Ana. Tell her that it is late.", ["write to Ana. Tell her that it is late."]),
        ("look at it and tell me the state", ["look at it", "tell me the state"]),
    ],
)
def test_a_request_is_parted_where_another_thing_is_to_be_done(request_: str, found: list[str]) -> None:
    assert parts(request_, 3) == found


async def test_each_part_is_a_call_and_gets_what_the_one_before_said() -> None:
    model = ScriptedModel({"name": "email.draft", "arguments": {"purpose": "to tell", "points": []}}, checked=False)
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


ORDER = schema(
    number={"type": "string"}, state={"type": "string"}, customer={"type": "string"}, note={"type": ["string", "null"]}
)
NUMBER = schema([], number={"type": ["integer", "string"]})
GET = facts("orders.get_order", "read", takes=NUMBER, gives=ORDER, outside=True)
LIST = facts(
    "orders.list_states",
    "read",
    takes=NUMBER,
    gives=schema(messages={"type": "array", "items": ORDER}, truncated={"type": "boolean"}),
    outside=True,
)
CANCEL = facts(
    "orders.cancel_order", "write", takes=schema([], number=NUMBER["properties"]["number"], reason=TEXT), outside=True
)
MAIL = facts(
    "email.draft",
    takes=schema(["purpose"], recipient=TEXT, purpose=TEXT, points=DRAFT.input_schema["properties"]["points"]),
)
ALL = [CANCEL, GET, LIST, MAIL, REPLY]


async def planned(asked: str, *answers: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    model = ScriptedModel(*answers, checked=False)
    plan = await plan_of_parts(asked, ALL, model, Fill(asked), most=4, limits=PlanLimits())
    return [(step.function, dict(step.arguments)) for step in plan.steps]


def drafting(**arguments: Any) -> dict[str, Any]:
    return {"name": "email.draft", "arguments": {"purpose": "to tell", "points": [], **arguments}}


async def test_a_later_step_refers_to_values_of_an_earlier_result_by_their_names() -> None:
    asked = "what is the state of order 7, and draft an e-mail to the customer"
    assert await planned(asked, drafting(recipient="e-mail")) == [
        ("orders.get_order", {"number": 7}),
        (
            "email.draft",
            {
                "recipient": {"$ref": "steps.s1.result.customer"},
                "purpose": "to tell",
                "points": ["order number: ${steps.s1.result.number}", "order state: ${steps.s1.result.state}"],
            },
        ),
    ]


async def test_where_no_value_is_asked_for_all_that_are_sure_to_be_there_are_told() -> None:
    (_, (_, mail)) = await planned("look up order 7 and draft an e-mail to Ana", drafting(recipient="Ana"))
    assert mail["recipient"] == "Ana"
    assert mail["points"] == [f"order {name}: ${{steps.s1.result.{name}}}" for name in ("number", "state", "customer")]


async def test_what_is_known_of_no_value_is_told_whole() -> None:
    (first, (_, mail)) = await planned("list the states of order 7 and draft an e-mail", drafting())
    assert first == ("orders.list_states", {"number": 7})
    assert mail["points"] == [{"$ref": "steps.s1.text"}]


async def test_who_asks_for_one_thing_gets_no_list_and_changes_nothing() -> None:
    assert await planned("where is order 7?") == [("orders.get_order", {"number": 7})]
    assert await planned("tell me the state of order 7") == [("orders.get_order", {"number": 7})]
    assert await planned("cancel order 7") == [("orders.cancel_order", {"number": 7})]


async def test_an_argument_that_is_called_as_an_earlier_value_is_that_value() -> None:
    assert await planned("look up order 7 and cancel it") == [
        ("orders.get_order", {"number": 7}),
        ("orders.cancel_order", {"number": {"$ref": "steps.s1.result.number"}}),
    ]
    assert await planned("look up order 7 and cancel order 8") == [
        ("orders.get_order", {"number": 7}),
        ("orders.cancel_order", {"number": 8}),
    ]


async def test_what_a_part_was_completed_with_is_no_name_or_signature() -> None:
    copied = {**TEXT, COPIED: True}
    mail = facts("email.draft", takes=schema(["purpose"], purpose=TEXT, sender=copied))
    model = ScriptedModel(
        {"name": "email.draft", "arguments": {"purpose": "order 7", "sender": "order 7"}}, checked=False
    )
    asked = "look up order 7 and draft an e-mail"
    plan = await plan_of_parts(asked, [GET, mail], model, Fill(asked), most=4, limits=PlanLimits())
    assert plan.steps[1].arguments == {"purpose": "order 7"}


def test_a_plugin_that_is_named_is_meant_and_its_function_if_that_is_named_too() -> None:
    choices = [FunctionChoice.of(one) for one in ALL]
    assert meant("draft an e-mail about order 7", choices) == ["email.draft"]
    assert meant("write an e-mail about order 7", choices) == ["email.draft", "email.reply"]
    assert meant("cancel order 7", choices) == ["orders.cancel_order"]
