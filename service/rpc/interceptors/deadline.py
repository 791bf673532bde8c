"""Bounds every call in time, also those whose caller did not."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from service.errors import DeadlineExceededError
from service.rpc.interceptors.chain import Call


class DeadlineGuard:
    """Notes when a call must be over: the caller's deadline, else a default, never later than a maximum.

    A unary call is stopped then. A stream is not: what it follows keeps the deadline itself and ends in a terminal
    event, which must still be sent.
    """

    def __init__(self, default_s: float, max_s: float) -> None:
        """Keep the bounds, in seconds."""
        if not 0 < default_s <= max_s:
            raise ValueError("0 < default_s <= max_s must hold")
        self._default_s = default_s
        self._max_s = max_s

    @asynccontextmanager
    async def around(self, call: Call) -> AsyncIterator[None]:
        """Note the deadline and hold a unary call to it."""
        # grpc's types say float, but a call without a deadline gives None.
        asked: float | None = call.context.time_remaining()
        remaining_s = self._default_s if asked is None else min(asked, self._max_s)
        call.deadline = asyncio.get_running_loop().time() + remaining_s
        if call.is_stream:
            yield
            return
        timeout = asyncio.timeout_at(call.deadline)
        try:
            async with timeout:
                yield
        except TimeoutError as error:
            if not timeout.expired():
                raise
            raise DeadlineExceededError("The call's deadline passed; its work was stopped.") from error
