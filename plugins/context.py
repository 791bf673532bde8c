"""What a plugin function may know of the run that calls it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Turn:
    """One earlier message of the session, in order of time."""

    role: Literal["user", "assistant"]
    text: str


@dataclass(frozen=True, slots=True)
class RunContext:
    """The caller's tenant and the run's place, passed by the host as the kernel argument `run_context`.

    `history` holds the earlier turns of the session, trimmed to the roomiest model that may answer; empty without one.
    Turns that a prompt holds one after the other as they are get trimmed to the model that does answer.
    `deadline` is when the run ends, on the clock of `asyncio.get_running_loop().time()`; None: not bounded.
    `chosen` True: a model chose the function among all there are, and nothing in the request says that it was meant.
    """

    tenant: str
    run: str
    session: str | None = None
    history: tuple[Turn, ...] = ()
    deadline: float | None = None
    chosen: bool = False

    @property
    def last_answer(self) -> str:
        """Return the text of the last assistant turn, or an empty string."""
        return next((t.text for t in reversed(self.history) if t.role == "assistant"), "")


@dataclass(frozen=True, slots=True)
class CallContext:
    """For what a function is called by a planner: the `execution` of a plan or loop, and the `step` or call in it.

    Passed by the host as the kernel argument `call_context`; a function that is called directly finds none.

    `attempt` counts from 1. `idempotency_key` is the same for every attempt of a step, also after a restart, and is
    given to functions that take one. `deadline_s` is what remains, in seconds from now.
    """

    execution: str
    step: str
    attempt: int
    idempotency_key: str
    deadline_s: float
