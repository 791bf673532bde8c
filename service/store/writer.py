"""The one thread that writes: whatever is pending is committed together, so that durability costs little each."""

from __future__ import annotations

import asyncio
import queue
import sqlite3
import threading
from collections import deque
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar

import structlog
from sqlalchemy import Connection, Engine

from service.errors import UnavailableError
from service.store.board import Board
from service.store.changes import take_touched
from service.store.connections import is_storage_failure, writing
from service.store.turns import Turns

_log = structlog.get_logger(__name__)

T = TypeVar("T")
Unit = Callable[[Connection], T]
"""A unit of work: runs on the writer's thread inside a transaction, all of it or nothing; it must not block."""

_MAX_PER_COMMIT: Final = 512
"""Bounds how long the first of a group waits for the last."""


_GATHERING_TURNS: Final = 3
"""Further turns of the loop before units go to the thread: an idle loop takes them in microseconds, a busy one gathers.

With 32 callers at once a run took 0.97 commits instead of 1.70, and with one caller still two.
"""


@dataclass(slots=True)
class _Pending(Generic[T]):
    """A unit on its way; `made_late`: it is made when it goes to the thread; `crowded`: there was no room for it."""

    future: asyncio.Future[T]
    unit: Unit[T] | None = None
    made_late: Callable[[], Unit[T]] | None = None
    crowded: bool = False


@dataclass(frozen=True, slots=True)
class _Outcome:
    pending: _Pending[Any]
    result: Any
    error: BaseException | None
    touched: frozenset[str] = frozenset()


class Writer:
    """Commits units of work in the order in which they were submitted, many to a transaction.

    What is put within a few turns of the event loop goes to the thread together, so that a caller alone pays one commit
    for all that it does at once, and many callers share theirs. What units said that they change is told on the board
    before their callers learn that it is on disk.
    """

    def __init__(
        self, engine: Engine, *, capacity: int = 1024, board: Board | None = None, turns: Turns | None = None
    ) -> None:
        """Start the thread; at most `capacity` units are with it, further ones wait in line.

        The running event loop is the one on which units may be put. `board` None: it has one of its own. With `turns`
        it takes turns with other processes, once `shares` says that there are some.
        """
        self._engine = engine
        self._loop = asyncio.get_running_loop()
        self._queue: queue.SimpleQueue[list[_Pending[Any]] | None] = queue.SimpleQueue()
        self._line: deque[_Pending[Any]] = deque()
        self._late: list[_Pending[Any]] = []
        self._capacity = capacity
        self._with_thread = 0
        self._handing_over = False
        self._closed = False
        self._commits = 0
        self.board = board or Board()
        self._turns = turns
        self.shares = False
        self._thread = threading.Thread(target=self._run, name="store-writer", daemon=True)
        self._thread.start()

    @property
    def commits(self) -> int:
        """Return how many transactions were committed."""
        return self._commits

    async def submit(self, unit: Unit[T]) -> T:
        """Return the unit's result after it is on disk; see `put`."""
        return await self.put(unit)

    def put(self, unit: Unit[T]) -> asyncio.Future[T]:
        """Return a future of the unit's result, which is there after it is on disk.

        Who cancels it stops waiting; the unit is committed all the same, unless there was no room for it. It fails with

        - `UnavailableError`: The store is closed or the disk does not take it.
        - whatever the unit raised; nothing of it is kept.
        """
        pending = _Pending(self._loop.create_future(), unit)
        if self._refused(pending):
            return pending.future
        self._line.append(pending)
        self._hand_over_soon()
        return pending.future

    def put_late(self, make: Callable[[], Unit[T]]) -> asyncio.Future[T]:
        """As `put`, but the unit is made when it goes to the thread, of what is known by then, after what was put."""
        pending: _Pending[T] = _Pending(self._loop.create_future(), made_late=make)
        if self._refused(pending):
            return pending.future
        self._late.append(pending)
        self._hand_over_soon()
        return pending.future

    async def close(self) -> None:
        """Commit what is pending and end the thread."""
        if not self._closed:
            self._closed = True
            self._hand_over()
            self._queue.put(None)
        await asyncio.to_thread(self._thread.join)

    def _refused(self, pending: _Pending[Any]) -> bool:
        if self._closed:
            pending.future.set_exception(UnavailableError("The store is closed.", reason="STORE_CLOSED"))
        pending.crowded = self._with_thread + len(self._line) + len(self._late) >= self._capacity
        return self._closed

    def _hand_over_soon(self) -> None:
        if not self._handing_over:
            self._handing_over = True
            self._loop.call_soon(self._turn, _GATHERING_TURNS)

    def _turn(self, left: int) -> None:
        if left:
            self._loop.call_soon(self._turn, left - 1)
        else:
            self._hand_over()

    def _hand_over(self) -> None:
        """Give the thread what is in line, as far as it has room."""
        self._handing_over = False
        self._line.extend(self._late)
        self._late.clear()
        batch: list[_Pending[Any]] = []
        while self._line and (self._closed or self._with_thread < self._capacity):
            pending = self._line.popleft()
            if pending.crowded and pending.future.cancelled():
                continue
            if pending.made_late is not None and not _made(pending, pending.made_late):
                continue
            self._with_thread += 1
            batch.append(pending)
        if batch:
            self._queue.put(batch)

    def _run(self) -> None:
        with self._engine.connect() as connection:
            open_ = True
            while open_:
                batch, open_ = self._take()
                for start in range(0, len(batch), _MAX_PER_COMMIT):
                    outcomes = self._commit(connection, batch[start : start + _MAX_PER_COMMIT])
                    with suppress(RuntimeError):  # the loop is closed: nobody waits any more
                        self._loop.call_soon_threadsafe(self._resolve, outcomes)

    def _take(self) -> tuple[list[_Pending[Any]], bool]:
        batch: list[_Pending[Any]] = []
        more = self._queue.get()
        while more is not None:
            batch += more
            if len(batch) >= _MAX_PER_COMMIT:
                return batch, True
            try:
                more = self._queue.get_nowait()
            except queue.Empty:
                return batch, True
        return batch, False

    def _own_turn(self) -> AbstractContextManager[None]:
        # Each system call lets the loop's thread go first, so who is alone takes no turns.
        return self._turns.take() if self._turns is not None and self.shares else nullcontext()

    def _commit(self, connection: Connection, batch: list[_Pending[Any]]) -> list[_Outcome]:
        try:
            with self._own_turn(), writing(connection) as sqlite:
                outcomes = [_attempt(connection, sqlite, pending) for pending in batch]
        except Exception as error:  # noqa: BLE001 - whatever it is, every waiting caller must learn of it
            take_touched(connection)
            _log.error("store_commit_failed", units=len(batch), error=str(error))
            return [_Outcome(pending, None, _worded(error)) for pending in batch]
        self._commits += 1
        for outcome in outcomes:
            if outcome.touched:
                self.board.tell(outcome.touched)
        return outcomes

    def _resolve(self, outcomes: list[_Outcome]) -> None:
        self._with_thread -= len(outcomes)
        for outcome in outcomes:
            future = outcome.pending.future
            if future.done():
                continue
            if outcome.error is not None:
                future.set_exception(outcome.error)
            else:
                future.set_result(outcome.result)
        if self._line and not self._handing_over:
            self._hand_over()


def _made(pending: _Pending[T], make: Callable[[], Unit[T]]) -> bool:
    """Make the unit of `pending`, and return whether that went well; else whoever waits for it learns why."""
    try:
        pending.unit = make()
    except Exception as error:  # noqa: BLE001 - one unit that cannot be made must not keep the others from the disk
        if not pending.future.done():
            pending.future.set_exception(error)
        return False
    return True


def _attempt(connection: Connection, sqlite: sqlite3.Connection, pending: _Pending[Any]) -> _Outcome:
    # By hand, because SQLAlchemy's own savepoints take longer than most units.
    sqlite.execute("SAVEPOINT unit")
    try:
        assert pending.unit is not None
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
