"""Runs and their events, as rows; what the JSON in them means is the business of `service.runs`."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, bindparam, func, insert, null, or_, select, update

from service.store.changes import touch
from service.store.instances import asked_topic
from service.store.prepared import Prepared, row_values
from service.store.tables import run_events, runs

RUNNING = "RUNNING"
WAITING = "WAITING"
"""The two states that are not final.

Of a run that waits, a process may still hold what it has come to (`owner`), or it was put aside and has none.
"""


@dataclass(frozen=True, slots=True)
class RunRow:
    """A row of `runs`, field by field."""

    tenant: str
    id: str
    state: str
    input: str
    session_id: str | None
    function: str | None
    model: str | None
    create_time: datetime
    end_time: datetime | None = None
    terminal_kind: str | None = None
    terminal: bytes | None = None
    owner: str | None = None
    cancel_reason: str | None = None


@dataclass(frozen=True, slots=True)
class EventRow:
    """A row of `run_events`, field by field."""

    tenant: str
    run_id: str
    sequence: int
    time: datetime
    kind: str
    payload: bytes


def insert_run(connection: Connection, row: RunRow) -> None:
    """Add a run."""
    _INSERT_RUN.run(connection, row_values(row))


def get_run(connection: Connection, tenant: str, run_id: str) -> RunRow | None:
    """Return the run, or None where the tenant has none of that id."""
    found = connection.execute(select(runs).where(runs.c.tenant == tenant, runs.c.id == run_id)).mappings().first()
    return None if found is None else RunRow(**found)


def list_runs(
    connection: Connection,
    tenant: str,
    *,
    before_id: str | None,
    limit: int,
    session_id: str | None = None,
    state: str | None = None,
) -> list[RunRow]:
    """Return at most `limit` runs, newest first, that are older than `before_id` (None: from the newest)."""
    query = select(runs).where(runs.c.tenant == tenant)
    if before_id is not None:
        query = query.where(runs.c.id < before_id)
    if session_id is not None:
        query = query.where(runs.c.session_id == session_id)
    if state is not None:
        query = query.where(runs.c.state == state)
    rows = connection.execute(query.order_by(runs.c.id.desc()).limit(limit)).mappings()
    return [RunRow(**row) for row in rows]


def unfinished_runs(connection: Connection) -> list[RunRow]:
    """Return the runs of all tenants that have no terminal event; only for the service itself."""
    unfinished = select(runs).where(runs.c.state.in_((RUNNING, WAITING)))
    rows = connection.execute(unfinished.order_by(runs.c.id)).mappings()
    return [RunRow(**row) for row in rows]


def at_work_on(connection: Connection, tenant: str, session_id: str) -> str | None:
    """Return the id of the run that holds the session, or None."""
    query = select(runs.c.id).where(runs.c.tenant == tenant, runs.c.session_id == session_id, runs.c.owner.is_not(None))
    return connection.execute(query).scalar()


def claim(connection: Connection, tenant: str, run_id: str, owner: str) -> bool:
    """Let `owner` work on a run that is to go on and has no owner; return whether it may."""
    changed = connection.execute(
        update(runs)
        .where(runs.c.tenant == tenant, runs.c.id == run_id, runs.c.state == RUNNING, runs.c.owner.is_(None))
        .values(owner=owner)
    )
    return changed.rowcount == 1


def release(connection: Connection, tenant: str, run_id: str, owner: str | None) -> None:
    """Let go of a run that was put aside, or goes on elsewhere; nothing happens where `owner` does not own it."""
    mine = (runs.c.tenant == tenant, runs.c.id == run_id, runs.c.owner == owner)
    connection.execute(update(runs).where(*mine).values(owner=None))


def ask_to_cancel(connection: Connection, row: RunRow, reason: str) -> None:
    """Ask the run's owner to cancel it, unless it was asked before."""
    if row.owner is not None:
        mine = (runs.c.tenant == row.tenant, runs.c.id == row.id, runs.c.cancel_reason.is_(None))
        connection.execute(update(runs).where(*mine).values(cancel_reason=reason))
        touch(connection, asked_topic(row.owner))


def asked_to_cancel(connection: Connection, owner: str) -> list[RunRow]:
    """Return the runs that `owner` is asked to cancel."""
    query = select(runs).where(
        runs.c.state.in_((RUNNING, WAITING)), runs.c.owner == owner, runs.c.cancel_reason.is_not(None)
    )
    return [RunRow(**row) for row in connection.execute(query).mappings()]


def set_decided(
    connection: Connection, tenant: str, run_id: str, *, function: str | None = None, model: str | None = None
) -> None:
    """Note the function or the model that a run has come to; None leaves what is there."""
    values = {key: value for key, value in (("function", function), ("model", model)) if value is not None}
    if values:
        _SET_DECIDED[frozenset(values)].run(connection, {"its_tenant": tenant, "its_id": run_id, **values})


def end_run(
    connection: Connection, tenant: str, run_id: str, *, state: str, time: datetime, kind: str, payload: bytes
) -> None:
    """Note how a run ended.

    Raises:
        ValueError: It has ended before, or there is no such run.
    """
    ended = _END_RUN.run(
        connection,
        {
            "its_tenant": tenant,
            "its_id": run_id,
            "state": state,
            "end_time": time,
            "terminal_kind": kind,
            "terminal": payload,
        },
    )
    if ended.rowcount != 1:
        raise ValueError(f"run {run_id} is not running, nor does it wait")


def events_of_kind(connection: Connection, tenant: str, run_id: str, kind: str) -> list[EventRow]:
    """Return all events of one kind of the run, in order; for kinds of which a run has few."""
    rows = connection.execute(
        select(run_events)
        .where(run_events.c.tenant == tenant, run_events.c.run_id == run_id, run_events.c.kind == kind)
        .order_by(run_events.c.sequence)
    ).mappings()
    return [EventRow(**row) for row in rows]


def set_state(connection: Connection, tenant: str, run_id: str, *, before: str, after: str) -> bool:
    """Let a run that is in the state `before` be in `after`, neither of them final; return whether it was."""
    changed = connection.execute(
        update(runs).where(runs.c.tenant == tenant, runs.c.id == run_id, runs.c.state == before).values(state=after)
    )
    return changed.rowcount == 1


def last_sequence(connection: Connection, tenant: str, run_id: str) -> int:
    """Return the number of the run's last event, 0 where it has none."""
    query = select(func.max(run_events.c.sequence)).where(run_events.c.tenant == tenant, run_events.c.run_id == run_id)
    return connection.execute(query).scalar() or 0


def append_events(connection: Connection, rows: Sequence[EventRow]) -> None:
    """Add events to their runs."""
    if rows:
        _INSERT_EVENT.run_many(connection, map(row_values, rows))


def events_of_kinds(
    connection: Connection, tenant: str, run_id: str, *, kinds: Collection[str], limit: int
) -> list[EventRow]:
    """Return the first `limit` events of the run whose kind is one of `kinds`, in order."""
    rows = connection.execute(
        select(run_events)
        .where(run_events.c.tenant == tenant, run_events.c.run_id == run_id, run_events.c.kind.in_(kinds))
        .order_by(run_events.c.sequence)
        .limit(limit)
    ).mappings()
    return [EventRow(**row) for row in rows]


def events_after(
    connection: Connection, tenant: str, run_id: str, *, after_sequence: int, limit: int
) -> list[EventRow]:
    """Return at most `limit` events of the run in order, those with a sequence greater than `after_sequence`."""
    rows = connection.execute(
        select(run_events)
        .where(run_events.c.tenant == tenant, run_events.c.run_id == run_id, run_events.c.sequence > after_sequence)
        .order_by(run_events.c.sequence)
        .limit(limit)
    ).mappings()
    return [EventRow(**row) for row in rows]


# Every run needs them several times.
_ITS_RUN: Final = (runs.c.tenant == bindparam("its_tenant"), runs.c.id == bindparam("its_id"))
_INSERT_RUN: Final = Prepared(insert(runs))
_INSERT_EVENT: Final = Prepared(insert(run_events))
_SET_DECIDED: Final = {
    frozenset(names): Prepared(update(runs).where(*_ITS_RUN).values({name: bindparam(name) for name in names}))
    for names in (("function",), ("model",), ("function", "model"))
}
_END_RUN: Final = Prepared(
    update(runs)
    .where(*_ITS_RUN, or_(runs.c.state == RUNNING, runs.c.state == WAITING))
    .values({name: bindparam(name) for name in ("state", "end_time", "terminal_kind", "terminal")})
    .values(owner=null())
)
