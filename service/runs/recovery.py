"""What the last process left behind: runs that were in flight go on or get the terminal event that they lack."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeAlias

from sqlalchemy import Connection

from service.backends.base import Usage
from service.economics.money import DEFAULT_CURRENCY, Money
from service.errors import ServiceRestartedError
from service.runs import resumption
from service.runs.events import Failed, StepStarted, Terminal, TextDelta
from service.runs.journal import PAGE_EVENTS, end_run
from service.runs.records import event_row, run_event
from service.store import idempotency, plans, runs
from service.store.runs import RunRow
from service.store.store import Store

EndOfWaiting: TypeAlias = Callable[[str, Usage, Money], Terminal]
"""Makes the terminal event of a run that is ended while it waits, of its text, usage and cost."""


@dataclass(frozen=True, slots=True)
class Recovered:
    """How many runs were `ended`, and which, by tenant and id, can go on."""

    ended: int
    going_on: tuple[tuple[str, str], ...]


async def recover(store: Store) -> Recovered:
    """Let each run that executes a plan go on, end every other as failed, retryable, and forget old requests.

    Runs that wait for a person go on waiting. Call it before anything starts a run.
    """
    return await store.write(_recover)


def end_stored(connection: Connection, row: RunRow, make: Callable[[str], Terminal]) -> None:
    """End a run that nothing works on with what `make` returns for the text that it had said."""
    text, sequence = _text(connection, row)
    now, terminal = datetime.now(UTC), make(text)
    runs.append_events(connection, [event_row(row.tenant, row.id, sequence + 1, now, terminal)])
    end_run(connection, row.tenant, row.id, now, terminal)


def end_waiting(connection: Connection, tenant: str, run_id: str, make: EndOfWaiting) -> None:
    """End a run that waits for a person with what `make` returns; any other is left alone."""
    row = runs.get_run(connection, tenant, run_id)
    if row is None or row.state != runs.WAITING:
        return
    usage, cost = resumption.spent(connection, tenant, run_id)
    end_stored(connection, row, lambda text: make(text, usage, cost or Money(DEFAULT_CURRENCY)))


def _recover(connection: Connection) -> Recovered:
    idempotency.forget_old(connection, datetime.now(UTC))
    ended, going_on = 0, []
    for row in runs.unfinished_runs(connection):
        if plans.get_plan_run(connection, row.tenant, row.id) is None:
            end_stored(connection, row, _restarted)
            ended += 1
        elif row.state == runs.RUNNING or plans.has_open_call(connection, row.tenant, row.id):
            runs.set_state(connection, row.tenant, row.id, before=runs.WAITING, after=runs.RUNNING)
            going_on.append((row.tenant, row.id))
    return Recovered(ended, tuple(going_on))


def _restarted(text: str) -> Failed:
    error = ServiceRestartedError("The service stopped while this run was in flight; start it again.")
    # What the run had spent died with its process: zero here means that nothing is known.
    return Failed(
        code=error.code.value,
        reason=error.reason,
        message=error.message,
        retryable=True,
        retry_after_s=None,
        text=text,
        usage=Usage(),
        cost=Money(DEFAULT_CURRENCY),
    )


def _text(connection: Connection, row: RunRow) -> tuple[str, int]:
    texts: list[str] = []
    sequence = 0
    while page := runs.events_after(connection, row.tenant, row.id, after_sequence=sequence, limit=PAGE_EVENTS):
        for event in map(run_event, page):
            if isinstance(event.payload, TextDelta):
                texts.append(event.payload.text)
            elif isinstance(event.payload, StepStarted) and event.payload.answers:
                texts.clear()  # what the step said in earlier attempts is void
        sequence = page[-1].sequence
    return "".join(texts), sequence
