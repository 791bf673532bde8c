"""Who waits for whom within this process; who works on a session the store decides, for all of them."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Hashable
from contextlib import asynccontextmanager

from sqlalchemy import Connection

from service.errors import SessionBusyError
from service.runs.names import session_name
from service.store import runs

BUSY_RETRY_S = 1.0
"""When to ask again for a session on which another run works."""


def refuse_if_at_work(connection: Connection, tenant: str, session_id: str) -> None:
    """Refuse, where a run works on the session; within the transaction that would let another one do so.

    Raises:
        SessionBusyError: One does.
    """
    if runs.at_work_on(connection, tenant, session_id) is not None:
        raise SessionBusyError(
            f"Another run is working on {session_name(session_id)}; wait for its end or cancel it.",
            retry_after_s=BUSY_RETRY_S,
        )


class KeyedLocks:
    """One at a time for each key; the others wait in line."""

    def __init__(self) -> None:
        """Begin with no key held."""
        self._locks: dict[Hashable, asyncio.Lock] = {}
        self._users: Counter[Hashable] = Counter()

    @asynccontextmanager
    async def hold(self, key: Hashable) -> AsyncIterator[None]:
        """Wait for the key and hold it."""
        lock = self._locks.setdefault(key, asyncio.Lock())
        self._users[key] += 1
        try:
            async with lock:
                yield
        finally:
            self._users[key] -= 1
            if not self._users[key]:
                del self._users[key], self._locks[key]
