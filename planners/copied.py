"""Arguments that are words of the request: a small model says which words they are, and cannot change them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from plugins.manifest import COPIED
from plugins.prompt_file import visible

MOST_READ: Final = 60
"""A request of more words is not read so closely: the pattern grows with them."""

MOST_WORDS: Final = 24
"""No argument has more. Source: the longest in the corpus of the embedded model has 15 words."""

_WORD: Final = re.compile(r"\S+")
_PARTS: Final = re.compile(r"""(["'“‘«(\[{¿¡]*)(.+?)((?:['’]s)?["'”’»)\]},;:!?….]*)""")
"""The marks before a word, the word, and what may be left out after it."""


def copied(schema: Mapping[str, Any], request: str) -> dict[str, Any]:
    """Return `schema` with what is marked `x-vaiven-copied` held to consecutive words of `request`, or to nothing.

    Words are taken with or without the marks before and after them.
    """
    words = [match.groups() for word in _WORD.findall(visible(request)) if (match := _PARTS.fullmatch(word))]
    if not 0 < len(words) <= MOST_READ:
        return dict(schema)
    spans = "|".join(_from(words[first : first + MOST_WORDS]) for first in range(len(words)))
    text = {"type": "string", "pattern": f"^(?:{spans})?$"}
    return {**schema, "properties": {name: _held(prop, text) for name, prop in schema["properties"].items()}}


def _held(prop: Mapping[str, Any], text: dict[str, Any]) -> Mapping[str, Any]:
    if prop.get(COPIED):
        return text
    return {**prop, "items": text} if prop.get("items", {}).get(COPIED) else prop


def _from(words: Sequence[tuple[str, ...]]) -> str:
    """Return a regular expression of all spans that begin with the first of `words`: before, word, after."""
    spans = ""
    for number, (before, word, after) in reversed(list(enumerate(map(_escaped, words)))):
        on = f"(?: {spans})?" if spans else ""
        rest = f"(?:{after}{on})?" if after else on
        spans = f"{before if number else ''}{word}{rest}"
    return spans


def _escaped(parts: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(map(re.escape, parts))
