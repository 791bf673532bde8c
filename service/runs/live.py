"""A run while it is going on: its work, what ends it, and the one terminal event."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

import structlog
from sqlalchemy import Connection

from service.errors import DeadlineExceededError, VaivenError
from service.runs.events import Completed, Incomplete, Terminal
from service.runs.failures import worded
from service.runs.journal import Journal
from service.runs.scope import RunScope
from service.store import sessions

_log = structlog.get_logger(__name__)

STOP_GRACE_S: Final = 5.0
"""How long work that was told to stop may take; then the run ends without it."""

Ending = Callable[[RunScope], Terminal]
"""Makes the terminal event of a run that is stopped from outside."""

Work = Callable[[RunScope], Awaitable[str | None]]
"""Does the run: events go into the scope; returns what the session keeps as the user's turn.

None: the run has not ended, it was put aside until people have decided.
"""


@dataclass(frozen=True, slots=True)
class _Outcome:
    """How the work ended: what the session keeps, or what went wrong; `stopped`: it was cancelled or left behind."""

    turn: str | None
    failure: Exception | None
    stopped: bool = False


class LiveRun:
    """Owns the task that works and sees to the run's end, which belongs to no RPC; `done` is there after the end.

    Then it may be `aside`: the run has not ended, and nobody owns it; or `lost`: how it stands could not be stored.
    """

    def __init__(self, scope: RunScope, journal: Journal, work: Work, held: ExitStack) -> None:
        """Begin to work; `held` is closed after the end."""
        loop = asyncio.get_running_loop()
        self.scope = scope
        self.journal = journal
        self.done: asyncio.Future[None] = loop.create_future()
        self.aside = False
        self.lost = False
        self._held = held
        self._ending: Ending | None = None
        self._abandoned = False
        self._suspending = False
        self._over = False
        self._work = asyncio.create_task(self._perform(work), name=f"run-{scope.run_id}")
        self._work.add_done_callback(self._left)
        self._end: asyncio.Task[None] | None = None
        if scope.spec.deadline is not None:
            timer = loop.call_at(scope.spec.deadline, self.stop, _deadline_passed)
            held.callback(timer.cancel)

    def stop(self, ending: Ending) -> None:
        """Stop the work; the first reason counts, and none once the work has ended by itself."""
        if self._ending is None and not self._over:
            self._ending = ending
            self._interrupt()

    def suspend(self) -> None:
        """Stop the work without an end; another process goes on with the run."""
        if self._ending is None and not self._over:
            self._suspending = True
            self._interrupt()

    def abandon(self) -> None:
        """Stop the work and store no end: the run itself could not be stored."""
        self._abandoned = True
        if not self._over:
            self._interrupt()

    def _interrupt(self) -> None:
        self._work.cancel()
        timer = asyncio.get_running_loop().call_later(STOP_GRACE_S, self._give_up)
        self._held.callback(timer.cancel)

    async def _perform(self, work: Work) -> None:
        turn: str | None = None
        failure: Exception | None = None
        try:
            turn = await work(self.scope)
        except Exception as error:  # noqa: BLE001 - whatever it is, it ends the run in words
            failure = error
        if not self._over:
            self._over = True
            await self._see_to_the_end(_Outcome(turn, failure))

    def _left(self, work: asyncio.Task[None]) -> None:
        """See to the end of work that was cancelled, which does not do so itself."""
        if not self._over:
            self._over = True
            stopped = RuntimeError("the work was cancelled by nobody's request")
            self._end = asyncio.create_task(self._see_to_the_end(_Outcome(None, stopped, stopped=True)))

    def _give_up(self) -> None:
        if not self._over:
            self._over = True
            _log.error("run_does_not_stop", run=self.scope.name, after_s=STOP_GRACE_S)
            stopped = RuntimeError("the work did not stop")
            self._end = asyncio.create_task(self._see_to_the_end(_Outcome(None, stopped, stopped=True)))

    async def _see_to_the_end(self, outcome: _Outcome) -> None:
        try:
            with self._held:
                if not self._abandoned:
                    await self._store_end(outcome)
        finally:
            self.done.set_result(None)

    async def _store_end(self, outcome: _Outcome) -> None:
        if self._suspending if outcome.stopped else outcome.turn is None and outcome.failure is None:
            await self._set_aside()
            return
        try:
            terminal = self._terminal(outcome)
        except Exception as error:  # noqa: BLE001 - whatever it is, followers wait for a terminal event
            terminal = self.scope.failed(worded(error))
        try:
            await self.journal.close(terminal, self._store_turns(terminal, outcome.turn or ""))
        except VaivenError:
            # Who looks after what was left behind ends the run; followers were told that the store failed.
            self.lost = True
            _log.exception("run_end_not_stored", run=self.scope.name)

    async def _set_aside(self) -> None:
        try:
            await self.journal.suspend()
            self.aside = True
        except VaivenError:
            self.lost = True
            _log.exception("run_not_set_aside", run=self.scope.name)

    def _terminal(self, outcome: _Outcome) -> Terminal:
        if outcome.failure is None:
            return self.scope.completed()
        if self._ending is not None:
            return self._ending(self.scope)
        return self.scope.failed(worded(outcome.failure))

    def _store_turns(self, terminal: Terminal, said: str) -> Callable[[Connection], None]:
        scope = self.scope
        session_id = scope.session_id
        if session_id is None or not isinstance(terminal, Completed | Incomplete):
            return lambda _connection: None
        turns = [("user", said), ("assistant", terminal.text)]
        tenant, run_id = scope.principal.tenant, scope.run_id
        return lambda connection: sessions.append_messages(
            connection, tenant, session_id, turns, run_id=run_id, time=datetime.now(UTC)
        )


def _deadline_passed(scope: RunScope) -> Terminal:
    return scope.failed(DeadlineExceededError("The deadline passed; the work was stopped."))
