"""The other processes on the store: what they leave behind when they are gone, and what they ask of this one."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

import structlog

from service.store.instances import asked_topic
from service.store.store import Store

_log = structlog.get_logger(__name__)

LOOK_S: Final = 1.0
"""How often it is looked who is there."""

ASKED_S: Final = 0.05
"""How often it is looked whether another process asks for something, while there are others; it reads eight bytes."""


@dataclass(frozen=True, slots=True)
class Duties:
    """What this process does for others: `take_over` what nobody owns any more, and `answer` what it is asked.

    `is_due`: something is to be taken over though nobody is gone.
    """

    take_over: Callable[[], Awaitable[None]]
    answer: Callable[[], Awaitable[None]]
    is_due: Callable[[], bool]


class Neighbours:
    """Looks after the others; make it before what they had left behind is taken over for the first time."""

    def __init__(self, store: Store) -> None:
        """Look who is there."""
        self._store = store
        self._topic = asked_topic(store.owner)
        self._asked = store.version(self._topic)
        self._others = store.instance.others()

    @property
    def any(self) -> bool:
        """Return whether there were others at the last look."""
        return bool(self._others)

    async def look(self, duties: Duties) -> None:
        """Look who is there, and take over what those had who are not any more."""
        instance = self._store.instance
        others = await asyncio.to_thread(instance.others)
        if duties.is_due() or self._others - others:
            await duties.take_over()
            await asyncio.to_thread(instance.bury)
        self._others = others
        self._store.writer.shares = self.any
        if self.any:
            await duties.answer()

    async def hear(self, duties: Duties) -> None:
        """Answer, where another process has asked for something since the last time."""
        asked = self._store.version(self._topic)
        if asked != self._asked:
            await duties.answer()
            self._asked = asked

    async def watch(self, duties: Duties) -> None:
        """Look and hear until this is cancelled."""
        clock = asyncio.get_running_loop().time
        while True:
            await _told(self.look(duties))
            until = clock() + LOOK_S
            while (left_s := until - clock()) > 0:
                await asyncio.sleep(min(left_s, ASKED_S) if self.any else left_s)
                await _told(self.hear(duties))


async def _told(work: Awaitable[None]) -> None:
    try:
        await work
    except Exception:  # noqa: BLE001 - whatever one look meets must not end the looking; the next one tries again
        _log.exception("neighbours_not_looked_after")
