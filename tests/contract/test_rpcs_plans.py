"""The RPCs of plans and of people's decisions over a real server; `test_rpcs` walks the contract."""

from __future__ import annotations

import grpc
import pytest
from google.protobuf import json_format
from google.type.money_pb2 import Money
from vaiven.v1 import agent_service_pb2, plan_pb2, plan_service_pb2, plugin_pb2, run_pb2

from planners.journal import StepState
from service.rpc.convert.values import struct_to_proto
from service.runs import events
from service.runs.planning.approvals import Verdict
from tests.contract.edge import REQUEST_ID, Edge, refusal
from tests.unit.rpc.fakes_plans import PLAN
from tests.unit.rpc.fakes_runs import DONE

APPROVAL = "runs/r1/approvals/a1"
ANSWER = "plugins/support/functions/answer"


async def test_plan_service_create_plan(edge: Edge) -> None:
    step = plan_pb2.PlanStep(
        id="all",
        arguments=struct_to_proto({"text": "${steps.a.text}"}),
        depends_on=["a"],
        deadline_s=2.5,
        approval=plan_pb2.STEP_APPROVAL_ALWAYS,
        idempotent=False,
    )
    request = plan_service_pb2.CreatePlanRequest(
        request_id=REQUEST_ID,
        input="Tell Ada",
        steps=[plan_pb2.PlanStep(id="a", function=ANSWER), step],
        answer_step="all",
        allowed_functions=["plugins/support"],
        collections=["collections/faq"],
        validate_only=True,
        max_cost=Money(currency_code="EUR", units=1),
    )
    plan = (await edge.plans.CreatePlan(request)).plan

    assert (plan.name, plan.goal, plan.planner, plan.recipe) == (
        "plans/p1",
        "Tell Ada",
        plan_pb2.PLANNER_RECIPE,
        "answer_and_email",
    )
    assert [(one.id, one.function, list(one.depends_on)) for one in plan.steps] == [
        ("answer", ANSWER, []),
        ("all", "", ["answer"]),
    ]
    assert plan.steps[0].approval == plan_pb2.STEP_APPROVAL_ALWAYS
    assert (plan.steps[1].deadline_s, plan.steps[1].idempotent, plan.steps[0].HasField("idempotent")) == (
        2.5,
        False,
        False,
    )
    assert (plan.bounds.step_count, plan.bounds.call_count, plan.bounds.duration_s) == (2, 1, 62.5)
    assert plan.bounds.cost == Money(currency_code="EUR", nanos=12_340_001)
    (effect,) = plan.bounds.effects
    assert (effect.step, effect.effect, effect.needs_approval) == ("answer", plugin_pb2.EFFECT_WRITE, True)
    (asked,) = edge.domain.plans.requests
    assert asked.steps[0]["function"] == "support.answer"
    assert (asked.steps[1]["function"], asked.steps[1]["approval"], asked.steps[1]["idempotent"]) == (
        "gather",
        "always",
        False,
    )
    assert (asked.validate_only, asked.collections, asked.request_id) == (True, ("collections/faq",), REQUEST_ID)


@pytest.mark.parametrize(
    "request_",
    [
        plan_service_pb2.CreatePlanRequest(),
        plan_service_pb2.CreatePlanRequest(recipe="r", steps=[plan_pb2.PlanStep(id="a")]),
        plan_service_pb2.CreatePlanRequest(steps=[plan_pb2.PlanStep(id="Not a name")]),
    ],
)
async def test_plan_service_create_plan_refuses_what_says_nothing_or_too_much(
    edge: Edge, request_: plan_service_pb2.CreatePlanRequest
) -> None:
    assert await refusal(edge.plans.CreatePlan(request_)) == (grpc.StatusCode.INVALID_ARGUMENT, "INVALID_FIELD")


async def test_plan_service_get_plan(edge: Edge) -> None:
    plan = (await edge.plans.GetPlan(plan_service_pb2.GetPlanRequest(name="plans/p1"))).plan

    assert (plan.answer_step, plan.last_run) == ("all", "runs/r1")
    missing = edge.plans.GetPlan(plan_service_pb2.GetPlanRequest(name="plans/none"))
    assert await refusal(missing) == (grpc.StatusCode.NOT_FOUND, "RESOURCE_NOT_FOUND")


async def test_plan_service_list_plans(edge: Edge) -> None:
    response = await edge.plans.ListPlans(plan_service_pb2.ListPlansRequest(page_size=7, page_token="t"))

    assert ([plan.name for plan in response.plans], response.next_page_token) == (["plans/p1"], "more")
    assert edge.domain.plans.listed == [(7, "t")]


async def test_plan_service_execute_plan(edge: Edge) -> None:
    states = (events.StepStatus("answer", StepState.WAITING), events.StepStatus("all", StepState.PENDING))
    asked = events.ApprovalRequired(APPROVAL, "answer", ANSWER, "write", {"question": "When?"}, "uncertain")
    edge.domain.runs.script = (
        events.RunStarted("", "named", planner="recipe", explanation="The caller named the plan."),
        events.PlanUpdated(PLAN, states),
        asked,
        events.StepStarted("answer", ANSWER, {"question": "When?"}, 2, answers=True),
        events.StepFinished("answer", StepState.FAILED, "", {"a": 1}, "TIMED_OUT", "It took long.", replayed=True),
        DONE,
    )
    request = plan_service_pb2.ExecutePlanRequest(
        request_id=REQUEST_ID, name="plans/p1", session="sessions/s1", model="models/colibri", cancel_on_disconnect=True
    )
    started, updated, question, begun, finished, _ = [event async for event in edge.plans.ExecutePlan(request)]

    assert (started.run_started.planner, started.run_started.function) == (plan_pb2.PLANNER_RECIPE, "")
    assert started.run_started.explanation == "The caller named the plan."
    assert updated.plan_updated.plan.name == "plans/p1"
    assert [(one.step, one.state) for one in updated.plan_updated.steps] == [
        ("answer", plan_pb2.STEP_STATE_WAITING),
        ("all", plan_pb2.STEP_STATE_PENDING),
    ]
    assert (question.approval_required.name, question.approval_required.effect) == (APPROVAL, plugin_pb2.EFFECT_WRITE)
    assert question.approval_required.why == plan_pb2.ApprovalRequired.WHY_UNCERTAIN
    assert (begun.step_started.attempt, begun.step_started.answers) == (2, True)
    assert json_format.MessageToDict(finished.step_finished, preserving_proto_field_name=True) == {
        "step": "answer",
        "state": "STEP_STATE_FAILED",
        "result": {"a": 1.0},
        "reason": "TIMED_OUT",
        "message": "It took long.",
        "replayed": True,
    }
    (spec,) = edge.domain.runs.specs
    assert (spec.plan, spec.input, spec.session, spec.model) == (
        "plans/p1",
        "Tell Ada",
        "sessions/s1",
        "models/colibri",
    )
    missing = edge.plans.ExecutePlan(plan_service_pb2.ExecutePlanRequest(name="plans/none"))
    assert await refusal(missing) == (grpc.StatusCode.NOT_FOUND, "RESOURCE_NOT_FOUND")


async def test_agent_service_run_by_a_recipe(edge: Edge) -> None:
    request = agent_service_pb2.RunRequest(
        recipe="answer_and_email", planner=plan_pb2.PLANNER_RECIPE, arguments=struct_to_proto({"question": "When?"})
    )
    assert [event async for event in edge.agents.Run(request)]

    (spec,) = edge.domain.runs.specs
    assert (spec.recipe, spec.planner, spec.arguments) == ("answer_and_email", "recipe", {"question": "When?"})


async def test_agent_service_decide_approval(edge: Edge) -> None:
    request = agent_service_pb2.DecideApprovalRequest(
        name=APPROVAL,
        request_id=REQUEST_ID,
        decision=agent_service_pb2.APPROVAL_DECISION_DONE,
        reason="I called them.",
        text="Paid.",
        result=struct_to_proto({"paid": True}),
    )
    response = await edge.agents.DecideApproval(request)

    assert (response.run.name, response.run.state) == ("runs/r1", run_pb2.RUN_STATE_WAITING)
    verdict = Verdict("done", "I called them.", "Paid.", {"paid": True})
    assert edge.domain.approvals.decided == [(APPROVAL, verdict, REQUEST_ID)]
    unsaid = agent_service_pb2.DecideApprovalRequest(name=APPROVAL)
    assert (await refusal(edge.agents.DecideApproval(unsaid)))[0] is grpc.StatusCode.INVALID_ARGUMENT
    missing = agent_service_pb2.DecideApprovalRequest(
        name="runs/r9/approvals/a1", decision=agent_service_pb2.APPROVAL_DECISION_APPROVE
    )
    assert await refusal(edge.agents.DecideApproval(missing)) == (grpc.StatusCode.NOT_FOUND, "RESOURCE_NOT_FOUND")
