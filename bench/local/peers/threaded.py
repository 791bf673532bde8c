"""An engine that works in steps, on a thread of its own beside an event loop: how a service in Python would hold it."""

from __future__ import annotations

import asyncio
import itertools
import queue
import threading
from collections.abc import AsyncGenerator, Callable, Iterable
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from bench.local.asks import Ask

Progress: TypeAlias = tuple[int, float, bool]
"""Which request, how many tokens came, and whether that was its end."""


class StepEngine(Protocol):
    """An engine; all of it is called on one thread."""

    @property
    def busy(self) -> bool:
        """Tell whether there is something to do."""
        ...

    def add(self, number: int, ask: Ask) -> None:
        """Take a request; `number` is never used twice."""
        ...

    def step(self) -> Iterable[Progress]:
        """Do a piece of work."""
        ...

    def clear(self) -> None:
        """Forget all requests."""
        ...


@dataclass(slots=True)
class _Clear:
    done: asyncio.Future[None]


class Threaded:
    """See `bench.local.callers.Answerer`."""

    def __init__(self, make: Callable[[], StepEngine]) -> None:
        """Work with what `make` makes on the thread; `start` waits for it."""
        self._make = make
        self._loop = asyncio.get_running_loop()
        self._inbox: queue.SimpleQueue[tuple[int, Ask] | _Clear | None] = queue.SimpleQueue()
        self._streams: dict[int, asyncio.Queue[tuple[float, bool]]] = {}
        self._numbers = itertools.count()
        self._ready: asyncio.Future[None] = self._loop.create_future()
        self._failed: asyncio.Future[None] = self._loop.create_future()
        self._thread = threading.Thread(target=self._work, name="engine", daemon=True)

    async def start(self) -> None:
        """Load the model."""
        self._thread.start()
        await self._either(self._ready)

    async def answer(self, ask: Ask) -> AsyncGenerator[float, None]:
        """Yield how many tokens came."""
        number = next(self._numbers)
        stream = self._streams[number] = asyncio.Queue()
        self._inbox.put((number, ask))
        try:
            over = False
            while not over:
                count, over = await stream.get()
                yield count
        finally:
            del self._streams[number]

    async def settle(self) -> None:
        """Drop all work."""
        done: asyncio.Future[None] = self._loop.create_future()
        self._inbox.put(_Clear(done))
        await self._either(done)

    async def close(self) -> None:
        """End the thread when its present step is over."""
        self._inbox.put(None)
        await asyncio.to_thread(self._thread.join)

    async def _either(self, wanted: asyncio.Future[None]) -> None:
        done, _ = await asyncio.wait({wanted, self._failed}, return_when=asyncio.FIRST_COMPLETED)
        for future in done:
            future.result()

    def _work(self) -> None:
        try:
            engine = self._make()
            self._loop.call_soon_threadsafe(self._ready.set_result, None)
            while self._take(engine):
                if engine.busy:
                    self._loop.call_soon_threadsafe(self._deliver, list(engine.step()))
        except Exception as error:  # noqa: BLE001 - told to those who wait
            self._loop.call_soon_threadsafe(self._failed.set_exception, error)

    def _take(self, engine: StepEngine) -> bool:
        """Hand on what has come; wait for it where there is nothing else to do. False: the end."""
        while True:
            try:
                told = self._inbox.get(block=not engine.busy)
            except queue.Empty:
                return True
            if told is None:
                return False
            if isinstance(told, _Clear):
                engine.clear()
                self._loop.call_soon_threadsafe(told.done.set_result, None)
            else:
                engine.add(*told)

    def _deliver(self, progress: Iterable[Progress]) -> None:
        for number, count, over in progress:
            if number in self._streams:
                self._streams[number].put_nowait((count, over))
