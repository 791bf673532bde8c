"""Hands a customer's question over to people: opened by a function, shown and closed by callers."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import Connection

from service.errors import NotFoundError, TicketClosedError
from service.runs.names import id_in, ticket_name
from service.runs.records import ticket_record
from service.runs.spec import Page, Principal, TicketRecord, TicketState
from service.store import idempotency, tickets
from service.store.idempotency import RequestKey
from service.store.ids import new_id
from service.store.paging import decode_page_token, encode_page_token, page_limit
from service.store.store import Store
from service.store.tickets import OPEN, TicketRow


class TicketDesk:
    """Keeps tickets in the store: the port of the support plugin, and `service.rpc.ports.Tickets`."""

    def __init__(self, store: Store) -> None:
        """Keep tickets in `store`."""
        self._store = store

    async def open(self, tenant: str, *, run: str, question: str, reason: str, once: str = "") -> str:
        """Store a ticket and return its resource name; `run` is the run's, `reason` an UPPER_SNAKE code.

        The same `once` again returns the ticket that it made, whatever else is said; empty: another one each time.
        """
        row = TicketRow(tenant, new_id(), id_in(run, "runs", "run"), OPEN, question, reason, datetime.now(UTC))
        key = RequestKey(tenant, "OpenTicket", once, "") if once else None

        def make(connection: Connection) -> str:
            tickets.insert_ticket(connection, row)
            return ticket_name(row.id)

        outcome = await self._store.write(lambda c: idempotency.once(c, key, lambda: make(c)))
        return outcome.result

    async def get(self, principal: Principal, name: str) -> TicketRecord:
        """Return one ticket.

        Raises:
            NotFoundError: The tenant has none of that name.
        """
        ticket_id = id_in(name, "tickets")
        return ticket_record(await self._store.read(lambda c: _existing(c, principal.tenant, ticket_id)))

    async def list(
        self, principal: Principal, page_size: int, page_token: str, state: TicketState | None
    ) -> Page[TicketRecord]:
        """Return a page of the tenant's tickets, newest first; None does not filter.

        Raises:
            InvalidArgumentError: The token is not of this list.
        """
        limit, tenant = page_limit(page_size), principal.tenant
        scope = f"tickets:{tenant}:{state or ''}"
        key = decode_page_token(scope, page_token, (str,))
        rows = await self._store.read(
            lambda connection: tickets.list_tickets(
                connection,
                tenant,
                before_id=None if key is None else str(key[0]),
                limit=limit + 1,
                state=None if state is None else state.value,
            )
        )
        token = encode_page_token(scope, (rows[limit - 1].id,)) if len(rows) > limit else ""
        return Page(tuple(ticket_record(row) for row in rows[:limit]), token)

    async def close(self, principal: Principal, name: str, resolution: str, request_id: str | None) -> TicketRecord:
        """Mark a ticket as dealt with and return it.

        Raises:
            NotFoundError: The tenant has none of that name.
            TicketClosedError: It was closed before, by another request.
            RequestIdReusedError: The request id came before for another ticket or with another resolution.
        """
        ticket_id, tenant, now = id_in(name, "tickets"), principal.tenant, datetime.now(UTC)
        # A name holds no line end, so the two cannot run together.
        key = None if request_id is None else RequestKey(tenant, "CloseTicket", request_id, f"{name}\n{resolution}")

        def unit(connection: Connection) -> TicketRow:
            def make() -> str:
                _existing(connection, tenant, ticket_id)
                if not tickets.close_ticket(connection, tenant, ticket_id, resolution=resolution, time=now):
                    raise TicketClosedError(f"{name} was closed before; read it to see when and with what words.")
                return name

            idempotency.once(connection, key, make)
            return _existing(connection, tenant, ticket_id)

        return ticket_record(await self._store.write(unit))


def _existing(connection: Connection, tenant: str, ticket_id: str) -> TicketRow:
    row = tickets.get_ticket(connection, tenant, ticket_id)
    if row is None:
        raise NotFoundError(f"There is no ticket {ticket_name(ticket_id)}.")
    return row
