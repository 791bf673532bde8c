"""How a pseudonym looks in a text: `‹PERSON_1›`, and `‹PERSON_1B›` for another form of the same name."""

from __future__ import annotations

import re
from typing import Final

OPEN: Final = "‹"
CLOSE: Final = "›"

MAX_LENGTH: Final = 32
"""No mark has more characters."""

FORM: Final = re.compile(r"‹[A-Z]{2,12}(?:_[A-Z]{2,12})?_[1-9]\d{0,5}[A-Z]{0,3}›")
"""A mark. It begins with a sign that it has nowhere else, so two of them never overlap."""

BEGUN: Final = re.compile(r"‹[A-Z_0-9]{0,31}$")
"""What may become a mark when more of the text arrives."""


def mark(word: str, number: int, form: int) -> str:
    """Return the mark of the `number`th value (from 1) of a kind, in its `form`th form (from 0)."""
    letters = ""
    while form:
        form, rest = divmod(form, 26)
        letters = chr(ord("A") + rest) + letters
    return f"{OPEN}{word}_{number}{letters}{CLOSE}"
