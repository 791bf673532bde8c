"""Pages of a list, and the opaque tokens that say where the next one begins.

A token holds the last key of the page (keyset paging), so a page costs the same however far it is, and a row that is
added or deleted meanwhile shifts nothing. It also holds a digest of the list it belongs to (`scope`): with another
filter it is refused instead of giving a wrong page.
"""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import dataclass
from typing import Final, Generic, TypeAlias, TypeVar

from service.errors import InvalidArgumentError, Violation

T = TypeVar("T")

Key: TypeAlias = tuple[str | int, ...]

DEFAULT_PAGE_SIZE: Final = 50
MAX_PAGE_SIZE: Final = 1000
MAX_TOKEN_CHARS: Final = 2000


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """A part of a list; an empty `next_page_token` means that it is the last."""

    items: tuple[T, ...]
    next_page_token: str = ""


def page_limit(page_size: int) -> int:
    """Return how many rows a page has: 0 means the default, more than the maximum is cut to it.

    Raises:
        InvalidArgumentError: `page_size` is negative.
    """
    if page_size < 0:
        raise InvalidArgumentError(
            "page_size must not be negative.",
            violations=(Violation("page_size", "must be 0 or more"),),
        )
    return min(page_size or DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE)


def encode_page_token(scope: str, key: Key) -> str:
    """Return the token of the page that begins after `key` in the list named by `scope`."""
    body = json.dumps([_digest(scope), *key], separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(body).decode().rstrip("=")


def decode_page_token(scope: str, token: str, kinds: tuple[type[str | int], ...]) -> Key | None:
    """Return the key after which the page begins, of the types `kinds`; None for an empty token, the first page.

    Raises:
        InvalidArgumentError: The token is broken or belongs to another list.
    """
    if not token:
        return None
    try:
        if len(token) > MAX_TOKEN_CHARS:
            raise ValueError("the token is too long")
        found = json.loads(base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True))
    except (ValueError, RecursionError) as error:  # Broken base 64, UTF-8 and JSON are ValueErrors.
        raise _bad_token("is not a token of this service") from error
    if not isinstance(found, list) or len(found) != len(kinds) + 1 or found[0] != _digest(scope):
        raise _bad_token("belongs to another list or filter")
    if any(type(value) is not kind for value, kind in zip(found[1:], kinds, strict=True)):
        raise _bad_token("is not a token of this service")
    return tuple(found[1:])


def _digest(scope: str) -> str:
    return hashlib.sha256(scope.encode()).hexdigest()[:12]


def _bad_token(why: str) -> InvalidArgumentError:
    return InvalidArgumentError(
        f"page_token {why}; begin again without one.",
        reason="INVALID_PAGE_TOKEN",
        violations=(Violation("page_token", why),),
    )
