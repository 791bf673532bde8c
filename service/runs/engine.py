"""The engine: starts runs, shows them, stops them. A run is the engine's, not the RPC's that asked for it."""

from __future__ import annotations

import asyncio
import builtins
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final, Protocol

import structlog

from service.errors import DrainingError, NotFoundError, QueueFullError, SessionBusyError, UnavailableError
from service.runs import resumption
from service.runs.changes import Changes
from service.runs.events import BackendSwitched, Cancelled, RoutingDecision, RunEvent
from service.runs.journal import Journal, read_events
from service.runs.live import LiveRun
from service.runs.locks import BUSY_RETRY_S, KeyedLocks
from service.runs.names import id_in, run_name
from service.runs.ownership import insert, is_cancelled_elsewhere
from service.runs.records import run_event, run_record
from service.runs.recovery import Recovered, take_over
from service.runs.resumption import Resumption
from service.runs.scope import RunScope
from service.runs.spec import Page, Principal, RunRecord, RunSpec, RunState
from service.store import idempotency, plans, runs
from service.store.idempotency import RequestKey
from service.store.ids import new_id
from service.store.paging import decode_page_token, encode_page_token, page_limit
from service.store.runs import RUNNING, WAITING, RunRow
from service.store.store import Store

_log = structlog.get_logger(__name__)

FULL_RETRY_S: Final = 1.0
"""When to ask again while as many runs are going on as are allowed."""

FIRST_LOOK_S: Final = 0.02
"""When the store is looked at again for a run that another process works on; twice as long each time nothing came."""

LONGEST_LOOK_S: Final = 0.2

WAITING_LOOK_S: Final = 1.0
"""The longest pause where nobody works on the run, until people have decided."""

ROUTING_KINDS: Final = ("RoutingDecision", "BackendSwitched")
"""The kinds of stored events that tell of routing."""

MAX_ROUTING_EVENTS: Final = 100
"""How many of them a run shows of itself; a stream of its events has all."""

CANCELLED_BY_CALLER: Final = "CANCELLED_BY_CALLER"
CLIENT_DISCONNECTED: Final = "CLIENT_DISCONNECTED"
SERVICE_DRAINING: Final = "SERVICE_DRAINING"


@dataclass(frozen=True, slots=True)
class RunLimits:
    """`max_concurrent` runs at once; a run lasts at most `max_duration_s` seconds, whatever its caller says."""

    max_concurrent: int = 64
    max_duration_s: float = 600.0


class Agent(Protocol):
    """What a run does between its start and its terminal event."""

    async def check(self, principal: Principal, spec: RunSpec) -> None:
        """Refuse a request that cannot succeed, before anything is stored.

        Raises:
            InvalidArgumentError: A name or an argument is wrong.
            NotFoundError: A function, model or collection does not exist.
        """
        ...

    async def perform(self, scope: RunScope) -> str | None:
        """Do the run; return what the session keeps as the user's turn, None where it was put aside."""
        ...


class RunEngine:
    """Keeps the runs of this process; see `service.rpc.ports.RunEngine` for what callers may rely on."""

    def __init__(self, store: Store, agent: Agent, limits: RunLimits) -> None:
        """Run `agent` for every request; nothing is started yet."""
        self._store = store
        self._agent = agent
        self._limits = limits
        self._requests = KeyedLocks()
        self._starting: set[asyncio.Task[RunRecord]] = set()
        self._reserved = 0
        self._live: dict[tuple[str, str], LiveRun] = {}
        self._lost: set[tuple[str, str]] = set()
        self._resuming: set[asyncio.Task[None]] = set()
        self._changes = Changes()
        self._draining = False

    @property
    def active(self) -> int:
        """Return how many runs are going on."""
        return len(self._live)

    async def start(self, principal: Principal, spec: RunSpec) -> RunRecord:
        """Store and start a run, or return the one that `spec.request_id` started.

        Raises:
            InvalidArgumentError: A name or an argument is wrong, or the request id was used with another body.
            NotFoundError: The function, model or session does not exist.
            SessionBusyError: Another run is working on the session.
            QueueFullError: Too many runs at once.
            DrainingError: The service is shutting down.
        """
        if spec.request_id is None and spec.session is None:
            return await self._start_at_once(principal, spec)
        # In a task of its own: a caller that is gone must not leave a stored run that nobody performs.
        task = asyncio.create_task(self._start(principal, spec))
        self._starting.add(task)
        task.add_done_callback(self._started)
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            if spec.cancel_on_disconnect:
                task.add_done_callback(lambda started: self._abandon(principal, started))
            raise

    async def _start_at_once(self, principal: Principal, spec: RunSpec) -> RunRecord:
        """Start a run that only the disk can refuse: the work begins while the run is being stored.

        What leaves the service waits for it (`RunScope.until_stored`), so that one commit holds the run, its first
        events and what its budgets set aside.
        """
        await self._check(principal, spec)
        row = self._row(principal, spec)
        live = self._go(principal, row, spec, ExitStack())
        stored = self._store.put(lambda connection: insert(connection, row, None))
        live.scope.stored = stored
        stored.add_done_callback(lambda done: live.abandon() if done.exception() is not None else None)
        try:
            await asyncio.shield(stored)
        except asyncio.CancelledError:
            if spec.cancel_on_disconnect:
                live.stop(_disconnected)
            raise
        return run_record(row)

    async def follow(self, principal: Principal, run_name: str, after_sequence: int) -> AsyncIterator[RunEvent]:
        """Yield the stored events after `after_sequence` and then the live ones, the terminal event last.

        Raises:
            NotFoundError: The tenant has no such run.
            UnavailableError: The store failed; the run has no terminal event yet.
        """
        key, cursor = (principal.tenant, id_in(run_name, "runs")), after_sequence
        if (begun := self._live.get(key)) is not None:
            # Nearly every follower comes while the run is live and stays to its end: nothing has to be read for it.
            while batch := await begun.journal.after(cursor):
                for event in batch:
                    yield event
                    if event.is_terminal:
                        return
                cursor = batch[-1].sequence
        pause_s = FIRST_LOOK_S
        while True:
            before = cursor
            changed = self._changes.of(key)
            record = await self.get(principal, run_name)
            live = self._live.get(key)
            async for event in self._stored(key, cursor) if live is None else live.journal.follow(cursor):
                yield event
                cursor = event.sequence
                if event.is_terminal:
                    return
            if record.state.is_final:
                return
            if live is None and key not in self._live:
                pause_s = FIRST_LOOK_S if cursor > before else min(pause_s * 2, WAITING_LOOK_S)
                await self._wait(key, changed, pause_s)

    async def _stored(self, key: tuple[str, str], after_sequence: int) -> AsyncIterator[RunEvent]:
        while batch := await read_events(self._store, *key, after_sequence):
            for event in batch:
                yield event
            after_sequence = batch[-1].sequence

    async def _wait(self, key: tuple[str, str], changed: asyncio.Event, pause_s: float) -> None:
        """Wait until this process works on the run, or for `pause_s` seconds, in which another one may have.

        Raises:
            DrainingError: This process will not.
            UnavailableError: The run's end was lost.
        """
        if self._draining:
            raise DrainingError("The service is shutting down; the run goes on after that, watch it again.")
        row, goes_on = await self._store.read(
            lambda connection: (runs.get_run(connection, *key), plans.get_plan_run(connection, *key) is not None)
        )
        if key in self._live or row is None or row.state not in (RUNNING, WAITING):
            return
        elsewhere = row.owner not in (None, self._store.owner)
        if row.state == RUNNING and not elsewhere and not goes_on:
            raise UnavailableError("The end of this run could not be stored.", reason="STORE_UNAVAILABLE")
        with suppress(TimeoutError):
            async with asyncio.timeout(pause_s if row.owner is None else min(pause_s, LONGEST_LOOK_S)):
                await changed.wait()

    async def get(self, principal: Principal, name: str) -> RunRecord:
        """Return the run as it is stored.

        Raises:
            NotFoundError: The tenant has no such run.
        """
        run_id = id_in(name, "runs")
        row = await self._store.read(lambda connection: runs.get_run(connection, principal.tenant, run_id))
        if row is None:
            raise NotFoundError(f"There is no run {name}.")
        return run_record(row)

    async def routing(self, principal: Principal, name: str) -> Sequence[RoutingDecision | BackendSwitched]:
        """Return who was chosen to answer in the run, and who answered in whose place, in order.

        Raises:
            NotFoundError: The tenant has no such run.
        """
        await self.get(principal, name)
        run_id = id_in(name, "runs")
        rows = await self._store.read(
            lambda connection: runs.events_of_kinds(
                connection, principal.tenant, run_id, kinds=ROUTING_KINDS, limit=MAX_ROUTING_EVENTS
            )
        )
        payloads = (run_event(row).payload for row in rows)
        return [payload for payload in payloads if isinstance(payload, RoutingDecision | BackendSwitched)]

    async def list(
        self, principal: Principal, page_size: int, page_token: str, session: str | None, state: RunState | None
    ) -> Page[RunRecord]:
        """Return a page of the tenant's runs, newest first; None does not filter.

        Raises:
            InvalidArgumentError: The token is not of this list.
        """
        limit, tenant = page_limit(page_size), principal.tenant
        scope = f"runs:{tenant}:{session or ''}:{state or ''}"
        key = decode_page_token(scope, page_token, (str,))
        session_id = None if session is None else id_in(session, "sessions", "session")
        rows = await self._store.read(
            lambda connection: runs.list_runs(
                connection,
                tenant,
                before_id=None if key is None else str(key[0]),
                limit=limit + 1,
                session_id=session_id,
                state=None if state is None else state.value,
            )
        )
        token = encode_page_token(scope, (rows[limit - 1].id,)) if len(rows) > limit else ""
        return Page(tuple(run_record(row) for row in rows[:limit]), token)

    async def cancel(
        self, principal: Principal, name: str, request_id: str | None = None, *, reason: str = CANCELLED_BY_CALLER
    ) -> RunRecord:
        """Stop the run and return it after its terminal event; one that has ended is returned unchanged.

        Raises:
            NotFoundError: The tenant has no such run.
            RequestIdReusedError: The request id was used for another run.
        """
        run_id = id_in(name, "runs")
        await self.get(principal, name)
        if request_id is not None:
            key = RequestKey(principal.tenant, "CancelRun", request_id, name)
            await self._store.write(lambda connection: idempotency.once(connection, key, lambda: name))
        live = self._live.get((principal.tenant, run_id))
        if live is not None:
            live.stop(lambda scope: scope.cancelled(reason))
            await asyncio.shield(live.done)
        own, pause_s = self._store.owner, FIRST_LOOK_S
        while await self._store.write(lambda c: is_cancelled_elsewhere(c, principal.tenant, run_id, own, reason)):
            if self._draining:
                break
            await asyncio.sleep(pause_s)
            pause_s = min(pause_s * 2, LONGEST_LOOK_S)
        self._changes.tell((principal.tenant, run_id))
        return await self.get(principal, name)

    async def look(self) -> None:
        """Cancel what other processes have asked this one to cancel."""
        for row in await self._store.read(lambda connection: runs.asked_to_cancel(connection, self._store.owner)):
            live = self._live.get((row.tenant, row.id))
            if live is not None and (reason := row.cancel_reason) is not None:
                live.stop(lambda scope, reason=reason: scope.cancelled(reason))  # type: ignore[misc]

    @property
    def has_lost(self) -> bool:
        """Return whether a run came to an end that could not be stored."""
        return bool(self._lost) and not self._draining

    async def take_over(self) -> Recovered:
        """Go on with what processes left behind that are gone, or end it; and end what this one has lost."""
        if self._draining:  # others do it, or the next process
            return Recovered(0, ())
        lost, self._lost = self._lost, set()
        try:
            taken = await take_over(self._store, lost)
        except BaseException:
            self._lost |= lost
            raise
        for key in (*taken.going_on, *lost):
            self.wake(*key)
        return taken

    def refuse_if_full(self) -> None:
        """Refuse, where no further run may begin or go on now.

        Raises:
            QueueFullError: As many are going on as are allowed.
            DrainingError: The service is shutting down.
        """
        if self._draining:
            raise DrainingError("The service is shutting down; ask again, another instance may answer.")
        if self._reserved + len(self._live) >= self._limits.max_concurrent:
            raise QueueFullError(
                f"{self._limits.max_concurrent} runs are going on, as many as are allowed (runs.max_concurrent).",
                retry_after_s=FULL_RETRY_S,
            )

    def wake(self, tenant: str, run_id: str) -> None:
        """Let a stored run go on that nothing works on; one that has ended or waits is left alone."""
        task = asyncio.create_task(self._resume((tenant, run_id)), name=f"resume-{run_id}")
        self._resuming.add(task)
        task.add_done_callback(lambda done: self._resumed((tenant, run_id), done))

    async def drain(self, grace_s: float) -> None:
        """Refuse new runs, wait up to `grace_s` seconds for those in flight, then stop the rest.

        On return every run has its stored terminal event, or goes on in the next process, and no follower waits for
        more.
        """
        self._draining = True
        for task in self._resuming:
            task.cancel()
        if begun := self._starting | self._resuming:
            await asyncio.wait(begun)
        self._changes.tell_all()
        if ends := self._ends():
            await asyncio.wait(ends, timeout=grace_s)
        for live in builtins.list(self._live.values()):
            if live.scope.goes_on_elsewhere:
                live.suspend()
            else:
                live.stop(lambda scope: scope.cancelled(SERVICE_DRAINING))
        if ends := self._ends():
            await asyncio.wait(ends)

    def _ends(self) -> builtins.list[asyncio.Future[None]]:
        return [live.done for live in self._live.values()]

    async def _start(self, principal: Principal, spec: RunSpec) -> RunRecord:
        if spec.request_id is None:
            return await self._begin(principal, spec, None)
        key = RequestKey(principal.tenant, "Run", spec.request_id, spec.fingerprint())
        async with self._requests.hold((key.tenant, key.request_id)):
            stored = await self._store.read(lambda connection: idempotency.find(connection, key))
            if stored is not None:
                return await self.get(principal, stored)
            return await self._begin(principal, spec, key)

    async def _begin(self, principal: Principal, spec: RunSpec, key: RequestKey | None) -> RunRecord:
        await self._check(principal, spec)
        row = self._row(principal, spec)
        with self._place():
            name = await self._store.write(lambda connection: insert(connection, row, key))
            if name != run_name(row.id):  # another process has just started it for the same request id
                return await self.get(principal, name)
            self._go(principal, row, spec, ExitStack())
        return run_record(row)

    async def _check(self, principal: Principal, spec: RunSpec) -> None:
        if self._draining:
            raise DrainingError("The service is shutting down; ask again, another instance may answer.")
        await self._agent.check(principal, spec)
        self.refuse_if_full()

    @contextmanager
    def _place(self) -> Iterator[None]:
        """Keep a place among the concurrent runs until the run is live."""
        self._reserved += 1
        try:
            yield
        finally:
            self._reserved -= 1

    def _row(self, principal: Principal, spec: RunSpec) -> RunRow:
        return RunRow(
            tenant=principal.tenant,
            id=new_id(),
            state=RUNNING,
            input=spec.input,
            session_id=None if spec.session is None else id_in(spec.session, "sessions", "session"),
            function=spec.function,
            model=spec.model,
            create_time=datetime.now(UTC),
            owner=self._store.owner,
        )

    def _go(self, principal: Principal, row: RunRow, spec: RunSpec, held: ExitStack) -> LiveRun:
        latest = asyncio.get_running_loop().time() + self._limits.max_duration_s
        spec = replace(spec, deadline=latest if spec.deadline is None else min(spec.deadline, latest))
        journal = Journal(self._store, row.tenant, row.id)
        return self._work(RunScope(principal, row.id, spec, journal, session_id=row.session_id), journal, held)

    def _work(self, scope: RunScope, journal: Journal, held: ExitStack) -> LiveRun:
        key = (scope.principal.tenant, scope.run_id)
        held.callback(self._changes.tell, key)
        held.callback(self._left, key)
        live = self._live[key] = LiveRun(scope, journal, self._agent.perform, held)
        return live

    def _left(self, key: tuple[str, str]) -> None:
        """Take a run for no longer live; where it was decided on while it was being put aside, it goes on at once."""
        live = self._live.pop(key)
        if live.lost:
            self._lost.add(key)
        if live.aside and not self._draining:
            self.wake(*key)

    async def _resume(self, key: tuple[str, str]) -> None:
        """Go on with a stored run, once it is no longer being put aside and nothing else works on its session."""
        while (live := self._live.get(key)) is not None:
            await asyncio.wait([live.done])
        while await self._store.read(lambda connection: resumption.is_free(connection, *key)):
            try:
                await self._claimed(key)
            except SessionBusyError:
                await asyncio.sleep(BUSY_RETRY_S)
            else:
                break

    async def _claimed(self, key: tuple[str, str]) -> None:
        """Let this process own the run and go on with it, where it is free; both or, where it is refused, neither."""
        own = self._store.owner
        taking = self._store.put(lambda connection: resumption.take(connection, *key, own))
        try:
            found = await asyncio.shield(taking)
        except asyncio.CancelledError:
            # It may be taken all the same; the writer keeps the order.
            self._store.put(lambda connection: runs.release(connection, *key, own))
            raise
        if found is not None:
            self._go_on(found, ExitStack())

    def _go_on(self, found: Resumption, held: ExitStack) -> None:
        deadline = asyncio.get_running_loop().time() + found.remaining_s
        journal = Journal(self._store, found.row.tenant, found.row.id, sequence=found.sequence)
        scope = RunScope(
            found.principal,
            found.row.id,
            replace(found.spec, deadline=deadline),
            journal,
            session_id=found.row.session_id,
        )
        scope.spent_before(found.usage, found.cost)
        scope.goes_on_elsewhere = True
        self._work(scope, journal, held)

    def _resumed(self, key: tuple[str, str], task: asyncio.Task[None]) -> None:
        self._resuming.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            # The next process goes on with it; its followers are told that this one does not.
            _log.error("run_not_resumed", run=run_name(key[1]), exc_info=error)
        self._changes.tell(key)

    def _started(self, task: asyncio.Task[RunRecord]) -> None:
        self._starting.discard(task)
        if not task.cancelled():
            task.exception()  # seen, also where the caller is gone

    def _abandon(self, principal: Principal, started: asyncio.Task[RunRecord]) -> None:
        if started.cancelled() or started.exception() is not None:
            return
        live = self._live.get((principal.tenant, id_in(started.result().name, "runs")))
        if live is not None:
            live.stop(_disconnected)


def _disconnected(scope: RunScope) -> Cancelled:
    return scope.cancelled(CLIENT_DISCONNECTED)
