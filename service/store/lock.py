"""The lock on a store, which the system frees when its process ends, however it ends."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from service.errors import FailedPreconditionError

if sys.platform == "win32":
    import msvcrt

    def lock(descriptor: int, *, shared: bool) -> None:
        """Lock the file, or raise an `OSError`. Windows knows no shared locks."""
        os.lseek(descriptor, 0, os.SEEK_SET)
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)

    def unlock(descriptor: int) -> None:
        """Let go of the file."""
        os.lseek(descriptor, 0, os.SEEK_SET)
        msvcrt.locking(descriptor, msvcrt.LK_UNLCK, 1)
else:
    import fcntl

    def lock(descriptor: int, *, shared: bool) -> None:
        """Lock the file, alone or together with others that share it, or raise an `OSError`."""
        fcntl.flock(descriptor, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)

    def unlock(descriptor: int) -> None:
        """Let go of the file."""
        fcntl.flock(descriptor, fcntl.LOCK_UN)


STARTING_S: Final = 10.0
"""How long a process waits for one that is just making or changing the schema."""

_RETRY_S: Final = 0.02


class StoreInUseError(FailedPreconditionError):
    """Other processes have the store open, and this one may not join them."""

    default_reason = "STORE_IN_USE"


class StoreLock:
    """Holds `<store>.lock` until it is closed: alone at first, if that may be, and together with others then."""

    def __init__(self, store: Path) -> None:
        """Open the file; nothing is held yet."""
        self._store = store
        self._descriptor = os.open(store.with_name(store.name + ".lock"), os.O_RDWR | os.O_CREAT, 0o600)

    def take(self, *, wait_s: float = STARTING_S) -> bool:
        """Take the lock, and return whether nobody else has the store, so that its schema may be changed.

        Who has it alone for longer than `wait_s` seconds shares it with nobody.

        Raises:
            StoreInUseError: Another process has it for itself.
        """
        until = time.monotonic() + wait_s
        while True:
            if self._try(shared=False):
                return True
            if self._try(shared=True):
                return False
            if time.monotonic() >= until:
                raise self._in_use()
            time.sleep(_RETRY_S)

    def take_alone(self) -> None:
        """Take the lock for this process alone.

        Raises:
            StoreInUseError: Another process has the store.
        """
        if not self._try(shared=False):
            raise self._in_use()

    def share(self) -> None:
        """Let others join.

        Raises:
            StoreInUseError: Another process has taken the store for itself in this moment.
        """
        if sys.platform != "win32" and not self._try(shared=True):
            raise self._in_use()

    def close(self) -> None:
        """Free the lock."""
        os.close(self._descriptor)

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Free the lock."""
        self.close()

    def _try(self, *, shared: bool) -> bool:
        try:
            lock(self._descriptor, shared=shared)
        except OSError:
            return False
        return True

    def _in_use(self) -> StoreInUseError:
        return StoreInUseError(
            f"{self._store} is in use by another vaiven process. Stop that one, or give this one its own store.path."
        )
