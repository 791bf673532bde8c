"""Identifiers that sort by the time at which they were made."""

from __future__ import annotations

import os
import secrets
import time
from collections import deque
from typing import Final

_CHANCE_BYTES: Final = 10
_AT_ONCE: Final = 256
"""For so many identifiers chance is fetched at once, because each fetch lets go of the interpreter's lock, and whoever
takes it meanwhile is waited for."""

_chance: deque[str] = deque()


def new_id() -> str:
    """Return 32 hex digits: milliseconds since 1970, then chance, so that nobody can guess a neighbour's.

    Source: RFC 9562, section 5.7 (UUID version 7), without its version and variant bits.
    """
    while True:
        try:
            # Taking one is atomic, so that no two threads can have the same.
            chance = _chance.popleft()
        except IndexError:
            _fetch()
        else:
            return f"{time.time_ns() // 1_000_000:012x}{chance}"


def _fetch() -> None:
    fetched = secrets.token_hex(_CHANCE_BYTES * _AT_ONCE)
    digits = 2 * _CHANCE_BYTES
    _chance.extend(fetched[start : start + digits] for start in range(0, len(fetched), digits))


if hasattr(os, "register_at_fork"):
    # A child must not go on with its parent's.
    os.register_at_fork(after_in_child=_chance.clear)
