"""`TicketService`: questions that were handed over to people."""

from __future__ import annotations

from typing import Any, TypeAlias

import grpc.aio
from vaiven.v1 import ticket_service_pb2 as pb
from vaiven.v1 import ticket_service_pb2_grpc

from service.rpc.convert.tickets import ticket_state_from_proto, ticket_to_proto
from service.rpc.convert.values import request_id_from_proto
from service.rpc.interceptors.chain import current_principal
from service.rpc.ports import Tickets

Context: TypeAlias = grpc.aio.ServicerContext[Any, Any]


class TicketServicer(ticket_service_pb2_grpc.TicketServiceServicer):
    """Converts, calls the domain, converts back."""

    def __init__(self, tickets: Tickets) -> None:
        """Keep the domain side."""
        self._tickets = tickets

    async def ListTickets(self, request: pb.ListTicketsRequest, context: Context) -> pb.ListTicketsResponse:
        """Return a page of tickets."""
        state = ticket_state_from_proto(request.state)
        page = await self._tickets.list(current_principal(), request.page_size, request.page_token, state)
        return pb.ListTicketsResponse(
            tickets=[ticket_to_proto(ticket) for ticket in page.items], next_page_token=page.next_page_token
        )

    async def GetTicket(self, request: pb.GetTicketRequest, context: Context) -> pb.GetTicketResponse:
        """Return a ticket."""
        return pb.GetTicketResponse(ticket=ticket_to_proto(await self._tickets.get(current_principal(), request.name)))

    async def CloseTicket(self, request: pb.CloseTicketRequest, context: Context) -> pb.CloseTicketResponse:
        """Mark a ticket as dealt with."""
        request_id = request_id_from_proto(request.request_id)
        ticket = await self._tickets.close(current_principal(), request.name, request.resolution, request_id)
        return pb.CloseTicketResponse(ticket=ticket_to_proto(ticket))
