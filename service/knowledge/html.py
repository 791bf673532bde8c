"""HTML as headings and blocks: what a reader of the page sees, without its menus and scripts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from bs4 import BeautifulSoup
from bs4.element import CData, NavigableString, Tag

from service.knowledge.blocks import Block, Heading, Piece, link_suffix, one_line, row_text

# fmt: off
_LEFT_OUT: Final = frozenset({
    "script", "style", "noscript", "template", "title", "nav", "svg", "math", "iframe", "object", "canvas", "select",
    "button", "dialog",
})
_INLINE: Final = frozenset({
    "a", "abbr", "b", "bdi", "bdo", "cite", "code", "data", "del", "dfn", "em", "font", "i", "ins", "kbd", "label",
    "mark", "q", "s", "samp", "small", "span", "strike", "strong", "sub", "sup", "time", "tt", "u", "var", "wbr",
})
# fmt: on
_HEADINGS: Final = {f"h{level}": level for level in range(1, 7)}
_XML_DECLARATION: Final = re.compile(r"\A\s*<\?xml[^>]*>", re.IGNORECASE)


def parse_html(text: str) -> list[Piece]:
    """Return the pieces of an HTML page; if it has no `h1`, its title is the outermost heading."""
    # The line end keeps bs4 from asking whether a short text is a file name.
    soup = BeautifulSoup(_XML_DECLARATION.sub("", text) + "\n", "html.parser")
    reader = _PageReader()
    pieces: list[Piece] = []
    title = one_line(soup.title.get_text()) if soup.title else ""
    if title and soup.h1 is None:
        pieces.append(Heading(1, title))
    for opens, node in _walk(soup):
        if not isinstance(node, Tag):
            reader.text(str(node))
        elif opens:
            pieces.extend(reader.open(node))
        else:
            pieces.extend(reader.close(node))
    pieces.extend(reader.flush())
    return pieces


def _walk(root: Tag) -> Iterator[tuple[bool, Tag | NavigableString]]:
    """Yield each visible tag at its begin (True) and end (False), and each text, without recursion."""
    stack: list[tuple[Tag, Iterator[object]]] = [(root, iter(root.children))]
    while stack:
        tag, children = stack[-1]
        node = next(children, None)
        if node is None:
            stack.pop()
            yield False, tag
        elif isinstance(node, Tag):
            if node.name not in _LEFT_OUT and not node.has_attr("hidden"):
                yield True, node
                stack.append((node, iter(node.children)))
        elif isinstance(node, NavigableString) and type(node) in (NavigableString, CData):  # not a comment
            yield True, node


class _PageReader:
    """Turns the begins and ends of tags into pieces; one object reads one page."""

    def __init__(self) -> None:
        self._buffer: list[str] = []
        self._preformatted = 0
        self._links: list[int] = []
        self._lists: list[int | None] = []
        self._group = 0
        self._marker = ""
        self._term = ""
        self._in_term = False
        self._table = _Table()

    def text(self, text: str) -> None:
        """Take a text node."""
        self._buffer.append(text if self._preformatted else re.sub(r"\s+", " ", text))

    def open(self, tag: Tag) -> Iterator[Piece]:
        """Take the begin of a tag."""
        name = tag.name
        if name == "br":
            self._buffer.append("\n")
        elif name == "img":
            self._buffer.append(f" {tag.get('alt', '')} ")
        elif name == "a":
            self._links.append(len(self._buffer))
        elif name in _INLINE:
            return
        elif self._table.cell_is_open or name in ("table", "tr", "td", "th"):
            yield from self._open_in_table(name)
        elif name in ("dt", "dd"):
            yield from self._open_in_glossary(name)
        else:
            yield from self.flush()
            self._open_block(tag)

    def close(self, tag: Tag) -> Iterator[Piece]:
        """Take the end of a tag."""
        name = tag.name
        if name == "a" and self._links:
            begin = self._links.pop()
            self._buffer.append(link_suffix(str(tag.get("href", "")), "".join(self._buffer[begin:])))
        elif name in _INLINE or name in ("br", "img"):
            return
        elif self._table.cell_is_open or name in ("table", "tr", "td", "th"):
            yield from self._close_in_table(name)
        elif name in _HEADINGS:
            heading = one_line(self._take())
            if heading:
                yield Heading(_HEADINGS[name], heading)
        elif name == "dt":
            self._keep_term()
        else:
            if name == "dl":
                yield from self._end_term()
            yield from self.flush()
            self._close_block(name)

    def flush(self) -> Iterator[Piece]:
        """Yield what was read since the last block as a block."""
        raw = self._take()
        text = raw.strip("\n").rstrip() if self._preformatted else _lines(raw)
        if text.strip():
            yield Block(self._marker + text, group=self._group if self._lists else None)
            self._marker = ""

    def _open_in_glossary(self, name: str) -> Iterator[Piece]:
        """Take the begin of a term or of its description; the end of a term may have been left out."""
        self._keep_term()
        yield from self.flush()
        if name == "dt":
            yield from self._end_term()
            self._in_term = True
        else:
            self._marker = f"- {self._term.rstrip(':')}: " if self._term else "- "
            self._term = ""

    def _keep_term(self) -> None:
        if self._in_term:
            self._term = one_line(self._take())
        self._in_term = False

    def _end_term(self) -> Iterator[Piece]:
        """Yield a term that no description follows."""
        self._keep_term()
        if self._term:
            yield Block(f"- {self._term}", group=self._group)
        self._term = ""

    def _open_block(self, tag: Tag) -> None:
        match tag.name:
            case "ul" | "ol" | "dl" | "menu":
                self._group += not self._lists
                start = str(tag.get("start", "1"))
                self._lists.append((int(start) if start.isdecimal() else 1) if tag.name == "ol" else None)
            case "li" if self._lists:
                number = self._lists[-1]
                self._marker = "- " if number is None else f"{number}. "
                self._lists[-1] = None if number is None else number + 1
            case "pre" | "textarea":
                self._preformatted += 1

    def _close_block(self, name: str) -> None:
        match name:
            case "ul" | "ol" | "dl" | "menu" if self._lists:
                self._lists.pop()
            case "li" | "dd":
                self._marker = ""
            case "pre" | "textarea":
                self._preformatted -= 1

    def _open_in_table(self, name: str) -> Iterator[Piece]:
        table = self._table
        if table.cell_is_open and (table.inner or name not in ("tr", "td", "th")):
            table.inner += name == "table"
            self._buffer.append(" ")  # Blocks inside a cell are words of the row.
            return
        if name == "table":
            yield from self.flush()
            self._group += 1
            table.header = []
        elif name == "tr":
            yield from self._end_row()
        else:
            if table.cell_is_open:
                table.end_cell(one_line(self._take()))
            else:
                self._take()
            table.begin_cell(is_header=name == "th")

    def _close_in_table(self, name: str) -> Iterator[Piece]:
        table = self._table
        if table.cell_is_open and table.inner:
            table.inner -= name == "table"
            self._buffer.append(" ")
        elif name in ("td", "th") and table.cell_is_open:
            table.end_cell(one_line(self._take()))
        elif name in ("tr", "table"):
            yield from self._end_row()
            if name == "table":
                yield from self.flush()

    def _end_row(self) -> Iterator[Piece]:
        if self._table.cell_is_open:
            self._table.end_cell(one_line(self._take()))
        if row := self._table.end_row():
            yield Block(row, group=self._group)

    def _take(self) -> str:
        text = "".join(self._buffer)
        self._buffer.clear()
        self._links.clear()
        return text


class _Table:
    """The row that is being read. Rows of a table inside a cell are words of that cell (`inner` counts them)."""

    def __init__(self) -> None:
        self.header: list[str] = []
        self.inner = 0
        self.cell_is_open = False
        self._cells: list[str] = []
        self._are_headers: list[bool] = []

    def begin_cell(self, *, is_header: bool) -> None:
        self.cell_is_open = True
        self._are_headers.append(is_header)

    def end_cell(self, text: str) -> None:
        self._cells.append(text)
        self.cell_is_open = False

    def end_row(self) -> str:
        """Return the text of the row and begin the next; a row of nothing but headers names the columns."""
        cells, are_headers = self._cells, self._are_headers
        self._cells, self._are_headers = [], []
        if len(cells) > 1 and all(are_headers) and not self.header:
            self.header = cells
            return ""
        if not self.header and len(cells) > 1 and are_headers[0] and cells[0]:
            return f"- {cells[0].rstrip(':')}: " + "; ".join(filter(None, cells[1:]))
        return row_text(self.header, cells)


def _lines(text: str) -> str:
    return "\n".join(filter(None, map(one_line, text.split("\n"))))
