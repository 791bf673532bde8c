"""Tickets: questions that a person has to answer, as rows."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import Connection, insert, select, update

from service.store.tables import tickets

OPEN = "OPEN"
"""The state of a ticket that nobody has answered."""

CLOSED = "CLOSED"
"""The state of a ticket that a person has dealt with."""


@dataclass(frozen=True, slots=True)
class TicketRow:
    """A row of `tickets`, field by field; `reason` is UPPER_SNAKE."""

    tenant: str
    id: str
    run_id: str
    state: str
    question: str
    reason: str
    create_time: datetime
    close_time: datetime | None = None
    resolution: str | None = None


def insert_ticket(connection: Connection, row: TicketRow) -> None:
    """Add a ticket."""
    connection.execute(insert(tickets), asdict(row))


def get_ticket(connection: Connection, tenant: str, ticket_id: str) -> TicketRow | None:
    """Return the ticket, or None where the tenant has none of that id."""
    query = select(tickets).where(tickets.c.tenant == tenant, tickets.c.id == ticket_id)
    found = connection.execute(query).mappings().first()
    return None if found is None else TicketRow(**found)


def list_tickets(
    connection: Connection, tenant: str, *, before_id: str | None, limit: int, state: str | None
) -> list[TicketRow]:
    """Return at most `limit` tickets, newest first, that are older than `before_id`; None does not filter."""
    query = select(tickets).where(tickets.c.tenant == tenant)
    if state is not None:
        query = query.where(tickets.c.state == state)
    if before_id is not None:
        query = query.where(tickets.c.id < before_id)
    rows = connection.execute(query.order_by(tickets.c.id.desc()).limit(limit)).mappings()
    return [TicketRow(**row) for row in rows]


def close_ticket(connection: Connection, tenant: str, ticket_id: str, *, resolution: str, time: datetime) -> bool:
    """Close the ticket; return whether it was open."""
    query = update(tickets).where(tickets.c.tenant == tenant, tickets.c.id == ticket_id, tickets.c.state == OPEN)
    return connection.execute(query.values(state=CLOSED, close_time=time, resolution=resolution)).rowcount == 1
