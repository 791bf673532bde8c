"""Who works on a run, among the processes on the store: units of work that decide it."""

from __future__ import annotations

from sqlalchemy import Connection

from service.errors import NotFoundError
from service.runs.locks import refuse_if_at_work
from service.runs.names import run_name
from service.runs.recovery import cancelled, end_unowned
from service.store import idempotency, runs, sessions
from service.store.idempotency import RequestKey
from service.store.runs import RUNNING, WAITING, RunRow


def insert(connection: Connection, row: RunRow, key: RequestKey | None) -> str:
    """Store the run, and return its name, or that of the one that the same request made before."""
    if row.session_id is not None and sessions.get_session(connection, row.tenant, row.session_id) is None:
        raise NotFoundError(f"There is no session sessions/{row.session_id}.")

    def make() -> str:
        if row.session_id is not None:
            refuse_if_at_work(connection, row.tenant, row.session_id)
        runs.insert_run(connection, row)
        return run_name(row.id)

    return idempotency.once(connection, key, make).result


def is_cancelled_elsewhere(connection: Connection, tenant: str, run_id: str, own: str, reason: str) -> bool:
    """Return whether another process has to cancel the run, which it is asked for; else it has ended, or does so here.

    What this process owns has been stopped before, if it could be.
    """
    row = runs.get_run(connection, tenant, run_id)
    if row is None or row.state not in (RUNNING, WAITING) or row.owner == own:
        return False
    if row.owner is None:
        end_unowned(connection, row, cancelled(reason))
        return False
    if row.cancel_reason is None:
        runs.ask_to_cancel(connection, row, reason)
    return True
