"""The API keys that a running service knows; the file is looked at again and again, so that a revocation is obeyed."""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import structlog

from service.auth.key_file import KeyFileError, read_keys
from service.auth.keys import SALT_BYTES, KeyRecord, secret_digest, split_key
from service.errors import CredentialsExpiredError, CredentialsInvalidError
from service.runs.spec import Principal

LOOK_S: Final = 1.0
"""How often the file is looked at: the longest that a revoked key is still taken."""

REFUSED: Final = "The credentials are not known to this service. Ask its operator for new ones."

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Known:
    salt: bytes
    digest: bytes
    expires: float
    principal: Principal


_NOBODY: Final = (bytes(SALT_BYTES), bytes(32))
"""What the secret of an unknown id is compared with, so that one takes as long as that of a known id."""


class KeyRing:
    """Tells whose key a key is. Secrets are never kept; a key is computed anew each time, which takes microseconds."""

    def __init__(self, path: Path, *, wall_clock: Callable[[], float] | None = None) -> None:
        """Read keys from `path` when `load` is called; `wall_clock` tells seconds since 1970, UTC."""
        self._path = path
        self._now = wall_clock or (lambda: datetime.now(UTC).timestamp())
        self._known: dict[str, _Known] = {}
        self._seen: tuple[int, int, int] | None = None

    def __len__(self) -> int:
        """Return how many keys there are, expired ones too."""
        return len(self._known)

    async def load(self) -> None:
        """Read the file.

        Raises:
            KeyFileError: It cannot be read, or is not one of keys.
        """
        self._seen, keys = await asyncio.to_thread(self._read)
        self._keep(keys)

    async def look(self) -> bool:
        """Read the file if it changed, and return whether that was so; where it is broken, the old keys stay.

        A file that is gone has no keys.
        """
        if await asyncio.to_thread(_stamp, self._path) == self._seen:
            return False
        try:
            self._seen, keys = await asyncio.to_thread(self._read)
        except KeyFileError as error:
            self._seen = await asyncio.to_thread(_stamp, self._path)
            _log.error("keys_not_reread", error=str(error))
            return False
        self._keep(keys)
        _log.info("keys_reread", keys=len(self._known))
        return True

    async def follow(self) -> None:
        """Look until cancelled."""
        while True:
            await asyncio.sleep(LOOK_S)
            try:
                await self.look()
            except OSError as error:
                _log.error("keys_not_reread", error=error.strerror)

    def principal(self, key: str) -> Principal:
        """Return whose key it is.

        Raises:
            CredentialsInvalidError: There is no such key; whether there was one is not told.
            CredentialsExpiredError: It has expired.
        """
        parts = split_key(key)
        if parts is None:
            raise CredentialsInvalidError(REFUSED)
        known = self._known.get(parts[0])
        salt, digest = _NOBODY if known is None else (known.salt, known.digest)
        if not hmac.compare_digest(secret_digest(salt, parts[1]), digest) or known is None:
            raise CredentialsInvalidError(REFUSED)
        if known.expires <= self._now():
            raise CredentialsExpiredError("The key has expired. Ask the operator of this service for a new one.")
        return known.principal

    def _read(self) -> tuple[tuple[int, int, int] | None, tuple[KeyRecord, ...]]:
        # The stamp first: a change between the two is then seen at the next look.
        return _stamp(self._path), read_keys(self._path)

    def _keep(self, keys: Iterable[KeyRecord]) -> None:
        self._known = {
            key.id: _Known(
                bytes.fromhex(key.salt),
                bytes.fromhex(key.digest),
                float("inf") if key.expire_time is None else key.expire_time.timestamp(),
                Principal(key.tenant, f"key:{key.name}", key.permissions),
            )
            for key in keys
        }


def _stamp(path: Path) -> tuple[int, int, int] | None:
    """Return what changes with the file, or None where there is none."""
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino
