"""What is written down of an execution, so that it goes on after a restart and calls nothing twice."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol


class StepState(StrEnum):
    """Where a step is. DONE, FAILED and REJECTED are final and written down; SKIPPED follows from them."""

    PENDING = "PENDING"
    WAITING = "WAITING"
    RUNNING = "RUNNING"
    DONE = "DONE"
    FAILED = "FAILED"
    REJECTED = "REJECTED"
    UNCERTAIN = "UNCERTAIN"
    SKIPPED = "SKIPPED"


@dataclass(frozen=True, slots=True)
class Attempt:
    """One call of a step: `number` from 1, `key` the same for all attempts of the step in this execution."""

    number: int
    key: str


@dataclass(frozen=True, slots=True)
class StepOutcome:
    """How a step ended: DONE with its `text` and `data`, FAILED or REJECTED with `code` and `message`."""

    state: StepState
    text: str = ""
    data: dict[str, Any] = field(default_factory=dict)
    code: str = ""
    message: str = ""


@dataclass(frozen=True, slots=True)
class StepRecord:
    """What is known of a step: the last attempt that was begun, and its outcome if it came to one."""

    attempt: Attempt | None = None
    outcome: StepOutcome | None = None


class PlanJournal(Protocol):
    """Keeps the records of one execution; when a method returns, what it was given is durable."""

    async def load(self) -> Mapping[str, StepRecord]:
        """Return the records by step; steps without one have not begun."""
        ...

    async def step_started(self, step: str, attempt: Attempt) -> None:
        """Keep that the step is about to be called."""
        ...

    async def step_finished(self, step: str, outcome: StepOutcome) -> None:
        """Keep how the step ended; it is not called again."""
        ...


def idempotency_key(execution: str, step: str) -> str:
    """Return the key of a step: the same in every process, so that it holds after a restart too."""
    return hashlib.sha256(f"{execution}\n{step}".encode()).hexdigest()[:32]
