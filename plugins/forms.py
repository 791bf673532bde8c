"""Forms: grammars that hold a small model's text to what it was given, where its task is to pick and to copy.

A form is a Lark grammar as llguidance reads it. Larger models write freely; what a form forces on a small one is only
what plain code knows to be right, such as the words of a sentence that is quoted. Which of them, and what stands
between them, the model decides.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable

from plugins.prompt_file import visible

LINE = r"/[^\n]+/"
"""Any text on one line."""

_EDGES = "\"'“”‘’«»()[]{}<>,;:!?¿¡…."
_BEFORE, _AFTER = "[\"'“‘«(¿¡]*", "[\"'”’»),;:!?….]*"

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
