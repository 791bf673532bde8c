"""What changed, by topic, told to all processes on a store: who keeps something in memory looks at a number there.

The numbers are in memory that the processes share, so that a look costs no system call. SQLite's own index of its log
is kept the same way, so where the store can be shared this can, too.
"""

from __future__ import annotations

import itertools
import mmap
import os
import secrets
import struct
from collections.abc import Iterable
from pathlib import Path
from typing import Final
from zlib import crc32

_SLOTS: Final = 512
_NUMBER: Final = struct.Struct("=Q")
_BYTES: Final = _SLOTS * _NUMBER.size


class Board:
    """A number for each topic, which is another one after each change, whichever process made it.

    Topics share slots, so a number may change without a change of its topic: who looks, reads once more than needed.
    """

    def __init__(self, path: Path | None = None) -> None:
        """Open the board in the file at `path`, made as needed; None: one of this process alone."""
        self._memory = mmap.mmap(-1, _BYTES) if path is None else _shared(path)
        # No two processes ever write the same number, so that none can undo what another one has told.
        self._numbers = itertools.count(secrets.randbits(63))

    def of(self, topic: str) -> int:
        """Return the topic's number."""
        number: int = _NUMBER.unpack_from(self._memory, _place(topic))[0]
        return number

    def tell(self, topics: Iterable[str]) -> None:
        """Give the topics, whose changes are on disk, another number."""
        for topic in topics:
            _NUMBER.pack_into(self._memory, _place(topic), next(self._numbers))


def _place(topic: str) -> int:
    return crc32(topic.encode()) % _SLOTS * _NUMBER.size


def _shared(path: Path) -> mmap.mmap:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        if os.fstat(descriptor).st_size < _BYTES:
            os.ftruncate(descriptor, _BYTES)
        return mmap.mmap(descriptor, _BYTES)
    finally:
        os.close(descriptor)
