"""Long operations, as rows."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select, update

from service.store.changes import touch
from service.store.instances import asked_topic
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
    owner: str | None = None
    cancel_requested: int | None = None


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


def running_operations(connection: Connection) -> list[OperationRow]:
    """Return the operations of all tenants that have not ended; only for the service itself."""
    query = select(operations).where(operations.c.state == RUNNING)
    return [OperationRow(**row) for row in connection.execute(query).mappings()]


def set_progress(connection: Connection, tenant: str, operation_id: str, progress: bytes) -> None:
    """Note how far an operation is that has not ended, for those who look by way of another process."""
    mine = (operations.c.tenant == tenant, operations.c.id == operation_id, operations.c.state == RUNNING)
    connection.execute(update(operations).where(*mine).values(progress=progress))


def ask_to_cancel(connection: Connection, row: OperationRow) -> None:
    """Ask the operation's owner to stop it."""
    if row.state == RUNNING and row.owner is not None:
        mine = (operations.c.tenant == row.tenant, operations.c.id == row.id)
        connection.execute(update(operations).where(*mine).values(cancel_requested=1))
        touch(connection, asked_topic(row.owner))


def asked_to_cancel(connection: Connection, owner: str) -> list[OperationRow]:
    """Return the operations that `owner` is asked to stop."""
    query = select(operations).where(
        operations.c.state == RUNNING, operations.c.owner == owner, operations.c.cancel_requested.is_not(None)
    )
    return [OperationRow(**row) for row in connection.execute(query).mappings()]


def delete_operation(connection: Connection, tenant: str, operation_id: str) -> None:
    """Remove an operation."""
    connection.execute(delete(operations).where(operations.c.tenant == tenant, operations.c.id == operation_id))


def forget_operations(connection: Connection, before: datetime) -> None:
    """Remove what ended before a time, of all tenants."""
    connection.execute(delete(operations).where(operations.c.state != RUNNING, operations.c.end_time < before))
