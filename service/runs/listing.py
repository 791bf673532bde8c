"""Pages of what is held in memory, with the same tokens as those of the store."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Final, TypeVar

from service.store.paging import Page, decode_page_token, encode_page_token, page_limit

T = TypeVar("T")


MAX_PAGE_BYTES: Final = 3 * 1024 * 1024
"""What the items of a page may come to where their sizes are told: clients refuse answers above 4 MiB by default.

Source: `GRPC_ARG_MAX_RECEIVE_MESSAGE_LENGTH` in grpc's `include/grpc/impl/channel_arg_names.h`.
"""


def page_by_name(
    items: Iterable[T],
    name_of: Callable[[T], str],
    scope: str,
    page_size: int,
    page_token: str,
    size_of: Callable[[T], int] | None = None,
) -> Page[T]:
    """Return a page of `items` in order of their names; `scope` says which list it is.

    With `size_of`, which tells an item's bytes, the page ends before `MAX_PAGE_BYTES`, but never without an item.

    Raises:
        InvalidArgumentError: The token is not of this list.
    """
    limit, after = page_limit(page_size), decode_page_token(scope, page_token, (str,))
    rest = sorted((item for item in items if after is None or name_of(item) > str(after[0])), key=name_of)
    page = rest[:limit] if size_of is None else list(_fitting(rest[:limit], size_of))
    token = encode_page_token(scope, (name_of(page[-1]),)) if len(rest) > len(page) else ""
    return Page(tuple(page), token)


def _fitting(items: Iterable[T], size_of: Callable[[T], int]) -> Iterator[T]:
    left = MAX_PAGE_BYTES
    for number, item in enumerate(items):
        left -= size_of(item)
        if left < 0 and number:
            return
        yield item
