"""The events of one live run: stored, then shown. Whoever is slow reads them from the store."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from typing import Final

from sqlalchemy import Connection

from service.errors import UnavailableError
from service.runs.events import BackendSwitched, Payload, RoutingDecision, RunEvent, RunStarted, Terminal, TextDelta
from service.runs.names import run_name
from service.runs.records import event_row, run_event, state_of
from service.store import runs
from service.store.runs import EventRow
from service.store.store import Store
from service.store.writer import Unit

MAX_PENDING_EVENTS: Final = 64
"""How far a run may be ahead of the disk before it waits."""

MAX_DELTA_CHARS: Final = 4096
"""The longest text that deltas are joined to while a commit is in flight."""

RECENT_EVENTS: Final = 256
"""How many events a follower may be behind before it reads from the store."""

PAGE_EVENTS: Final = 256
"""How many events are read from the store at once."""


class Journal:
    """Numbers, stores and publishes a run's events, in the order in which they were emitted.

    Whatever is pending when the store's writer takes more is stored in one unit of work. What becomes ready while
    it is on its way waits for it, and text is joined meanwhile, so that a fast model costs few events and a slow one is
    shown at once.
    """

    def __init__(self, store: Store, tenant: str, run_id: str, *, sequence: int = 0) -> None:
        """Begin a journal, empty or after the event `sequence` of a run that goes on."""
        self._store = store
        self._tenant = tenant
        self._run_id = run_id
        self._pending: deque[tuple[datetime, Payload]] = deque()
        self._recent: deque[RunEvent] = deque(maxlen=RECENT_EVENTS)
        self._sequence = sequence
        self._storing = False
        self._space: asyncio.Event | None = None
        self._published: asyncio.Event | None = None
        self._closing: Unit[None] | None = None
        self._release_due = False
        self._over: asyncio.Future[None] | None = None
        self._ended = False
        self._failure: BaseException | None = None

    async def emit(self, payload: Payload) -> None:
        """Take an event; returns before it is stored, but waits while the run is too far ahead of the disk.

        Raises:
            UnavailableError: The store failed or the run has ended.
        """
        while self._space is not None:
            await self._space.wait()
        self._refuse_if_over()
        if not self._joined(payload):
            self._pending.append((datetime.now(UTC), payload))
        if len(self._pending) >= MAX_PENDING_EVENTS:
            self._space = asyncio.Event()
        self._store_soon()

    async def close(self, terminal: Terminal, with_it: Unit[None]) -> None:
        """Store the terminal event, the run's end and `with_it` in one transaction, after all that was emitted.

        Raises:
            UnavailableError: The store failed; the run has no terminal event.
        """
        self._refuse_if_over()
        self._closing = with_it
        self._pending.append((datetime.now(UTC), terminal))
        await self._seal()

    async def suspend(self) -> None:
        """Store all that was emitted and end without a terminal event, letting go of the run: another one will go on.

        Raises:
            UnavailableError: The store failed.
        """
        self._refuse_if_over()
        self._release_due = True
        await self._seal()

    async def _seal(self) -> None:
        self._over = asyncio.get_running_loop().create_future()
        self._store_soon()
        await asyncio.shield(self._over)
        self._refuse_if_failed()

    async def follow(self, after_sequence: int) -> AsyncIterator[RunEvent]:
        """Yield the events after `after_sequence`, from the store as far as needed, the terminal one last.

        Without a terminal event it ends where the journal was suspended.

        Raises:
            UnavailableError: The store failed, so that there will be no terminal event.
        """
        cursor = after_sequence
        while batch := await self.after(cursor):
            for event in batch:
                yield event
                cursor = event.sequence
                if event.is_terminal:
                    return

    async def after(self, sequence: int) -> Sequence[RunEvent]:
        """Wait for events after `sequence` and return those at hand; none: there will be none.

        Raises:
            UnavailableError: The store failed, so that there will be no terminal event.
        """
        while True:
            batch = self._recent_after(sequence)
            if batch is None:
                batch = await read_events(self._store, self._tenant, self._run_id, sequence)
            if batch:
                return batch
            self._refuse_if_failed()
            if self._ended:  # the caller said that it had the terminal event, or there is none yet
                return ()
            if self._published is None:
                self._published = asyncio.Event()
            await self._published.wait()

    def _recent_after(self, cursor: int) -> Sequence[RunEvent] | None:
        """Return what is published after `cursor`, None when part of it is no longer in memory."""
        behind = self._sequence - cursor
        if behind <= 0:
            return ()
        if behind > len(self._recent):
            return None
        return list(self._recent)[-behind:]

    def _joined(self, payload: Payload) -> bool:
        if not (isinstance(payload, TextDelta) and self._pending):
            return False
        time, last = self._pending[-1]
        if not isinstance(last, TextDelta) or len(last.text) + len(payload.text) > MAX_DELTA_CHARS:
            return False
        self._pending[-1] = (time, TextDelta(last.text + payload.text))
        return True

    def _store_soon(self) -> None:
        if not self._storing and self._failure is None:
            self._storing = True
            taken: list[RunEvent] = []
            stored = self._store.put_late(lambda: self._unit(self._take(taken)))
            stored.add_done_callback(lambda done: self._stored(taken, done))

    def _take(self, taken: list[RunEvent]) -> list[RunEvent]:
        """Move what is pending to `taken`, numbered, and return that."""
        run = run_name(self._run_id)
        for number, (time, payload) in enumerate(self._pending, start=self._sequence + 1):
            taken.append(RunEvent(run, number, time, payload))
        self._pending.clear()
        self._make_space()
        return taken

    def _stored(self, events: Sequence[RunEvent], stored: asyncio.Future[None]) -> None:
        self._storing = False
        over = self._over is not None and not self._pending and not self._release_due
        if (error := stored.exception()) is not None:
            self._failure = error  # kept for everyone who waits on this run
            self._make_space()
            self._publish(())
        else:
            self._ended = over
            self._publish(events)
            if not over and (self._pending or self._over is not None):
                self._store_soon()
        if self._over is not None and not self._over.done() and not self._storing:
            self._over.set_result(None)

    def _make_space(self) -> None:
        if self._space is not None:
            self._space.set()
            self._space = None

    def _unit(self, events: Sequence[RunEvent]) -> Unit[None]:
        tenant, run_id, with_it = self._tenant, self._run_id, self._closing
        releases, self._release_due = self._release_due, False
        owner = self._store.owner

        def unit(connection: Connection) -> None:
            rows = [event_row(tenant, run_id, e.sequence, e.time, e.payload) for e in events]
            runs.append_events(connection, rows)
            function = model = None
            for event in events:
                match event.payload:
                    case RunStarted():
                        function = event.payload.function or function
                    case RoutingDecision(model=decided) | BackendSwitched(to_model=decided):
                        model = decided
            runs.set_decided(connection, tenant, run_id, function=function, model=model)
            if events and isinstance(terminal := events[-1].payload, Terminal):
                _end_run(connection, rows[-1], terminal)
                if with_it is not None:
                    with_it(connection)
            if releases:
                runs.release(connection, tenant, run_id, owner)

        return unit

    def _publish(self, events: Sequence[RunEvent]) -> None:
        self._recent.extend(events)
        self._sequence += len(events)
        if self._published is not None:
            self._published.set()
            self._published = None

    def _refuse_if_over(self) -> None:
        self._refuse_if_failed()
        if self._over is not None:
            raise UnavailableError("The run has ended.", reason="RUN_ENDED")

    def _refuse_if_failed(self) -> None:
        if self._failure is not None:
            raise UnavailableError(
                "The run's events cannot be stored, so it was stopped.", reason="STORE_UNAVAILABLE"
            ) from self._failure


def end_run(connection: Connection, tenant: str, run_id: str, time: datetime, terminal: Terminal) -> None:
    """Note the run's end beside its terminal event, which the caller stores."""
    _end_run(connection, event_row(tenant, run_id, 0, time, terminal), terminal)


def _end_run(connection: Connection, row: EventRow, terminal: Terminal) -> None:
    runs.end_run(
        connection,
        row.tenant,
        row.run_id,
        state=state_of(terminal),
        time=row.time,
        kind=row.kind,
        payload=row.payload,
    )


async def read_events(store: Store, tenant: str, run_id: str, after_sequence: int) -> list[RunEvent]:
    """Return the next stored events after `after_sequence`, at most a page of them."""
    rows = await store.read(
        lambda connection: runs.events_after(
            connection, tenant, run_id, after_sequence=after_sequence, limit=PAGE_EVENTS
        )
    )
    return [run_event(row) for row in rows]
