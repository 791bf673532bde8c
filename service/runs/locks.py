"""Who works on what at this moment, within this process, which is the only one on its store."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Hashable, Iterator
from contextlib import asynccontextmanager, contextmanager

from service.errors import SessionBusyError
from service.runs.names import session_name

BUSY_RETRY_S = 1.0
"""When to ask again for a session on which another run works."""


class SessionLocks:
    """One at a time on a session; the second is told so at once."""

    def __init__(self) -> None:
        """Begin with no session held."""
        self._held: set[tuple[str, str]] = set()

    @contextmanager
    def hold(self, tenant: str, session_id: str | None) -> Iterator[None]:
        """Hold the session; None holds nothing.

        Raises:
            SessionBusyError: It is held.
        """
        key = (tenant, session_id or "")
        if session_id is None:
            yield
            return
        if key in self._held:
            raise SessionBusyError(
                f"Another run is working on {session_name(session_id)}; wait for its end or cancel it.",
                retry_after_s=BUSY_RETRY_S,
            )
        self._held.add(key)
        try:
            yield
        finally:
            self._held.discard(key)


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
