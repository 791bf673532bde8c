"""Whether an answer says only what the passages that it cites say."""

from __future__ import annotations

import re
from collections.abc import Iterable

from plugins.language import STOP_WORDS

_NUMBER = re.compile(r"\d+(?:[.,:/-]\d+)*")
_WORD = re.compile(r"[^\W\d_]{3,}")
_CITATION = re.compile(r"\[\d{1,3}\]")

LEAST_SHARED = 0.6
"""The share of an answer's words that its passages must have: an answer may join sentences, but not make them up."""


def is_grounded(answer: str, passages: Iterable[str]) -> bool:
    """Tell whether every number of `answer`, and most of its words, stand in the passages that it cites."""
    said = _CITATION.sub("", answer).casefold()
    source = " ".join(passages).casefold()
    if not set(_NUMBER.findall(said)) <= set(_NUMBER.findall(source)):
        return False
    words = [w for w in _WORD.findall(said) if w not in STOP_WORDS]
    known = set(_WORD.findall(source))
    return sum(w in known for w in words) >= LEAST_SHARED * len(words)
