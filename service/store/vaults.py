"""What stands for whom in a session, as rows of sealed bytes; what is in them is the business of `service.privacy`."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import Connection, insert, select, update

from service.store.changes import touch
from service.store.sessions import get_session
from service.store.vault_tables import privacy_vaults


@dataclass(frozen=True, slots=True)
class VaultRow:
    """A row of `privacy_vaults`, field by field."""

    tenant: str
    session_id: str
    wrapped_key: bytes
    entries: bytes
    update_time: datetime


def get_vault(connection: Connection, tenant: str, session_id: str) -> VaultRow | None:
    """Return what is sealed for the session, or None."""
    table = privacy_vaults
    query = select(table).where(table.c.tenant == tenant, table.c.session_id == session_id)
    row = connection.execute(query).mappings().first()
    return None if row is None else VaultRow(**row)


def put_vault(connection: Connection, row: VaultRow, before: datetime | None) -> bool:
    """Keep the row in the place of the session's of the time `before` (None: it had none); return whether that is so.

    It is not where the session was deleted, or where somebody else has put another row in that place.
    """
    present = get_vault(connection, row.tenant, row.session_id)
    if get_session(connection, row.tenant, row.session_id) is None:
        return False
    if (None if present is None else present.update_time) != before:
        return False
    table, values = privacy_vaults, asdict(row)
    touch(connection, topic_of(row.tenant, row.session_id))
    if present is None:
        connection.execute(insert(table), values)
    else:
        where = (table.c.tenant == row.tenant, table.c.session_id == row.session_id)
        connection.execute(update(table).where(*where).values(values))
    return True


def topic_of(tenant: str, session_id: str) -> str:
    """Return the topic that each change of the session's pseudonyms touches; see `service.store.changes`."""
    return f"vaults/{tenant}/{session_id}"
