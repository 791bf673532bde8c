"""Seals: what only the holder of a key can read, and nobody can change or move elsewhere unseen.

What they rest on is imported when the first is made: it takes 11 MB, and most services seal nothing.
"""

from __future__ import annotations

import asyncio
import json
import os
from base64 import b64decode
from functools import cache
from typing import TYPE_CHECKING, Final

from service.privacy.kinds import Kind

if TYPE_CHECKING:
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_BYTES: Final = 32
"""AES-256."""

_NONCE_BYTES: Final = 12
"""Source: NIST SP 800-38D, section 8.2: 96 bits, drawn at random for each seal."""

Entries = dict[str, tuple[Kind, int, int]]
"""For each value its kind, its number and its form; see `pseudonyms.Pseudonyms`."""


class SealError(ValueError):
    """Something was sealed with another key, for another place, or was changed."""


@cache
def load() -> tuple[type[AESGCM], type[InvalidTag]]:
    """Import what seals, and return the cipher and what it raises; it takes a tenth of a second."""
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    return AESGCM, InvalidTag


async def ready() -> None:
    """Import what seals without holding the event loop up."""
    if not load.cache_info().currsize:
        await asyncio.to_thread(load)


def new_key() -> bytes:
    """Return a key that nobody knows."""
    return os.urandom(KEY_BYTES)


def read_key(words: str) -> bytes:
    """Return the key that is written in base64.

    Raises:
        ValueError: It is not of 32 bytes.
    """
    key = b64decode(words.strip(), validate=True)
    if len(key) != KEY_BYTES:
        raise ValueError(f"has {len(key)} bytes and must have {KEY_BYTES}")
    return key


def sealed(key: bytes, plain: bytes, place: str) -> bytes:
    """Return `plain` so that only `key` opens it, and only at the same `place`."""
    nonce = os.urandom(_NONCE_BYTES)
    cipher, _ = load()
    return nonce + cipher(key).encrypt(nonce, plain, place.encode())


def opened(key: bytes, seal: bytes, place: str) -> bytes:
    """Return what was sealed.

    Raises:
        SealError: The key or the place is another one, or it was changed.
    """
    cipher, invalid = load()
    try:
        return cipher(key).decrypt(seal[:_NONCE_BYTES], seal[_NONCE_BYTES:], place.encode())
    except (invalid, ValueError) as error:
        raise SealError("cannot be opened") from error


def written(entries: Entries) -> bytes:
    """Return entries as bytes."""
    return json.dumps({value: [kind.value, *rest] for value, (kind, *rest) in entries.items()}).encode()


def read(data: bytes) -> Entries:
    """Return the entries that `written` wrote."""
    return {value: (Kind(kind), number, form) for value, (kind, number, form) in json.loads(data).items()}
