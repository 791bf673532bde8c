"""How a planner has a function called: by the host, which knows what is behind the name."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from plugins.output import FunctionOutput


@dataclass(frozen=True, slots=True)
class CallContext:
    """For what a function is called: the `execution` of a plan or loop, and the `step` or call in it.

    `attempt` counts from 1. `idempotency_key` is the same for every attempt of a step, also after a restart, and is
    given to functions that take one. `deadline_s` is what remains, in seconds from now.
    """

    execution: str
    step: str
    attempt: int
    idempotency_key: str
    deadline_s: float


class CallError(Exception):
    """A call of a function failed.

    `code` is UPPER_SNAKE and stable; `message` is for a person and for the model that asked for the call, so it holds
    nothing of the host's inside. `retryable`: the same call may succeed later. `happened`: whether the call had its
    effect, as far as is known; only `no` lets a step that writes be called failed and not uncertain.
    """

    def __init__(
        self, code: str, message: str, *, retryable: bool = False, happened: Literal["no", "unknown"] = "unknown"
    ) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.retryable = retryable
        self.happened: Literal["no", "unknown"] = happened


class FunctionCaller(Protocol):
    """Calls functions by their full names."""

    def call(
        self, function: str, arguments: Mapping[str, Any], context: CallContext
    ) -> AsyncGenerator[FunctionOutput, None]:
        """Yield what the function says, its `FunctionResult` last; closing the generator stops the call.

        `arguments` fit the function's input schema.

        Raises:
            CallError: the call failed.
        """
        ...


def is_being_cancelled() -> bool:
    """Return whether this task was cancelled, and not merely something in it that it waited for."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0
