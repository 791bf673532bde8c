"""A person's word on a call, before it is made or after nobody knows whether it was."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from plugins.manifest import Effect


@dataclass(frozen=True, slots=True)
class ApprovalRequest:
    """What a person is asked.

    `why` is `needed` for a call that has not been made, and `uncertain` for one that was begun and of which nobody
    knows whether it had its effect. `arguments` are those of the call, with every reference resolved.
    """

    execution: str
    step: str
    function: str
    effect: Effect
    arguments: Mapping[str, Any]
    why: Literal["needed", "uncertain"]

    @property
    def key(self) -> str:
        """Return what names the question: the same again after a restart, another for any other arguments."""
        asked = [self.execution, self.step, self.function, self.why, self.arguments]
        return hashlib.sha256(json.dumps(asked, sort_keys=True, separators=(",", ":")).encode()).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class Decision:
    """The answer.

    `approved`: make the call, also if that is again. `rejected`: do not; the plan fails. `done`: it had its effect, or
    a person did the work; go on with `text` and `data` as its result. `postponed`: nobody is there to decide now; the
    execution ends, and asks again when it is resumed. `reason` is the person's, for those who read the plan.
    """

    verdict: Literal["approved", "rejected", "done", "postponed"]
    reason: str = ""
    text: str = ""
    data: dict[str, Any] = field(default_factory=dict)


class Approvals(Protocol):
    """Asks people."""

    async def ask(self, request: ApprovalRequest) -> Decision:
        """Return what was decided, however long that takes; a question that was decided before is not asked again."""
        ...
