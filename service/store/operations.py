"""Long operations, as rows."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select, update

from service.store.operation_tables import operations

RUNNING = "RUNNING"
"""The state of an operation that has not ended."""


@dataclass(frozen=True, slots=True)
class OperationRow:
    """A row of `operations`, field by field; `progress` and `outcome` are JSON."""

    tenant: str
    id: str
    state: str
    action: str
    model: str
    progress: bytes
    create_time: datetime
    outcome: bytes | None = None
    end_time: datetime | None = None


def insert_operation(connection: Connection, row: OperationRow) -> None:
    """Add an operation."""
    connection.execute(insert(operations), asdict(row))


def get_operation(connection: Connection, tenant: str, operation_id: str) -> OperationRow | None:
    """Return the operation, or None where the tenant has none of that id."""
    query = select(operations).where(operations.c.tenant == tenant, operations.c.id == operation_id)
    found = connection.execute(query).mappings().first()
    return None if found is None else OperationRow(**found)


def list_operations(
    connection: Connection, tenant: str, *, before_id: str | None, limit: int, running: bool | None
) -> list[OperationRow]:
    """Return at most `limit` operations, newest first, that are older than `before_id`; None does not filter."""
    query = select(operations).where(operations.c.tenant == tenant)
    if running is not None:
        query = query.where((operations.c.state == RUNNING) if running else (operations.c.state != RUNNING))
    if before_id is not None:
        query = query.where(operations.c.id < before_id)
    rows = connection.execute(query.order_by(operations.c.id.desc()).limit(limit)).mappings()
    return [OperationRow(**row) for row in rows]


def end_operation(
    connection: Connection,
    tenant: str,
    operation_id: str,
    *,
    state: str,
    progress: bytes,
    outcome: bytes,
    time: datetime,
) -> bool:
    """Write how the operation ended; return whether it was running."""
    mine = (operations.c.tenant == tenant, operations.c.id == operation_id, operations.c.state == RUNNING)
    values = {"state": state, "progress": progress, "outcome": outcome, "end_time": time}
    return connection.execute(update(operations).where(*mine).values(**values)).rowcount == 1


def end_running(connection: Connection, *, state: str, outcome: bytes, time: datetime) -> int:
    """End all operations, of all tenants, that a process which is gone was working on; return how many."""
    query = update(operations).where(operations.c.state == RUNNING)
    return connection.execute(query.values(state=state, outcome=outcome, end_time=time)).rowcount


def delete_operation(connection: Connection, tenant: str, operation_id: str) -> None:
    """Remove an operation."""
    connection.execute(delete(operations).where(operations.c.tenant == tenant, operations.c.id == operation_id))


def forget_operations(connection: Connection, before: datetime) -> None:
    """Remove what ended before a time, of all tenants."""
    connection.execute(delete(operations).where(operations.c.state != RUNNING, operations.c.end_time < before))
