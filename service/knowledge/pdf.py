"""PDF as blocks with their pages."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from typing import Final

from pypdf import PdfReader
from pypdf.errors import DependencyError, FileNotDecryptedError, LimitReachedError, PyPdfError

from service.knowledge.blocks import Block, Piece, Place
from service.knowledge.errors import DocumentError, DocumentReason
from service.knowledge.formats import clean
from service.knowledge.plain_text import parse_text

_LIGATURES: Final = str.maketrans(
    {"ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "ﬅ": "st", "ﬆ": "st", "\u00a0": " "}
)
_HYPHEN_AT_END: Final = re.compile(r"(?<=[^\W\d_])-[ \t]*\n[ \t]*(?=[a-zà-öø-ÿ])")


def parse_pdf(name: str, content: bytes, max_pages: int) -> list[Piece]:
    """Return the blocks of a PDF; words that were hyphenated at a line's end are joined.

    Raises:
        DocumentError: It is no PDF, needs a password, has more than `max_pages` pages, is broken, or holds no text.
    """
    try:
        if b"%PDF-" not in content[:1024]:
            raise _broken(name)
        blocks = list(_blocks(_open(name, content, max_pages)))
    except (FileNotDecryptedError, DependencyError) as error:
        raise DocumentError(
            f"{name!r} is protected by a password; remove the protection and send it again.",
            reason=DocumentReason.ENCRYPTED,
        ) from error
    except LimitReachedError as error:
        raise DocumentError(
            f"{name!r} unfolds to more data than a document should; split it or send its text.",
            reason=DocumentReason.TOO_COMPLEX,
        ) from error
    except (PyPdfError, ValueError, TypeError, KeyError, IndexError, AttributeError, AssertionError, OSError) as error:
        # A damaged file surfaces in pypdf as any of these.
        raise _broken(name) from error
    if not blocks:
        raise DocumentError(
            f"{name!r} holds no text, only pictures of it perhaps; run text recognition (OCR) over it first.",
            reason=DocumentReason.NO_TEXT,
        )
    return blocks


def _open(name: str, content: bytes, max_pages: int) -> PdfReader:
    reader = PdfReader(io.BytesIO(content), strict=False)
    pages = len(reader.pages)
    if pages > max_pages:
        raise DocumentError(
            f"{name!r} has {pages} pages, more than the {max_pages} allowed; split it.",
            reason=DocumentReason.TOO_MANY_PAGES,
        )
    return reader


def _blocks(reader: PdfReader) -> Iterator[Piece]:
    group_base = 0
    for number, page in enumerate(reader.pages, 1):
        text = _HYPHEN_AT_END.sub("", clean(page.extract_text()).translate(_LIGATURES))
        groups = 0
        for piece in parse_text(text):
            if isinstance(piece, Block):
                group = None if piece.group is None else group_base + piece.group
                groups = max(groups, piece.group or 0)
                yield Block(piece.text, Place(page=number), group)
        group_base += groups


def _broken(name: str) -> DocumentError:
    return DocumentError(
        f"{name!r} is no readable PDF; open and save it again, or send its text.", reason=DocumentReason.BROKEN
    )
