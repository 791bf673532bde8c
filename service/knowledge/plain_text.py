"""Plain text as headings and blocks: headings are underlined, paragraphs parted by empty lines, items marked."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from service.knowledge.blocks import Block, Heading, Piece, Place, one_line

_ITEM: Final = re.compile(r"[-*+•‣▪◦\u2013]\s+|(?=\(?[0-9]{1,3}[.)]\s)")
"""The mark of a list item: a bullet is replaced by `- `, a number is kept."""
_RULE: Final = re.compile(r"[-=_*~]{3,}")
"""A line of nothing else underlines a heading where it follows a single line, and otherwise parts paragraphs."""


def parse_text(text: str) -> list[Piece]:
    """Return the pieces of a plain text with their lines; `===` underlines a first level, `---` a second."""
    return list(_blocks(text.split("\n")))


def _blocks(lines: list[str]) -> Iterator[Piece]:
    group, in_list = 0, False
    held: list[str] = []
    begin = 0
    for number, line in enumerate([*lines, ""], 1):
        bare = line.strip()
        item, rule = _ITEM.match(bare), _RULE.fullmatch(bare)
        if rule and len(held) == 1 and not in_list and bare[0] in "=-":
            yield Heading(1 if bare[0] == "=" else 2, one_line(held[0]), Place(None, begin, number))
            held = []
        elif held and (not bare or item or rule):
            yield Block(one_line(" ".join(held)), Place(None, begin, number - 1), group if in_list else None)
            held = []
        if not bare or rule:
            continue
        if item:
            group += not in_list
            in_list = True
            held, begin = [("- " if item[0] else "") + bare[item.end() :]], number
        elif held:
            held.append(bare)
        else:
            in_list = False
            held, begin = [bare], number
