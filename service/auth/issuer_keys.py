"""The public keys of an issuer of tokens: read off the event loop, kept, and read again when a new one is named."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus
from pathlib import Path
from typing import Final

import aiohttp
import orjson
import structlog
from jwt import PyJWK, PyJWTError

from service.errors import IssuerUnavailableError

ALGORITHMS: Final = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
"""What tokens may be signed with: by two keys, never by a shared secret or by none.

Each key of the issuer is for one of them, and a token must name that one.
Source: RFC 8725, 2.1 and 3.1.
"""

MAX_BYTES: Final = 1024 * 1024
MAX_KEYS: Final = 100
TIMEOUT_S: Final = 5.0
"""Bounds on a set of keys, and on the time to fetch it in seconds."""

READ_AGAIN_S: Final = 3600.0
"""After how long the keys are read anew: the longest that a key which the issuer withdrew is still taken."""

PAUSE_S: Final = 30.0
"""The least time between two readings, whatever tokens come: they must not make this service a load for the issuer."""

Read = Callable[[], Awaitable[bytes]]

_log = structlog.get_logger(__name__)


class IssuerKeysError(Exception):
    """The keys cannot be had; the message says why."""


def read_file(path: Path) -> Read:
    """Return what reads a set of keys from a file."""

    def read() -> bytes:
        try:
            with path.open("rb") as file:
                return file.read(MAX_BYTES + 1)
        except OSError as error:
            raise IssuerKeysError(f"{path} cannot be read: {error.strerror}") from error

    return lambda: asyncio.to_thread(read)


def read_url(url: str) -> Read:
    """Return what fetches a set of keys; redirects are not followed, and proxies of the environment are."""

    async def read() -> bytes:
        timeout = aiohttp.ClientTimeout(total=TIMEOUT_S)
        try:
            async with (
                aiohttp.ClientSession(timeout=timeout, trust_env=True) as session,
                session.get(url, allow_redirects=False, headers={"Accept": "application/json"}) as answer,
            ):
                if answer.status != HTTPStatus.OK:
                    raise IssuerKeysError(f"{url} answers with status {answer.status}")
                content = bytearray()
                async for piece in answer.content.iter_any():
                    content += piece
                    if len(content) > MAX_BYTES:
                        break
                return bytes(content)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise IssuerKeysError(f"{url} cannot be fetched: {type(error).__name__}") from error

    return read


class IssuerKeys:
    """Keys by their ids (`kid`)."""

    def __init__(self, read: Read, *, clock: Callable[[], float] | None = None) -> None:
        """Take keys from `read`; `clock` tells seconds, that of the running loop where none is given."""
        self._read = read
        self._clock = clock or asyncio.get_running_loop().time
        self._keys: Mapping[str, PyJWK] = {}
        self._reading: asyncio.Task[None] | None = None
        self._not_before = float("-inf")

    async def load(self) -> None:
        """Read the keys for the first time.

        Raises:
            IssuerKeysError: They cannot be had.
        """
        try:
            self._keys = parse_keys(await self._read())
        finally:
            self._not_before = self._clock() + PAUSE_S

    async def key(self, key_id: str) -> PyJWK | None:
        """Return the key of that id, or None if the issuer has none, as far as is known.

        Raises:
            IssuerUnavailableError: No keys could be read yet.
        """
        if key_id not in self._keys and (self._reading is not None or self._clock() >= self._not_before):
            # Shielded: the caller who goes away must not stop what others wait for.
            await asyncio.shield(self._begin())
        if not self._keys:
            raise IssuerUnavailableError(
                "The keys with which tokens are checked cannot be read now; the operator finds the cause in the log.",
                retry_after_s=PAUSE_S,
            )
        return self._keys.get(key_id)

    async def follow(self) -> None:
        """Read the keys again from time to time, until cancelled."""
        while True:
            await asyncio.sleep(READ_AGAIN_S if self._keys else PAUSE_S)
            await asyncio.shield(self._begin())

    async def aclose(self) -> None:
        """Give up a reading that is going on."""
        if self._reading is not None:
            self._reading.cancel()
            await asyncio.wait([self._reading])

    def _begin(self) -> asyncio.Task[None]:
        if self._reading is None:
            self._reading = asyncio.create_task(self._again())
        return self._reading

    async def _again(self) -> None:
        try:
            await self.load()
        except IssuerKeysError as error:
            _log.error("issuer_keys_not_read", error=str(error), kept=len(self._keys))
        finally:
            self._reading = None


def parse_keys(content: bytes) -> dict[str, PyJWK]:
    """Return the usable keys of a JSON Web Key Set; those of other kinds, for encryption or without an id are left out.

    Raises:
        IssuerKeysError: It is none, or has no usable key.
    """
    if len(content) > MAX_BYTES:
        raise IssuerKeysError(f"the set of keys is larger than {MAX_BYTES:,} bytes")
    try:
        read = orjson.loads(content)
    except orjson.JSONDecodeError as error:
        raise IssuerKeysError("the set of keys is not JSON") from error
    listed = read.get("keys") if isinstance(read, dict) else None
    if not isinstance(listed, list) or len(listed) > MAX_KEYS:
        raise IssuerKeysError(f"what was read has no list `keys` of at most {MAX_KEYS}")
    found: dict[str, PyJWK] = {}
    for one in listed:
        key = _usable(one)
        if key is not None and key.key_id:
            found[key.key_id] = key
    if not found:
        raise IssuerKeysError("the set has no key with which tokens can be checked")
    return found


def _usable(one: object) -> PyJWK | None:
    if not isinstance(one, dict) or not isinstance(one.get("kid"), str) or one.get("use", "sig") != "sig":
        return None
    try:
        key = PyJWK(one)
    except (PyJWTError, ValueError, TypeError):
        return None
    # A private key in the set is one that everybody knows.
    return key if key.algorithm_name in ALGORITHMS and "d" not in one else None
