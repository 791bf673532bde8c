"""How late an event loop is: what every connection, probe and stream of the process has to wait."""

from __future__ import annotations

import asyncio
import math
import sys
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Final

INTERVAL_S: Final = 0.001


async def lags(seconds: float, stop: asyncio.Event | None = None) -> list[float]:
    """Return, for each millisecond of that time, how many seconds late the loop came to what was due then.

    The time ends early when `stop` is set.

    A loop that stands still for half a second is late for all the milliseconds of it, not only once: otherwise the
    percentiles would praise the loop that stands still the longest.
    """
    loop = asyncio.get_running_loop()
    due, found = loop.time() + INTERVAL_S, []
    end = due + seconds
    while due < end and not (stop is not None and stop.is_set()):
        await asyncio.sleep(due - loop.time())
        now = loop.time()
        while due <= now and due < end:
            found.append(now - due)
            due += INTERVAL_S
    return found


@dataclass(frozen=True, slots=True)
class Watched:
    """Lags in seconds, and how many seconds the loop was ready meanwhile and no core was free; None: not known here."""

    lags: list[float]
    core_wait_s: float | None


async def watch(seconds: float = math.inf, stop: asyncio.Event | None = None) -> Watched:
    """Return the lags of that time, or until `stop` is set, and what of them is the machine's doing."""
    before = _core_wait_s()
    found = await lags(seconds, stop)
    after = _core_wait_s()
    return Watched(found, None if before is None or after is None else after - before)


def _core_wait_s() -> float | None:
    """Return how long this thread has waited for a core since its start, in seconds; only Linux tells.

    Source: https://docs.kernel.org/scheduler/sched-stats.html, /proc/<pid>/schedstat.
    """
    if sys.platform != "linux":
        return None
    try:
        figures = Path(f"/proc/self/task/{threading.get_native_id()}/schedstat").read_text(encoding="ascii").split()
    except OSError:  # a kernel without it
        return None
    return int(figures[1]) / 1e9
