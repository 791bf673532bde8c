"""Long operations: each is stored, owned by a task, followed, cancelled, and ended in a clear state by a restart."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Final

import structlog
from sqlalchemy import Connection

from service.errors import (
    DrainingError,
    FailedPreconditionError,
    InternalError,
    NotFoundError,
    OperationCancelledError,
    QueueFullError,
    ServiceRestartedError,
    VaivenError,
)
from service.models import operation_records as records
from service.models.operation_records import Action, OperationRecord, Outcome, Progress
from service.runs.changes import Changes
from service.runs.names import id_in, operation_name
from service.runs.spec import Page, Principal
from service.store import idempotency, operations
from service.store.idempotency import RequestKey
from service.store.ids import new_id
from service.store.instances import Living
from service.store.operations import OperationRow
from service.store.paging import decode_page_token, encode_page_token, page_limit
from service.store.store import Store

_log = structlog.get_logger(__name__)

KEPT_FOR: Final = timedelta(days=30)
"""How long an operation that has ended can be looked at."""

RETRY_S: Final = 10.0

LOOK_S: Final = 0.1
"""How often an operation of another process is looked at while somebody waits for it."""


@dataclass(frozen=True, slots=True)
class Order:
    """What is asked for: `fingerprint` is a digest of the request without its id, by which a replay is known."""

    action: Action
    model_id: str
    request_id: str | None
    fingerprint: str


class Reporter:
    """What the work of an operation says of itself; only the last word is kept."""

    def __init__(self) -> None:
        """Begin with nothing said."""
        self.now = Progress()

    def stage(self, stage: str, total: int = 0, unit: str = "") -> None:
        """Begin a stage of `total` units; 0: it is not known how many."""
        self.now = Progress(stage, 0, total, unit)

    def done(self, done: int) -> None:
        """Say how many units of the stage are done."""
        self.now = replace(self.now, done=done)


Work = Callable[[Reporter], Awaitable[Outcome]]
"""Does an operation's work; what it raises is how the operation failed."""


@dataclass(slots=True)
class _Live:
    row: OperationRow
    reporter: Reporter
    task: asyncio.Task[None] | None = None
    cancelled: bool = False


class Operations:
    """All operations; see `service.rpc.model_ports.Operations`."""

    def __init__(self, store: Store, *, max_running: int) -> None:
        """Keep them in `store`; at most `max_running` at once."""
        self._store = store
        self._max_running = max_running
        self._live: dict[tuple[str, str], _Live] = {}
        self._starting: set[tuple[str, str]] = set()
        self._changes = Changes()
        self._closed = False

    async def recover(self) -> int:
        """End what no living process is working on, forget what is old, and return how many were ended."""
        now = datetime.now(UTC)

        def unit(connection: Connection) -> int:
            operations.forget_operations(connection, now - KEPT_FOR)
            living = Living(self._store.instance)
            left = [row for row in operations.running_operations(connection) if not self._is_kept(row, living)]
            for row in left:
                gone = OperationCancelledError("The operation was cancelled.") if row.cancel_requested else _restarted()
                operations.end_operation(
                    connection,
                    row.tenant,
                    row.id,
                    state=records.state_of(gone),
                    progress=row.progress,
                    outcome=records.encode_outcome(gone),
                    time=now,
                )
            return len(left)

        return await self._store.write(unit)

    def _is_kept(self, row: OperationRow, living: Living) -> bool:
        if row.owner == self._store.owner:
            return (row.tenant, row.id) in self._live or (row.tenant, row.id) in self._starting
        return living.is_any(row.owner)

    async def look(self) -> None:
        """Stop what other processes have asked this one to stop, and tell them how far the rest is."""
        for row in await self._store.read(lambda c: operations.asked_to_cancel(c, self._store.owner)):
            live = self._live.get((row.tenant, row.id))
            if live is not None and not live.cancelled:
                live.cancelled = True
                if live.task is not None:
                    live.task.cancel()
        now = [(live.row, records.encode_progress(live.reporter.now)) for live in self._live.values()]

        def unit(connection: Connection) -> None:
            for row, progress in now:
                operations.set_progress(connection, row.tenant, row.id, progress)

        if now:
            await self._store.write(unit)

    async def start(self, principal: Principal, order: Order, work: Work) -> OperationRecord:
        """Store and start an operation, or return the one that the order's request id started.

        Raises:
            QueueFullError: As many as may be are going on.
            DrainingError: The service is shutting down.
            RequestIdReusedError: The request id came before with another request.
        """
        if self._closed:
            raise DrainingError("The service is shutting down and starts nothing.")
        tenant, now, key = principal.tenant, datetime.now(UTC), _key(principal, order)
        row = OperationRow(
            tenant,
            new_id(),
            operations.RUNNING,
            order.action,
            order.model_id,
            records.encode_progress(Progress()),
            now,
            owner=self._store.owner,
        )
        full = len(self._live) + len(self._starting) >= self._max_running

        def unit(connection: Connection) -> str:
            def make() -> str:
                if full:
                    raise QueueFullError(
                        f"{self._max_running} operations are going on; wait for one or cancel it.",
                        retry_after_s=RETRY_S,
                    )
                operations.insert_operation(connection, row)
                return row.id

            return idempotency.once(connection, key, make).result

        self._starting.add((tenant, row.id))
        try:
            made = await self._store.write(unit)
            if made == row.id:  # before it is no longer one that starts: `recover` looks from another thread
                self._live[tenant, row.id] = _Live(row, Reporter())
        finally:
            self._starting.discard((tenant, row.id))
        if made != row.id:
            return await self.get(principal, operation_name(made))
        live = self._live[tenant, row.id]
        live.task = asyncio.create_task(self._run(live, work), name=f"operation {row.id}")
        return records.record_of(row, live.reporter.now)

    async def replay(self, principal: Principal, order: Order) -> OperationRecord | None:
        """Return the operation that the order's request id started before; None: it has started none.

        Raises:
            RequestIdReusedError: The request id came before with another request.
        """
        key = _key(principal, order)
        made = None if key is None else await self._store.read(lambda connection: idempotency.find(connection, key))
        return None if made is None else await self.get(principal, operation_name(made))

    async def get(self, principal: Principal, name: str) -> OperationRecord:
        """Return the operation as it is now.

        Raises:
            NotFoundError: The tenant has none of that name.
        """
        tenant, operation_id = principal.tenant, id_in(name, "operations")
        if (live := self._live.get((tenant, operation_id))) is not None:
            return records.record_of(live.row, live.reporter.now)
        return records.record_of(await self._stored(tenant, operation_id))

    async def list(
        self, principal: Principal, page_size: int, page_token: str, running: bool | None
    ) -> Page[OperationRecord]:
        """Return a page of the tenant's operations, newest first; None does not filter.

        Raises:
            InvalidArgumentError: The token is not of this list.
        """
        limit, tenant = page_limit(page_size), principal.tenant
        scope = f"operations:{tenant}:{running}"
        key = decode_page_token(scope, page_token, (str,))
        before = None if key is None else str(key[0])
        rows = await self._store.read(
            lambda c: operations.list_operations(c, tenant, before_id=before, limit=limit + 1, running=running)
        )
        token = encode_page_token(scope, (rows[limit - 1].id,)) if len(rows) > limit else ""
        return Page(tuple(self._as_now(row) for row in rows[:limit]), token)

    async def wait(self, principal: Principal, name: str, timeout_s: float) -> OperationRecord:
        """Return the operation when it has ended, or as it is after `timeout_s` seconds.

        Raises:
            NotFoundError: The tenant has none of that name.
        """
        key = (principal.tenant, id_in(name, "operations"))
        if key in self._live:
            ended = self._changes.of(key)
            try:
                async with asyncio.timeout(timeout_s):
                    await ended.wait()
            except TimeoutError:
                pass
            return await self.get(principal, name)
        return await self._ended_elsewhere(principal, name, asyncio.get_running_loop().time() + timeout_s)

    async def _ended_elsewhere(self, principal: Principal, name: str, until: float) -> OperationRecord:
        """Return the operation when it has ended, which another process sees to, or as it is at `until`."""
        loop = asyncio.get_running_loop()
        while True:
            record = await self.get(principal, name)
            if record.outcome is not None or self._closed or loop.time() >= until:
                return record
            await asyncio.sleep(min(LOOK_S, max(0.0, until - loop.time())))

    async def cancel(self, principal: Principal, name: str) -> None:
        """Stop the work and return when it has stopped; one that has ended stays as it is.

        Raises:
            NotFoundError: The tenant has none of that name.
        """
        tenant, operation_id = principal.tenant, id_in(name, "operations")
        live = self._live.get((tenant, operation_id))
        if live is None:

            def unit(connection: Connection) -> bool:
                row = _existing(connection, tenant, operation_id)
                if row.owner == self._store.owner:
                    return False
                operations.ask_to_cancel(connection, row)
                return row.state == operations.RUNNING

            if await self._store.write(unit):
                await self._ended_elsewhere(principal, name, math.inf)
            return
        live.cancelled = True
        await self._stop(live)

    async def delete(self, principal: Principal, name: str) -> None:
        """Forget an operation that has ended.

        Raises:
            NotFoundError: The tenant has none of that name.
            FailedPreconditionError: It has not ended.
        """
        tenant, operation_id = principal.tenant, id_in(name, "operations")

        def unit(connection: Connection) -> None:
            if _existing(connection, tenant, operation_id).state == operations.RUNNING:
                raise FailedPreconditionError(f"{name} has not ended; cancel it first.")
            operations.delete_operation(connection, tenant, operation_id)

        await self._store.write(unit)

    async def close(self) -> None:
        """Stop all work; what is going on ends as failed, to be asked for again."""
        self._closed = True
        await asyncio.gather(*(self._stop(live) for live in list(self._live.values())))

    async def _stop(self, live: _Live) -> None:
        if live.task is not None:
            live.task.cancel()
            await asyncio.wait({live.task})
        if self._live.get((live.row.tenant, live.row.id)) is live:
            # It was cancelled before its first step, so that nothing of it ran.
            await self._end(live, _stopped(live))

    async def _run(self, live: _Live, work: Work) -> None:
        """Do the work and store how it ended."""
        outcome: Outcome | VaivenError
        try:
            outcome = await work(live.reporter)
        except VaivenError as error:
            outcome = error
        except asyncio.CancelledError:
            await self._end(live, _stopped(live))
            raise
        except Exception:  # noqa: BLE001 - an operation is a task of its own: whoever follows it must learn that it failed
            _log.exception("operation_failed", operation=live.row.id, action=live.row.action)
            outcome = InternalError(f"Something went wrong; the service's log says what, at operations/{live.row.id}.")
        await self._end(live, outcome)

    async def _end(self, live: _Live, outcome: Outcome | VaivenError) -> None:
        row, now = live.row, datetime.now(UTC)
        state = records.state_of(outcome)
        progress, told = records.encode_progress(live.reporter.now), records.encode_outcome(outcome)
        _log.info("operation_ended", operation=row.id, action=row.action, model=row.model, state=state)
        try:
            await self._store.write(
                lambda c: operations.end_operation(
                    c, row.tenant, row.id, state=state, progress=progress, outcome=told, time=now
                )
            )
        except VaivenError as error:
            # Who looks next after what was left behind ends it; until then it is shown as running.
            _log.error("operation_not_stored", operation=row.id, error=error.message)
        finally:
            del self._live[row.tenant, row.id]
            self._changes.tell((row.tenant, row.id))

    def _as_now(self, row: OperationRow) -> OperationRecord:
        live = self._live.get((row.tenant, row.id))
        return records.record_of(row, None if live is None else live.reporter.now)

    async def _stored(self, tenant: str, operation_id: str) -> OperationRow:
        return await self._store.read(lambda connection: _existing(connection, tenant, operation_id))


def _key(principal: Principal, order: Order) -> RequestKey | None:
    if order.request_id is None:
        return None
    return RequestKey(principal.tenant, f"{order.action} model", order.request_id, order.fingerprint)


def _existing(connection: Connection, tenant: str, operation_id: str) -> OperationRow:
    row = operations.get_operation(connection, tenant, operation_id)
    if row is None:
        raise NotFoundError(f"There is no operation {operation_name(operation_id)}.")
    return row


def _stopped(live: _Live) -> VaivenError:
    return OperationCancelledError("The operation was cancelled.") if live.cancelled else _restarted()


def _restarted() -> ServiceRestartedError:
    return ServiceRestartedError(
        "The service stopped before the operation had ended. Ask again; what was fetched before is kept.",
        retry_after_s=0.0,
    )
