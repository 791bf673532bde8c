"""What processes left behind that are gone: their runs go on here, or get the terminal event that they lack."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TypeAlias

from sqlalchemy import Connection

from service.backends.base import Usage
from service.economics.money import DEFAULT_CURRENCY, Money
from service.errors import ServiceRestartedError
from service.runs import resumption
from service.runs.events import Cancelled, Failed, StepStarted, Terminal, TextDelta
from service.runs.journal import PAGE_EVENTS, end_run
from service.runs.records import event_row, run_event
from service.store import budgets, idempotency, plans, runs
from service.store.instances import Living
from service.store.runs import RunRow
from service.store.store import Store

EndOfWaiting: TypeAlias = Callable[[str, Usage, Money], Terminal]
"""Makes the terminal event of a run that is ended while it waits, of its text, usage and cost."""


@dataclass(frozen=True, slots=True)
class Recovered:
    """How many runs were `ended`, and which, by tenant and id, can go on; how many `reservations` were given back."""

    ended: int
    going_on: tuple[tuple[str, str], ...]
    reservations: int = 0


async def recover(store: Store) -> Recovered:
    """Take over all runs that no other living process works on, and forget old requests.

    Runs that execute a plan are let go, so that whoever claims them goes on with them; every other one ends as failed,
    retryable. Runs that were put aside go on waiting. Call it before this process starts a run.
    """

    def unit(connection: Connection) -> Recovered:
        idempotency.forget_old(connection, datetime.now(UTC))
        alive = Living(store.instance)
        return _take_over(connection, lambda row: alive.is_other(row.owner))

    return await store.write(unit)


async def take_over(store: Store, lost: Collection[tuple[str, str]]) -> Recovered:
    """Take over what processes worked on that are gone meanwhile, and the `lost` runs of this one.

    Those are known by tenant and id; their end could not be stored when they came to it.
    """

    def unit(connection: Connection) -> Recovered:
        alive = Living(store.instance)

        def is_kept(row: RunRow) -> bool:
            return alive.is_any(row.owner) and (row.owner != store.owner or (row.tenant, row.id) not in lost)

        taken = _take_over(connection, is_kept)
        return replace(taken, reservations=budgets.delete_reservations(connection, alive.is_any))

    return await store.write(unit)


def end_stored(connection: Connection, row: RunRow, make: Callable[[str], Terminal]) -> None:
    """End a run that nothing works on with what `make` returns for the text that it had said."""
    text, sequence = _text(connection, row)
    now, terminal = datetime.now(UTC), make(text)
    runs.append_events(connection, [event_row(row.tenant, row.id, sequence + 1, now, terminal)])
    end_run(connection, row.tenant, row.id, now, terminal)


def end_unowned(connection: Connection, row: RunRow, make: EndOfWaiting) -> None:
    """End a run that nothing works on with what `make` returns."""
    usage, cost = resumption.spent(connection, row.tenant, row.id)
    end_stored(connection, row, lambda text: make(text, usage, cost or Money(DEFAULT_CURRENCY)))


def cancelled(reason: str) -> EndOfWaiting:
    """Return what makes the terminal event of a run that is cancelled while nothing works on it."""
    return lambda text, usage, cost: Cancelled(reason, text, usage, cost)


def _take_over(connection: Connection, is_kept: Callable[[RunRow], bool]) -> Recovered:
    ended, going_on = 0, []
    for row in runs.unfinished_runs(connection):
        put_aside = row.state == runs.WAITING and row.owner is None
        if put_aside or is_kept(row):
            continue
        if row.cancel_reason is not None:
            end_unowned(connection, row, cancelled(row.cancel_reason))
        elif plans.get_plan_run(connection, row.tenant, row.id) is None:
            end_stored(connection, row, _restarted)
            ended += 1
        else:
            runs.release(connection, row.tenant, row.id, row.owner)
            if row.state == runs.RUNNING or plans.has_open_call(connection, row.tenant, row.id):
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
