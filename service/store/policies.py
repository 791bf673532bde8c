"""What tenants stored of who may answer, as rows; what the JSON in them means is the business of `service.runs`."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import Connection, insert, select, update

from service.store.changes import touch
from service.store.policy_tables import routing_policies


@dataclass(frozen=True, slots=True)
class PolicyRow:
    """A row of `routing_policies`, field by field."""

    tenant: str
    subject: str
    policy: str
    update_time: datetime


def put_policy(connection: Connection, row: PolicyRow) -> None:
    """Add the policy, or put it in the place of the one of the same subject."""
    touch(connection, topic_of(row.tenant))
    table, values = routing_policies, asdict(row)
    where = (table.c.tenant == row.tenant, table.c.subject == row.subject)
    if connection.execute(update(table).where(*where).values(values)).rowcount == 0:
        connection.execute(insert(table), values)


def get_policy(connection: Connection, tenant: str, subject: str) -> PolicyRow | None:
    """Return the tenant's policy of the subject, or None."""
    table = routing_policies
    query = select(table).where(table.c.tenant == tenant, table.c.subject == subject)
    row = connection.execute(query).mappings().first()
    return None if row is None else PolicyRow(**row)


def policies_of(connection: Connection, tenant: str) -> list[PolicyRow]:
    """Return the tenant's policies."""
    query = select(routing_policies).where(routing_policies.c.tenant == tenant)
    return [PolicyRow(**row) for row in connection.execute(query).mappings()]


def topic_of(tenant: str) -> str:
    """Return the topic that each change of the tenant's policies touches; see `service.store.changes`."""
    return f"policies/{tenant}"
