"""A run while it is going on: its work, what ends it, and the one terminal event."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import ExitStack
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


class LiveRun:
    """Owns the task that works and the task that sees to its end; neither belongs to an RPC."""

    def __init__(self, scope: RunScope, journal: Journal, work: Work, held: ExitStack) -> None:
        """Begin to work; `held` is closed after the end."""
        self.scope = scope
        self.journal = journal
        self._held = held
        self._ending: Ending | None = None
        self._stopped = asyncio.Event()
        self._suspending = False
        self._work = asyncio.create_task(self._perform(work), name=f"run-{scope.run_id}")
        self.done = asyncio.create_task(self._see_to_the_end(), name=f"end-{scope.run_id}")
        if scope.spec.deadline is not None:
            timer = asyncio.get_running_loop().call_at(scope.spec.deadline, self.stop, _deadline_passed)
            held.callback(timer.cancel)

    def stop(self, ending: Ending) -> None:
        """Stop the work; the first reason counts, and none once the work has ended by itself."""
        if self._ending is None and not self._work.done():
            self._ending = ending
            self._stopped.set()
            self._work.cancel()

    def suspend(self) -> None:
        """Stop the work without an end; another process goes on with the run."""
        if self._ending is None and not self._work.done():
            self._suspending = True
            self._stopped.set()
            self._work.cancel()

    async def _perform(self, work: Work) -> str | None:
        return await work(self.scope)

    async def _see_to_the_end(self) -> None:
        with self._held:
            stopped = asyncio.create_task(self._stopped.wait())
            await asyncio.wait({self._work, stopped}, return_when=asyncio.FIRST_COMPLETED)
            stopped.cancel()
            if not self._work.done():
                await asyncio.wait({self._work}, timeout=STOP_GRACE_S)
            if self._goes_on():
                await self._set_aside()
                return
            try:
                terminal = self._terminal()
            except Exception as error:  # noqa: BLE001 - whatever it is, followers wait for a terminal event
                terminal = self.scope.failed(worded(error))
            try:
                await self.journal.close(terminal, self._store_turns(terminal))
            except VaivenError:
                # The start of the next process ends the run; followers were told that the store failed.
                _log.exception("run_end_not_stored", run=self.scope.name)

    def _goes_on(self) -> bool:
        """Return whether the run has no end yet."""
        work = self._work
        if not work.done() or work.cancelled():
            return self._suspending
        return work.exception() is None and work.result() is None

    async def _set_aside(self) -> None:
        try:
            await self.journal.suspend()
        except VaivenError:
            _log.exception("run_not_set_aside", run=self.scope.name)

    def _terminal(self) -> Terminal:
        work, scope = self._work, self.scope
        if not work.done():
            _log.error("run_does_not_stop", run=scope.name, after_s=STOP_GRACE_S)
        elif not work.cancelled() and work.exception() is None:
            return scope.completed()
        if self._ending is not None:
            return self._ending(scope)
        error = None if work.cancelled() else work.exception()
        return scope.failed(worded(error or RuntimeError("the work was cancelled by nobody's request")))

    def _store_turns(self, terminal: Terminal) -> Callable[[Connection], None]:
        scope = self.scope
        session_id = scope.session_id
        if session_id is None or not isinstance(terminal, Completed | Incomplete):
            return lambda _connection: None
        turns = [("user", self._work.result() or ""), ("assistant", terminal.text)]
        tenant, run_id = scope.principal.tenant, scope.run_id
        return lambda connection: sessions.append_messages(
            connection, tenant, session_id, turns, run_id=run_id, time=datetime.now(UTC)
        )


def _deadline_passed(scope: RunScope) -> Terminal:
    return scope.failed(DeadlineExceededError("The deadline passed; the work was stopped."))
