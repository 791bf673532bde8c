"""Credentials of a call become the principal who makes it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from prometheus_client import CollectorRegistry, Counter

from service.auth.key_ring import REFUSED, KeyRing
from service.auth.keys import PREFIX
from service.errors import (
    CredentialsInvalidError,
    CredentialsMissingError,
    UnauthenticatedError,
    VaivenError,
)
from service.runs.spec import Principal

if TYPE_CHECKING:
    from service.auth.tokens import TokenVerifier

MISSING: Final = (
    "The call has no credentials: send the metadata `authorization: Bearer …` with a key or token of this service. "
    "The command line takes it from VAIVEN_KEY or --key-file."
)

_SCHEME: Final = "bearer "


class Authenticator:
    """Tells who calls by `authorization: Bearer …`: a key of the ring, or, where there is an issuer, a token of it."""

    def __init__(self, keys: KeyRing, tokens: TokenVerifier | None, registry: CollectorRegistry) -> None:
        """Count in `registry` how calls were judged, by the kind of credentials and nothing else of them."""
        self._keys = keys
        self._tokens = tokens
        self._judged = Counter(
            "vaiven_authentications", "Credentials that were judged", ["kind", "outcome"], registry=registry
        )
        self._key_accepted = self._judged.labels("key", "accepted")
        self._token_accepted = self._judged.labels("token", "accepted")

    async def principal(self, authorization: Sequence[str | bytes]) -> Principal:
        """Return whose call it is; `authorization` are all values of that metadata.

        Raises:
            CredentialsMissingError: There are none.
            CredentialsInvalidError: They are not known, or there are several.
            CredentialsExpiredError: Their time is over.
            IssuerUnavailableError: A token cannot be judged now.
        """
        kind = "none"
        try:
            if not authorization:
                raise CredentialsMissingError(MISSING)
            value = authorization[0]
            if len(authorization) > 1 or not isinstance(value, str) or value[: len(_SCHEME)].lower() != _SCHEME:
                raise CredentialsInvalidError(REFUSED)
            shown = value[len(_SCHEME) :].strip()
            if shown.startswith(PREFIX):
                kind = "key"
                principal = self._keys.principal(shown)
                self._key_accepted.inc()
                return principal
            if self._tokens is None:
                raise CredentialsInvalidError(REFUSED)
            kind = "token"
            principal = await self._tokens.principal(shown)
        except UnauthenticatedError as error:
            self._judged.labels(kind, error.reason.removeprefix("CREDENTIALS_").lower()).inc()
            raise
        except VaivenError:
            self._judged.labels(kind, "unavailable").inc()
            raise
        self._token_accepted.inc()
        return principal
