"""Between what the store keeps and what the runs speak of."""

from __future__ import annotations

from datetime import datetime

from service.runs.events import (
    Cancelled,
    Completed,
    Failed,
    Payload,
    RunEvent,
    Terminal,
    payload_from_json,
    payload_kind,
    payload_to_json,
)
from service.runs.names import message_name, run_name, session_name, ticket_name
from service.runs.spec import MessageRecord, RunRecord, RunState, SessionRecord, TicketRecord, TicketState
from service.store.runs import EventRow, RunRow
from service.store.sessions import MessageRow, SessionRow
from service.store.tickets import TicketRow


def run_record(row: RunRow) -> RunRecord:
    """Return the row as a record."""
    terminal = None
    if row.terminal_kind is not None and row.terminal is not None:
        terminal = _terminal(payload_from_json(row.terminal_kind, row.terminal))
    return RunRecord(
        name=run_name(row.id),
        state=RunState(row.state),
        input=row.input,
        session=None if row.session_id is None else session_name(row.session_id),
        function=row.function,
        model=row.model,
        create_time=row.create_time,
        end_time=row.end_time,
        terminal=terminal,
    )


def event_row(tenant: str, run_id: str, sequence: int, time: datetime, payload: Payload) -> EventRow:
    """Return the event as a row."""
    return EventRow(tenant, run_id, sequence, time, payload_kind(payload), payload_to_json(payload))


def run_event(row: EventRow) -> RunEvent:
    """Return the row as an event."""
    return RunEvent(run_name(row.run_id), row.sequence, row.time, payload_from_json(row.kind, row.payload))


def state_of(terminal: Terminal) -> RunState:
    """Return the state in which a run with this terminal event is."""
    match terminal:
        case Completed():
            return RunState.COMPLETED
        case Failed():
            return RunState.FAILED
        case Cancelled():
            return RunState.CANCELLED
        case _:
            return RunState.INCOMPLETE


def session_record(row: SessionRow) -> SessionRecord:
    """Return the row as a record."""
    return SessionRecord(session_name(row.id), row.title, row.create_time, row.update_time, row.message_count)


def message_record(row: MessageRow) -> MessageRecord:
    """Return the row as a record."""
    return MessageRecord(
        name=message_name(row.session_id, row.position),
        role="user" if row.role == "user" else "assistant",
        text=row.text,
        run=run_name(row.run_id),
        create_time=row.create_time,
    )


def ticket_record(row: TicketRow) -> TicketRecord:
    """Return the row as a record."""
    return TicketRecord(
        name=ticket_name(row.id),
        state=TicketState(row.state),
        question=row.question,
        reason=row.reason,
        run=run_name(row.run_id),
        create_time=row.create_time,
        close_time=row.close_time,
        resolution=row.resolution,
    )


def _terminal(payload: Payload) -> Terminal:
    if not isinstance(payload, Terminal):
        raise TypeError(f"{payload_kind(payload)} is not a terminal event")
    return payload
