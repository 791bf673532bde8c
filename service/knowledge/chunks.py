"""Cuts a document into passages along its structure.

A passage never crosses a heading or a page. Within a section, paragraphs are joined until a passage has
`target_words`; a list or a table stays whole, with the sentence that leads into it, as long as it fits. Whatever is
longer than a passage may be is cut at the ends of sentences, at worst between words. No word is lost.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from service.knowledge.blocks import NOWHERE, Block, Heading, Piece, Place

_SENTENCE_END: Final = re.compile(r"(?<=[.!?…。])\s+|\n+")
_HEADING_WORDS: Final = 20
_HEADING_CHARS: Final = 200


@dataclass(frozen=True, slots=True)
class ChunkLimits:
    """How long a passage is, its heading not counted.

    `target_words` is where a passage may end, `max_words` and `max_chars` are never exceeded.
    """

    target_words: int = 40
    max_words: int = 120
    max_chars: int = 1200

    def fits(self, text: str) -> bool:
        """Return whether `text` is short enough for one passage."""
        return len(text) <= self.max_chars and len(text.split()) <= self.max_words


@dataclass(frozen=True, slots=True)
class Chunk:
    """A passage: `headings` lead to it from the outermost, `ordinal` counts from 1 in its document."""

    ordinal: int
    headings: tuple[str, ...]
    body: str
    place: Place = NOWHERE

    @property
    def text(self) -> str:
        """Return the body under its nearest heading, as Markdown; a question in a heading makes sense of its answer."""
        return "\n\n".join(filter(None, (f"# {self.headings[-1]}" if self.headings else "", self.body)))

    @property
    def location(self) -> str:
        """Return where it stands, for a person: `Returns > Refunds, lines 12-14`, `page 3`, `passage 4`."""
        parts = [" > ".join(self.headings), f"page {self.place.page}" if self.place.page else "", _lines(self.place)]
        return ", ".join(filter(None, parts)) or f"passage {self.ordinal}"


@dataclass(frozen=True, slots=True)
class _Section:
    headings: tuple[str, ...]
    blocks: Sequence[Block]


def chunk(pieces: Iterable[Piece], limits: ChunkLimits = ChunkLimits()) -> list[Chunk]:
    """Return the passages of a document in order."""
    chunks: list[Chunk] = []
    for section in _sections(pieces):
        for block in _passages(section.blocks, limits):
            chunks.append(Chunk(len(chunks) + 1, section.headings, block.text, block.place))
    return chunks


def _sections(pieces: Iterable[Piece]) -> Iterator[_Section]:
    """Yield the blocks under one heading path and on one page; a heading with nothing below it is a section too."""
    path: list[Heading] = []
    blocks: list[Block] = []
    bare: list[Block] = []  # Stands for the last heading while there is nothing below it.
    for piece in pieces:
        if isinstance(piece, Block):
            if blocks and blocks[-1].place.page != piece.place.page:
                yield _Section(_texts(path), blocks)
                blocks = []
            blocks.append(piece)
            bare = []
            continue
        if blocks or (bare and piece.level <= path[-1].level):
            yield _Section(_texts(path), blocks or bare)
        path = [*(h for h in path if h.level < piece.level), piece]
        too_long = _short(piece.text) != piece.text
        blocks = [Block(piece.text, piece.place)] if too_long else []
        bare = [] if too_long else [Block("", piece.place)]
    if blocks or bare:
        yield _Section(_texts(path), blocks or bare)


def _passages(blocks: Sequence[Block], limits: ChunkLimits) -> list[Block]:
    passages: list[Block] = []
    for unit in _units(blocks, limits):
        if passages and len(passages[-1].text.split()) < limits.target_words:
            joined = _joined(passages[-1], unit)
            if limits.fits(joined.text):
                passages[-1] = joined
                continue
        passages.append(unit)
    # A short rest says little by itself.
    if len(passages) > 1 and len(passages[-1].text.split()) < limits.target_words // 3:
        joined = _joined(passages[-2], passages[-1])
        if limits.fits(joined.text):
            passages[-2:] = [joined]
    return passages


def _units(blocks: Sequence[Block], limits: ChunkLimits) -> Iterator[Block]:
    """Yield what should not be cut: a paragraph, or a whole list or table with its lead-in, each if it fits."""
    bundle: list[Block] = []
    for block in blocks:
        if bundle and not _belongs(bundle[-1], block):
            yield from _split_bundle(bundle, limits)
            bundle = []
        bundle.append(block)
    if bundle:
        yield from _split_bundle(bundle, limits)


def _belongs(before: Block, block: Block) -> bool:
    if block.group is None:
        return False
    return before.group == block.group or (before.group is None and before.text.endswith(":"))


def _split_bundle(bundle: Sequence[Block], limits: ChunkLimits) -> Iterator[Block]:
    held: Block | None = None
    for block in bundle:
        joined = block if held is None else _joined(held, block)
        if limits.fits(joined.text):
            held = joined
            continue
        if held is not None:
            yield held
        *parts, last = _cut(block.text, limits)
        for part in parts:
            yield Block(part, block.place)
        held = Block(last, block.place, block.group)
    if held is not None:
        yield held


def _cut(text: str, limits: ChunkLimits) -> list[str]:
    """Return `text` in parts that fit, cut between sentences where possible."""
    if limits.fits(text):
        return [text]
    parts: list[str] = []
    for sentence in _SENTENCE_END.split(text):
        for piece in [sentence] if limits.fits(sentence) else _cut_words(sentence, limits):
            joined = f"{parts[-1]} {piece}" if parts else piece
            if parts and limits.fits(joined):
                parts[-1] = joined
            elif piece:
                parts.append(piece)
    return parts or [""]


def _cut_words(sentence: str, limits: ChunkLimits) -> Iterator[str]:
    held: list[str] = []
    chars = 0
    for word in sentence.split():
        for begin in range(0, len(word), limits.max_chars):
            part = word[begin : begin + limits.max_chars]
            if held and (len(held) == limits.max_words or chars + len(part) > limits.max_chars):
                yield " ".join(held)
                held, chars = [], 0
            held.append(part)
            chars += len(part) + 1
    if held:
        yield " ".join(held)


def _joined(first: Block, second: Block) -> Block:
    close = second.group is not None and (first.group == second.group or first.text.endswith(":"))
    text = first.text + ("\n" if close else "\n\n") + second.text
    return Block(text, first.place.until(second.place), second.group)


def _texts(path: Sequence[Heading]) -> tuple[str, ...]:
    return tuple(_short(heading.text) for heading in path)


def _short(heading: str) -> str:
    """Return a heading cut to what a place can show; a longer one is kept whole as the first block of its section."""
    words = heading.split()
    cut = " ".join(words[:_HEADING_WORDS])[:_HEADING_CHARS]
    return heading if cut == heading else f"{cut[: _HEADING_CHARS - 1].rstrip()}…"


def _lines(place: Place) -> str:
    if place.start_line is None:
        return ""
    if place.end_line is None or place.end_line == place.start_line:
        return f"line {place.start_line}"
    return f"lines {place.start_line}-{place.end_line}"
