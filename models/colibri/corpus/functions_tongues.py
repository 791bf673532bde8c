"""How people ask for an e-mail in each language: openers, senders, tones and what joins the parts."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from models.colibri.corpus import functions_english as english
from models.colibri.corpus import functions_spanish as spanish
from models.colibri.corpus.functions_clauses import CLAUSES_EN, CLAUSES_ES, ITEMS_EN, ITEMS_ES, TOPICS_EN, TOPICS_ES
from models.colibri.corpus.functions_purposes import PURPOSES_EN, PURPOSES_ES, Purpose


@dataclass(frozen=True, slots=True)
class Tongue:
    """The parts of one language."""

    code: str
    other: str
    in_other: tuple[str, ...]
    roles: tuple[str, ...]
    tones: dict[str, tuple[str, ...]]
    tone_ends: tuple[str, ...]
    openers: tuple[str, ...]
    composed_openers: tuple[str, ...]
    senders: tuple[str, ...]
    sender_starts: tuple[str, ...]
    sender_ends: tuple[str, ...]
    that: tuple[str, ...]
    speech: tuple[str, ...]
    about: tuple[str, ...]
    more: tuple[str, ...]
    lists: tuple[str, ...]
    purposes: tuple[Purpose, ...]
    clauses: tuple[str, ...]
    topics: tuple[str, ...]
    items: tuple[str, ...]
    join: tuple[str, ...]
    pronouns: tuple[str, ...]
    titles: tuple[str, ...]
    at: tuple[str, ...]
    fillers: tuple[str, ...]


_MARK = re.compile(r"\b([RTSXP])\b")


def marked(lines: Iterable[str]) -> tuple[str, ...]:
    """Return `lines` with the capital letters that stand for a part put in braces."""
    return tuple(_MARK.sub(r"{\1}", line) for line in lines)


ENGLISH = Tongue(
    code="en",
    other="es",
    in_other=("in Spanish", "write it in Spanish", "Language: Spanish"),
    roles=tuple(english.ROLES),
    tones=english.TONES,
    tone_ends=marked(english.TONE_ENDS),
    openers=marked(english.OPENERS),
    composed_openers=marked(english.composed()),
    senders=marked(english.SENDERS),
    sender_starts=marked(english.SENDER_STARTS),
    sender_ends=marked(english.SENDER_ENDS),
    that=marked(english.THAT),
    speech=marked(english.SPEECH),
    about=marked(english.ABOUT),
    more=marked(english.MORE),
    lists=english.LISTS,
    purposes=PURPOSES_EN,
    clauses=CLAUSES_EN,
    topics=TOPICS_EN,
    items=ITEMS_EN,
    join=(" and ", " and ", " and that ", ", ", "; ", ". Also "),
    pronouns=("him", "her", "them"),
    titles=("Mr", "Ms", "Mrs", "Dr", "Mr.", "Dr."),
    at=("at", "of"),
    fillers=english.FILLERS,
)

SPANISH = Tongue(
    code="es",
    other="en",
    in_other=("en inglés", "escríbelo en inglés", "Idioma: inglés"),
    roles=tuple(spanish.ROLES),
    tones=spanish.TONES,
    tone_ends=marked(spanish.TONE_ENDS),
    openers=marked(spanish.OPENERS),
    composed_openers=marked(spanish.composed()),
    senders=marked(spanish.SENDERS),
    sender_starts=marked(spanish.SENDER_STARTS),
    sender_ends=marked(spanish.SENDER_ENDS),
    that=marked(spanish.THAT),
    speech=marked(spanish.SPEECH),
    about=marked(spanish.ABOUT),
    more=marked(spanish.MORE),
    lists=spanish.LISTS,
    purposes=PURPOSES_ES,
    clauses=CLAUSES_ES,
    topics=TOPICS_ES,
    items=ITEMS_ES,
    join=(" y ", " y ", " y que ", ", ", "; ", ". También "),
    pronouns=("le",),
    titles=("Sr.", "Sra.", "señor", "Dra."),
    at=("de la empresa",),
    fillers=spanish.FILLERS,
)
