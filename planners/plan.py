"""A plan: steps that call functions, in an order that follows from what they need of one another.

A plan is data: it can be stored, shown, and checked in full before anything runs. Who wrote it, a person, a recipe or a
model, makes no difference to what it may do.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal

from pydantic import ConfigDict, Field, StringConstraints, TypeAdapter, ValidationError, field_validator
from pydantic.dataclasses import dataclass

from planners.facts import FunctionFacts
from planners.plan_checks import bounds_of, violations_of
from planners.plan_findings import InvalidPlanError, PlanBounds, PlanLimits, PlanViolation
from planners.references import BadReferenceError, uses

GATHER: Final = "gather"
"""The function of a step that calls nothing: its result is its arguments, and its text their `text`."""

MAX_STEPS: Final = 64
MAX_ARGUMENT_BYTES: Final = 256 * 1024
"""The most that the arguments of one step may take as JSON."""

MAX_DEPTH: Final = 32
"""The most levels of lists and objects in arguments."""

StepId = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,31}$")]
FunctionName = Annotated[str, StringConstraints(pattern=r"^(gather|[a-z][a-z0-9_-]{0,63}\.[a-z][a-z0-9_-]{0,63})$")]

_FORM: Final = ConfigDict(extra="forbid")
_NO_LIMITS: Final = PlanLimits()


@dataclass(frozen=True, config=_FORM)
class PlanStep:
    """One step. A reference in `arguments` to a step is a dependency on it, as if `depends_on` named it.

    `approval` `always`: a person is asked even where the function does not need it. `idempotent` False: never call it
    twice; True must be true of the function; None: as the function is. `deadline_s` bounds all attempts together.

    Raises:
        pydantic.ValidationError: a field is not of its form.
    """

    id: StepId
    function: FunctionName
    arguments: dict[str, Any] = Field(default_factory=dict)
    depends_on: tuple[StepId, ...] = ()
    description: Annotated[str, StringConstraints(max_length=300)] = ""
    deadline_s: Annotated[float, Field(gt=0, le=86_400)] | None = None
    approval: Literal["as_needed", "always"] = "as_needed"
    idempotent: bool | None = None

    @field_validator("arguments")
    @classmethod
    def _are_bounded_json(cls, arguments: dict[str, Any]) -> dict[str, Any]:
        if _depth(arguments) > MAX_DEPTH:
            raise ValueError(f"must have at most {MAX_DEPTH} levels")
        try:
            size = len(json.dumps(arguments, allow_nan=False).encode())
        except (TypeError, ValueError):
            raise ValueError("must be JSON") from None
        if size > MAX_ARGUMENT_BYTES:
            raise ValueError(f"must take at most {MAX_ARGUMENT_BYTES} bytes")
        return arguments

    @property
    def gathers(self) -> bool:
        """Return whether the step calls nothing."""
        return self.function == GATHER

    @property
    def needs(self) -> tuple[str, ...]:
        """Return the steps whose ends this one waits for, in order of mention; unreadable references are left out."""
        try:
            referred = [use.reference for use in uses(self.arguments)]
        except BadReferenceError:
            referred = []
        names = [*self.depends_on, *(one.name for one in referred if one.source != "param")]
        return tuple(dict.fromkeys(names))

    def repeatable(self, facts: FunctionFacts) -> bool:
        """Return whether a call whose outcome is unknown may be made again without asking anyone."""
        return facts.repeatable and self.idempotent is not False

    def needs_approval(self, facts: FunctionFacts) -> bool:
        """Return whether a person has to agree before the call."""
        return self.approval == "always" or facts.needs_approval

    def bound_s(self, facts: FunctionFacts) -> float:
        """Return how many seconds the step may take, all attempts together."""
        return facts.deadline_s if self.deadline_s is None else self.deadline_s


@dataclass(frozen=True, config=_FORM)
class Plan:
    """Steps, and the one whose text and result are the plan's: `answer`, or else the last step.

    Raises:
        pydantic.ValidationError: a field is not of its form; `read` says it as violations.
    """

    steps: Annotated[tuple[PlanStep, ...], Field(min_length=1, max_length=MAX_STEPS)]
    goal: Annotated[str, StringConstraints(max_length=4_000)] = ""
    answer: StepId | None = None

    @classmethod
    def read(cls, data: Any) -> Plan:
        """Return the plan that JSON data says.

        Raises:
            InvalidPlanError: it is not of the form of a plan.
        """
        try:
            return _PLAN.validate_python(data)
        except ValidationError as error:
            raise InvalidPlanError(tuple(_violation(detail) for detail in error.errors())) from None

    def to_json(self) -> dict[str, Any]:
        """Return the plan as JSON data that `read` understands, without what has its default."""
        data: dict[str, Any] = _PLAN.dump_python(self, mode="json", exclude_defaults=True)
        return data

    @property
    def answering(self) -> str:
        """Return the id of the step whose text and result are the plan's."""
        return self.steps[-1].id if self.answer is None else self.answer

    def validate(
        self,
        catalogue: Mapping[str, FunctionFacts],
        limits: PlanLimits = _NO_LIMITS,
        parameters: Mapping[str, Any] | None = None,
    ) -> tuple[PlanViolation, ...]:
        """Return what is wrong with the plan, given the functions there are; empty if it may run.

        Only the plan of a recipe, which does not run itself, has `parameters`: their schema, an object's.
        """
        return violations_of(self, catalogue, limits, parameters)

    def bounds(self, catalogue: Mapping[str, FunctionFacts], limits: PlanLimits = _NO_LIMITS) -> PlanBounds:
        """Return the most that the plan can come to.

        Raises:
            InvalidPlanError: a function is not known, or the steps have no order.
        """
        return bounds_of(self, catalogue, limits)


_PLAN: Final = TypeAdapter(Plan)


def _violation(detail: Any) -> PlanViolation:
    place = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in detail["loc"]).lstrip(".")
    return PlanViolation("FORM", "", place, str(detail["msg"]).removeprefix("Value error, "))


def _depth(value: Any) -> int:
    """Return the levels of `value`, at most one more than are allowed."""
    level, depth = [value], 0
    while depth <= MAX_DEPTH and (nested := [item for item in level if isinstance(item, dict | list)]):
        level = [inner for item in nested for inner in (item.values() if isinstance(item, dict) else item)]
        depth += 1
    return depth
