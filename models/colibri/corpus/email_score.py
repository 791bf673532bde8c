"""What the scores of the e-mail tasks share."""

from __future__ import annotations

import re
from collections.abc import Iterable

_WORD = re.compile(r"[^\W_]+")


def copied_ok(prompt: str, answer: str, fixed: frozenset[str]) -> bool:
    """Return whether each number and each capitalised word of `answer` is in `prompt` or among the `fixed` words."""
    known = {word.casefold() for word in _WORD.findall(prompt)}
    for word in _WORD.findall(answer):
        if (word[0].isupper() or any(c.isdigit() for c in word)) and word.casefold() not in known | fixed:
            return False
    return True


def vocabulary(texts: Iterable[str]) -> frozenset[str]:
    """Return the words of `texts`, case folded."""
    return frozenset(word.casefold() for text in texts for word in _WORD.findall(text))
