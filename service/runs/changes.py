"""Tells those who follow a run that something changed while nothing worked on it."""

from __future__ import annotations

import asyncio
from collections.abc import Hashable
from weakref import WeakValueDictionary


class Changes:
    """An event for each key that somebody waits for; it is set once, then the next waiter gets a new one."""

    def __init__(self) -> None:
        """Begin with nobody waiting."""
        self._events: WeakValueDictionary[Hashable, asyncio.Event] = WeakValueDictionary()

    def of(self, key: Hashable) -> asyncio.Event:
        """Return the event that is set when something changes; hold it for as long as that matters."""
        event = self._events.get(key)
        if event is None:
            event = self._events[key] = asyncio.Event()
        return event

    def tell(self, key: Hashable) -> None:
        """Wake those who wait for `key`."""
        if (event := self._events.pop(key, None)) is not None:
            event.set()

    def tell_all(self) -> None:
        """Wake everyone."""
        for key in list(self._events):
            self.tell(key)
