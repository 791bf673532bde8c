"""Tickets: questions that a person has to answer, as rows."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import Connection, insert, select

from service.store.tables import tickets

OPEN = "OPEN"
"""The state of a ticket that nobody has answered."""


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


def insert_ticket(connection: Connection, row: TicketRow) -> None:
    """Add a ticket."""
    connection.execute(insert(tickets), asdict(row))


def get_ticket(connection: Connection, tenant: str, ticket_id: str) -> TicketRow | None:
    """Return the ticket, or None where the tenant has none of that id."""
    query = select(tickets).where(tickets.c.tenant == tenant, tickets.c.id == ticket_id)
    found = connection.execute(query).mappings().first()
    return None if found is None else TicketRow(**found)
