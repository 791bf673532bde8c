"""The RPCs of TicketService over a real server; `test_rpcs` walks them with all others."""

from __future__ import annotations

import grpc
from google.protobuf import timestamp_pb2
from vaiven.v1 import ticket_pb2, ticket_service_pb2

from service.runs.spec import LOCAL_PRINCIPAL, TicketState
from tests.contract.edge import REQUEST_ID, Edge, refusal
from tests.unit.rpc.fakes_runs import NOW


async def test_ticket_service_list_tickets(edge: Edge) -> None:
    request = ticket_service_pb2.ListTicketsRequest(page_size=3, page_token="t", state=ticket_pb2.TICKET_STATE_OPEN)
    response = await edge.tickets.ListTickets(request)
    await edge.tickets.ListTickets(ticket_service_pb2.ListTicketsRequest())

    assert ([ticket.name for ticket in response.tickets], response.next_page_token) == (["tickets/t1"], "more")
    assert edge.domain.tickets.calls == [
        ("list", LOCAL_PRINCIPAL, 3, "t", TicketState.OPEN),
        ("list", LOCAL_PRINCIPAL, 0, "", None),
    ]
    unknown = edge.tickets.ListTickets(ticket_service_pb2.ListTicketsRequest(state=99))  # type: ignore[arg-type]
    assert await refusal(unknown) == (grpc.StatusCode.INVALID_ARGUMENT, "INVALID_FIELD")


async def test_ticket_service_get_ticket(edge: Edge) -> None:
    ticket = (await edge.tickets.GetTicket(ticket_service_pb2.GetTicketRequest(name="tickets/t1"))).ticket

    now = timestamp_pb2.Timestamp()
    now.FromDatetime(NOW)
    assert ticket == ticket_pb2.Ticket(
        name="tickets/t1",
        state=ticket_pb2.TICKET_STATE_OPEN,
        question="Where is it?",
        reason="NO_PASSAGES",
        run="runs/r1",
        create_time=now,
    )
    missing = edge.tickets.GetTicket(ticket_service_pb2.GetTicketRequest(name="tickets/none"))
    assert await refusal(missing) == (grpc.StatusCode.NOT_FOUND, "RESOURCE_NOT_FOUND")


async def test_ticket_service_close_ticket(edge: Edge) -> None:
    request = ticket_service_pb2.CloseTicketRequest(name="tickets/t1", request_id=REQUEST_ID, resolution="Called back.")
    ticket = (await edge.tickets.CloseTicket(request)).ticket

    assert (ticket.state, ticket.resolution) == (ticket_pb2.TICKET_STATE_CLOSED, "Called back.")
    assert ticket.HasField("close_time")
    assert edge.domain.tickets.calls == [("close", LOCAL_PRINCIPAL, "tickets/t1", "Called back.", REQUEST_ID)]
