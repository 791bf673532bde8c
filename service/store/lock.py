"""One service to a data directory: a lock that the system frees when the process ends, however it ends."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from types import TracebackType
from typing import Self

from service.errors import FailedPreconditionError

if sys.platform == "win32":
    import msvcrt

    def _lock(descriptor: int) -> None:
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
else:
    import fcntl

    def _lock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


class StoreInUseError(FailedPreconditionError):
    """Another process has the store open."""

    default_reason = "STORE_IN_USE"


class InstanceLock:
    """Holds `<store>.lock` from construction until it is closed; usable as a context manager."""

    def __init__(self, store: Path) -> None:
        """Take the lock.

        Raises:
            StoreInUseError: Another process holds it.
        """
        self._descriptor = os.open(store.with_name(store.name + ".lock"), os.O_RDWR | os.O_CREAT, 0o600)
        try:
            _lock(self._descriptor)
        except OSError as error:
            os.close(self._descriptor)
            raise StoreInUseError(
                f"{store} is in use by another vaiven process. Stop that one, or give this one its own store.path."
            ) from error

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
