"""Tickets as callers see them."""

import pytest

from service.errors import InvalidArgumentError, NotFoundError, RequestIdReusedError, TicketClosedError
from service.runs.spec import LOCAL_PRINCIPAL, Principal, TicketState
from service.runs.tickets import TicketDesk
from service.store.store import Store

OTHER = Principal("other", "x")


@pytest.fixture
def desk(store: Store) -> TicketDesk:
    return TicketDesk(store)


async def opened(desk: TicketDesk, question: str = "Where is it?") -> str:
    return await desk.open("local", run="runs/r1", question=question, reason="NO_PASSAGES")


async def test_a_ticket_is_shown_as_it_was_opened(desk: TicketDesk) -> None:
    name = await opened(desk)
    ticket = await desk.get(LOCAL_PRINCIPAL, name)
    assert (ticket.name, ticket.state, ticket.question, ticket.reason, ticket.run) == (
        *(name, TicketState.OPEN, "Where is it?"),
        *("NO_PASSAGES", "runs/r1"),
    )
    assert (ticket.close_time, ticket.resolution) == (None, None)
    with pytest.raises(NotFoundError):
        await desk.get(LOCAL_PRINCIPAL, "tickets/none")


async def test_a_ticket_is_closed_by_one_person_only(desk: TicketDesk) -> None:
    name = await opened(desk)
    closed = await desk.close(LOCAL_PRINCIPAL, name, "Called back.", "r")
    assert (closed.state, closed.resolution) == (TicketState.CLOSED, "Called back.")
    assert closed.close_time is not None
    assert closed.close_time >= closed.create_time
    assert await desk.close(LOCAL_PRINCIPAL, name, "Called back.", "r") == closed
    with pytest.raises(TicketClosedError, match="was closed before"):
        await desk.close(LOCAL_PRINCIPAL, name, "Wrote.", None)
    with pytest.raises(RequestIdReusedError):
        await desk.close(LOCAL_PRINCIPAL, name, "Wrote.", "r")
    assert await desk.get(LOCAL_PRINCIPAL, name) == closed
    with pytest.raises(NotFoundError):
        await desk.close(LOCAL_PRINCIPAL, "tickets/none", "", None)


async def test_tickets_are_paged_newest_first_and_by_state(desk: TicketDesk) -> None:
    names = [await opened(desk, str(number)) for number in range(3)]
    first = await desk.list(LOCAL_PRINCIPAL, 2, "", None)
    second = await desk.list(LOCAL_PRINCIPAL, 2, first.next_page_token, None)
    assert [ticket.name for ticket in (*first.items, *second.items)] == sorted(names, reverse=True)
    assert second.next_page_token == ""
    await desk.close(LOCAL_PRINCIPAL, names[1], "", None)
    still_open = await desk.list(LOCAL_PRINCIPAL, 0, "", TicketState.OPEN)
    closed = await desk.list(LOCAL_PRINCIPAL, 0, "", TicketState.CLOSED)
    assert {ticket.name for ticket in still_open.items} == {names[0], names[2]}
    assert [ticket.name for ticket in closed.items] == [names[1]]
    with pytest.raises(InvalidArgumentError):
        await desk.list(LOCAL_PRINCIPAL, 2, first.next_page_token, TicketState.OPEN)


async def test_other_tenants_see_nothing_and_close_nothing(desk: TicketDesk) -> None:
    name = await opened(desk)
    for call in (desk.get(OTHER, name), desk.close(OTHER, name, "", None)):
        with pytest.raises(NotFoundError):
            await call
    assert (await desk.list(OTHER, 0, "", None)).items == ()
    assert (await desk.get(LOCAL_PRINCIPAL, name)).state is TicketState.OPEN


async def test_what_is_asked_once_opens_one_ticket(desk: TicketDesk) -> None:
    async def open_for(tenant: str, once: str) -> str:
        return await desk.open(tenant, run="runs/r1", question="Where is it?", reason="NO_PASSAGES", once=once)

    assert await open_for("local", "k1") == await open_for("local", "k1")
    assert len({await open_for("local", "k1"), await open_for("local", "k2"), await open_for("other", "k1")}) == 3
    assert await open_for("local", "") != await open_for("local", "")
