"""Examples of `email.reply`: somebody's mail, with or without a word on what to answer, and the answer."""

from __future__ import annotations

import random
from dataclasses import dataclass
from functools import cache

from models.colibri.corpus import email_words as words
from models.colibri.corpus import names
from models.colibri.corpus.email_draft import draw_content, draw_point, fixed_words, hurried, phrasing
from models.colibri.corpus.email_frames import Mood
from models.colibri.corpus.email_keywords import KEYWORDS
from models.colibri.corpus.email_score import copied_ok, vocabulary
from models.colibri.corpus.email_situations import SITUATIONS
from models.colibri.corpus.email_tone import TONES, compose, farewell, greeting
from models.colibri.corpus.example import Example, Message, Split, line_notes
from models.colibri.corpus.names import Language
from plugins.email.layout import reply_input, sentence
from plugins.prompt_file import system_text

_THANKS: dict[str, dict[Mood, str]] = {
    "en": {
        "inform": "Thank you for letting me know.",
        "request": "Thank you for your message. I will get back to you soon.",
        "thanks": "Thank you for your kind words.",
        "invite": "Thank you for the invitation.",
        "complaint": "I am sorry to hear about this problem. I will look into it.",
    },
    "es": {
        "inform": "Gracias por la información.",
        "request": "Gracias por el mensaje. Responderé pronto.",
        "thanks": "Gracias por estas amables palabras.",
        "invite": "Gracias por la invitación.",
        "complaint": "Siento mucho este problema. Voy a revisarlo.",
    },
}
"""How a mail is thanked for when nothing else is to be said."""
_MOODS: dict[Mood, str] = {
    "inform": "letting",
    "request": "soon",
    "thanks": "kind",
    "invite": "invitation",
    "complaint": "sorry",
}
"""What is noted at the line that decides how a mail is thanked for."""
_PLAIN = {"en": "Thank you for your message.", "es": "Gracias por el mensaje."}
"""How it is thanked for before points, a verdict or a message."""
_VERDICTS: dict[Language, dict[bool, tuple[list[str], str]]] = {
    "en": {
        True: ("accept|yes|say yes|accept it|agree|tell them yes|accept politely|say that I accept|reply yes|answer yes|"
               "write back and accept|reply and accept|reply and say yes|answer and accept".split("|"),
               "Yes, that works for me."),
        False: ("decline|no|say no|decline it|refuse|tell them no|decline politely|say that I decline|reply no|answer no|"
                "write back and decline|reply and decline|reply and say no|answer and decline".split("|"),
                "Unfortunately, that does not work for me."),
    },
    "es": {
        True: ("aceptar|sí|di que sí|acepta|responde que sí|contesta y acepta|responde y acepta|contesta que sí".split("|"),
               "Sí, me va bien."),
        False: ("rechazar|no|di que no|rechaza|responde que no|contesta y rechaza|responde y rechaza|contesta que no".split("|"),
                "Por desgracia, no me va bien."),
    },
}  # fmt: skip
_POINT_VERDICTS: dict[Language, dict[bool, tuple[str, ...]]] = {
    "en": {True: ("accept", "yes", "agree", "accept it"), False: ("decline", "no", "refuse", "decline it")},
    "es": {True: ("aceptar", "sí", "acepta"), False: ("rechazar", "no", "rechaza")},
}
_LEADS = {
    "en": "reply to this|answer this e-mail|please reply to this message|write a reply to this|reply to this email|"
          "answer this mail for me|reply to the message|help me reply to this|respond to this|draft an answer to this mail|"
          "write an answer to this e-mail|please answer this message|help me answer this mail|draft a reply to this".split("|"),
    "es": "responde a esto|contesta este correo|responde a este mensaje|ayúdame a responder a esto|contesta a esto|"
          "escribe una respuesta a este correo|contesta este mensaje|responde a este correo".split("|"),
}  # fmt: skip
_SAYING = {
    "en": "reply to this and say that {x}|answer that {x}|reply that {x}|tell them that {x}|reply to this e-mail and say that "
          "{x}|say that {x}|write back that {x}|answer this mail and say that {x}|respond that {x}|"
          "answer and tell them that {x}|write back and say that {x}|respond to this and say that {x}".split("|"),
    "es": "responde que {x}|contesta que {x}|responde a esto y di que {x}|di que {x}|contesta a este correo que {x}|"
          "contesta y di que {x}|responde a este correo y di que {x}".split("|"),
}  # fmt: skip
NOTE = {"en": "Please note that {x}.", "es": "Quiero decir que {x}."}
"""How a message that stands inside an instruction is said."""
_TERSE: dict[str, tuple[tuple[Mood, str], ...]] = {
    "en": (
        ("request", "can you {vp}?|could you please {vp}?|please {vp}|do you know where {np} is?|where is {np}?|when will "
                    "{np} be ready?|are you free on {date} at {time}?|how much is the {product}?|is there any news about {np}?|"
                    "I need {np}|can you please {vp}?|do you know when {np} will be ready?"),
        ("inform", "{clause}|just so you know, {clause}|update: {clause}|just a quick update: {clause}"),
        ("thanks", "thanks for {np}!|thank you so much for {np}|great work on {np}!|thanks so much for {np}"),
        ("invite", "would you like to come to {np}?|join us for {np} on {date}!|you are invited to {np}|"
                   "lunch on {date}?|would you like to join us for {np}?"),
        ("complaint", "{np} is broken|I am very unhappy with {np}|your {product} does not work|there is a problem with {np}|"
                      "{np} does not work"),
    ),
    "es": (
        ("request", "¿puedes {vp}?|¿podría {vp}, por favor?|¿dónde está {np}?|¿cuándo estará {np}?|¿tienes tiempo "
                    "el {date}?|¿hay novedades sobre {np}?|necesito {np}|¿puedes {vp}, por favor?"),
        ("inform", "{clause}|para que lo sepas, {clause}|novedad: {clause}"),
        ("thanks", "¡gracias por {np}!|muchas gracias por {np}|gran trabajo con {np}|¡muchas gracias por {np}!"),
        ("invite", "¿quieres venir a una cena el {date}?|¿comemos juntos el {date}?|¿quieres venir a una fiesta el {date}?"),
        ("complaint", "{np} no funciona|estoy muy descontento con {np}|hay un problema con {np}"),
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Incoming:
    """A mail to answer: the end of the line that tells its mood, its subject, who wrote it and to whom (all but it may be empty)."""

    text: str
    telling: str
    mood: Mood
    subject: str
    writer: str
    reader: str


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be answered: points, the words before the mail, and the paragraphs they give."""

    points: tuple[str, ...] = ()
    lead: str = ""
    said: tuple[str, ...] = ()
    kept: tuple[words.Fact, ...] = ()


def draw(rng: random.Random, split: Split) -> Example:
    """Draw an example of `email.reply`, two thirds in English."""
    language: Language = "en" if rng.random() < 0.68 else "es"
    tone = rng.choice(TONES)
    mail = _incoming(rng, split, language)
    wish = _wish(rng, split, language)
    sender = "" if rng.random() < 0.4 else names.first_name(rng, split)
    message = f"{wish.lead}:\n{mail.text}" if wish.lead else mail.text
    user = reply_input(message, sender, wish.points, tone, language)
    thanks = _PLAIN[language] if wish.said else _THANKS[language][mail.mood]
    line = greeting(mail.writer, tone, language)
    signed = sender or mail.reader
    subject = mail.subject or ("your message" if language == "en" else "su mensaje")
    said = wish.said[0] if wish.said else "none"

    def verdict(line: str) -> str:
        if line.startswith("Points: "):
            return "Points" if sentence(wish.points[0]) in said else said
        if line.startswith("Instruction: "):
            return "none" if wish.points else said
        return _MOODS[mail.mood] if line.endswith(mail.telling) else ""

    answer = compose(f"Re: {subject}", line, [thanks, *wish.said], farewell(tone, language), signed)
    return Example(
        "email.reply",
        (Message("system", system_text("email", "reply")), Message("user", user, line_notes(user, verdict))),
        answer,
        {"subject": f"Subject: Re: {subject}", "greeting": line, "opening": thanks, "sender": signed, "said": wish.said,
         "kept": tuple(value for _, value in wish.kept)},
    )  # fmt: skip


def score(example: Example, answer: str) -> dict[str, bool]:
    """Judge a reply: subject, greeting to the right person, thanks, what was to be said, sender, nothing invented."""
    facts = example.facts
    lines = answer.strip().split("\n")
    return {
        "subject": lines[0] == facts["subject"],
        "greeting": len(lines) > 2 and lines[2] == facts["greeting"],
        "opening": facts["opening"] in lines,
        "sender": lines[-1] == facts["sender"] if facts["sender"] else lines[-1].endswith(","),
        "facts_kept": all(value.casefold() in answer.casefold() for value in facts["kept"]),
        "points_kept": all(text in lines for text in facts["said"]),
        "nothing_invented": copied_ok(example.prompt[-1].content, answer, _known()),
    }


@cache
def _known() -> frozenset[str]:
    texts: list[str] = ["Re"]
    for language in ("en", "es"):
        texts += [*_THANKS[language].values(), _PLAIN[language], NOTE[language]]
        texts += [text for _, text in _VERDICTS[language].values()]
    return fixed_words() | vocabulary(texts)


def _incoming(rng: random.Random, split: Split, language: Language) -> Incoming:
    reader = names.first_name(rng, split) if rng.random() < 0.6 else ""
    writer = names.full_name(rng, split) if rng.random() < 0.4 else names.first_name(rng, split)
    if rng.random() < 0.1:
        writer = ""
    if rng.random() < 0.5:
        mood, text = _terse(rng, split, language)
        hello = rng.choice(("Hi", "Hello", "Dear") if language == "en" else ("Hola", "Hola", "Buenos días"))
        head = f"{hello} {reader},{rng.choice((' ', chr(10)))}" if reader else f"{hello}, "
        return Incoming(f"{head}{text}" + (f"\n{writer}" if writer else ""), text, mood, "", writer, reader)
    content = draw_content(rng, split, language, max_points=1)
    while _is_keyword(content.opening):
        content = draw_content(rng, split, language, max_points=1)
    content.recipient, content.sender = reader, writer
    head, _, body = content.render(brief=rng.random() < 0.7).partition("\n\n")
    if rng.random() < 0.5:
        return Incoming(body, content.opening, content.mood, "", writer, reader)
    subject = head.removeprefix("Subject: ")
    label = rng.choice(("Asunto", "Subject")) if language == "es" else "Subject"
    top = f"From: {writer}\n" if writer and rng.random() < 0.5 else ""
    return Incoming(f"{top}{label}: {subject}\n\n{body}", content.opening, content.mood, subject, writer, reader)


def _is_keyword(opening: str) -> bool:
    """Return whether a keyword gave the opening: then the mail has no mood of its own."""
    return any(opening == row[2] for rows in KEYWORDS.values() for row in rows)


def _terse(rng: random.Random, split: Split, language: Language) -> tuple[Mood, str]:
    mood, options = rng.choice(_TERSE[language])
    template = phrasing(rng, split, options.split("|"))
    for slot, make in (("{clause}", words.clause), ("{np}", words.noun_phrase), ("{vp}", words.verb_phrase)):
        if slot in template:
            template = template.replace(slot, make(rng, language))
    return mood, words.fill(rng, split, template, language)


def _wish(rng: random.Random, split: Split, language: Language) -> Wish:
    """Draw what to answer: nothing, accept or decline, words that say it, or points."""
    kind = rng.random()
    lead = hurried(rng, phrasing(rng, split, _LEADS[language])) if rng.random() < 0.5 else ""
    if kind < 0.25:
        return Wish(lead=lead)
    if kind < 0.45:
        verdict = rng.random() < 0.5
        phrases, text = _VERDICTS[language][verdict]
        if rng.random() < 0.4:
            return Wish((rng.choice(_POINT_VERDICTS[language][verdict]),), lead, (text,))
        return Wish(lead=hurried(rng, phrasing(rng, split, phrases)), said=(text,))
    kept: list[words.Fact] = []
    if kind < 0.7:
        x = words.fill(rng, split, words.clause(rng, language), language, kept)
        pattern = hurried(rng, phrasing(rng, split, _SAYING[language]), keep=("{x}",))
        return Wish((), pattern.replace("{x}", x), (NOTE[language].replace("{x}", x),), tuple(kept))
    points: list[str] = []
    for _ in range(rng.choice((1, 1, 2, 3))):
        situation = rng.choice(SITUATIONS[language]) if rng.random() < 0.5 else None
        points.append(draw_point(rng, split, language, situation, kept))
    return Wish(tuple(points), lead, (" ".join(map(sentence, points)),), tuple(kept))
