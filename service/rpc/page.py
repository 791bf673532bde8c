"""What a part of a list is, whatever it lists."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, TypeVar

T_co = TypeVar("T_co", covariant=True)


class Page(Protocol[T_co]):
    """A part of a list; an empty `next_page_token` means that it is the last."""

    @property
    def items(self) -> Sequence[T_co]:
        """Return what is on the page, in order."""
        ...

    @property
    def next_page_token(self) -> str:
        """Return what asks for the next page."""
        ...
