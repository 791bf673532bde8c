"""The one thread that writes: whatever is pending is committed together, so that durability costs little each."""

from __future__ import annotations

import asyncio
import queue
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar

import structlog
from sqlalchemy import Connection, Engine

from service.errors import UnavailableError
from service.store.changes import Versions, take_touched
from service.store.connections import is_storage_failure
from service.store.prepared import driver

_log = structlog.get_logger(__name__)

T = TypeVar("T")
Unit = Callable[[Connection], T]
"""A unit of work: runs on the writer's thread inside a transaction, all of it or nothing; it must not block."""

_MAX_PER_COMMIT: Final = 512
"""Bounds how long the first of a group waits for the last."""


@dataclass(frozen=True, slots=True)
class _Pending(Generic[T]):
    unit: Unit[T]
    future: asyncio.Future[T]


@dataclass(frozen=True, slots=True)
class _Outcome:
    pending: _Pending[Any]
    result: Any
    error: BaseException | None
    touched: frozenset[str] = frozenset()


class Writer:
    """Commits units of work in the order in which they were submitted, many to a transaction.

    `versions` counts what units said that they change, before their callers learn that it is on disk.
    """

    def __init__(self, engine: Engine, *, capacity: int = 1024) -> None:
        """Start the thread; at most `capacity` units wait, further callers of `submit` wait in line.

        The running event loop is the one on which `submit` may be called.
        """
        self._engine = engine
        self._loop = asyncio.get_running_loop()
        self._queue: queue.SimpleQueue[_Pending[Any] | None] = queue.SimpleQueue()
        self._slots = asyncio.Semaphore(capacity)
        self._closed = False
        self._commits = 0
        self.versions = Versions()
        self._thread = threading.Thread(target=self._run, name="store-writer", daemon=True)
        self._thread.start()

    @property
    def commits(self) -> int:
        """Return how many transactions were committed."""
        return self._commits

    async def submit(self, unit: Unit[T]) -> T:
        """Return the unit's result after it is on disk.

        A caller that is cancelled stops waiting; its unit is committed all the same.

        Raises:
            UnavailableError: The store is closed or the disk does not take it.
            Exception: Whatever the unit raised; nothing of it is kept.
        """
        await self._slots.acquire()
        if self._closed:
            self._slots.release()
            raise UnavailableError("The store is closed.", reason="STORE_CLOSED")
        future: asyncio.Future[T] = self._loop.create_future()
        self._queue.put(_Pending(unit, future))
        return await future

    async def close(self) -> None:
        """Commit what is pending and end the thread."""
        if not self._closed:
            self._closed = True
            self._queue.put(None)
        await asyncio.to_thread(self._thread.join)

    def _run(self) -> None:
        open_ = True
        while open_:
            batch, open_ = self._take()
            if batch:
                outcomes = self._commit(batch)
                with suppress(RuntimeError):  # the loop is closed: nobody waits any more
                    self._loop.call_soon_threadsafe(self._resolve, outcomes)

    def _take(self) -> tuple[list[_Pending[Any]], bool]:
        batch: list[_Pending[Any]] = []
        item = self._queue.get()
        while item is not None:
            batch.append(item)
            if len(batch) == _MAX_PER_COMMIT:
                return batch, True
            try:
                item = self._queue.get_nowait()
            except queue.Empty:
                return batch, True
        return batch, False

    def _commit(self, batch: list[_Pending[Any]]) -> list[_Outcome]:
        try:
            with self._engine.begin() as connection:
                outcomes = [_attempt(connection, pending) for pending in batch]
        except Exception as error:  # noqa: BLE001 - whatever it is, every waiting caller must learn of it
            _log.error("store_commit_failed", units=len(batch), error=str(error))
            return [_Outcome(pending, None, _worded(error)) for pending in batch]
        self._commits += 1
        return outcomes

    def _resolve(self, outcomes: list[_Outcome]) -> None:
        for outcome in outcomes:
            self._slots.release()
            self.versions.count(outcome.touched)
            future = outcome.pending.future
            if future.done():
                continue
            if outcome.error is not None:
                future.set_exception(outcome.error)
            else:
                future.set_result(outcome.result)


def _attempt(connection: Connection, pending: _Pending[Any]) -> _Outcome:
    # By hand, because SQLAlchemy's own savepoints take longer than most units.
    sqlite = driver(connection)
    sqlite.execute("SAVEPOINT unit")
    try:
        result = pending.unit(connection)
    except Exception as error:
        # One bad unit must not sink the others; but where the disk fails, SQLite may have rolled back all of them.
        if is_storage_failure(error):
            raise
        sqlite.execute("ROLLBACK TO unit")
        sqlite.execute("RELEASE unit")
        take_touched(connection)
        return _Outcome(pending, None, error)
    sqlite.execute("RELEASE unit")
    return _Outcome(pending, result, None, take_touched(connection))


def _worded(error: Exception) -> Exception:
    worded = UnavailableError(
        "The store cannot write now; the operator finds the cause in the log.",
        reason="STORE_UNAVAILABLE",
    )
    worded.__cause__ = error
    return worded
