"""A request becomes a plan by structured output: one answer of a model, and one more in the validator's words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from planners.call import ChooserModel, PlanError
from planners.facts import FunctionFacts
from planners.filling import Fill
from planners.layout import FunctionLine, plan_repair, plan_system
from planners.plan import Plan
from planners.plan_draft import draft_schema, read_draft, result_names
from planners.plan_findings import InvalidPlanError, PlanLimits
from planners.tools import tool_schema

MAX_STEPS: Final = 4
"""How many steps a model may plan unless it is told otherwise: small enough for the grammar of a small model."""

_GOAL_CHARACTERS: Final = 4_000
_REPAIR_WORDS: Final = 10
"""How many violations are told; the first ones often make the others."""


class StructuredPlanner:
    """Makes plans; it keeps nothing between them."""

    def __init__(self, max_steps: int = MAX_STEPS) -> None:
        self._max_steps = max_steps

    async def plan(
        self,
        request: str,
        catalogue: Mapping[str, FunctionFacts],
        model: ChooserModel,
        *,
        fill: Fill | None = None,
        limits: PlanLimits | None = None,
    ) -> Plan:
        """Return a valid plan for `request` with functions of `catalogue` that are allowed.

        Args:
            request: what the user says.
            catalogue: the functions there are, by full name.
            model: asked once, and once more if its plan is not valid.
            fill: what arguments are filled with; by default the request alone.
            limits: what the plan may take.

        Raises:
            PlanError: no function is allowed.
            InvalidPlanError: the plan is still not valid after it was mended once.
        """
        functions = [one for one in catalogue.values() if one.allowed]
        if not functions:
            raise PlanError("NO_FUNCTION", "", "No function is allowed.")
        held = limits or PlanLimits()
        most = min(self._max_steps, held.max_steps)
        system, schema = plan_system(_lines(functions), most), draft_schema(functions, most)

        def read(draft: Mapping[str, Any]) -> Plan:
            plan = read_draft(draft, functions, most, fill or Fill(request), request[:_GOAL_CHARACTERS])
            if wrong := plan.validate(catalogue, held):
                raise InvalidPlanError(wrong)
            return plan

        draft = await model.complete_json(system, request, schema)
        try:
            return read(draft)
        except InvalidPlanError as error:
            said = [str(one) for one in error.violations[:_REPAIR_WORDS]]
        return read(await model.complete_json(system, plan_repair(request, draft, said), schema))


def _lines(functions: Sequence[FunctionFacts]) -> list[FunctionLine]:
    return [
        FunctionLine(one.name, tuple(tool_schema(one.input_schema)["properties"]), one.description, result_names(one))
        for one in functions
    ]
