"""`vaiven tickets`: questions that a person has to answer."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from service.cli.caller import Caller
from service.cli.command import command, new_group
from service.cli.lookup import full_name
from service.cli.names import short
from service.cli.page import PageOptions, say_more
from service.cli.run_options import new_request_id
from service.cli.screen import age, print_facts, print_json, print_table, printable, say, when

if TYPE_CHECKING:
    from rich.text import Text
    from vaiven.v1.ticket_pb2 import Ticket

group = new_group("Deal with questions that need a person.", example="vaiven tickets list")

TicketArgument = Annotated[str, typer.Argument(help="The ticket's name, or how it begins.", metavar="TICKET")]


class State(StrEnum):
    """Whether a person still has to answer, as on the command line."""

    OPEN = "open"
    CLOSED = "closed"


@command(group, "list", example="vaiven tickets list --state open")
def list_tickets(
    caller: Caller,
    page: PageOptions,
    state: Annotated[State | None, typer.Option(help="Only tickets in this state.")] = None,
) -> None:
    """List the tickets, newest first."""
    from vaiven.v1.ticket_pb2 import TicketState
    from vaiven.v1.ticket_service_pb2 import ListTicketsRequest

    wanted = TicketState.Value(f"TICKET_STATE_{state.name if state else 'UNSPECIFIED'}")
    request = ListTicketsRequest(page_size=page.limit, page_token=page.page_token, state=wanted)
    answer = caller.call(caller.tickets.ListTickets, request)
    if caller.connection.json:
        return print_json(answer)
    rows = (
        (short(t.name), _state(t), age(t.create_time), t.reason.lower().replace("_", " "), printable(t.question))
        for t in answer.tickets
    )
    print_table(("Ticket", "State", "Opened", "Why", "Question"), rows, empty="There are no tickets.")
    return say_more(answer.next_page_token)


@command(group, "show", example="vaiven tickets show 0192f6a1c3")
def show(caller: Caller, ticket: TicketArgument) -> None:
    """Show what was asked and what became of it."""
    from vaiven.v1.ticket_service_pb2 import GetTicketRequest

    found = caller.call(caller.tickets.GetTicket, GetTicketRequest(name=full_name(caller, "tickets", ticket))).ticket
    if caller.connection.json:
        return print_json(found)
    return print_facts(
        [
            ("Ticket", found.name),
            ("State", _state(found)),
            ("Question", printable(found.question)),
            ("Why", found.reason),
            ("Run", found.run),
            ("Opened", when(found.create_time)),
            ("Closed", when(found.close_time) if found.HasField("close_time") else ""),
            ("Resolution", printable(found.resolution)),
        ]
    )


@command(group, "close", example='vaiven tickets close 0192f6a1c3 --resolution "Called back; answered by phone."')
def close(
    caller: Caller,
    ticket: TicketArgument,
    resolution: Annotated[str, typer.Option(help="What became of it.", metavar="TEXT")] = "",
) -> None:
    """Mark a ticket as dealt with.

    One that somebody else has closed is an error, so that no customer is answered twice.
    """
    from vaiven.v1.ticket_service_pb2 import CloseTicketRequest

    request = CloseTicketRequest(
        name=full_name(caller, "tickets", ticket), request_id=new_request_id(), resolution=resolution
    )
    closed = caller.call(caller.tickets.CloseTicket, request).ticket
    print_json(closed) if caller.connection.json else say(f"{closed.name} is closed.", style="")


def _state(ticket: Ticket) -> Text:
    from rich.text import Text
    from vaiven.v1.ticket_pb2 import TicketState

    state = TicketState.Name(ticket.state).removeprefix("TICKET_STATE_").lower()
    return Text(state, style={"open": "yellow", "closed": "green"}.get(state, ""))
