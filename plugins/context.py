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

    `history` holds the earlier turns of the session, already trimmed to the model's context; empty without a session.
    `deadline` is when the run ends, on the clock of `asyncio.get_running_loop().time()`; None: not bounded.
    """

    tenant: str
    run: str
    session: str | None = None
    history: tuple[Turn, ...] = ()
    deadline: float | None = None

    @property
    def last_answer(self) -> str:
        """Return the text of the last assistant turn, or an empty string."""
        return next((t.text for t in reversed(self.history) if t.role == "assistant"), "")
