"""Bounds every call in time, also those whose caller did not."""

from __future__ import annotations

import asyncio

from service.errors import DeadlineExceededError
from service.rpc.interceptors.chain import Call, Guard


class DeadlineGuard(Guard):
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

    async def enter(self, call: Call) -> None:
        """Note the deadline and hold a unary call to it."""
        # grpc's types say float, but a call without a deadline gives None.
        asked: float | None = call.context.time_remaining()
        remaining_s = self._default_s if asked is None else min(asked, self._max_s)
        call.deadline = asyncio.get_running_loop().time() + remaining_s
        if not call.is_stream:
            call.timeout = asyncio.timeout_at(call.deadline)
            await call.timeout.__aenter__()

    async def leave(self, call: Call, error: BaseException | None) -> None:
        """Say that the deadline passed, where that has ended the call."""
        if call.timeout is None:
            return
        try:
            # Turns the cancellation that it brought about, and no other, into a TimeoutError.
            await call.timeout.__aexit__(None if error is None else type(error), error, None)
        except TimeoutError as late:
            error = late
        if isinstance(error, TimeoutError) and call.timeout.expired():
            raise DeadlineExceededError("The call's deadline passed; its work was stopped.") from error
