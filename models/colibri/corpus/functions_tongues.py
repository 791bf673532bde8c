"""How people ask for an e-mail in each language: openers, senders, tones and what joins the parts."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from models.colibri.corpus.functions_clauses import CLAUSES_EN, CLAUSES_ES, ITEMS_EN, ITEMS_ES, TOPICS_EN, TOPICS_ES
from models.colibri.corpus.functions_purposes import PURPOSES_EN, PURPOSES_ES, Purpose
from models.colibri.corpus.functions_values import lines_of

_ROLES_EN = [
    "my landlord",
    "the sales team",
    "our supplier",
    "my boss",
    "the whole team",
    "HR",
    "the support team",
    "our customers",
    "the accounting department",
    "my neighbour",
    "the hotel",
    "my colleagues",
    "the board",
    "our partners",
    "the marketing team",
    "the office manager",
    "the IT department",
    "my teacher",
]

_ROLES_ES = [
    "mi jefe",
    "el equipo de ventas",
    "nuestro proveedor",
    "todo el equipo",
    "recursos humanos",
    "mi casero",
    "los clientes",
    "mi profesora",
]

_TONES_EN = {
    "friendly": ("friendly", "friendly", "warm", "kind", "casual", "nice"),
    "formal": ("formal", "formal", "official", "polite", "professional"),
    "apologetic": ("apologetic",),
    "firm": ("firm", "firm", "strict", "stern"),
}

_TONES_ES = {
    "friendly": ("amable", "cordial", "cercano", "amistoso"),
    "formal": ("formal", "formal", "oficial", "profesional"),
    "apologetic": ("de disculpa",),
    "firm": ("firme", "firme", "serio"),
}

_TONE_ENDS_EN = (
    "Tone: T",
    "Keep it T",
    "Make it T",
    "T tone",
    "in a T tone",
    "It should sound T",
    "Be T",
    "T please",
)

_TONE_ENDS_ES = ("Tono T", "Tono: T", "en tono T", "que suene T", "Que sea T")

_OPENERS_EN = lines_of("""
    mail to R
    email R
    Write R a T mail
    write to R
    I need a T email to R
    new mail to R
    a T mail for R please
    please email R
    I have to write to R
    an e-mail addressed to R
    mail for R
    write R
    draft something T for R
    e-mail R
    I want to write to R
    please write R a T e-mail
    can you write to R
    a T message addressed to R
""")

_ASKING_EN = (
    *("", "", "", "please ", "can you ", "could you ", "would you ", "I want to ", "I have to ", "I need to "),
    *("help me ", "help me to ", "let's ", "now ", "you should ", "it is time to ", "I would like to "),
)
_WRITING_EN = ("write", "write", "draft", "compose", "prepare", "send", "put together", "make", "type", "start")
_MAILS_EN = ("a T mail", "a T e-mail", "a T email", "a T message", "a T draft", "a T note", "a T letter")
_TO_EN = (" to R", " to R", " for R", " addressed to R")

_OPENERS_ES = lines_of("""
    manda un correo a R
    correo para R
    escríbele un correo T a R
    nuevo correo a R
    me redactas un correo T para R
    escribe a R
    necesito un correo T para R
    escríbele a R
    un correo T a R
""")

_ASKING_ES = (
    "",
    "",
    "",
    "por favor ",
    "puedes ",
    "podrías ",
    "quiero ",
    "tengo que ",
    "necesito ",
    "ayúdame a ",
    "hay que ",
)
_WRITING_ES = (
    ("escribe", "escribir"),
    ("redacta", "redactar"),
    ("prepara", "preparar"),
    ("manda", "mandar"),
    ("haz", "hacer"),
    ("crea", "crear"),
)
_MAILS_ES = ("un correo T", "un correo T", "un email T", "un mensaje T", "un borrador T")
_TO_ES = (" a R", " a R", " para R", " dirigido a R")


def _composed_en() -> tuple[str, ...]:
    made = (
        a + w + " " + m + t
        for a in dict.fromkeys(_ASKING_EN)
        for w in dict.fromkeys(_WRITING_EN)
        for m in _MAILS_EN
        for t in _TO_EN
    )
    return tuple(dict.fromkeys(made))


def _composed_es() -> tuple[str, ...]:
    made = (
        f"{a}{w[a not in ('', 'por favor ')]} {m}{t}"
        for a in dict.fromkeys(_ASKING_ES)
        for w in _WRITING_ES
        for m in dict.fromkeys(_MAILS_ES)
        for t in _TO_ES
    )
    return tuple(dict.fromkeys(made))


_SENDERS_EN = (
    " from S",
    " from S",
    " in the name of S",
    ", signed S",
    ", sign as S",
    ", sender S",
    " on behalf of S",
    " (from S)",
    ", signed by S",
)

_SENDERS_ES = (
    " de S",
    " de parte de S",
    ", firmado S",
    ", firma S",
    " en nombre de S",
    ", remitente S",
)

_SENDER_STARTS_EN = (
    "I am S. ",
    "I'm S, ",
    "My name is S. ",
    "This is S. ",
    "Hi, S here. ",
    "S here, ",
)

_SENDER_STARTS_ES = ("Soy S. ", "Me llamo S. ", "Hola, soy S, ")

_SENDER_ENDS_EN = (
    "Sign it as S",
    "Signed S",
    "Sign with S",
    "Sender: S",
    "From: S",
    "Sign S",
    "My name is S",
    "I am S",
    "Signature: S",
    "regards S",
)

_SENDER_ENDS_ES = (
    "Firma como S",
    "Firmado S",
    "Remitente: S",
    "De: S",
    "Soy S",
    "Me llamo S",
    "Un saludo, S",
)

_THAT_EN = (
    " that ",
    " that ",
    " saying that ",
    ", say that ",
    ": ",
    ". Tell P that ",
    " to say that ",
    " to tell P that ",
    " and say that ",
    " and let P know that ",
    ". Let P know that ",
    " and tell P that ",
    ", it says that ",
    ". Write that ",
    ", writing that ",
    ". Please say that ",
    " to inform P that ",
    " and inform P that ",
    ". Please tell P that ",
    " to let P know that ",
    ". Inform P that ",
)

_THAT_ES = (
    " diciendo que ",
    " que diga que ",
    ": ",
    ", di que ",
    " para decirle que ",
    " para informar de que ",
    " y dile que ",
    " para avisar de que ",
    ". Di que ",
    " y di que ",
    ". Dile que ",
)

_SPEECH_EN = (
    "tell R by mail that ",
    "inform R that ",
    "let R know by email that ",
    "write R that ",
    "mail R that ",
    "email R saying ",
    "notify R that ",
)

_SPEECH_ES = (
    "informa a R de que ",
    "dile a R por correo que ",
    "avisa a R por correo de que ",
    "escribe a R que ",
)

_ABOUT_EN = (
    " about X",
    " about X",
    " regarding X",
    " concerning X",
    " on the subject of X",
    ", subject X",
    ", topic: X",
    ", it is about X",
)

_ABOUT_ES = (
    " sobre X",
    " sobre X",
    " acerca de X",
    ", asunto X",
    ", tema: X",
    " a propósito de X",
)

_MORE_EN = (
    ": ",
    ", say that ",
    ". Mention that ",
    ". Say that ",
    ". Include that ",
    ", mention ",
    ". Points: ",
    ". Tell P that ",
    ". Also say ",
)

_MORE_ES = (
    ": ",
    ", di que ",
    ". Menciona que ",
    ". Di que ",
    ". Incluye que ",
    ". Puntos: ",
)

_LISTS_EN = (":\n", "\n", "\nPoints:\n", ". Points:\n", " with these points:\n")

_LISTS_ES = (":\n", "\n", "\nPuntos:\n", " con estos puntos:\n")


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


_MARK = re.compile(r"\b([RTSXP])\b")


def marked(lines: Iterable[str]) -> tuple[str, ...]:
    """Return `lines` with the capital letters that stand for a part put in braces."""
    return tuple(_MARK.sub(r"{\1}", line) for line in lines)


ENGLISH = Tongue(
    code="en",
    other="es",
    in_other=("in Spanish", "write it in Spanish", "Language: Spanish"),
    roles=tuple(_ROLES_EN),
    tones=_TONES_EN,
    tone_ends=marked(_TONE_ENDS_EN),
    openers=marked(_OPENERS_EN),
    composed_openers=marked(_composed_en()),
    senders=marked(_SENDERS_EN),
    sender_starts=marked(_SENDER_STARTS_EN),
    sender_ends=marked(_SENDER_ENDS_EN),
    that=marked(_THAT_EN),
    speech=marked(_SPEECH_EN),
    about=marked(_ABOUT_EN),
    more=marked(_MORE_EN),
    lists=_LISTS_EN,
    purposes=PURPOSES_EN,
    clauses=CLAUSES_EN,
    topics=TOPICS_EN,
    items=ITEMS_EN,
    join=(" and ", " and ", " and that ", ", ", "; ", ". Also "),
    pronouns=("him", "her", "them"),
    titles=("Mr", "Ms", "Mrs", "Dr", "Mr.", "Dr."),
    at=("at", "of"),
)

SPANISH = Tongue(
    code="es",
    other="en",
    in_other=("en inglés", "escríbelo en inglés", "Idioma: inglés"),
    roles=tuple(_ROLES_ES),
    tones=_TONES_ES,
    tone_ends=marked(_TONE_ENDS_ES),
    openers=marked(_OPENERS_ES),
    composed_openers=marked(_composed_es()),
    senders=marked(_SENDERS_ES),
    sender_starts=marked(_SENDER_STARTS_ES),
    sender_ends=marked(_SENDER_ENDS_ES),
    that=marked(_THAT_ES),
    speech=marked(_SPEECH_ES),
    about=marked(_ABOUT_ES),
    more=marked(_MORE_ES),
    lists=_LISTS_ES,
    purposes=PURPOSES_ES,
    clauses=CLAUSES_ES,
    topics=TOPICS_ES,
    items=ITEMS_ES,
    join=(" y ", " y ", " y que ", ", ", "; ", ". También "),
    pronouns=("le",),
    titles=("Sr.", "Sra.", "señor", "Dra."),
    at=("de la empresa",),
)
