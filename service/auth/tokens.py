"""Tokens of an OpenID Connect issuer (JWTs): whose they are, and what their roles allow."""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import jwt

from service.auth.issuer_keys import ALGORITHMS, IssuerKeys
from service.auth.key_ring import REFUSED
from service.errors import CredentialsExpiredError, CredentialsInvalidError
from service.permissions import Permission
from service.runs.spec import Principal

MAX_CHARACTERS: Final = 16 * 1024
"""A longer one is refused unread; by default gRPC takes no more metadata than 8 KiB anyway."""

KEPT_S: Final = 60.0
"""How long a checked token is not checked again: what the issuer or a new key says of it can come later by so much."""

MAX_KEPT: Final = 4096
"""Tokens that are remembered, by their digests; some 2 MB."""

_TENANT: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}")
_SUBJECT: Final = re.compile(r"[\x21-\x7e]{1,255}")
_PERMISSIONS: Final = {permission.value: permission for permission in Permission}


@dataclass(frozen=True, slots=True)
class TokenRules:
    """What a token must say. `roles` turns values of that claim into permissions; a permission's own name is one."""

    issuer: str
    audiences: tuple[str, ...]
    tenant_claim: str = "tid"
    roles_claim: str = "roles"
    roles: Mapping[str, frozenset[Permission]] = field(default_factory=dict)
    clock_skew_s: float = 30.0


@dataclass(frozen=True, slots=True)
class _Kept:
    principal: Principal
    until: float


class TokenVerifier:
    """Checks tokens by the issuer's keys; what was checked is remembered for a while."""

    def __init__(self, keys: IssuerKeys, rules: TokenRules, *, wall_clock: Callable[[], float] = time.time) -> None:
        """Hold tokens to `rules`; `wall_clock` tells seconds since 1970, UTC."""
        self._keys = keys
        self._rules = rules
        self._now = wall_clock
        self._kept: dict[bytes, _Kept] = {}

    async def principal(self, token: str) -> Principal:
        """Return whose token it is.

        Raises:
            CredentialsInvalidError: It is not of the issuer, not for this service, or says nothing that can be used.
            CredentialsExpiredError: It has expired.
            IssuerUnavailableError: The issuer's keys could not be read yet.
        """
        if len(token) > MAX_CHARACTERS:
            raise CredentialsInvalidError(REFUSED)
        digest = hashlib.sha256(token.encode(errors="replace")).digest()
        kept = self._kept.get(digest)
        if kept is not None and self._now() < kept.until:
            return kept.principal
        claims = await self._claims(token)
        principal = self._read(claims)
        self._keep(digest, _Kept(principal, min(self._now() + KEPT_S, float(claims["exp"]) + self._rules.clock_skew_s)))
        return principal

    async def _claims(self, token: str) -> dict[str, Any]:
        try:
            key_id = jwt.get_unverified_header(token).get("kid")
        except (jwt.PyJWTError, ValueError, RecursionError):
            raise CredentialsInvalidError(REFUSED) from None
        key = await self._keys.key(key_id) if isinstance(key_id, str) else None
        if key is None:
            raise CredentialsInvalidError(REFUSED)
        try:
            claims: dict[str, Any] = jwt.decode(
                token,
                key,
                algorithms=list(ALGORITHMS),
                audience=self._rules.audiences,
                issuer=self._rules.issuer,
                leeway=self._rules.clock_skew_s,
                options={"require": ["exp", "iss", "aud", "sub"], "enforce_minimum_key_length": True},
            )
        except jwt.ExpiredSignatureError:
            raise CredentialsExpiredError("The token has expired. Get a new one from its issuer.") from None
        # The last three: claims that the issuer signed and that are not what they should be.
        except (jwt.PyJWTError, ValueError, TypeError, OverflowError):
            raise CredentialsInvalidError(REFUSED) from None
        return claims

    def _read(self, claims: Mapping[str, Any]) -> Principal:
        tenant, subject = claims.get(self._rules.tenant_claim), claims["sub"]
        if not (isinstance(tenant, str) and _TENANT.fullmatch(tenant) and _SUBJECT.fullmatch(subject)):
            raise CredentialsInvalidError(REFUSED)
        said = claims.get(self._rules.roles_claim, ())
        names = said.split() if isinstance(said, str) else said
        allowed: set[Permission] = set()
        for name in names if isinstance(names, list | tuple) else ():
            if not isinstance(name, str):
                continue
            allowed |= self._rules.roles.get(name, frozenset())
            if name in _PERMISSIONS:
                allowed.add(_PERMISSIONS[name])
        return Principal(tenant, f"token:{subject}", frozenset(allowed))

    def _keep(self, digest: bytes, kept: _Kept) -> None:
        self._kept.pop(digest, None)
        if len(self._kept) >= MAX_KEPT:
            # The oldest: all are kept equally long.
            del self._kept[next(iter(self._kept))]
        self._kept[digest] = kept
