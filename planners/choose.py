"""Which planner answers a request, and why, in a sentence for the caller."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

PlannerName: TypeAlias = Literal["direct", "recipe", "tool_loop", "structured", "reflect"]

_SHOWN: Final = {
    "direct": "one direct call",
    "recipe": "a recipe",
    "tool_loop": "a loop of function calls",
    "structured": "a plan written first",
    "reflect": "a draft that is criticised and revised",
}


class NoPlannerError(ValueError):
    """The request's planner cannot work with the model or with what is given; the message is for the caller."""


@dataclass(frozen=True, slots=True)
class ModelAbility:
    """What the model that would answer can do; `small`: too little to tell functions apart that it was not made for."""

    name: str
    tools: bool
    json_schema: bool
    small: bool = False


@dataclass(frozen=True, slots=True)
class PlannerRequest:
    """What the request says of its planner; `functions` are those allowed, by full name."""

    functions: Sequence[str]
    planner: PlannerName | None = None
    recipe: str | None = None


@dataclass(frozen=True, slots=True)
class PlannerChoice:
    """The planner and one sentence on why it is that one."""

    planner: PlannerName
    explanation: str


def choose(request: PlannerRequest, model: ModelAbility) -> PlannerChoice:
    """Return the planner: the caller's, else a recipe if one is named, else what functions and model lead to.

    Raises:
        NoPlannerError: that planner cannot work here.
    """
    chosen = _choice(request, model)
    _check(chosen.planner, request, model)
    return chosen


def _choice(request: PlannerRequest, model: ModelAbility) -> PlannerChoice:
    if request.planner is not None:
        return PlannerChoice(request.planner, f"The caller asked for {_SHOWN[request.planner]}.")
    if request.recipe is not None:
        return PlannerChoice("recipe", f"The caller named the recipe {request.recipe}.")
    if len(request.functions) == 1:
        return PlannerChoice("direct", f"Only {request.functions[0]} is allowed, so it is called directly.")
    count = len(request.functions)
    if model.small:
        return PlannerChoice("direct", f"{model.name} is small, so it chooses one of {count} functions to call.")
    if model.tools:
        return PlannerChoice("tool_loop", f"{model.name} can call functions, so it uses {count} of them as it goes.")
    why = f"{model.name} cannot call functions by itself, so it first writes a plan with {count} of them."
    return PlannerChoice("structured", why)


def _check(planner: PlannerName, request: PlannerRequest, model: ModelAbility) -> None:
    if planner == "recipe" and request.recipe is None:
        raise NoPlannerError("A recipe was asked for, but none is named.")
    if planner != "recipe" and not request.functions:
        raise NoPlannerError("No function is allowed.")
    if planner == "tool_loop" and not model.tools:
        raise NoPlannerError(f"{model.name} cannot call functions; ask for a plan or another model.")
    if planner in ("structured", "reflect") and not model.json_schema:
        raise NoPlannerError(f"{model.name} cannot answer in a given form; name a function, a recipe or another model.")
