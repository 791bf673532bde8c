"""Refuses new calls while the server shuts down, and knows when the last one has gone."""

from __future__ import annotations

import asyncio

from service.errors import DrainingError
from service.rpc.interceptors.chain import Call, Guard


class DrainGuard(Guard):
    """Open until `close` is called; counts the calls inside."""

    RETRY_AFTER_S = 1.0

    def __init__(self) -> None:
        """Begin open and empty."""
        self._closed = False
        self._inside = 0
        self._empty = asyncio.Event()
        self._empty.set()

    @property
    def closed(self) -> bool:
        """Return whether new calls are refused."""
        return self._closed

    def close(self) -> None:
        """Refuse new calls from now on; those inside go on."""
        self._closed = True

    async def wait_empty(self, timeout_s: float) -> bool:
        """Return whether all calls have left within `timeout_s` seconds."""
        try:
            async with asyncio.timeout(timeout_s):
                await self._empty.wait()
        except TimeoutError:
            return False
        return True

    async def enter(self, call: Call) -> None:
        """Count the call in, or refuse it."""
        if self._closed:
            raise DrainingError("The server is shutting down; send the call again.", retry_after_s=self.RETRY_AFTER_S)
        self._inside += 1
        self._empty.clear()

    async def leave(self, call: Call, error: BaseException | None) -> None:
        """Count the call out."""
        self._inside -= 1
        if not self._inside:
            self._empty.set()
