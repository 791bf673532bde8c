"""Which format a file has, and how its bytes become text."""

from __future__ import annotations

import codecs
import re
import unicodedata
from enum import StrEnum
from typing import Final

from service.knowledge.errors import DocumentError, DocumentReason

MAX_NAME_CHARS: Final = 255
_GARBAGE_SHARE: Final = 0.02
"""More control characters than this share of the text, and it is no text."""


class SourceFormat(StrEnum):
    """The formats that can be read."""

    MARKDOWN = "markdown"
    TEXT = "text"
    HTML = "html"
    PDF = "pdf"


_BY_MEDIA_TYPE: Final = {
    "text/markdown": SourceFormat.MARKDOWN,
    "text/x-markdown": SourceFormat.MARKDOWN,
    "text/plain": SourceFormat.TEXT,
    "text/html": SourceFormat.HTML,
    "application/xhtml+xml": SourceFormat.HTML,
    "application/pdf": SourceFormat.PDF,
    "application/x-pdf": SourceFormat.PDF,
}
_BY_EXTENSION: Final = {
    "md": SourceFormat.MARKDOWN,
    "markdown": SourceFormat.MARKDOWN,
    "txt": SourceFormat.TEXT,
    "text": SourceFormat.TEXT,
    "html": SourceFormat.HTML,
    "htm": SourceFormat.HTML,
    "xhtml": SourceFormat.HTML,
    "pdf": SourceFormat.PDF,
}
MEDIA_TYPES: Final = {
    SourceFormat.MARKDOWN: "text/markdown",
    SourceFormat.TEXT: "text/plain",
    SourceFormat.HTML: "text/html",
    SourceFormat.PDF: "application/pdf",
}
"""The media type under which each format is stored."""

_BOMS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_CHARSET: Final = re.compile(r"charset\s*=\s*[\"']?\s*([A-Za-z0-9_.:-]{1,40})", re.IGNORECASE)
_UNSEEN: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\u00ad\u200b\u2060\ufeff]")
"""Characters that show nothing and only get in the way of words and prompts; U+0085 is a line end."""


def detect(name: str, media_type: str) -> SourceFormat:
    """Return the format by `media_type` (parameters are ignored), else by the extension of `name`.

    Browsers and shells say `text/plain` for Markdown, so an extension narrows that one.

    Raises:
        DocumentError: Neither tells.
    """
    essence = media_type.partition(";")[0].strip().lower()
    extension = name.rpartition(".")[2].lower() if "." in name else ""
    by_name = _BY_EXTENSION.get(extension)
    by_type = _BY_MEDIA_TYPE.get(essence)
    if by_type is SourceFormat.TEXT and by_name is SourceFormat.MARKDOWN:
        return by_name
    if by_type is not None:
        return by_type
    if by_name is not None and essence in ("", "application/octet-stream", "binary/octet-stream"):
        return by_name
    by = f"its media type {essence!r} and its name" if essence else "its name"
    raise DocumentError(
        f"{name!r} is neither Markdown, text, HTML nor PDF by {by}; "
        "send it with one of the media types text/markdown, text/plain, text/html, application/pdf.",
        reason=DocumentReason.FORMAT_UNKNOWN,
    )


def decode(name: str, content: bytes, media_type: str, *, is_html: bool = False) -> str:
    """Return the text of `content`: by its byte order mark, its declared charset, or else UTF-8, never by a guess.

    Raises:
        DocumentError: It is not text, or not in the encoding that it claims.
    """
    encoding = _encoding(content, media_type, is_html=is_html)
    try:
        text = content.decode(encoding)
    except (UnicodeDecodeError, LookupError) as error:
        if b"\x00" in content[:4096]:
            raise _not_text(name) from error
        raise DocumentError(
            f"{name!r} is not in {encoding.removesuffix('-sig').upper()}; save it as UTF-8, or name its charset in the "
            "media type (text/plain; charset=windows-1252).",
            reason=DocumentReason.ENCODING,
        ) from error
    unseen = len(_UNSEEN.findall(text[:200_000]))
    if "\x00" in text or unseen > _GARBAGE_SHARE * min(len(text), 200_000) + 2:
        raise _not_text(name)
    return clean(text)


def clean(text: str) -> str:
    """Return `text` composed (NFC), with line feeds as its only line ends, without characters that show nothing."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    for other in ("\x85", "\u2028", "\u2029"):
        text = text.replace(other, "\n")
    return unicodedata.normalize("NFC", _UNSEEN.sub("", text))


def check_name(name: str) -> None:
    """Check that `name` can name a document.

    Raises:
        DocumentError: It is empty, too long, or holds control characters.
    """
    if not name.strip():
        raise DocumentError("A file has no name; name each file.", reason=DocumentReason.NAME_INVALID)
    if len(name) > MAX_NAME_CHARS or any(unicodedata.category(c) in ("Cc", "Cs") for c in name):
        shown = "".join(c for c in name[:40] if c.isprintable())
        raise DocumentError(
            f"The name of {shown!r} is longer than {MAX_NAME_CHARS} characters or holds control characters; rename it.",
            reason=DocumentReason.NAME_INVALID,
        )


def _encoding(content: bytes, media_type: str, *, is_html: bool) -> str:
    for mark, encoding in _BOMS:
        if content.startswith(mark):
            return encoding
    declared = _CHARSET.search(media_type)
    if declared is None and is_html:
        declared = _CHARSET.search(content[:2048].decode("ascii", "replace"))
    if declared is None:
        return "utf-8"
    try:
        return codecs.lookup(declared[1]).name
    except LookupError:
        return "utf-8"


def _not_text(name: str) -> DocumentError:
    return DocumentError(
        f"{name!r} holds binary data, not text; send the document itself as Markdown, text, HTML or PDF "
        "(UTF-16 text needs a byte order mark).",
        reason=DocumentReason.NOT_TEXT,
    )
