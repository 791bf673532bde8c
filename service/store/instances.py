"""The processes on a store: each is known by a file that it keeps locked, so that the system tells who is gone.

Nothing is renewed and no clock is asked: a process that is halted for an hour still has what it owns, and one that was
killed has nothing in the same moment.
"""

from __future__ import annotations

import os
from pathlib import Path

from service.store.ids import new_id
from service.store.lock import lock


def asked_topic(instance_id: str) -> str:
    """Return the topic that is touched when a process is asked for something; see `service.store.changes`."""
    return f"asked/{instance_id}"


class Instance:
    """This process among those that have the store open: `id` names a file that it keeps locked while it lives."""

    def __init__(self, store: Path) -> None:
        """Come to life; the directory `<store>.instances` is made as needed."""
        self.id = new_id()
        self._place = store.with_name(store.name + ".instances")
        self._place.mkdir(mode=0o700, exist_ok=True)
        # It gets its name when it is locked: nobody shall find it unlocked, as that of a dead process.
        unnamed = self._place / f".{self.id}"
        self._descriptor = os.open(unnamed, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        lock(self._descriptor, shared=False)
        unnamed.rename(self._place / self.id)

    def lives(self, instance_id: str) -> bool:
        """Return whether the process of that id lives; one that is halted does."""
        if instance_id == self.id:
            return True
        try:
            descriptor = os.open(self._place / instance_id, os.O_RDWR)
        except FileNotFoundError:
            return False
        try:
            lock(descriptor, shared=True)
        except OSError:
            return True
        finally:
            os.close(descriptor)
        return False

    def others(self) -> frozenset[str]:
        """Return the ids of the other processes that live."""
        return frozenset(name for name in self._names() if name != self.id and self.lives(name))

    def bury(self) -> None:
        """Remove the files of processes that are gone, after what they left behind was taken over."""
        for name in self._names():
            if not self.lives(name):
                (self._place / name).unlink(missing_ok=True)

    def close(self) -> None:
        """Be gone."""
        (self._place / self.id).unlink(missing_ok=True)
        os.close(self._descriptor)

    def _names(self) -> list[str]:
        return [entry.name for entry in self._place.iterdir() if not entry.name.startswith(".")]


class Living:
    """Whether the owners of things live, each looked at once; for one unit of work.

    Within a unit nothing can be missed: who owned something when it began had its file before.
    """

    def __init__(self, instance: Instance) -> None:
        """Look for `instance`."""
        self._instance = instance
        self._known: dict[str, bool] = {}

    def is_any(self, owner: str | None) -> bool:
        """Return whether there is an owner and it lives."""
        if owner is None:
            return False
        if owner not in self._known:
            self._known[owner] = self._instance.lives(owner)
        return self._known[owner]

    def is_other(self, owner: str | None) -> bool:
        """Return whether another process than this one is the owner, and lives."""
        return owner != self._instance.id and self.is_any(owner)
