"""What every parser makes of a document: headings and blocks of text in reading order, with their places."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Place:
    """Where a piece stands: `page` from 1 in a PDF, lines from 1 (both ends included) in text and Markdown."""

    page: int | None = None
    start_line: int | None = None
    end_line: int | None = None

    def until(self, other: Place) -> Place:
        """Return the place from the begin of this one to the end of `other`, on the same page."""
        return Place(self.page, self.start_line, other.end_line)


NOWHERE = Place()


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading of `level` 1 (outermost) to 6; it holds for the blocks up to the next one of its level or above."""

    level: int
    text: str
    place: Place = NOWHERE


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph, a list item, a table row or a piece of code.

    Blocks that belong together (the items of a list, the rows of a table) have the same `group` and come in a row;
    None: it stands alone. Items and rows begin with `- ` or their number.
    """

    text: str
    place: Place = NOWHERE
    group: int | None = None


Piece: TypeAlias = Heading | Block


def one_line(text: str) -> str:
    """Return `text` with each run of white space as one blank."""
    return " ".join(text.split())


def row_text(header: list[str], cells: list[str]) -> str:
    """Return a table row as a list item: `- Model: Robin; Price: 49 euros`; cells without a header stand alone."""
    parts = [f"{name}: {cell}" if name else cell for name, cell in _paired(header, cells) if cell]
    return "- " + "; ".join(parts) if parts else ""


def link_suffix(href: str, text: str) -> str:
    """Return the address of a link in brackets, to be put behind its text, when a reader can use it and lacks it."""
    address = href.removeprefix("mailto:")
    absolute = href.startswith(("http://", "https://", "mailto:"))
    return f" ({address})" if absolute and address not in text else ""


def _paired(header: list[str], cells: list[str]) -> list[tuple[str, str]]:
    names = header + [""] * (len(cells) - len(header))
    return [(name.rstrip(":"), cell) for name, cell in zip(names, cells, strict=False)]
