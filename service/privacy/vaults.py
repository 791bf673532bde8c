"""Keeps the pseudonyms of sessions: sealed with a key of the session's own, which the settings' key seals.

Deleting a session deletes its key, and with it the only way to read what else may be left of its pseudonyms.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final
from weakref import WeakKeyDictionary, WeakValueDictionary

from sqlalchemy import Connection

from service.errors import FailedPreconditionError, NotFoundError, SessionBusyError
from service.privacy import seals
from service.privacy.pseudonyms import Pseudonyms
from service.store import sessions, vaults
from service.store.store import Store
from service.store.vaults import VaultRow

_TOKEN: Final = "token"

RETRY_S: Final = 0.1
"""When to ask again where another process was faster."""


class VaultLockedError(FailedPreconditionError):
    """The pseudonyms were sealed with another key than that of the settings."""

    default_reason = "VAULT_LOCKED"


@dataclass(slots=True)
class _Session:
    """A session's own key, who is storing its pseudonyms, and what was stored last: when, and the store's version."""

    key: bytes
    time: datetime | None
    version: int
    keeping: asyncio.Lock = field(default_factory=asyncio.Lock)


class Vaults:
    """Opens and keeps pseudonyms; one object for a session, however many work with it.

    Without a key nothing is kept: the pseudonyms of a session's runs are then of each run alone.
    """

    def __init__(self, store: Store, key: bytes | None) -> None:
        """Keep them in `store`."""
        self._store = store
        self._key = key
        # Of this process alone, where the settings name none: what it seals is of no use to a later one.
        self._token_key = key or seals.new_key()
        self._open: WeakValueDictionary[tuple[str, str], Pseudonyms] = WeakValueDictionary()
        self._sessions: WeakKeyDictionary[Pseudonyms, _Session] = WeakKeyDictionary()
        self._opening = asyncio.Lock()

    @property
    def keeps(self) -> bool:
        """Return whether pseudonyms of sessions are kept."""
        return self._key is not None

    async def open(self, tenant: str, session_id: str | None) -> Pseudonyms:
        """Return the pseudonyms of the session; new ones where it has none, or where none are kept.

        Raises:
            VaultLockedError: They were sealed with another key.
        """
        if session_id is None or self._key is None:
            return Pseudonyms()
        async with self._opening:
            known = self._open.get((tenant, session_id))
            # Taken before the row is read: what another process changes meanwhile is read next time.
            version = self._store.version(vaults.topic_of(tenant, session_id))
            if known is None or self._sessions[known].version != version:
                row = await self._store.read(lambda connection: vaults.get_vault(connection, tenant, session_id))
                if known is None or self._sessions[known].time != (None if row is None else row.update_time):
                    known = self._read(self._key, tenant, session_id, row, version)
                    self._open[tenant, session_id] = known
                self._sessions[known].version = version
            return known

    async def keep(self, tenant: str, session_id: str | None, pseudonyms: Pseudonyms) -> None:
        """Store what was added; it returns when that is on disk.

        Raises:
            NotFoundError: The session was deleted meanwhile.
            SessionBusyError: Another process has stored pseudonyms of the session since they were opened.
        """
        if session_id is None or self._key is None:
            return
        own = self._sessions[pseudonyms]
        async with own.keeping:  # whoever has nothing to add waits for those who have, as it sends what they added
            if pseudonyms.changed:
                await self._put(self._key, own, tenant, session_id, pseudonyms)

    async def _put(self, master: bytes, own: _Session, tenant: str, session_id: str, pseudonyms: Pseudonyms) -> None:
        pseudonyms.changed = False
        place, before = _place(tenant, session_id), own.time
        row = VaultRow(
            tenant,
            session_id,
            seals.sealed(master, own.key, place),
            seals.sealed(own.key, seals.written(pseudonyms.entries), place),
            datetime.now(UTC),
        )

        def unit(connection: Connection) -> tuple[bool, bool]:
            put = vaults.put_vault(connection, row, before)
            return put, put or sessions.get_session(connection, tenant, session_id) is not None

        try:
            put, there = await self._store.write(unit)
        except BaseException:
            pseudonyms.changed = True
            raise
        if put:
            own.time = row.update_time
            return
        pseudonyms.changed = True
        if not there:
            raise NotFoundError(f"There is no session sessions/{session_id} any more.")
        if self._open.get((tenant, session_id)) is pseudonyms:
            del self._open[tenant, session_id]
        raise SessionBusyError(
            f"Another process has added pseudonyms to sessions/{session_id} in this moment; ask again.",
            retry_after_s=RETRY_S,
        )

    def token(self, tenant: str, pseudonyms: Pseudonyms) -> bytes:
        """Return pseudonyms sealed for their owner to keep."""
        return seals.sealed(self._token_key, seals.written(pseudonyms.entries), f"{_TOKEN}/{tenant}")

    def of_token(self, tenant: str, token: bytes) -> Pseudonyms:
        """Return the pseudonyms that `token` sealed for the same tenant.

        Raises:
            VaultLockedError: It is of another tenant, sealed with another key, or was changed.
        """
        try:
            return Pseudonyms(seals.read(seals.opened(self._token_key, token, f"{_TOKEN}/{tenant}")))
        except seals.SealError as error:
            raise VaultLockedError(
                "The restore_token cannot be opened: it was changed, is another tenant's, or privacy.key is "
                "another one "
                "than when the text was anonymised (without that setting, tokens end with the service's process)."
            ) from error

    def _read(self, key: bytes, tenant: str, session_id: str, row: VaultRow | None, version: int) -> Pseudonyms:
        if row is None:
            fresh = Pseudonyms()
            self._sessions[fresh] = _Session(seals.new_key(), None, version)
            return fresh
        place = _place(tenant, session_id)
        try:
            own = seals.opened(key, row.wrapped_key, place)
            known = Pseudonyms(seals.read(seals.opened(own, row.entries, place)))
        except seals.SealError as error:
            raise VaultLockedError(
                "The pseudonyms of this session were sealed with another key. Set privacy.key to that one "
                "again, or go on "
                "in another session."
            ) from error
        self._sessions[known] = _Session(own, row.update_time, version)
        return known


def _place(tenant: str, session_id: str) -> str:
    return f"sessions/{tenant}/{session_id}"
