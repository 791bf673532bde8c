"""A request of several parts as a plan of one call for each: for models too small to write a plan."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from planners.call import CallPlanner, ChooserModel, FunctionChoice
from planners.facts import FunctionFacts
from planners.filling import Fill
from planners.plan import Plan
from planners.plan_findings import InvalidPlanError, PlanLimits
from planners.references import REF, escaped, quoted
from plugins.manifest import FILL

_BETWEEN: Final = re.compile(
    r"\s*(?:[,;]\s*(?:and|then|y|luego)\s+(?:then\s+|also\s+)?|\s(?:and then|y luego|y después)\s+|;\s*)", re.IGNORECASE
)
"""What stands between two things that are to be done: `and` alone joins names as well."""


_GOAL_CHARACTERS: Final = 4_000


def parts(request: str, most: int) -> list[str]:
    """Return the parts of a request, in their order; what is more than `most` stays in the last."""
    return [one for one in (part.strip() for part in _BETWEEN.split(request.strip(), most - 1)) if one]


async def plan_of_parts(
    request: str,
    functions: Sequence[FunctionFacts],
    model: ChooserModel,
    fill: Fill,
    *,
    most: int,
    limits: PlanLimits,
) -> Plan:
    """Return a plan that calls one function for each part of `request`, which gets what the part before it said.

    Raises:
        PlanError: no call could be made of a part.
        InvalidPlanError: the calls make no plan that may run.
    """
    choices = [FunctionChoice(one.name, one.description, one.input_schema, one.outside) for one in functions]
    facts = {one.name: one for one in functions}
    steps: list[dict[str, Any]] = []
    for at, part in enumerate(parts(request, most), start=1):
        decision = await CallPlanner().decide(part, choices, model, last_answer=fill.last_answer, small=True)
        schema = facts[decision.function].input_schema
        given = {name: value for name, value in fill.given.items() if name in schema.get("properties", {})}
        known = {**decision.arguments, **given}
        arguments = {name: quoted(value) for name, value in known.items()}
        if steps and not facts[decision.function].outside:
            arguments |= _told(schema, known, f"steps.{steps[-1]['id']}.text")
        steps.append({"id": f"s{at}", "function": decision.function, "arguments": arguments})
    if not steps:
        raise InvalidPlanError(())
    plan = Plan.read({"steps": steps, "goal": request[:_GOAL_CHARACTERS]})
    if wrong := plan.validate(facts, limits):
        raise InvalidPlanError(wrong)
    return plan


def _told(schema: Mapping[str, Any], arguments: Mapping[str, Any], reference: str) -> dict[str, Any]:
    """Return the argument in which a function takes what was said before: one that is copied, or a list of texts."""
    for name, prop in schema.get("properties", {}).items():
        if not isinstance(prop, Mapping):
            continue
        if prop.get(FILL) == "request" and isinstance(arguments.get(name), str):
            return {name: f"{escaped(arguments[name])}\n\n${{{reference}}}"}
        items = prop.get("items")
        takes_texts = prop.get("type") == "array" and isinstance(items, Mapping) and items.get("type") == "string"
        if takes_texts and FILL not in prop:
            return {name: [{REF: reference}]}
    return {}
