"""Turns of the processes that write to one store, so that a busy one does not keep the others waiting.

SQLite's own lock is what keeps writers apart; but who waits for it looks for it again at intervals of up to 100 ms, and
one that commits again and again leaves it free for microseconds. Here whoever waits is next.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from service.store.lock import lock, unlock

_LONGEST_S: Final = 1.0
"""Who has waited so long for a turn goes on without: another process may be halted."""

_RETRY_S: Final = 0.0005


class Turns:
    """Two locks: who has the second writes, who has the first is next."""

    def __init__(self, store: Path) -> None:
        """Open the files in `<store>.instances`, made as needed."""
        place = store.with_name(store.name + ".instances")
        self._next, self._now = (os.open(place / name, os.O_RDWR | os.O_CREAT, 0o600) for name in (".next", ".now"))

    @contextmanager
    def take(self) -> Iterator[None]:
        """Wait for a turn, and have it until the end of the block; for the writer's thread."""
        until = time.monotonic() + _LONGEST_S
        is_next = _try(self._next, until)
        has = is_next and _try(self._now, until)
        if is_next:
            unlock(self._next)
        try:
            yield
        finally:
            if has:
                unlock(self._now)

    def close(self) -> None:
        """Close the files."""
        os.close(self._next)
        os.close(self._now)


def _try(descriptor: int, until: float) -> bool:
    while True:
        try:
            lock(descriptor, shared=False)
        except OSError:
            if time.monotonic() >= until:
                return False
            time.sleep(_RETRY_S)
        else:
            return True
