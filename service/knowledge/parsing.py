"""From the bytes of one file to its passages. Runs in the parser process; see `parser.py`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from service.knowledge.blocks import Heading, Piece
from service.knowledge.chunks import Chunk, ChunkLimits, chunk
from service.knowledge.errors import DocumentError, DocumentReason
from service.knowledge.formats import SourceFormat, clean, decode

READING_VERSION = 1
"""Raised when the same bytes would give other passages, so that files sent again are read again."""


@dataclass(frozen=True, slots=True)
class ParseJob:
    """What to read, and its bounds; `media_type` may name a charset."""

    name: str
    media_type: str
    format: SourceFormat
    max_pages: int
    max_text_chars: int
    max_passages: int
    chunk: ChunkLimits


@dataclass(frozen=True, slots=True)
class ParsedDocument:
    """What was read: at least one passage."""

    title: str
    chunks: Sequence[Chunk]


def parse(job: ParseJob, content: bytes) -> ParsedDocument:
    """Return the passages of `content`.

    Raises:
        DocumentError: It cannot be read; the message names the file.
    """
    # Cleaned once more, since entities can bring back what `decode` took out.
    cleaned = (replace(piece, text=clean(piece.text)) for piece in _pieces(job, content))
    pieces = [piece for piece in cleaned if piece.text.strip()]
    _check_amount(job, sum(len(piece.text) for piece in pieces), job.max_text_chars, "characters of text")
    chunks = chunk(pieces, job.chunk)
    _check_amount(job, len(chunks), job.max_passages, "passages")
    if not any(one.text.strip() for one in chunks):
        raise DocumentError(f"{job.name!r} holds no text.", reason=DocumentReason.EMPTY)
    title = next((piece.text for piece in pieces if isinstance(piece, Heading) and piece.level == 1), job.name)
    return ParsedDocument(title[:200], chunks)


def _check_amount(job: ParseJob, found: int, allowed: int, what: str) -> None:
    if found > allowed:
        raise DocumentError(
            f"{job.name!r} holds {found:,} {what}, more than the {allowed:,} allowed; split it.",
            reason=DocumentReason.TOO_MUCH_TEXT,
        )


def _pieces(job: ParseJob, content: bytes) -> list[Piece]:
    # Imported where they are needed: each costs a tenth of a second or more, and a file needs one of them.
    if job.format is SourceFormat.PDF:
        from service.knowledge.pdf import parse_pdf

        return parse_pdf(job.name, content, job.max_pages)
    text = decode(job.name, content, job.media_type, is_html=job.format is SourceFormat.HTML)
    if job.format is SourceFormat.HTML:
        from service.knowledge.html import parse_html

        return parse_html(text)
    if job.format is SourceFormat.MARKDOWN:
        from service.knowledge.markdown import parse_markdown

        return parse_markdown(text)
    from service.knowledge.plain_text import parse_text

    return parse_text(text)
