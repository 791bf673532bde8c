"""The bytes of an OpenAPI document, JSON or YAML, as one dict; bounded, and in whatever encoding it comes."""

from __future__ import annotations

import codecs
import re
from typing import Any, Final

import orjson

from plugins.sources.base import SourceError
from plugins.sources.openapi.yaml_reader import MAX_DEPTH, YamlError, read_yaml

_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_NOT_PRINTABLE: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")
"""Characters that YAML does not allow and that some descriptions have all the same."""
_TABS: Final = re.compile(r"^[ \t]*\t[ \t]*(?=#|$)", re.MULTILINE)
"""Tabs before a comment or on an empty line, which mean nothing and which libyaml stumbles over."""


def read_document(raw: bytes, max_bytes: int) -> dict[str, Any]:
    """Return the document as a dict whose keys are all texts and whose values are JSON's.

    Raises:
        SourceError: `DOCUMENT_INVALID`, with the line if there is one, or `SOURCE_TOO_LARGE`.
    """
    if len(raw) > max_bytes:
        raise SourceError("SOURCE_TOO_LARGE", f"The document is larger than {max_bytes:,} bytes.")
    text = _decoded(raw)
    root = _parsed(text)
    if not isinstance(root, dict):
        raise SourceError("DOCUMENT_INVALID", "The document is no object with a field `openapi`.")
    _check_depth(root)
    return root


def _decoded(raw: bytes) -> str:
    for mark, encoding in _MARKS:
        if raw.startswith(mark):
            return raw[len(mark) :].decode(encoding, errors="replace")
    # Single wrong bytes are found in descriptions; they need not cost the whole document.
    return raw.decode("utf-8", errors="replace")


def _parsed(text: str) -> Any:
    problem = ""
    if text.lstrip().startswith(("{", "[")):
        try:
            return orjson.loads(text)
        except orjson.JSONDecodeError as error:
            problem = f"line {error.lineno}, column {error.colno}: {error.msg}"
        except ValueError:
            problem = "it is no JSON"
    try:
        return read_yaml(_TABS.sub("", _NOT_PRINTABLE.sub("", text)))
    except YamlError as error:
        # A document that begins as JSON is meant as such.
        kind, said = ("JSON", problem) if problem else ("YAML", str(error))
        raise SourceError("DOCUMENT_INVALID", f"The document cannot be read as {kind}: {said}") from None


def _check_depth(root: dict[str, Any]) -> None:
    # Aliases share what they name, so what was seen once is not walked through again.
    level: dict[int, Any] = {id(root): root}
    seen: set[int] = set()
    for _ in range(MAX_DEPTH):
        below: dict[int, Any] = {}
        for item in level.values():
            children = item.values() if isinstance(item, dict) else item
            below.update((id(c), c) for c in children if isinstance(c, dict | list) and id(c) not in seen)
        if not below:
            return
        seen.update(below)
        level = below
    raise SourceError("DOCUMENT_INVALID", f"The document is nested more than {MAX_DEPTH} levels deep.")
