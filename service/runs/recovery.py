"""What the last process left behind: runs that were in flight get the terminal event that they lack."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import Connection

from service.backends.base import Usage
from service.economics.money import Money
from service.errors import ServiceRestartedError
from service.runs.events import Failed, TextDelta
from service.runs.journal import PAGE_EVENTS, end_run
from service.runs.records import event_row, run_event
from service.runs.scope import DEFAULT_CURRENCY
from service.store import idempotency, runs
from service.store.runs import RunRow
from service.store.store import Store


async def recover(store: Store) -> int:
    """End every unfinished run as failed, retryable, and forget old requests; return how many runs there were.

    Call it before anything starts a run.
    """
    return await store.write(_recover)


def _recover(connection: Connection) -> int:
    idempotency.forget_old(connection, datetime.now(UTC))
    unfinished = runs.unfinished_runs(connection)
    for row in unfinished:
        _end(connection, row)
    return len(unfinished)


def _end(connection: Connection, row: RunRow) -> None:
    error = ServiceRestartedError("The service stopped while this run was in flight; start it again.")
    text, sequence = _text(connection, row)
    # What the run had spent died with its process: zero here means that nothing is known.
    failed = Failed(
        code=error.code.value,
        reason=error.reason,
        message=error.message,
        retryable=True,
        retry_after_s=None,
        text=text,
        usage=Usage(),
        cost=Money(DEFAULT_CURRENCY),
    )
    now = datetime.now(UTC)
    runs.append_events(connection, [event_row(row.tenant, row.id, sequence + 1, now, failed)])
    end_run(connection, row.tenant, row.id, now, failed)


def _text(connection: Connection, row: RunRow) -> tuple[str, int]:
    texts: list[str] = []
    sequence = 0
    while page := runs.events_after(connection, row.tenant, row.id, after_sequence=sequence, limit=PAGE_EVENTS):
        texts.extend(e.payload.text for e in map(run_event, page) if isinstance(e.payload, TextDelta))
        sequence = page[-1].sequence
    return "".join(texts), sequence
