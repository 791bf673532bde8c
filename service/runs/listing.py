"""Pages of what is held in memory, with the same tokens as those of the store."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

from service.store.paging import Page, decode_page_token, encode_page_token, page_limit

T = TypeVar("T")


def page_by_name(
    items: Iterable[T], name_of: Callable[[T], str], scope: str, page_size: int, page_token: str
) -> Page[T]:
    """Return a page of `items` in order of their names; `scope` says which list it is.

    Raises:
        InvalidArgumentError: The token is not of this list.
    """
    limit, after = page_limit(page_size), decode_page_token(scope, page_token, (str,))
    rest = sorted((item for item in items if after is None or name_of(item) > str(after[0])), key=name_of)
    token = encode_page_token(scope, (name_of(rest[limit - 1]),)) if len(rest) > limit else ""
    return Page(tuple(rest[:limit]), token)
