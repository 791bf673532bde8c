"""When a request is sent again. Nothing else in the service does that."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final, TypeVar

import stamina

from service.errors import VaivenError

T = TypeVar("T")

RETRIED: Final = frozenset(
    {
        "UPSTREAM_CONFLICT",
        "UPSTREAM_FAILED",
        "UPSTREAM_THROTTLED",
        "UPSTREAM_TIMEOUT",
        "UPSTREAM_TRUNCATED",
        "UPSTREAM_UNREACHABLE",
    }
)
"""Reasons that another attempt may mend. A silent upstream is not asked again: it may still be at work."""


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """At most `attempts` in all; pauses double from `wait_s` up to `wait_max_s`, unless the upstream names one."""

    attempts: int
    wait_s: float
    wait_max_s: float

    def pause_s(self, error: VaivenError, number: int) -> float | None:
        """Return how long to wait after `error` ended attempt `number` (from 1); None: do not try again."""
        if error.reason not in RETRIED or number >= self.attempts:
            return None
        if error.retry_after_s is not None:
            return error.retry_after_s if error.retry_after_s <= self.wait_max_s else None
        # Between half and the whole of it, so that those who failed together do not come back together.
        longest_s = min(self.wait_s * 2.0 ** (number - 1), self.wait_max_s)
        return longest_s * random.uniform(0.5, 1.0)


async def retried(attempt: Callable[[], Awaitable[T]], policy: RetryPolicy, deadline: float) -> T:
    """Return what `attempt` returns; it must have had no effect when it raises. `deadline` is on the loop's clock.

    Raises:
        VaivenError: The last attempt's, when no other one is left, or allowed, or would begin in time.
    """
    try:
        return await attempt()
    except VaivenError as error:
        unraised = [error]
    # Only now: stamina takes some 40 µs, a tenth of a whole call.
    clock = asyncio.get_running_loop().time
    failed = 0

    def pause_s(error: Exception) -> float | bool:
        nonlocal failed
        failed += 1
        pause = policy.pause_s(error, failed) if isinstance(error, VaivenError) else None
        return False if pause is None or clock() + pause >= deadline else pause

    async for another in stamina.retry_context(on=pause_s, attempts=policy.attempts, timeout=None):
        with another:
            if unraised:
                raise unraised.pop()
            return await attempt()
    raise AssertionError("stamina ends with a result or an error")
