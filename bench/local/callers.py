"""Callers who ask again and again, of whoever answers; the same in the service's client and in each peer's process."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from contextlib import aclosing
from typing import Protocol

from bench.local.asks import Ask, Load, Reading


class Answerer(Protocol):
    """Whoever is measured."""

    def answer(self, ask: Ask) -> AsyncGenerator[float, None]:
        """Yield how many tokens have come, each time some come; leaving early ends the work."""
        ...

    async def settle(self) -> None:
        """Return when nothing is worked on any more."""
        ...


class Callers:
    """One measurement."""

    def __init__(self, answerer: Answerer, load: Load) -> None:
        """Ask `answerer` for `load`."""
        self._answerer = answerer
        self._load = load
        self._asks: Iterator[Ask] = itertools.cycle(load.asks)
        self._came: list[tuple[float, float]] = []
        self._begun = 0
        self._all_begun = asyncio.Event()
        self._finished = 0
        self._first_s: list[float] = []
        self._asked_late: float | None = None
        self._alone_tokens = 0.0
        self._alone_s = 0.0
        self._limit = time.perf_counter() + load.ramp_s

    async def measure(self) -> Reading:
        """Return what was found, when all work has ended."""
        load = self._load
        tasks = [asyncio.create_task(self._caller(number)) for number in range(load.callers)]
        start = time.perf_counter()
        try:
            if load.callers:
                await self._until_begun(tasks)
            start = time.perf_counter()
            self._limit = start + load.seconds
            if load.probe_every_s:
                tasks.append(asyncio.create_task(self._late()))
            await self._wait(tasks, load.seconds)
        finally:
            end = time.perf_counter()
            waited = [] if self._asked_late is None else [end - self._asked_late]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await self._answerer.settle()
        return Reading(
            tokens=sum(amount for at, amount in self._came if start <= at <= end),
            seconds=end - start,
            finished=self._finished,
            all_tokens=sum(amount for _, amount in self._came),
            steady=self._alone_tokens / self._alone_s if self._alone_s else 0.0,
            first_s=self._first_s,
            waited_s=waited,
        )

    async def _until_begun(self, tasks: list[asyncio.Task[None]]) -> None:
        begun = asyncio.create_task(self._all_begun.wait())
        try:
            done, _ = await asyncio.wait(
                {begun, *tasks}, timeout=self._load.ramp_s, return_when=asyncio.FIRST_COMPLETED
            )
            for task in done - {begun}:
                task.result()
        finally:
            begun.cancel()

    @staticmethod
    async def _wait(tasks: list[asyncio.Task[None]], seconds: float) -> None:
        """Wait for the time to pass; nobody ends before."""
        done, _ = await asyncio.wait(tasks, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()

    async def _caller(self, number: int) -> None:
        await asyncio.sleep(self._load.stagger_s * number / max(1, self._load.callers))
        begun = False
        while True:
            # Nor would they let the others ask.
            await asyncio.sleep(0)
            async for _ in self._counted(next(self._asks)):
                if not begun:
                    begun = True
                    self._begun += 1
                    if self._begun == self._load.callers:
                        self._all_begun.set()

    async def _counted(self, ask: Ask) -> AsyncIterator[float]:
        first = last = tokens = before = 0.0
        async with aclosing(self._answerer.answer(ask)) as answer:
            async for amount in answer:
                last = time.perf_counter()
                if not first:
                    first, before = last, amount
                tokens += amount
                self._came.append((last, amount))
                yield last
                if last >= self._limit:
                    # Whoever answers without ever waiting for anything would not let the time be up.
                    await asyncio.sleep(0)
        self._finished += 1
        if self._load.callers == 1 and last > first:
            self._alone_tokens += tokens - before
            self._alone_s += last - first

    async def _late(self) -> None:
        due = time.perf_counter()
        for ask in itertools.cycle(self._load.probes):
            # From when it was to come: a loop that stands still lets nobody in, and that is waited for too.
            self._asked_late = asked = due
            async for at in self._counted(ask):
                if self._asked_late is not None:
                    self._first_s.append(at - asked)
                    self._asked_late = None
            due = time.perf_counter() + self._load.probe_every_s
            await asyncio.sleep(self._load.probe_every_s)
