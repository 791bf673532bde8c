"""Tells whether a customer writes English or Spanish, by the small words that every sentence has."""

from __future__ import annotations

import re
import unicodedata
from typing import Literal

Language = Literal["en", "es"]

_ENGLISH = frozenset(
    "a an and any are at be but by can could do does for from get had has have how i if in is it long many me much my "
    "no not of on one or our please should so that the their them there they this to was we were what when where which "
    "who why will with would you your".split()
)
_SPANISH = frozenset(
    "al como con cual cuales cuando cuanta cuantas cuanto cuantos de del donde el en es esta este ha hace hasta hay he "
    "la las le lo los mas me mi mis muy necesito no nos para pero por porque puede puedo que quien quiero se si sin "
    "sobre son su sus tengo tiene un una y ya yo".split()
)
STOP_WORDS = _ENGLISH | _SPANISH
"""Words that say nothing of what a question is about; without accents, in lower case."""
_WORD = re.compile(r"[^\W\d_]+")


def language_of(text: str) -> Language:
    """Return `es` if the text has more Spanish than English small words or Spanish marks; else `en`."""
    folded = text.casefold()
    bare = "".join(c for c in unicodedata.normalize("NFD", folded) if not unicodedata.combining(c))
    words = _WORD.findall(bare)
    marks = sum(folded.count(mark) for mark in "¿¡ñáéíóú")
    spanish = marks + sum(word in _SPANISH for word in words)
    return "es" if spanish > sum(word in _ENGLISH for word in words) else "en"
