"""Checks of a plan before anything runs: its order, its functions, its arguments, its references, its bounds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from typing import TYPE_CHECKING, Any

from planners.argument_checks import argument_violations, gathered_shapes
from planners.costs import Cost, most_bytes, total
from planners.facts import FunctionFacts
from planners.plan_findings import InvalidPlanError, PlanBounds, PlanLimits, PlanViolation
from planners.references import BadReferenceError, Reference, uses
from planners.shapes import TEXT, Shape

if TYPE_CHECKING:
    from planners.plan import Plan, PlanStep


def violations_of(
    plan: Plan,
    catalogue: Mapping[str, FunctionFacts],
    limits: PlanLimits,
    parameters: Mapping[str, Any] | None = None,
) -> tuple[PlanViolation, ...]:
    """Return what is wrong with `plan`; first its order, and only where that stands what depends on it.

    `parameters` is the schema of those that its arguments may refer to, for the plan of a recipe.
    """
    order = tuple(_of_order(plan, limits))
    steps = tuple(wrong for step in plan.steps for wrong in _of_function(step, catalogue))
    if order or steps:
        return (*order, *steps)
    arguments = tuple(_of_arguments(plan, catalogue, parameters))
    return arguments or tuple(_of_bounds(plan, catalogue, limits))


def bounds_of(plan: Plan, catalogue: Mapping[str, FunctionFacts], limits: PlanLimits) -> PlanBounds:
    """Return the most that `plan` can come to.

    Raises:
        InvalidPlanError: a function is not known, or the steps have no order.
    """
    unknown = [wrong for step in plan.steps for wrong in _of_function(step, catalogue)]
    wrong = (*_of_order(plan, limits), *(one for one in unknown if one.code == "FUNCTION_UNKNOWN"))
    if wrong:
        raise InvalidPlanError(wrong)
    calls = {step.id: (step, catalogue[step.function]) for step in plan.steps if not step.gathers}
    attempts = {name: limits.max_attempts if step.repeatable(facts) else 1 for name, (step, facts) in calls.items()}
    return PlanBounds(
        steps=len(plan.steps),
        calls=sum(attempts.values()),
        time_s=_time_s(plan, {name: step.bound_s(facts) for name, (step, facts) in calls.items()}, limits.max_parallel),
        cost=total(_times(_call_cost(step, facts), attempts[name]) for name, (step, facts) in calls.items()),
        effects={name: facts.effect for name, (_, facts) in calls.items()},
        approvals=tuple(name for name, (step, facts) in calls.items() if step.needs_approval(facts)),
    )


def _of_order(plan: Plan, limits: PlanLimits) -> Iterator[PlanViolation]:
    if len(plan.steps) > limits.max_steps:
        yield PlanViolation("TOO_MANY_STEPS", "", "steps", f"must be at most {limits.max_steps}")
    counted = Counter(step.id for step in plan.steps)
    for name, count in counted.items():
        if count > 1:
            yield PlanViolation("STEP_DUPLICATE", name, "id", "must be of one step only")
    if plan.answering not in counted:
        yield PlanViolation("STEP_UNKNOWN", "", "answer", f"names no step: {plan.answering}")
    for step in plan.steps:
        for name in step.needs:
            if name not in counted:
                field = "depends_on" if name in step.depends_on else "arguments"
                yield PlanViolation("STEP_UNKNOWN", step.id, field, f"names a step that does not exist: {name}")
    try:
        _ordered(plan)
    except CycleError as error:
        cycle = " -> ".join(reversed(error.args[1]))
        yield PlanViolation("CYCLE", "", "steps", f"must not wait for one another in a circle: {cycle}")


def _ordered(plan: Plan) -> tuple[PlanStep, ...]:
    """Return the steps so that each comes after those it needs.

    Raises:
        CycleError: there is no such order.
    """
    by_id = {step.id: step for step in plan.steps}
    sorter = TopologicalSorter({step.id: [name for name in step.needs if name in by_id] for step in plan.steps})
    return tuple(by_id[name] for name in sorter.static_order())


def _of_function(step: PlanStep, catalogue: Mapping[str, FunctionFacts]) -> Iterator[PlanViolation]:
    if step.gathers:
        return
    facts = catalogue.get(step.function)
    if facts is None:
        yield PlanViolation("FUNCTION_UNKNOWN", step.id, "function", f"does not exist: {step.function}")
    elif not facts.allowed:
        yield PlanViolation("FUNCTION_NOT_ALLOWED", step.id, "function", f"is not allowed here: {step.function}")
    elif step.idempotent and not facts.repeatable:
        message = f"must not be true: a second call of {step.function} may change something more"
        yield PlanViolation("IDEMPOTENCE_UNTRUE", step.id, "idempotent", message)


def _of_arguments(
    plan: Plan, catalogue: Mapping[str, FunctionFacts], parameters: Mapping[str, Any] | None
) -> Iterator[PlanViolation]:
    by_id = {step.id: step for step in plan.steps}

    def shapes(reference: Reference) -> tuple[Shape, ...]:
        if reference.source == "text":
            return (TEXT,)
        if reference.source == "param":
            return () if parameters is None else Shape.of(parameters).at((reference.name, *reference.path))
        step = by_id[reference.name]
        if step.gathers:
            return gathered_shapes(step.arguments, reference.path, shapes)
        return Shape.of(catalogue[step.function].output_schema).at(reference.path)

    readable = True
    for step in plan.steps:
        try:
            uses(step.arguments)
        except BadReferenceError as error:
            readable = False
            yield PlanViolation("REFERENCE_INVALID", step.id, "arguments", f"cannot be read: {error}")
    for step in plan.steps if readable else ():
        facts = None if step.gathers else catalogue[step.function]
        schema: Mapping[str, Any] = {} if facts is None else facts.input_schema
        outside = facts is not None and facts.outside
        yield from argument_violations(step.id, step.arguments, schema, uses(step.arguments), shapes, outside=outside)


def _of_bounds(plan: Plan, catalogue: Mapping[str, FunctionFacts], limits: PlanLimits) -> Iterator[PlanViolation]:
    bounds = bounds_of(plan, catalogue, limits)
    if limits.max_s is not None and bounds.time_s > limits.max_s:
        yield PlanViolation("TIME_EXCEEDED", "", "steps", f"may take {bounds.time_s:g} s, more than {limits.max_s:g} s")
    unknown = tuple(_of_costs(plan, catalogue, limits.max_cost))
    yield from unknown
    if limits.max_cost is None or unknown:
        return
    if bounds.cost is None:  # each is known and in the limit's currency, or nothing
        raise AssertionError("costs of one currency have a sum")
    if bounds.cost.amount > limits.max_cost.amount:
        yield PlanViolation("COST_EXCEEDED", "", "steps", f"may cost {bounds.cost}, more than {limits.max_cost}")


def _of_costs(plan: Plan, catalogue: Mapping[str, FunctionFacts], max_cost: Cost | None) -> Iterator[PlanViolation]:
    """Yield the steps whose cost must be known, for a budget or the plan's own limit, and is not."""
    for step in plan.steps:
        if step.gathers:
            continue
        facts = catalogue[step.function]
        asked = facts.budgeted | ({max_cost.currency} if max_cost is not None else set())
        cost = _call_cost(step, facts) if asked else None
        if not asked or (cost is not None and (not cost.amount or asked == {cost.currency})):
            continue
        known = "is not known" if cost is None else f"is known in {cost.currency}"
        message = f"cannot be bounded in {', '.join(sorted(asked))}: what {step.function} costs {known}"
        yield PlanViolation("COST_UNKNOWN", step.id, "function", message)


def _call_cost(step: PlanStep, facts: FunctionFacts) -> Cost | None:
    return facts.cost(most_bytes(step.arguments, facts.input_schema))


def _times(cost: Cost | None, count: int) -> Cost | None:
    return None if cost is None else cost * count


def _time_s(plan: Plan, seconds: Mapping[str, float], parallel: int) -> float:
    """Return the most seconds that the steps take when as many as `parallel` run, whichever begins first.

    Source: R. L. Graham, "Bounds on multiprocessing timing anomalies", 1969: the longest way through the graph, plus
    what does not lie on it shared among the workers.
    """
    ends: dict[str, float] = {}
    for step in _ordered(plan):
        ends[step.id] = max((ends[name] for name in step.needs), default=0.0) + seconds.get(step.id, 0.0)
    longest = max(ends.values())
    return longest + (sum(seconds.values()) - longest) / parallel
