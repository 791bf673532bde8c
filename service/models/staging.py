"""The places beside the catalogue where models are made ready: each has one owner at a time, among all processes.

A lock that the system frees tells who has one, so that what a killed process had begun is there to go on from, and two
that fetch the same at once are never in each other's way.
"""

from __future__ import annotations

import itertools
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from service.backends.onnx.files import disk
from service.store.lock import lock

STAGING_KEPT_S: Final = 7 * 24 * 3600.0
"""How long what was begun is kept to go on from."""

_LOCK: Final = ".lock"


class Staging:
    """The places below `root`, which need not exist yet; blocking, for threads or for moments."""

    def __init__(self, root: Path) -> None:
        """Look at `root`."""
        self._root = root

    def place(self, key: str) -> Path:
        """Return the place of that key, made as needed.

        Raises:
            DiskFullError: The disk is full.
            ModelFilesError: It cannot be made.
        """
        place = self._root / key
        with disk(place):
            place.mkdir(parents=True, exist_ok=True)
            os.utime(place)
        return place

    @contextmanager
    def held(self, key: str) -> Iterator[Path]:
        """Give the first place for `key` that nobody has, and keep others from it until the end of the block.

        Raises:
            DiskFullError: The disk is full.
            ModelFilesError: It cannot be made.
        """
        for number in itertools.count(1):
            name = key if number == 1 else f"{key}-{number}"
            with self.claimed(name) as free:
                if free:
                    yield self.place(name)
                    return

    @contextmanager
    def claimed(self, key: str) -> Iterator[bool]:
        """Tell whether nobody had claimed `key`, which then is the caller's until the end of the block.

        Raises:
            DiskFullError: The disk is full.
            ModelFilesError: The lock cannot be made.
        """
        path = self._root / f"{key}{_LOCK}"
        with disk(path):
            self._root.mkdir(parents=True, exist_ok=True)
        descriptor = _take(path)
        try:
            yield descriptor is not None
        finally:
            if descriptor is not None:
                # Before the lock is free: who has opened the file meanwhile sees that it is none any more. Windows lets
                # nobody remove an open file; it stays, and is as good the next time.
                with suppress(OSError):
                    path.unlink(missing_ok=True)
                os.close(descriptor)

    def begun(self) -> list[Path]:
        """Return the places that are there."""
        return sorted(path for path in self._root.iterdir() if path.is_dir()) if self._root.is_dir() else []

    def clean(self) -> None:
        """Remove what was begun long ago, never finished, and is nobody's."""
        for place in self.begun():
            with self.claimed(place.name) as free:
                if free and time.time() - place.stat().st_mtime > STAGING_KEPT_S:
                    discard(place)


def discard(place: Path) -> None:
    """Remove a directory, or what is left of it."""
    shutil.rmtree(place, ignore_errors=True)


def _take(path: Path) -> int | None:
    """Return a locked descriptor of the file, made as needed; None: somebody has it."""
    while True:
        with disk(path):
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            lock(descriptor, shared=False)
        except OSError:
            os.close(descriptor)
            return None
        if _is_named(descriptor, path):
            return descriptor
        os.close(descriptor)  # whoever had it has removed it meanwhile


def _is_named(descriptor: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except FileNotFoundError:
        return False
