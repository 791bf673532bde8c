"""How late an event loop is: what every connection, probe and stream of the process has to wait."""

from __future__ import annotations

import asyncio
from typing import Final

INTERVAL_S: Final = 0.001


async def lags(seconds: float) -> list[float]:
    """Return, for each millisecond of that time, how many seconds late the loop came to what was due then.

    A loop that stands still for half a second is late for all the milliseconds of it, not only once: otherwise the
    percentiles would praise the loop that stands still the longest.
    """
    loop = asyncio.get_running_loop()
    due, found = loop.time() + INTERVAL_S, []
    end = due + seconds
    while due < end:
        await asyncio.sleep(due - loop.time())
        now = loop.time()
        while due <= now and due < end:
            found.append(now - due)
            due += INTERVAL_S
    return found
