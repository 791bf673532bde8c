"""Identifiers that sort by the time at which they were made."""

from __future__ import annotations

import secrets
import time


def new_id() -> str:
    """Return 32 hex digits: milliseconds since 1970, then chance, so that nobody can guess a neighbour's.

    Source: RFC 9562, section 5.7 (UUID version 7), without its version and variant bits.
    """
    return f"{time.time_ns() // 1_000_000:012x}{secrets.token_hex(10)}"
