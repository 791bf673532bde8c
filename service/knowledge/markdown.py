"""Markdown (CommonMark and tables) as headings and blocks."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Sequence
from typing import Final

from markdown_it import MarkdownIt
from markdown_it.token import Token

from service.knowledge.blocks import Block, Heading, Piece, Place, link_suffix, one_line, row_text

_FRONT_MATTER: Final = re.compile(r"\A---[ \t]*\n(?:.*\n){0,100}?(?:---|\.\.\.)[ \t]*(?:\n|\Z)")
_TAG: Final = re.compile(r"<!--.*?-->|<(script|style)\b.*?</\1\s*>|<[^>]*>", re.DOTALL | re.IGNORECASE)


def parse_markdown(text: str) -> list[Piece]:
    """Return the pieces of a Markdown text; YAML front matter is left out, and so are tags of inline HTML."""
    parser = MarkdownIt("commonmark").enable("table")
    return list(_TokenReader(parser.parse(_without_front_matter(text))).pieces())


def _without_front_matter(text: str) -> str:
    found = _FRONT_MATTER.match(text)
    return "\n" * found[0].count("\n") + text[found.end() :] if found else text


class _TokenReader:
    """Walks a flat token stream once; a list or table that is not inside another opens a new group."""

    def __init__(self, tokens: Sequence[Token]) -> None:
        self._tokens = tokens
        self._lists: list[int | None] = []  # the next number of each open ordered list; None for a bulleted one
        self._group = 0
        self._marker = ""
        self._header: list[str] = []
        self._cells: list[str] = []
        self._row = Place()

    def pieces(self) -> Iterator[Piece]:
        """Yield the pieces in order."""
        for i, token in enumerate(self._tokens):
            before = self._tokens[i - 1].type if i else ""
            if token.type.startswith(("bullet_list", "ordered_list", "list_item")):
                self._list(token)
            elif token.type in ("table_open", "tr_open", "tr_close"):
                yield from self._table(i)
            elif before in ("th_open", "td_open") and token.type == "inline":
                self._cells.append(one_line(_inline_text(token)))
            elif before == "heading_open":
                if heading := one_line(_inline_text(token)):
                    yield Heading(int(self._tokens[i - 1].tag[1:]), heading, _place(token))
            elif token.type in ("inline", "fence", "code_block", "html_block") and (content := _block_text(token)):
                yield Block(self._marker + content, _place(token), self._group if self._lists else None)
                self._marker = ""

    def _list(self, token: Token) -> None:
        match token.type:
            case "bullet_list_open" | "ordered_list_open":
                self._group += not self._lists
                self._lists.append(int(token.attrs.get("start", 1)) if token.type == "ordered_list_open" else None)
            case "bullet_list_close" | "ordered_list_close":
                self._lists.pop()
            case "list_item_open":
                number = self._lists[-1]
                self._marker = "- " if number is None else f"{number}. "
                self._lists[-1] = None if number is None else number + 1
            case "list_item_close":
                self._marker = ""

    def _table(self, i: int) -> Iterator[Block]:
        """Take the begin of a table or row, or the end of a row: the first row names the columns of the others."""
        token = self._tokens[i]
        if token.type == "table_open":
            self._group += 1
            self._header = []
        elif token.type == "tr_open":
            self._cells = []
            self._row = _place(token)
        elif self._tokens[i + 1].type == "thead_close" and self._tokens[i + 2].type != "table_close":
            self._header = self._cells
        elif row := row_text(self._header, self._cells):
            yield Block(row, self._row, self._group)


def _block_text(token: Token) -> str:
    if token.type == "inline":
        return "\n".join(filter(None, map(one_line, _inline_text(token).split("\n"))))
    if token.type == "html_block":
        return one_line(html.unescape(_TAG.sub(" ", token.content)))
    return token.content.strip("\n").rstrip()


def _inline_text(token: Token) -> str:
    """Return the words of an inline token; a link keeps its address when that is worth following."""
    parts: list[str] = []
    links: list[tuple[str, int]] = []  # the address of each open link, and where its text begins in `parts`
    for child in token.children or ():
        match child.type:
            case "text" | "code_inline" | "image":
                parts.append(child.content)
            case "softbreak":
                parts.append(" ")
            case "hardbreak":
                parts.append("\n")
            case "html_inline":
                parts.append("\n" if child.content.lower().startswith("<br") else "")
            case "link_open":
                links.append((str(child.attrs.get("href", "")), len(parts)))
            case "link_close":
                href, begin = links.pop()
                parts.append(link_suffix(href, "".join(parts[begin:])))
    return "".join(parts)


def _place(token: Token) -> Place:
    return Place(None, token.map[0] + 1, token.map[1]) if token.map else Place()
