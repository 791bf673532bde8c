"""What people are asked about the calls of a run, and what they decided, as rows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import Connection, select, update
from sqlalchemy.dialects.sqlite import insert as upsert

from service.store.plan_tables import approvals


@dataclass(frozen=True, slots=True)
class ApprovalRow:
    """A row of `approvals`, field by field; `asked` and `decision` are JSON."""

    tenant: str
    run_id: str
    id: str
    asked: bytes
    ask_time: datetime
    decision: bytes | None = None
    subject: str | None = None
    decide_time: datetime | None = None


def ask(connection: Connection, row: ApprovalRow) -> ApprovalRow:
    """Add the question, or return it as it is where it was asked before."""
    connection.execute(upsert(approvals).values(asdict(row)).on_conflict_do_nothing())
    found = get_approval(connection, row.tenant, row.run_id, row.id)
    assert found is not None, "it was there or has just been added"
    return found


def get_approval(connection: Connection, tenant: str, run_id: str, approval_id: str) -> ApprovalRow | None:
    """Return the question, or None where the run asked none of that id."""
    query = select(approvals).where(
        approvals.c.tenant == tenant, approvals.c.run_id == run_id, approvals.c.id == approval_id
    )
    found = connection.execute(query).mappings().first()
    return None if found is None else ApprovalRow(**found)


def decide(connection: Connection, row: ApprovalRow, decision: bytes, subject: str, time: datetime) -> None:
    """Note what `subject` decided."""
    connection.execute(
        update(approvals)
        .where(approvals.c.tenant == row.tenant, approvals.c.run_id == row.run_id, approvals.c.id == row.id)
        .values(decision=decision, subject=subject, decide_time=time)
    )


def any_decided(connection: Connection, tenant: str, run_id: str, ids: Iterable[str]) -> bool:
    """Return whether one of these questions of the run was decided."""
    query = select(approvals.c.id).where(
        approvals.c.tenant == tenant,
        approvals.c.run_id == run_id,
        approvals.c.id.in_(list(ids)),
        approvals.c.decision.is_not(None),
    )
    return connection.execute(query.limit(1)).first() is not None
