"""Plans as callers see them: functions by their resource names, bounds beside the steps. No protobuf."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, TypeAlias

from planners.facts import FunctionFacts
from planners.plan import GATHER, Plan
from planners.plan_findings import InvalidPlanError, PlanLimits
from plugins.manifest import Effect
from service.economics.money import DEFAULT_CURRENCY, Money
from service.runs.names import function_name

PlannerName: TypeAlias = Literal["direct", "recipe", "tool_loop", "structured", "reflect"]


@dataclass(frozen=True, slots=True)
class PlanStepRecord:
    """One step; `function` is a resource name, empty where the step gathers."""

    id: str
    function: str
    arguments: dict[str, Any] = field(default_factory=dict)
    depends_on: tuple[str, ...] = ()
    description: str = ""
    deadline_s: float | None = None
    approval: Literal["as_needed", "always"] = "as_needed"
    idempotent: bool | None = None


@dataclass(frozen=True, slots=True)
class StepEffectRecord:
    """What a step does, and whether a person is asked before."""

    step: str
    effect: Effect
    needs_approval: bool


@dataclass(frozen=True, slots=True)
class PlanBoundsRecord:
    """The most that a plan can come to; `duration_s` is without waiting for people. `cost` None: it is not known."""

    step_count: int
    call_count: int
    duration_s: float
    effects: tuple[StepEffectRecord, ...]
    cost: Money | None = None


@dataclass(frozen=True, slots=True)
class PlanRecord:
    """A plan. `name` is empty where it is not kept by itself, `planner` None where the caller wrote it.

    `bounds` is None where its functions are no longer what they were.
    """

    name: str
    goal: str
    planner: PlannerName | None
    recipe: str
    steps: tuple[PlanStepRecord, ...]
    answer_step: str
    bounds: PlanBoundsRecord | None = None
    create_time: datetime | None = None
    last_run: str | None = None


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a plan comes from: its name if it is kept, who wrote it, and by which recipe."""

    name: str = ""
    planner: PlannerName | None = None
    recipe: str = ""
    create_time: datetime | None = None
    last_run: str | None = None


def resource_of(full_name: str) -> str:
    """Return the resource name of what planners call `plugin.function`; empty for `gather`."""
    if full_name == GATHER:
        return ""
    plugin, _, function = full_name.partition(".")
    return function_name(plugin, function)


def plan_record(plan: Plan, origin: Origin, facts: Mapping[str, FunctionFacts], limits: PlanLimits) -> PlanRecord:
    """Return `plan` as callers see it."""
    steps = tuple(
        PlanStepRecord(
            id=step.id,
            function=resource_of(step.function),
            arguments=step.arguments,
            depends_on=tuple(step.depends_on),
            description=step.description,
            deadline_s=step.deadline_s,
            approval=step.approval,
            idempotent=step.idempotent,
        )
        for step in plan.steps
    )
    return PlanRecord(
        name=origin.name,
        goal=plan.goal,
        planner=origin.planner,
        recipe=origin.recipe,
        steps=steps,
        answer_step=plan.answering,
        bounds=_bounds(plan, facts, limits),
        create_time=origin.create_time,
        last_run=origin.last_run,
    )


def _bounds(plan: Plan, facts: Mapping[str, FunctionFacts], limits: PlanLimits) -> PlanBoundsRecord | None:
    try:
        bounds = plan.bounds(facts, limits)
    except InvalidPlanError:
        return None
    effects = tuple(StepEffectRecord(step, effect, step in bounds.approvals) for step, effect in bounds.effects.items())
    cost = (
        None
        if bounds.cost is None
        else Money.from_decimal(bounds.cost.currency or DEFAULT_CURRENCY, bounds.cost.amount)
    )
    return PlanBoundsRecord(bounds.steps, bounds.calls, bounds.time_s, effects, cost)
