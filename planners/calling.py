"""How a planner has a function called: by the host, which knows what is behind the name."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping
from typing import Any, Literal, Protocol

from plugins.context import CallContext
from plugins.output import FunctionOutput

__all__ = ["CallContext", "CallError", "FunctionCaller", "is_being_cancelled"]


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
