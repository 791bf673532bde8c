"""What is found out about a plan before it runs: what is wrong with it, and the most that it can come to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from planners.costs import Cost
from plugins.manifest import Effect

ViolationCode = Literal[
    "FORM",
    "TOO_MANY_STEPS",
    "STEP_DUPLICATE",
    "STEP_UNKNOWN",
    "CYCLE",
    "FUNCTION_UNKNOWN",
    "FUNCTION_NOT_ALLOWED",
    "ARGUMENT_INVALID",
    "REFERENCE_INVALID",
    "REFERENCE_UNKNOWN",
    "REFERENCE_TYPE",
    "IDEMPOTENCE_UNTRUE",
    "COST_EXCEEDED",
    "COST_UNKNOWN",
    "TIME_EXCEEDED",
]


@dataclass(frozen=True, slots=True)
class PlanViolation:
    """What is wrong with a plan. `step` is empty for the plan as a whole, `field` a path such as `arguments.points[0]`.

    `message` completes the sentence "<field> …" and repeats no value of an argument.
    """

    code: ViolationCode
    step: str
    field: str
    message: str

    def __str__(self) -> str:
        return " ".join(filter(None, [f"{self.step}:" if self.step else "", self.field, self.message]))


class InvalidPlanError(ValueError):
    """A plan may not run; `violations` say why, at least one."""

    def __init__(self, violations: tuple[PlanViolation, ...]) -> None:
        super().__init__("; ".join(map(str, violations)))
        self.violations = violations


@dataclass(frozen=True, slots=True)
class PlanLimits:
    """What a plan may take, and how it is run: both bound its time and cost.

    `max_s`: seconds, waiting for people not counted. `max_cost` bounds all calls together. At most `max_parallel` steps
    run at once; a step that may be repeated is tried `max_attempts` times.
    """

    max_steps: int = 32
    max_s: float | None = None
    max_cost: Cost | None = None
    max_parallel: int = 4
    max_attempts: int = 3


@dataclass(frozen=True, slots=True)
class PlanBounds:
    """The most that a plan can come to.

    `steps` counts them, `calls` also the repetitions, as `cost` does. `time_s` are seconds, waiting for people not
    counted. `cost` is None where that of a function is not known, or where it is in several currencies. `effects` are
    by step; `approvals` names the steps that a person is asked for.
    """

    steps: int
    calls: int
    time_s: float
    cost: Cost | None
    effects: Mapping[str, Effect]
    approvals: tuple[str, ...]
