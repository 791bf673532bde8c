"""Hands a customer's question over to people; the port that the support plugin asks for."""

from __future__ import annotations

from datetime import UTC, datetime

from service.runs.names import id_in
from service.store import tickets
from service.store.ids import new_id
from service.store.store import Store
from service.store.tickets import OPEN, TicketRow


class TicketDesk:
    """Keeps tickets in the store."""

    def __init__(self, store: Store) -> None:
        """Keep tickets in `store`."""
        self._store = store

    async def open(self, tenant: str, *, run: str, question: str, reason: str) -> str:
        """Store a ticket and return its resource name; `run` is the run's, `reason` an UPPER_SNAKE code."""
        row = TicketRow(tenant, new_id(), id_in(run, "runs", "run"), OPEN, question, reason, datetime.now(UTC))
        await self._store.write(lambda connection: tickets.insert_ticket(connection, row))
        return f"tickets/{row.id}"
