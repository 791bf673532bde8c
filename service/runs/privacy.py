"""Personal data in texts that callers hand over; see `service.rpc.ports.Privacy`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from service.errors import FailedPreconditionError, NotFoundError
from service.privacy import seals
from service.privacy.kinds import Finding, Kind
from service.privacy.masked import Masking
from service.privacy.masking import TextMasking
from service.privacy.pseudonyms import Pseudonyms
from service.privacy.restore import restored
from service.runs.names import id_in, session_name
from service.runs.spec import Principal
from service.store import sessions
from service.store.store import Store


class VaultKeyMissingError(FailedPreconditionError):
    """The operator set no key, so that pseudonyms of sessions are not kept."""

    default_reason = "VAULT_KEY_MISSING"


@dataclass(frozen=True, slots=True)
class Anonymized:
    """Texts with pseudonyms, how many values of each kind they had, and, without a session, what restores them."""

    texts: tuple[str, ...]
    counts: Mapping[Kind, int]
    token: bytes = b""


@dataclass(frozen=True, slots=True)
class Restored:
    """Texts with their values, and how many pseudonyms were unknown and altered."""

    texts: tuple[str, ...]
    unknown: int
    altered: int


class PrivacyDesk:
    """Finds, masks and restores, with what also masks the requests of runs."""

    def __init__(self, masking: Masking, store: Store) -> None:
        """Look sessions up in `store`."""
        self._masking = masking
        self._store = store

    async def detect(self, principal: Principal, text: str) -> tuple[Finding, ...]:
        """Return where in a text personal data is."""
        masking = TextMasking(self._masking.detector, Pseudonyms())
        await masking.read([text])
        return masking.found(text)

    async def anonymize(self, principal: Principal, texts: Sequence[str], session: str | None) -> Anonymized:
        """Return the texts with pseudonyms; what stands for whom is kept in the session, or in the token.

        Raises:
            NotFoundError: The tenant has no such session.
            VaultKeyMissingError: A session is named and the operator set no key.
            MaskingError: There is too much.
        """
        tenant, session_id = principal.tenant, await self._session(principal, session)
        pseudonyms = await self._masking.vaults.open(tenant, session_id)
        masking = TextMasking(self._masking.detector, pseudonyms)
        await masking.read(texts)
        masked = masking.mask(texts)
        if session_id is not None:
            await self._masking.vaults.keep(tenant, session_id, pseudonyms)
            return Anonymized(masked.texts, masked.counts)
        await seals.ready()
        return Anonymized(masked.texts, masked.counts, self._masking.vaults.token(tenant, pseudonyms))

    async def restore(
        self, principal: Principal, texts: Sequence[str], session: str | None, token: bytes, *, in_json: bool
    ) -> Restored:
        """Return the texts with the values that the session or the token knows.

        Raises:
            NotFoundError: The tenant has no such session.
            VaultKeyMissingError: A session is named and the operator set no key.
            VaultLockedError: The session or the token was sealed with another key, or for another tenant.
        """
        pseudonyms = await self._known(principal, session, token)
        whole = [restored(text, pseudonyms, in_json=in_json) for text in texts]
        return Restored(tuple(text for text, *_ in whole), sum(one[1] for one in whole), sum(one[2] for one in whole))

    async def _known(self, principal: Principal, session: str | None, token: bytes) -> Pseudonyms:
        if session is None:
            await seals.ready()
            return self._masking.vaults.of_token(principal.tenant, token)
        return await self._masking.vaults.open(principal.tenant, await self._session(principal, session))

    async def _session(self, principal: Principal, session: str | None) -> str | None:
        if session is None:
            return None
        session_id = id_in(session, "sessions", "session")
        found = await self._store.read(
            lambda connection: sessions.get_session(connection, principal.tenant, session_id)
        )
        if found is None:
            raise NotFoundError(f"There is no session {session_name(session_id)}.")
        if not self._masking.vaults.keeps:
            raise VaultKeyMissingError(
                "Pseudonyms of sessions are not kept here: the operator has to set privacy.key. Leave the session out "
                "to get a restore_token instead."
            )
        return session_id
