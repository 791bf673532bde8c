"""Plans, what happens while they run, and decisions, between the contract and the domain."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Literal

from vaiven.v1 import agent_service_pb2, plan_pb2, plan_service_pb2, plugin_pb2

from planners.journal import StepState
from planners.plan import GATHER
from plugins.manifest import Effect
from service.rpc.convert.routing import max_cost_from_proto, policy_from_proto
from service.rpc.convert.values import (
    LOCALITIES_BACK,
    money_to_proto,
    optional_text,
    request_id_from_proto,
    struct_from_proto,
    struct_to_proto,
    time_to_proto,
)
from service.runs import events
from service.runs.names import function_parts
from service.runs.planning.approvals import Verdict
from service.runs.planning.desk import PlanRequest
from service.runs.planning.records import PlanBoundsRecord, PlannerName, PlanRecord, PlanStepRecord

PLANNERS: Final[dict[PlannerName | None, plan_pb2.Planner.ValueType]] = {
    None: plan_pb2.PLANNER_UNSPECIFIED,
    "direct": plan_pb2.PLANNER_DIRECT,
    "recipe": plan_pb2.PLANNER_RECIPE,
    "tool_loop": plan_pb2.PLANNER_TOOL_LOOP,
    "structured": plan_pb2.PLANNER_STRUCTURED,
    "reflect": plan_pb2.PLANNER_REFLECT,
}
PLANNERS_BACK: Final[dict[int, PlannerName | None]] = {number: name for name, number in PLANNERS.items()}

_EFFECTS: Final[dict[Effect, plugin_pb2.Effect.ValueType]] = {
    "none": plugin_pb2.EFFECT_NONE,
    "read": plugin_pb2.EFFECT_READ,
    "write": plugin_pb2.EFFECT_WRITE,
}
_STATES: Final = {state: plan_pb2.StepState.Value(f"STEP_STATE_{state.name}") for state in StepState}
_WHY: Final[dict[Literal["needed", "uncertain"], plan_pb2.ApprovalRequired.Why.ValueType]] = {
    "needed": plan_pb2.ApprovalRequired.WHY_NEEDED,
    "uncertain": plan_pb2.ApprovalRequired.WHY_UNCERTAIN,
}
_VERDICTS: Final[dict[int, Literal["approved", "rejected", "done"]]] = {
    agent_service_pb2.APPROVAL_DECISION_APPROVE: "approved",
    agent_service_pb2.APPROVAL_DECISION_REJECT: "rejected",
    agent_service_pb2.APPROVAL_DECISION_DONE: "done",
}


def plan_request_from_proto(request: plan_service_pb2.CreatePlanRequest, deadline: float) -> PlanRequest:
    """Return what a plan is to be made of; `deadline` is on the event loop's clock.

    Raises:
        InvalidArgumentError: Arguments are no JSON, or an amount of money is none.
    """
    return PlanRequest(
        input=request.input,
        request_id=request_id_from_proto(request.request_id),
        recipe=optional_text(request.recipe),
        arguments=struct_from_proto(request.arguments, "arguments"),
        steps=tuple(_step_from_proto(step, f"steps[{at}]") for at, step in enumerate(request.steps)),
        answer_step=request.answer_step,
        allowed_functions=tuple(request.allowed_functions),
        model=optional_text(request.model),
        locality=LOCALITIES_BACK[request.locality],
        policy=policy_from_proto(request.policy),
        collections=tuple(request.collections),
        validate_only=request.validate_only,
        deadline=deadline,
        max_cost=max_cost_from_proto(request.max_cost, "max_cost") if request.HasField("max_cost") else None,
    )


def _step_from_proto(step: plan_pb2.PlanStep, field: str) -> Mapping[str, Any]:
    always = step.approval == plan_pb2.STEP_APPROVAL_ALWAYS
    return {
        "id": step.id,
        "function": ".".join(function_parts(step.function, f"{field}.function")) if step.function else GATHER,
        "arguments": struct_from_proto(step.arguments, f"{field}.arguments"),
        "depends_on": tuple(step.depends_on),
        "description": step.description,
        "deadline_s": step.deadline_s if step.HasField("deadline_s") else None,
        "approval": "always" if always else "as_needed",
        "idempotent": step.idempotent if step.HasField("idempotent") else None,
    }


def verdict_from_proto(request: agent_service_pb2.DecideApprovalRequest) -> Verdict:
    """Return what was decided.

    Raises:
        InvalidArgumentError: The result is no JSON.
    """
    return Verdict(
        _VERDICTS[request.decision], request.reason, request.text, struct_from_proto(request.result, "result")
    )


def plan_to_proto(plan: PlanRecord) -> plan_pb2.Plan:
    """Return a plan."""
    return plan_pb2.Plan(
        name=plan.name,
        goal=plan.goal,
        planner=PLANNERS[plan.planner],
        recipe=plan.recipe,
        steps=[_step_to_proto(step) for step in plan.steps],
        answer_step=plan.answer_step,
        bounds=None if plan.bounds is None else _bounds_to_proto(plan.bounds),
        create_time=None if plan.create_time is None else time_to_proto(plan.create_time),
        last_run=plan.last_run or "",
    )


def _step_to_proto(step: PlanStepRecord) -> plan_pb2.PlanStep:
    always = step.approval == "always"
    return plan_pb2.PlanStep(
        id=step.id,
        function=step.function,
        arguments=struct_to_proto(step.arguments),
        depends_on=step.depends_on,
        description=step.description,
        deadline_s=step.deadline_s,
        approval=plan_pb2.STEP_APPROVAL_ALWAYS if always else plan_pb2.STEP_APPROVAL_UNSPECIFIED,
        idempotent=step.idempotent,
    )


def _bounds_to_proto(bounds: PlanBoundsRecord) -> plan_pb2.PlanBounds:
    return plan_pb2.PlanBounds(
        step_count=bounds.step_count,
        call_count=bounds.call_count,
        duration_s=bounds.duration_s,
        cost=None if bounds.cost is None else money_to_proto(bounds.cost),
        effects=[
            plan_pb2.StepEffect(step=one.step, effect=_EFFECTS[one.effect], needs_approval=one.needs_approval)
            for one in bounds.effects
        ],
    )


def updated_to_proto(payload: events.PlanUpdated) -> plan_pb2.PlanUpdated:
    """Return a plan and where its steps are."""
    return plan_pb2.PlanUpdated(
        plan=plan_to_proto(payload.plan),
        steps=[plan_pb2.StepStatus(step=one.step, state=_STATES[one.state]) for one in payload.steps],
    )


def step_started_to_proto(payload: events.StepStarted) -> plan_pb2.StepStarted:
    """Return the beginning of a step."""
    return plan_pb2.StepStarted(
        step=payload.step,
        function=payload.function,
        arguments=struct_to_proto(payload.arguments),
        attempt=payload.attempt,
        answers=payload.answers,
    )


def step_finished_to_proto(payload: events.StepFinished) -> plan_pb2.StepFinished:
    """Return the end of a step."""
    return plan_pb2.StepFinished(
        step=payload.step,
        state=_STATES[payload.state],
        text=payload.text,
        result=struct_to_proto(payload.result),
        reason=payload.reason,
        message=payload.message,
        replayed=payload.replayed,
    )


def approval_to_proto(payload: events.ApprovalRequired) -> plan_pb2.ApprovalRequired:
    """Return what a person is asked."""
    return plan_pb2.ApprovalRequired(
        name=payload.name,
        step=payload.step,
        function=payload.function,
        effect=_EFFECTS[payload.effect],
        arguments=struct_to_proto(payload.arguments),
        why=_WHY[payload.why],
    )
