"""Tickets."""

from __future__ import annotations

from typing import Final

from vaiven.v1 import ticket_pb2

from service.rpc.convert.values import time_to_proto
from service.runs.spec import TicketRecord, TicketState

_STATES: Final = {
    TicketState.OPEN: ticket_pb2.TICKET_STATE_OPEN,
    TicketState.CLOSED: ticket_pb2.TICKET_STATE_CLOSED,
}
_STATES_BACK: Final[dict[int, TicketState | None]] = {
    ticket_pb2.TICKET_STATE_UNSPECIFIED: None,
    **{theirs: ours for ours, theirs in _STATES.items()},
}


def ticket_to_proto(ticket: TicketRecord) -> ticket_pb2.Ticket:
    """Return a ticket."""
    return ticket_pb2.Ticket(
        name=ticket.name,
        state=_STATES[ticket.state],
        question=ticket.question,
        reason=ticket.reason,
        run=ticket.run,
        create_time=time_to_proto(ticket.create_time),
        close_time=None if ticket.close_time is None else time_to_proto(ticket.close_time),
        resolution=ticket.resolution or "",
    )


def ticket_state_from_proto(state: int) -> TicketState | None:
    """Return a state of the contract, which has been validated; None: any."""
    return _STATES_BACK[state]
