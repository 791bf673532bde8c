"""Sessions and their messages, as rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select, update

from service.store.tables import messages, sessions


@dataclass(frozen=True, slots=True)
class SessionRow:
    """A row of `sessions`, field by field."""

    tenant: str
    id: str
    title: str
    create_time: datetime
    update_time: datetime
    message_count: int = 0


@dataclass(frozen=True, slots=True)
class MessageRow:
    """A row of `messages`, field by field."""

    tenant: str
    session_id: str
    position: int
    role: str
    text: str
    run_id: str
    create_time: datetime


def insert_session(connection: Connection, row: SessionRow) -> None:
    """Add a session."""
    connection.execute(insert(sessions), asdict(row))


def get_session(connection: Connection, tenant: str, session_id: str) -> SessionRow | None:
    """Return the session, or None where the tenant has none of that id."""
    query = select(sessions).where(sessions.c.tenant == tenant, sessions.c.id == session_id)
    found = connection.execute(query).mappings().first()
    return None if found is None else SessionRow(**found)


def list_sessions(connection: Connection, tenant: str, *, before_id: str | None, limit: int) -> list[SessionRow]:
    """Return at most `limit` sessions, newest first, that are older than `before_id` (None: from the newest)."""
    query = select(sessions).where(sessions.c.tenant == tenant)
    if before_id is not None:
        query = query.where(sessions.c.id < before_id)
    rows = connection.execute(query.order_by(sessions.c.id.desc()).limit(limit)).mappings()
    return [SessionRow(**row) for row in rows]


def delete_session(connection: Connection, tenant: str, session_id: str) -> bool:
    """Remove the session with its messages; return whether there was one."""
    query = delete(sessions).where(sessions.c.tenant == tenant, sessions.c.id == session_id)
    return connection.execute(query).rowcount == 1


def append_messages(
    connection: Connection,
    tenant: str,
    session_id: str,
    turns: Sequence[tuple[str, str]],
    *,
    run_id: str,
    time: datetime,
) -> None:
    """Add messages, each a role and a text, at the session's end; nothing happens where it was deleted meanwhile."""
    session = get_session(connection, tenant, session_id)
    if session is None or not turns:
        return
    rows = [
        MessageRow(tenant, session_id, session.message_count + offset, role, text, run_id, time)
        for offset, (role, text) in enumerate(turns, start=1)
    ]
    connection.execute(insert(messages), [asdict(row) for row in rows])
    connection.execute(
        update(sessions)
        .where(sessions.c.tenant == tenant, sessions.c.id == session_id)
        .values(message_count=session.message_count + len(rows), update_time=time)
    )


def list_messages(
    connection: Connection, tenant: str, session_id: str, *, after_position: int, limit: int
) -> list[MessageRow]:
    """Return at most `limit` messages, oldest first, of those after `after_position` (0: from the first)."""
    query = select(messages).where(
        messages.c.tenant == tenant, messages.c.session_id == session_id, messages.c.position > after_position
    )
    rows = connection.execute(query.order_by(messages.c.position).limit(limit)).mappings()
    return [MessageRow(**row) for row in rows]


def last_messages(connection: Connection, tenant: str, session_id: str, *, limit: int) -> list[MessageRow]:
    """Return the last `limit` messages, oldest first."""
    query = select(messages).where(messages.c.tenant == tenant, messages.c.session_id == session_id)
    rows = connection.execute(query.order_by(messages.c.position.desc()).limit(limit)).mappings().all()
    return [MessageRow(**row) for row in reversed(rows)]
