"""What happens while a plan runs, in order; the host turns each into an event of the run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from planners.approvals import ApprovalRequest
from planners.journal import Attempt, StepOutcome, StepState
from planners.plan import Plan
from plugins.output import Citation, Note, TextDelta


@dataclass(frozen=True, slots=True)
class PlanUpdated:
    """The plan and where its steps are: at the start, also of a resumed execution, and at the end."""

    plan: Plan
    states: Mapping[str, StepState]


@dataclass(frozen=True, slots=True)
class StepStarted:
    """A step is about to be called with `arguments`.

    Text deltas are those of the answering step. When it starts again (`attempt.number` above 1), what it said before is
    void: the text of the run is what comes after its last start.
    """

    step: str
    function: str
    arguments: Mapping[str, Any]
    attempt: Attempt
    answers: bool


@dataclass(frozen=True, slots=True)
class StepFinished:
    """A step came to its end, or (UNCERTAIN) nobody knows whether it did; `replayed`: it had ended before a restart."""

    step: str
    outcome: StepOutcome
    replayed: bool = False


@dataclass(frozen=True, slots=True)
class ApprovalRequired:
    """A person is asked; the step waits."""

    request: ApprovalRequest


@dataclass(frozen=True, slots=True)
class PlanFinished:
    """The end of an execution, always last.

    `state` is DONE, or FAILED (a step failed or was rejected), UNCERTAIN (a call may or may not have been made and
    nobody has decided), WAITING (a decision was postponed); the last two go on when they are executed again. `outcome`
    is that of `step`: the answering one when DONE, else the one that stopped the plan. `cause` is what made it fail.
    """

    state: StepState
    step: str
    outcome: StepOutcome
    cause: BaseException | None = None


PlanEvent: TypeAlias = (
    PlanUpdated | StepStarted | StepFinished | ApprovalRequired | TextDelta | Note | Citation | PlanFinished
)
