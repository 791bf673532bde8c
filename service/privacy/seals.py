"""Seals: what only the holder of a key can read, and nobody can change or move elsewhere unseen."""

from __future__ import annotations

import json
import os
from base64 import b64decode
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from service.privacy.kinds import Kind

KEY_BYTES: Final = 32
"""AES-256."""

_NONCE_BYTES: Final = 12
"""Source: NIST SP 800-38D, section 8.2: 96 bits, drawn at random for each seal."""

Entries = dict[str, tuple[Kind, int, int]]
"""For each value its kind, its number and its form; see `pseudonyms.Pseudonyms`."""


class SealError(ValueError):
    """Something was sealed with another key, for another place, or was changed."""


def new_key() -> bytes:
    """Return a key that nobody knows."""
    return AESGCM.generate_key(bit_length=KEY_BYTES * 8)


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
    return nonce + AESGCM(key).encrypt(nonce, plain, place.encode())


def opened(key: bytes, seal: bytes, place: str) -> bytes:
    """Return what was sealed.

    Raises:
        SealError: The key or the place is another one, or it was changed.
    """
    try:
        return AESGCM(key).decrypt(seal[:_NONCE_BYTES], seal[_NONCE_BYTES:], place.encode())
    except (InvalidTag, ValueError) as error:
        raise SealError("cannot be opened") from error


def written(entries: Entries) -> bytes:
    """Return entries as bytes."""
    return json.dumps({value: [kind.value, *rest] for value, (kind, *rest) in entries.items()}).encode()


def read(data: bytes) -> Entries:
    """Return the entries that `written` wrote."""
    return {value: (Kind(kind), number, form) for value, (kind, number, form) in json.loads(data).items()}
