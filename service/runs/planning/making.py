"""Plans from recipes and from a caller's steps, checked in full; what is wrong is told by step and field."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from planners.facts import FunctionFacts
from planners.filling import Fill
from planners.plan import Plan
from planners.plan_findings import InvalidPlanError, PlanLimits, PlanViolation
from planners.recipe import Recipe, RecipeArgumentError
from service.economics.money import Money
from service.errors import FailedPreconditionError, InvalidArgumentError, NotFoundError, Violation
from service.runs.planning.costs import cost_of
from service.runs.planning.functions import with_collections

GOAL_CHARACTERS: Final = 4_000
"""How much of what was asked a plan keeps as its goal."""


class PlanMaker:
    """Makes plans that may run."""

    def __init__(self, recipes: Mapping[str, Recipe], limits: PlanLimits) -> None:
        """Know `recipes` and what a plan may take."""
        self._recipes = recipes
        self.limits = limits

    def limits_with(self, max_cost: Money | None) -> PlanLimits:
        """Return what a plan may take that may cost `max_cost`; None: as much as budgets allow."""
        return self.limits if max_cost is None else replace(self.limits, max_cost=cost_of(max_cost))

    def of_recipe(
        self,
        name: str,
        arguments: Mapping[str, Any],
        said: str,
        facts: Mapping[str, FunctionFacts],
        collections: Sequence[str],
        max_cost: Money | None = None,
    ) -> Plan:
        """Return the plan of a recipe; `said` is its parameter for what the user says, unless `arguments` has it.

        Raises:
            NotFoundError: There is no such recipe.
            InvalidArgumentError: The arguments do not fit it, or it may not run.
        """
        recipe = self._recipes.get(name)
        if recipe is None:
            names = ", ".join(sorted(self._recipes))
            raise NotFoundError(f"There is no recipe {name}. There are: {names}.")
        given = {**Fill(said).copied(recipe.parameters), **arguments}
        try:
            plan = recipe.plan(given, said[:GOAL_CHARACTERS] or recipe.description)
        except RecipeArgumentError as error:
            raise InvalidArgumentError(
                f"The arguments do not fit the recipe {name}.",
                violations=[Violation(f"arguments.{one.field}".rstrip("."), one.message) for one in error.violations],
            ) from error
        plan = _searching(plan, facts, collections)
        self.check(plan, facts, max_cost)
        return plan

    def of_steps(
        self,
        steps: Sequence[Mapping[str, Any]],
        answer: str,
        goal: str,
        facts: Mapping[str, FunctionFacts],
        collections: Sequence[str],
        max_cost: Money | None = None,
    ) -> Plan:
        """Return the plan of the caller's steps, which are JSON as `Plan.read` takes it.

        Raises:
            InvalidArgumentError: It may not run.
        """
        data: dict[str, Any] = {"steps": list(steps), "goal": goal[:GOAL_CHARACTERS]}
        try:
            plan = Plan.read(data | ({"answer": answer} if answer else {}))
        except InvalidPlanError as error:
            raise invalid_request(error.violations) from error
        plan = _searching(plan, facts, collections)
        self.check(plan, facts, max_cost)
        return plan

    def check(self, plan: Plan, facts: Mapping[str, FunctionFacts], max_cost: Money | None = None) -> None:
        """Refuse a plan that may not run, or that may cost more than `max_cost`.

        Raises:
            InvalidArgumentError: It may not; one violation for each thing that is wrong.
        """
        if wrong := plan.validate(facts, self.limits_with(max_cost)):
            raise invalid_request(wrong)


def invalid_request(wrong: Sequence[PlanViolation]) -> InvalidArgumentError:
    """Return the error for a plan that the caller is to mend."""
    return InvalidArgumentError(
        "The plan may not run; the violations say why.", reason="PLAN_INVALID", violations=_violations(wrong)
    )


def invalid_now(wrong: Sequence[PlanViolation]) -> FailedPreconditionError:
    """Return the error for a plan that the caller did not write, or that could run when it was made."""
    return FailedPreconditionError(
        "The plan may not run; the violations say why.", reason="PLAN_INVALID", violations=_violations(wrong)
    )


def _violations(wrong: Sequence[PlanViolation]) -> list[Violation]:
    return [
        Violation(".".join(filter(None, (f"steps.{one.step}" if one.step else "", one.field))) or "plan", one.message)
        for one in wrong
    ]


def _searching(plan: Plan, facts: Mapping[str, FunctionFacts], collections: Sequence[str]) -> Plan:
    """Return the plan with the request's collections for the functions that take some."""
    steps = tuple(
        replace(step, arguments=with_collections(facts[step.function].input_schema, step.arguments, collections))
        if step.function in facts
        else step
        for step in plan.steps
    )
    return replace(plan, steps=steps)
