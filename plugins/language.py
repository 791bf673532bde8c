"""Tells whether somebody writes English or Spanish, by the small words that every sentence has."""

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

_ENGLISH_COURTESY = frozenset("dear hello hi regards thank thanks".split())
_SPANISH_COURTESY = frozenset("buenos estimada estimado gracias hola saludo tu".split())
_WORD = re.compile(r"[^\W\d_]+")


def language_of(text: str) -> Language:
    """Return `es` if the text has more Spanish than English small words or Spanish marks; else `en`."""
    words = _WORD.findall(text)
    bare = [_without_accents(word.casefold()) for word in words]
    # The accents of a name say where somebody comes from, not what they write in.
    marked = sum(word.casefold() != plain for word, plain in zip(words, bare, strict=True) if word[0].islower())
    spanish = marked + text.count("¿") + text.count("¡")
    spanish += sum(word in _SPANISH or word in _SPANISH_COURTESY for word in bare)
    return "es" if spanish > sum(word in _ENGLISH or word in _ENGLISH_COURTESY for word in bare) else "en"


def _without_accents(word: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFD", word) if not unicodedata.combining(c))
