"""Words of texts and of questions: how they are cut, which of them say something, and in which forms they match."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

MAX_TERMS: Final = 24
"""How many words of a question are looked up; the first ones count."""
PREFIX_LETTERS: Final = 5
"""Words of at least so many letters also match what begins with their stem."""
_MIN_STEM: Final = 4
_MAX_WORD_CHARS: Final = 64
_QUESTION_CHARS: Final = 8_000

_WORD: Final = re.compile(r"[^\W_]+")
_LETTERS: Final = re.compile(r"[^\W\d_]+\Z")

_ENGLISH: Final = """
a about after again all also am an and any anyone anything are as ask at be because been before being both but by can
cannot could dear did didn do does doesn doing don done each else for from get gets getting give go goes going got had
has have haven having he hello help her here hey hi him his how i if im in into is isn it its just know let like ll
long made make many may maybe me mean means might mine more most much must my need needs no nor not now of off on one
only or other our out over own please possible question really s same say she should so some something soon still such
sure t take takes taking tell than thank thanks that the their them then there these they thing things this those
through till to too under until up us use ve very want wants was way we well were what when where whether which while
who whom whose why will wish with without won wonder would yes yet you your yours
"""
"""Articles, pronouns, prepositions, auxiliaries, question words, and the small talk around a question."""
_SPANISH: Final = """
a al algo alguien alguna algunas alguno algunos ante antes aqui asi aun aunque ayuda bien buenas buenos cada como con
cual cuales cualquier cuando cuanta cuantas cuanto cuantos cuesta cuestan de debo decir del desde donde dos durante e
el ella ellas ellos en entre eres es esa esas ese eso esos esta estan estar estas este esto estos estoy favor fue
gracias ha hace hacer hasta hay he hola igual ir la las le les lo los mas me mi mis mismo mucha muchas mucho muchos
muy necesito ni no nos nosotros nuestra nuestro o os otra otras otro otros para pasa pero poder podria por porque
pregunta puede pueden puedo pues que queria quien quienes quiero quisiera saber se ser si sido significa sin sobre
solo somos son soy su sus tambien tanto te tengo tiene tienen todo todos tu tus un una unas uno unos usted ustedes va
vais vamos ver vez vosotros y ya yo
"""
"""The same without accents, as words are compared; without those that are words of substance in English."""
STOP_WORDS: Final = frozenset(_ENGLISH.split() + _SPANISH.split())

_ENDINGS: Final = (
    # (ending, letters that must be left), longest first; a stem is a prefix, so it only has to be short enough.
    ("ciones", 3),
    ("iendo", 3),
    ("cion", 3),
    ("ando", 4),
    ("ing", 3),
    ("ies", 3),
    ("ied", 3),
    ("ed", 3),
    ("es", 3),
    ("er", 6),
    ("ar", 5),
    ("ir", 5),
    ("as", 4),
    ("os", 4),
    ("s", 3),
    ("e", 4),
    ("y", 4),
    ("a", 4),
    ("o", 4),
)


@dataclass(frozen=True, slots=True)
class Term:
    """One word of a question: it matches each of `forms`, and what begins with `prefix` if that is not empty."""

    forms: tuple[str, ...]
    prefix: str = ""

    @property
    def is_telling(self) -> bool:
        """Return whether it can be what a question is about: a number of one or two digits is everywhere."""
        return bool(self.prefix) or not all(form.isdecimal() and len(form) <= 2 for form in self.forms)

    def count_in(self, words: Iterable[str]) -> int:
        """Return how many of `words` match."""
        prefix = self.prefix
        return sum(word in self.forms or bool(prefix and word.startswith(prefix)) for word in words)


def words_of(text: str) -> list[str]:
    """Return the words of `text` in order, in lower case and without accents, as the full-text index sees them."""
    bare = "".join(c for c in unicodedata.normalize("NFD", text.lower()) if not unicodedata.combining(c))
    return _WORD.findall(unicodedata.normalize("NFC", bare))


def terms_of(question: str) -> list[Term]:
    """Return the words of a question that say something, each once, at most `MAX_TERMS`."""
    terms: dict[Term, None] = {}
    for word in words_of(question[:_QUESTION_CHARS]):
        if word in STOP_WORDS or len(word) > _MAX_WORD_CHARS or (len(word) == 1 and word.isascii() and word.isalpha()):
            continue
        terms[_term(word)] = None
        if len(terms) == MAX_TERMS:
            break
    return list(terms)


def _term(word: str) -> Term:
    if not _LETTERS.match(word):
        return Term((word,))
    stem = _stem(word)
    if len(word) >= PREFIX_LETTERS and len(stem) >= _MIN_STEM:
        return Term((), stem)
    return Term(tuple(sorted({word, *_inflections(stem), *_inflections(word)})))


def _stem(word: str) -> str:
    for ending, left in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= left and not word.endswith("ss"):
            stem = word.removesuffix(ending)
            doubled = len(stem) >= 4 and stem[-1] == stem[-2] and stem[-1] not in "aeilosz"
            return stem[:-1] if ending in ("ing", "ed") and doubled else stem
    return word


def _inflections(word: str) -> set[str]:
    """Return the regular English and Spanish forms of a short word."""
    if len(word) < 3:
        return {word}
    forms = {word, word + "s", word + "es", word + "ed", word + "ing"}
    if word.endswith("e"):
        forms |= {word + "d", word[:-1] + "ing"}
    elif word.endswith("y"):
        forms |= {word[:-1] + "ies", word[:-1] + "ied"}
    elif word[-1] not in "aeiouwxsz" and word[-2] in "aeiou":
        forms |= {word + word[-1] + "ing", word + word[-1] + "ed"}
    return forms
