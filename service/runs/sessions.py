"""Conversations: made, shown, deleted; their messages come from runs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from sqlalchemy import Connection

from service.errors import NotFoundError
from service.runs.locks import refuse_if_at_work
from service.runs.names import id_in, session_name
from service.runs.records import message_record, session_record
from service.runs.spec import MessageRecord, Page, Principal, SessionRecord
from service.store import idempotency, sessions
from service.store.idempotency import RequestKey
from service.store.ids import new_id
from service.store.paging import decode_page_token, encode_page_token, page_limit
from service.store.sessions import MessageRow, SessionRow
from service.store.store import Store


class SessionDesk:
    """Keeps sessions in the store; see `service.rpc.ports.Sessions`."""

    def __init__(self, store: Store) -> None:
        """Keep sessions in `store`."""
        self._store = store

    async def create(self, principal: Principal, title: str, request_id: str | None) -> SessionRecord:
        """Store an empty session.

        Raises:
            RequestIdReusedError: The request id came before with another title.
            NotFoundError: The session that the request id made was deleted since.
        """
        tenant, now, made_id = principal.tenant, datetime.now(UTC), new_id()
        key = _key(tenant, "CreateSession", request_id, title)

        def unit(connection: Connection) -> SessionRow:
            def make() -> str:
                sessions.insert_session(connection, SessionRow(tenant, made_id, title, now, now))
                return made_id

            return _existing(connection, tenant, idempotency.once(connection, key, make).result)

        return session_record(await self._store.write(unit))

    async def get(self, principal: Principal, name: str) -> SessionRecord:
        """Return one session.

        Raises:
            NotFoundError: The tenant has none of that name.
        """
        session_id = id_in(name, "sessions")
        return session_record(await self._store.read(lambda c: _existing(c, principal.tenant, session_id)))

    async def list(self, principal: Principal, page_size: int, page_token: str) -> Page[SessionRecord]:
        """Return a page of the tenant's sessions, newest first."""
        limit, scope = page_limit(page_size), f"sessions:{principal.tenant}"
        key = decode_page_token(scope, page_token, (str,))
        before_id = None if key is None else str(key[0])
        rows = await self._store.read(
            lambda c: sessions.list_sessions(c, principal.tenant, before_id=before_id, limit=limit + 1)
        )
        token = encode_page_token(scope, (rows[limit - 1].id,)) if len(rows) > limit else ""
        return Page(tuple(session_record(row) for row in rows[:limit]), token)

    async def delete(self, principal: Principal, name: str, request_id: str | None) -> None:
        """Remove a session with its messages.

        Raises:
            NotFoundError: The tenant has none of that name.
            SessionBusyError: A run is working on it.
        """
        session_id, tenant = id_in(name, "sessions"), principal.tenant
        key = _key(tenant, "DeleteSession", request_id, name)

        def unit(connection: Connection) -> None:
            def make() -> str:
                refuse_if_at_work(connection, tenant, session_id)
                if not sessions.delete_session(connection, tenant, session_id):
                    raise _missing(session_id)
                return name

            idempotency.once(connection, key, make)

        await self._store.write(unit)

    async def messages(
        self, principal: Principal, session: str, page_size: int, page_token: str
    ) -> Page[MessageRecord]:
        """Return a page of the session's messages, oldest first.

        Raises:
            NotFoundError: The tenant has no such session.
        """
        session_id, tenant = id_in(session, "sessions", "parent"), principal.tenant
        limit, scope = page_limit(page_size), f"messages:{tenant}:{session_id}"
        key = decode_page_token(scope, page_token, (int,))

        def query(connection: Connection) -> Sequence[MessageRow]:
            _existing(connection, tenant, session_id)
            after = 0 if key is None else int(key[0])
            return sessions.list_messages(connection, tenant, session_id, after_position=after, limit=limit + 1)

        rows = await self._store.read(query)
        token = encode_page_token(scope, (rows[limit - 1].position,)) if len(rows) > limit else ""
        return Page(tuple(message_record(row) for row in rows[:limit]), token)


def _key(tenant: str, method: str, request_id: str | None, body: str) -> RequestKey | None:
    return None if request_id is None else RequestKey(tenant, method, request_id, body)


def _existing(connection: Connection, tenant: str, session_id: str) -> SessionRow:
    row = sessions.get_session(connection, tenant, session_id)
    if row is None:
        raise _missing(session_id)
    return row


def _missing(session_id: str) -> NotFoundError:
    return NotFoundError(f"There is no session {session_name(session_id)}.")
