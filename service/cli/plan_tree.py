"""A plan as a tree: each step under the step that it waits for last, with its state."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from google.protobuf.json_format import MessageToDict
from google.type.money_pb2 import Money
from rich.text import Text
from rich.tree import Tree
from vaiven.v1.plan_pb2 import Plan, PlanStep, StepEffect, StepState
from vaiven.v1.plugin_pb2 import Effect

from planners.references import BadReferenceError, uses
from service.cli.amounts import NANOS, nanos_of
from service.cli.names import short
from service.cli.screen import printable

MARKS: Final = {
    StepState.STEP_STATE_PENDING: ("○", "dim"),
    StepState.STEP_STATE_WAITING: ("?", "bold yellow"),
    StepState.STEP_STATE_RUNNING: ("▶", "cyan"),
    StepState.STEP_STATE_DONE: ("✓", "green"),
    StepState.STEP_STATE_FAILED: ("✗", "red"),
    StepState.STEP_STATE_REJECTED: ("✗", "red"),
    StepState.STEP_STATE_UNCERTAIN: ("?", "bold yellow"),
    StepState.STEP_STATE_SKIPPED: ("-", "dim"),
}
"""How a state looks; the word beside it says what it is."""

_QUIET: Final = (StepState.STEP_STATE_UNSPECIFIED, StepState.STEP_STATE_PENDING, StepState.STEP_STATE_DONE)
_SHOWN_CHARACTERS: Final = 100
_SHOWN_NANOS: Final = NANOS // 10_000
"""Costs are told to a hundredth of a cent."""


def plan_tree(plan: Plan, states: Mapping[str, int] | None = None) -> Tree:
    """Return the plan with the state of each step; None: nothing has begun."""
    root = Tree(Text(printable(" ".join(plan.goal.split())[:_SHOWN_CHARACTERS]) or "Plan", style="bold"))
    effects = {one.step: one for one in plan.bounds.effects}
    needs = {step.id: tuple(dict.fromkeys(_needs(step))) for step in plan.steps}
    nodes: dict[str, Tree] = {}
    for step in _ordered(plan, needs):
        waits_for = [name for name in needs[step.id] if name in nodes]
        parent = nodes[waits_for[-1]] if waits_for else root
        label = step_line(step, effects.get(step.id), (states or {}).get(step.id, StepState.STEP_STATE_PENDING))
        if len(waits_for) > 1:
            label.append(f"  after {', '.join(waits_for)}", "dim")
        nodes[step.id] = parent.add(label)
    return root


def step_line(step: PlanStep, effect: StepEffect | None, state: int) -> Text:
    """Return what is to be known of a step in one line."""
    mark, style = MARKS.get(StepState.ValueType(state), ("○", "dim"))
    line = Text.assemble(
        (f"{mark} ", style), (step.id, "bold"), " ", short(step.function) if step.function else "gather"
    )
    if effect is not None and effect.effect == Effect.EFFECT_WRITE:
        line.append("  writes", "yellow")
    if effect is not None and effect.needs_approval:
        line.append("  asks first", "yellow")
    if state not in _QUIET:
        line.append(f"  {state_word(state)}", style)
    if step.description:
        line.append(f"  {printable(step.description)}", "dim")
    return line


def state_word(state: int) -> str:
    """Return a state as a person reads it."""
    return StepState.Name(StepState.ValueType(state)).removeprefix("STEP_STATE_").lower()


def bounds_line(plan: Plan) -> str:
    """Return the most that the plan can come to."""
    if not plan.HasField("bounds"):
        return "Its functions are no longer what they were; make it again."
    bounds = plan.bounds
    asked = [one.step for one in bounds.effects if one.needs_approval]
    parts = [
        f"{bounds.step_count} step{'' if bounds.step_count == 1 else 's'}",
        f"at most {bounds.call_count} call{'' if bounds.call_count == 1 else 's'}",
        f"at most {bounds.duration_s:.0f} s",
        cost_words(bounds.cost) if bounds.HasField("cost") else "at a cost that is not known",
    ]
    if asked:
        parts.append(f"asks before {', '.join(asked)}")
    return " · ".join(parts)


def cost_words(cost: Money) -> str:
    """Return the most that a plan may cost; a tiny amount is rounded up, never to nothing."""
    nanos = nanos_of(cost)
    if nanos == 0:
        return "free of charge"
    shown = -(-nanos // _SHOWN_NANOS) * _SHOWN_NANOS
    digits = f"{shown / NANOS:.4f}".rstrip("0").rstrip(".")
    return f"at most {digits} {cost.currency_code}"


def _needs(step: PlanStep) -> Iterator[str]:
    yield from step.depends_on
    try:
        found = uses(MessageToDict(step.arguments))
    except BadReferenceError:
        return
    yield from (use.reference.name for use in found if use.reference.source != "param")


def _ordered(plan: Plan, needs: Mapping[str, tuple[str, ...]]) -> Iterator[PlanStep]:
    """Yield each step after those that it waits for; a circle, which no service accepts, is left as it is."""
    left = {step.id: step for step in plan.steps}
    while left:
        ready = [step for name, step in left.items() if not any(need in left for need in needs[name])]
        for step in ready or list(left.values()):
            yield left.pop(step.id)
