"""Requests to draft an e-mail, with the arguments that they give."""

from __future__ import annotations

import random
import re
from collections.abc import Iterable
from dataclasses import dataclass

from models.colibri.corpus import names
from models.colibri.corpus.example import Split
from models.colibri.corpus.functions_clauses import CLAUSES_EN, CLAUSES_ES, ITEMS_EN, ITEMS_ES, TOPICS_EN, TOPICS_ES
from models.colibri.corpus.functions_purposes import PURPOSES_EN, PURPOSES_ES, Purpose
from models.colibri.corpus.functions_values import fill, lines_of, phrasings
from models.colibri.corpus.typing_style import roughen

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
_DETERMINERS = ("my ", "the ", "our ", "mi ", "el ", "los ", "nuestro ", "todo el ")

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
    write a T mail to R
    write an e-mail to R
    Write a T email to R
    Draft a T e-mail to R
    please write a T mail to R
    can you draft a T mail for R
    I need a T email to R
    mail to R
    email R
    Write R a T mail
    write to R
    compose a T message to R
    could you write a T e-mail to R
    new mail to R
    send a T mail to R
    I want to write a T mail to R
    help me write a T email to R
    prepare a T mail for R
    draft something T for R
    please email R
    Let's write a T e-mail to R
    a T mail for R please
    I have to write to R
    would you prepare a T e-mail to R
    put together a T mail for R
    an e-mail addressed to R
""")
_OPENERS_ES = lines_of("""
    escribe un correo T a R
    Escribe un correo a R
    redacta un correo T para R
    Redacta un email T a R
    necesito un correo T para R
    prepara un correo T para R
    manda un correo a R
    puedes escribir un correo T a R
    correo para R
    quiero escribir un correo T a R
    por favor escribe un mensaje T a R
    escríbele un correo T a R
    nuevo correo a R
    me redactas un correo T para R
""")
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
    " to let P know that ",
)
_THAT_ES = (
    " diciendo que ",
    " que diga que ",
    ": ",
    ", di que ",
    " para decirle que ",
    " para informar de que ",
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
class Request:
    """A request, and the arguments that it gives in the order of the schema's properties."""

    text: str
    arguments: dict[str, object]


@dataclass(frozen=True, slots=True)
class _Tongue:
    """The parts of one language."""

    code: str
    other: str
    in_other: tuple[str, ...]
    roles: tuple[str, ...]
    tones: dict[str, tuple[str, ...]]
    tone_ends: tuple[str, ...]
    openers: tuple[str, ...]
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


def _marked(lines: Iterable[str]) -> tuple[str, ...]:
    """Return `lines` with the capital letters that stand for a part put in braces."""
    return tuple(_MARK.sub(r"{\1}", line) for line in lines)


_EN = _Tongue(
    "en", "es", ("in Spanish", "write it in Spanish", "Language: Spanish"), tuple(_ROLES_EN), _TONES_EN, _marked(_TONE_ENDS_EN),
    _marked(_OPENERS_EN), _marked(_SENDERS_EN), _marked(_SENDER_STARTS_EN), _marked(_SENDER_ENDS_EN), _marked(_THAT_EN),
    _marked(_SPEECH_EN), _marked(_ABOUT_EN), _marked(_MORE_EN), _LISTS_EN, PURPOSES_EN, CLAUSES_EN, TOPICS_EN, ITEMS_EN,
    (" and ", " and ", " and that ", ", ", "; ", ". Also "), ("him", "her", "them"), ("Mr", "Ms", "Mrs", "Dr", "Mr.", "Dr."),
    ("at", "of"),
)  # fmt: skip
_ES = _Tongue(
    "es", "en", ("en inglés", "escríbelo en inglés", "Idioma: inglés"), tuple(_ROLES_ES), _TONES_ES, _marked(_TONE_ENDS_ES),
    _marked(_OPENERS_ES), _marked(_SENDERS_ES), _marked(_SENDER_STARTS_ES), _marked(_SENDER_ENDS_ES), _marked(_THAT_ES),
    _marked(_SPEECH_ES), _marked(_ABOUT_ES), _marked(_MORE_ES), _LISTS_ES, PURPOSES_ES, CLAUSES_ES, TOPICS_ES, ITEMS_ES,
    (" y ", " y ", " y que ", ", ", "; ", ". También "), ("le",), ("Sr.", "Sra.", "señor", "Dra."), ("de la empresa",),
)  # fmt: skip


def draft_request(rng: random.Random, split: Split) -> Request:
    """Return a request to draft an e-mail with the six arguments of `email.draft`."""
    tongue = _EN if rng.random() < 0.75 else _ES
    spoken, recipient = _recipient(rng, split, tongue)
    sender = _sender(rng, split) if rng.random() < 0.6 else ""
    text, purpose, points = _content(rng, split, tongue)
    tone, language = "neutral", tongue.code
    if rng.random() < 0.5:
        tone = rng.choice(("friendly", "friendly", "formal", "formal", "firm", "apologetic"))
    text = _with_tone(rng, text, tongue, tone)
    if tongue.code == "en":
        text = re.sub(r"\b([Aa]) (?=e-?mail|official|apologetic)", r"\1n ", text)
    pronoun = rng.choice(tongue.pronouns)
    text = text.replace("{R}", spoken).replace("{P}", pronoun)
    purpose = purpose.replace("{R}", spoken).replace("{P}", pronoun)
    if sender:
        text = _with_sender(rng, text, tongue, "" if spoken in purpose else spoken, sender)
    if rng.random() < 0.07:
        text, language = _appended(text, rng.choice(tongue.in_other)), tongue.other
    arguments: dict[str, object] = {
        "recipient": recipient, "sender": sender, "purpose": purpose, "points": points, "tone": tone, "language": language,
    }  # fmt: skip
    if rng.random() < 0.06:
        lowered = {k: [p.lower() for p in v] if isinstance(v, list) else str(v).lower() for k, v in arguments.items()}
        return Request(text.lower(), lowered)
    return Request(roughen(rng, text, (spoken, recipient, sender, purpose, *points)), arguments)


def _recipient(rng: random.Random, split: Split, tongue: _Tongue) -> tuple[str, str]:
    """Return the recipient as spoken of in the request and as the argument."""
    roll = rng.random()
    if roll < 0.58:
        name = names.full_name(rng, split)
        if rng.random() < 0.08:
            return f"{name} {rng.choice(tongue.at)} {names.company(rng, split)}", name
        return name, name
    if roll < 0.72:
        name = names.first_name(rng, split)
        return name, name
    if roll < 0.8:
        name = f"{rng.choice(tongue.titles)} {names.last_name(rng, split)}"
        return name, name
    if roll < 0.88:
        name = names.company(rng, split)
        return name, name
    spoken = rng.choice(phrasings(tongue.roles, split))
    return spoken, next((spoken[len(d) :] for d in _DETERMINERS if spoken.startswith(d)), spoken)


def _sender(rng: random.Random, split: Split) -> str:
    roll = rng.random()
    if roll < 0.75:
        return names.full_name(rng, split)
    return names.first_name(rng, split) if roll < 0.9 else names.company(rng, split)


def _content(rng: random.Random, split: Split, tongue: _Tongue) -> tuple[str, str, list[str]]:
    """Return the request with marks for tone, recipient and pronoun, its purpose and its points."""
    roll = rng.random()
    opener = rng.choice(phrasings(tongue.openers, split))
    if roll < 0.4:
        return _told(rng, split, tongue, opener)
    if roll < 0.75:
        kind = rng.choice(tongue.purposes)
        phrase = fill(rng, split, rng.choice(phrasings(kind.phrases, split)))
        purpose = _MARK.sub(r"{\1}", kind.prefix) + phrase
        if rng.random() < 0.5:
            text = rng.choice(_marked(kind.direct))
        else:
            text = f"{opener} {rng.choice(_marked(kind.infinitive))}"
            purpose = purpose.replace("{R}", "{P}")
    else:
        purpose = phrase = fill(rng, split, rng.choice(phrasings(tongue.topics, split)))
        text = opener + rng.choice(phrasings(tongue.about, split))
    text = text.replace("{X}", phrase)
    points = [] if rng.random() < 0.35 else _points(rng, split, tongue)
    if points and "\n" in points[0]:
        points = [p.strip() for p in points]
        return text + _bullets(rng, rng.choice(tongue.lists), points), purpose, points
    if points:
        text += rng.choice(tongue.more) + _joined(rng, tongue, points)
    return text, purpose, points


def _told(rng: random.Random, split: Split, tongue: _Tongue, opener: str) -> tuple[str, str, list[str]]:
    """Return a request whose purpose is the bracketed phrase of its first clause."""
    marked = rng.choice([c for c in phrasings(tongue.clauses, split) if "[" in c])
    first = fill(rng, split, marked)
    purpose = first[first.index("[") + 1 : first.index("]")]
    points = [
        first.replace("[", "").replace("]", ""),
        *(_clauses(rng, split, tongue, rng.choice((0, 1, 1, 2, 2, 3)))),
    ]
    if rng.random() < 0.25:
        text = rng.choice(phrasings(tongue.speech, split))
    else:
        text = opener + rng.choice(phrasings(tongue.that, split))
    return text + _joined(rng, tongue, points), purpose, points


def _points(rng: random.Random, split: Split, tongue: _Tongue) -> list[str]:
    """Return clauses for running text, or items that begin with a line break for a list."""
    count = rng.choice((1, 1, 2, 2, 3, 4))
    if rng.random() < 0.35:
        pool = phrasings(tongue.items, split)
        items = [fill(rng, split, t) for t in rng.sample(pool, min(count + 1, len(pool)))]
        return ["\n" + item for item in items]
    return _clauses(rng, split, tongue, count)


def _clauses(rng: random.Random, split: Split, tongue: _Tongue, count: int) -> list[str]:
    drawn = rng.sample(phrasings(tongue.clauses, split), min(count, 4))
    return [fill(rng, split, c).replace("[", "").replace("]", "") for c in drawn]


def _joined(rng: random.Random, tongue: _Tongue, points: list[str]) -> str:
    """Return the clauses as running text; the separators are what the answer is split at."""
    join = rng.choice(tongue.join)
    if len(points) == 1 or join in ("; ", ". Also ", ". También "):
        return join.join(points)
    if join == ", ":
        join = tongue.join[0]
    return ", ".join(points[:-1]) + join + points[-1]


def _bullets(rng: random.Random, lead: str, points: list[str]) -> str:
    mark = rng.choice(("- ", "- ", "* ", ""))
    return lead + "\n".join(mark + p for p in points)


def _appended(text: str, end: str) -> str:
    """Return `text` with one more remark at its end."""
    if "\n" in text:
        return f"{text}\n{end[0].upper()}{end[1:]}"
    return f"{text}, {end}" if end[0].islower() else f"{text}. {end}"


def _with_tone(rng: random.Random, text: str, tongue: _Tongue, tone: str) -> str:
    """Return `text` with the tone in its place, at its end, or without one when it is neutral."""
    if tone == "neutral":
        return text.replace("{T} ", "").replace(" {T}", "")
    word = rng.choice(tongue.tones[tone])
    if "{T}" in text and rng.random() < 0.75:
        return text.replace("{T}", word)
    text = text.replace("{T} ", "").replace(" {T}", "")
    return _appended(text, rng.choice(tongue.tone_ends).replace("{T}", word))


def _with_sender(rng: random.Random, text: str, tongue: _Tongue, spoken: str, sender: str) -> str:
    """Return `text` with the sender after the recipient (if `spoken` is given), at the start or at the end."""
    roll = rng.random()
    if spoken and spoken in text and roll < 0.4:
        return text.replace(spoken, spoken + rng.choice(tongue.senders).replace("{S}", sender), 1)
    if roll < 0.6:
        return rng.choice(tongue.sender_starts).replace("{S}", sender) + text
    return _appended(text, rng.choice(tongue.sender_ends).replace("{S}", sender))
