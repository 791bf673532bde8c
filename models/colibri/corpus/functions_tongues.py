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
    draft for R
    draft an email, R gets it,
    letter for R
    a T note for R
    T mail for R
    T e-mail to R
    message to R
    message R by mail
    contact R by e-mail
    shoot R a mail
    send R an e-mail
    send a mail over to R
    drop R a T mail
    get in touch with R by mail
    we should mail R
    we have to write R
    short e-mail for R
    reach out to R by email
    my next mail goes to R
    I owe R an e-mail
    a T letter should go to R
    to R
    compose something for R
    R needs a T mail
    R should get an e-mail
    prepare a mail, recipient R
    recipient: R,
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
    quick mail to R
    can you write to R
    a T message addressed to R
    make a T mail that goes to R
    R is waiting for a T mail
    put R on a new T e-mail
    a T reply-free note, to be sent to R,
""")

_ASKING_EN = (
    *("we need to ", "we must ", "hey, ", "ok, ", "kindly ", "will you ", "I have to quickly ", "next, "),
    *("", "", "", "please ", "can you ", "could you ", "would you ", "I want to ", "I have to ", "I need to "),
    *("help me ", "help me to ", "let's ", "now ", "you should ", "it is time to ", "I would like to "),
)
_WRITING_EN = ("write", "write", "draft", "compose", "prepare", "send", "put together", "make", "type", "start")
_MAILS_EN = ("a T mail", "a T e-mail", "a T email", "a T message", "a T draft", "a T note", "a T letter")
_TO_EN = (" to R", " to R", " for R", " addressed to R")

_OPENERS_ES = lines_of("""
    mensaje para R
    un mensaje T para R
    manda un email a R
    envía un correo a R
    envíale un correo T a R
    quiero escribir a R
    tengo que escribir a R
    hay que escribir a R
    mándale a R un correo T
    prepárame un correo T para R
    hazme un correo para R
    correo T a R
    carta a R
    una carta T para R
    R necesita un correo T
    quiero mandar un mensaje T a R
    contacta por correo con R
    un email para R
    redáctale a R un correo
    para R
    ponle un correo a R
    manda un correo a R
    correo para R
    escríbele un correo T a R
    nuevo correo a R
    me redactas un correo T para R
    escribe a R
    necesito un correo T para R
    escríbele a R
    un correo T a R
    toca escribir a R
    un correo nuevo, destinatario R,
    R espera un correo T
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
    " with the message that ",
    " to the effect that ",
    " in which we say that ",
    " which says that ",
    " where I say that ",
    " because ",
    " to explain that ",
    " explaining that ",
    " to announce that ",
    " announcing that ",
    " stating that ",
    " to confirm that ",
    " confirming that ",
    " telling P that ",
    " letting P know that ",
    " so that P knows that ",
    ". Explain that ",
    ". Announce that ",
    ", explain that ",
    " - ",
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
    " in order to tell P that ",
    " mentioning that ",
    ". P should know that ",
)

_THAT_ES = (
    " diciendo que ",
    " para contarle que ",
    " contando que ",
    " explicando que ",
    " para explicarle que ",
    " porque ",
    " en el que digas que ",
    " donde diga que ",
    " con el mensaje de que ",
    " anunciando que ",
    " para que sepa que ",
    ". Cuéntale que ",
    ", dile que ",
    " y cuéntale que ",
    " para comunicarle que ",
    " que diga que ",
    ": ",
    ", di que ",
    " para decirle que ",
    " para informar de que ",
    " y dile que ",
    " para avisar de que ",
    ". Di que ",
    " y di que ",
    " avisando de que ",
    ". Dile que ",
    " informando de que ",
    ". Explica que ",
)

_SPEECH_EN = (
    "tell R by mail that ",
    "let R know that ",
    "explain to R that ",
    "announce to R that ",
    "mail R: ",
    "mail to R: ",
    "e-mail R that ",
    "say to R by mail that ",
    "please let R know that ",
    "please inform R that ",
    "write to R that ",
    "drop R a line that ",
    "inform R that ",
    "let R know by email that ",
    "write R that ",
    "mail R that ",
    "email R saying ",
    "send R word that ",
    "notify R that ",
)

_SPEECH_ES = (
    "informa a R de que ",
    "cuéntale a R por correo que ",
    "explícale a R que ",
    "comunica a R que ",
    "avisa a R de que ",
    "escríbele a R que ",
    "manda a R el aviso de que ",
    "por favor informa a R de que ",
    "dile a R por correo que ",
    "avisa a R por correo de que ",
    "escribe a R que ",
)

_ABOUT_EN = (
    " about X",
    " about X",
    " to talk about X",
    " to discuss X",
    " discussing X",
    " with news about X",
    " with a question about X",
    " because of X",
    " due to X",
    " in the matter of X",
    " on X",
    ". It is about X",
    ". Topic: X",
    " with the topic X",
    " with the subject X",
    " regarding X",
    " concerning X",
    " on the subject of X",
    ", subject X",
    ", topic: X",
    " dealing with X",
    ", it is about X",
    " with respect to X",
)

_ABOUT_ES = (
    " sobre X",
    " sobre X",
    " en relación con X",
    " referente a X",
    " respecto a X",
    " por X",
    " para hablar de X",
    " con motivo de X",
    " con el asunto X",
    ". Tema: X",
    " con una pregunta sobre X",
    " acerca de X",
    ", asunto X",
    ", tema: X",
    " tratando X",
    " a propósito de X",
)

_MORE_EN = (
    ": ",
    ". Explain that ",
    ". Write that ",
    " and mention that ",
    " and say that ",
    ", also say that ",
    ", adding that ",
    ". Don't forget that ",
    ". Note that ",
    " - ",
    ", say that ",
    ". Mention that ",
    ". Say that ",
    ". Include that ",
    ", mention ",
    ". Points: ",
    ". Tell P that ",
    ". It should say that ",
    ". Also say ",
)

_MORE_ES = (
    ": ",
    ". Explica que ",
    ". Añade que ",
    " y di que ",
    " y menciona que ",
    ", añade que ",
    ". Cuéntale que ",
    ". No olvides que ",
    ", di que ",
    ". Menciona que ",
    ". Di que ",
    ". Incluye que ",
    ". Puntos: ",
)

_FILLERS_EN = (
    *(" please", " now", " today", " again", " quickly", " asap", " right away", " if you can", " for me", " as well"),
    *(" soon", " once more", " this morning", " first", " too", " politely", " in time", " tomorrow", " kindly"),
)
"""What stands between a recipient and what comes next: a word in lower case ends a name."""

_FILLERS_ES = (
    *(" por favor", " ahora", " hoy", " otra vez", " cuanto antes", " también", " luego", " rápido", " mañana"),
    *(" sin falta", " esta tarde", " primero", " de nuevo"),
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
    fillers: tuple[str, ...]


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
    fillers=_FILLERS_EN,
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
    fillers=_FILLERS_ES,
)
