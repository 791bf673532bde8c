"""Forms: grammars that hold a small model's text to what it was given, where its task is to pick and to copy.

A form is a Lark grammar as llguidance reads it. Larger models write freely; what a form forces on a small one is only
what plain code knows to be right, such as the words of a sentence that is quoted. Which of them, and what stands
between them, the model decides.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from typing import Final

from plugins.prompt_file import visible

LINE = r"/[^\n]+/"
"""Any text on one line."""

_EDGES = "\"'“”‘’«»()[]{}<>,;:!?¿¡…."
_BEFORE, _AFTER = "[\"'“‘«(¿¡]*", "[\"'”’»),;:!?….]*"

MOST_READ: Final = 60
"""A text of more words is not read so closely as `spans` does: the expression grows with them."""

MOST_WORDS: Final = 24
"""No span has more. Source: the longest argument in the corpus of the embedded model has 15 words."""

_WORD: Final = re.compile(r"\S+")
_PARTS: Final = re.compile(r"""(["'“‘«(\[{¿¡]*)(.+?)((?:['’]s)?["'”’»)\]},;:!?….]*)""")
"""The marks before a word, the word, and what may be left out after it."""

BREAK = '"\\n"'
PARAGRAPH = '"\\n\\n"'


def told(given: str, between: str = " ") -> str:
    """Return text whose words with digits are all words of `given`, with other marks around them or none.

    Between words stand characters of `between`.
    """
    numbers = {word.strip(_EDGES) for word in visible(given).split() if any(map(str.isdigit, word))}
    words = [r"[^0-9\s]+", *(f"{_BEFORE}{_plain(number)}{_AFTER}" for number in sorted(numbers))]
    word = f"(?:{'|'.join(words)})"
    return f"/{word}(?:[{between}]+{word})*/"


def spans(given: str) -> str:
    """Return a regular expression of consecutive words of `given`, with or without the marks before and after them.

    Empty where `given` has no words, or more than `MOST_READ`.
    """
    words = [match.groups() for word in _WORD.findall(visible(given)) if (match := _PARTS.fullmatch(word))]
    if not 0 < len(words) <= MOST_READ:
        return ""
    return "|".join(_from(words[first : first + MOST_WORDS]) for first in range(len(words)))


def _from(words: Sequence[tuple[str, ...]]) -> str:
    """Return a regular expression of all spans that begin with the first of `words`: before, word, after."""
    found = ""
    for number, (before, word, after) in reversed([(n, tuple(map(re.escape, w))) for n, w in enumerate(words)]):
        on = f"(?: {found})?" if found else ""
        rest = f"(?:{after}{on})?" if after else on
        found = f"{before if number else ''}{word}{rest}"
    return found


def literal(text: str) -> str:
    """Return exactly `text`, as a model sees it and a grammar says it."""
    return json.dumps(visible(text), ensure_ascii=False)


def _plain(text: str) -> str:
    """Return a regular expression of exactly `text`, in which no `/` ends a terminal of the grammar."""
    return re.escape(text).replace("/", "\\/")


def one_of(choices: Iterable[str]) -> str:
    """Return one of `choices`, which are parts of a grammar."""
    return f"({' | '.join(choices)})"


def optional(part: str) -> str:
    """Return `part` or nothing."""
    return f"({part})?"


def form(*parts: str) -> str:
    """Return the grammar of `parts`, one after the other; empty ones are left out."""
    return f"start: {' '.join(filter(None, parts))}\n"
