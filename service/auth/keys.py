"""API keys: how they look, what of them is kept, and how one is recognised.

A key is `vvn_`, an id by which it is found, and a secret of 256 random bits. Kept are a salt and the HMAC of the secret
under it. A slow derivation, as passwords need, would guard nothing: nobody can try 2^256 secrets, however fast a trial
is, and every call would pay for it.
"""

from __future__ import annotations

import hmac
import re
import secrets
from datetime import datetime
from typing import Annotated, Final

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints, field_serializer

from service.permissions import Permission

PREFIX: Final = "vvn_"
"""Begins every key, so that scanners of repositories and logs can find one that got lost."""

ID_ALPHABET: Final = "abcdefghijklmnopqrstuvwxyz234567"
SECRET_ALPHABET: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
ID_CHARACTERS: Final = 12
SECRET_CHARACTERS: Final = 43
"""The fewest characters of that alphabet that hold 256 bits."""

SALT_BYTES: Final = 16

TenantName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$")]
KeyName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$")]

_KEY: Final = re.compile(rf"vvn_([a-z2-7]{{{ID_CHARACTERS}}})_([A-Za-z0-9]{{{SECRET_CHARACTERS}}})")
_HEX: Final = r"^([0-9a-f]{2})+$"


class KeyRecord(BaseModel):
    """What is kept of a key. `salt` and `digest` are hexadecimal; `expire_time` None: it has no end."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: Annotated[str, StringConstraints(pattern=rf"^[a-z2-7]{{{ID_CHARACTERS}}}$")]
    tenant: TenantName
    name: KeyName
    permissions: Annotated[frozenset[Permission], Field(min_length=1)]
    salt: Annotated[str, StringConstraints(pattern=_HEX, min_length=2 * SALT_BYTES)]
    digest: Annotated[str, StringConstraints(pattern=_HEX, min_length=64, max_length=64)]
    create_time: AwareDatetime
    expire_time: AwareDatetime | None = None

    @field_serializer("permissions")
    def _in_order(self, permissions: frozenset[Permission]) -> list[Permission]:
        return sorted(permissions)


def new_key(
    tenant: str, name: str, permissions: frozenset[Permission], now: datetime, expire_time: datetime | None
) -> tuple[str, KeyRecord]:
    """Return a fresh key, which nobody can read again, and what is to be kept of it.

    Raises:
        pydantic.ValidationError: The tenant or the name is not fit, or there is no permission.
    """
    key_id = "".join(secrets.choice(ID_ALPHABET) for _ in range(ID_CHARACTERS))
    secret = "".join(secrets.choice(SECRET_ALPHABET) for _ in range(SECRET_CHARACTERS))
    salt = secrets.token_bytes(SALT_BYTES)
    record = KeyRecord(
        id=key_id,
        tenant=tenant,
        name=name,
        permissions=permissions,
        salt=salt.hex(),
        digest=secret_digest(salt, secret).hex(),
        create_time=now,
        expire_time=expire_time,
    )
    return f"{PREFIX}{key_id}_{secret}", record


def split_key(text: str) -> tuple[str, str] | None:
    """Return the id and the secret of a key, or None for what is not written like one."""
    match = _KEY.fullmatch(text)
    return None if match is None else (match[1], match[2])


def secret_digest(salt: bytes, secret: str) -> bytes:
    """Return what is kept of a secret: 32 bytes."""
    return hmac.digest(salt, secret.encode(), "sha256")
