"""Examples of `email.reply`: somebody's mail, with or without a word on what to answer, and the answer."""

from __future__ import annotations

import random
from dataclasses import dataclass
from functools import cache

from models.colibri.corpus import email_words as words
from models.colibri.corpus import names
from models.colibri.corpus.email_draft import Content, draw_content, draw_point, fixed_words, phrasing
from models.colibri.corpus.email_score import copied_ok, vocabulary
from models.colibri.corpus.email_situations import SITUATIONS
from models.colibri.corpus.email_tone import TONES, compose, farewell, greeting, sentence
from models.colibri.corpus.example import Example, Message, Split
from models.colibri.corpus.names import Language
from models.colibri.corpus.typing_style import roughen
from plugins.email.layout import reply_input
from plugins.prompt_file import system_text

_THANKS = {
    "en": {
        "inform": ("Thank you for letting me know.", "Thanks for letting me know!"),
        "request": ("Thank you for your message.", "Thanks for your message!"),
        "thanks": ("Thank you for your kind words.", "Thanks for your kind words!"),
        "apology": ("Thank you for your message; no harm done.", "Thanks, no worries at all!"),
        "invite": ("Thank you very much for the invitation.", "Thanks a lot for the invitation!"),
        "chase": ("Thank you for the reminder.", "Thanks for the reminder!"),
        "complaint": ("I am sorry to hear about this problem.", "I am so sorry about this!"),
    },
    "es": {
        "inform": ("Gracias por avisarme.", "¡Gracias por avisarme!"),
        "request": ("Gracias por su mensaje.", "¡Gracias por tu mensaje!"),
        "thanks": ("Gracias por sus amables palabras.", "¡Gracias por tus palabras!"),
        "apology": ("Gracias por su mensaje; no pasa nada.", "¡Gracias, no pasa nada!"),
        "invite": ("Muchas gracias por la invitación.", "¡Mil gracias por la invitación!"),
        "chase": ("Gracias por el recordatorio.", "¡Gracias por el recordatorio!"),
        "complaint": ("Siento mucho este problema.", "¡Siento mucho lo ocurrido!"),
    },
}
_LATER = {
    "en": {"request": "I will look into it and get back to you soon.", "invite": "I will get back to you soon.",
           "chase": "I will take care of it.", "complaint": "I will look into it and get back to you soon."},
    "es": {"request": "Lo miro y le respondo pronto.", "invite": "Le respondo pronto.", "chase": "Me ocupo de ello.",
           "complaint": "Lo miro y le respondo pronto."},
}  # fmt: skip
_VERDICTS = {
    "en": {
        True: ("accept|yes|say yes|agree|I agree|say that it works|accept it|confirm|that works|tell them yes|I "
               "accept".split("|"),
               "Yes, that works for me."),
        False: ("decline|no|say no|refuse|decline politely|turn it down|reject it|say I can't|that does not work|"
                "tell them no".split("|"),
                "Unfortunately, that does not work for me."),
    },
    "es": {
        True: ("aceptar|sí|di que sí|acepta|de acuerdo|decir que sí|me va bien|acepto".split("|"), "Sí, me va bien."),
        False: ("rechazar|no|di que no|recházalo|decir que no|rechaza|no puedo|no me va bien".split("|"),
                "Por desgracia, no me va bien."),
    },
}  # fmt: skip
_LEADS = {
    "en": "Reply to this:|Answer this e-mail:|Please reply to this message:|write a reply to this|reply to this email:|"
          "Can you answer this mail for me?|Reply to the following message.|help me reply to this:|respond to this:|"
          "draft an answer to this mail|Write back to this:|Compose a response:".split("|"),
    "es": "Responde a esto:|Contesta este correo:|Responde a este mensaje:|ayúdame a responder a esto|contesta a esto:|"
          "Escribe una respuesta a este correo:|Redacta una contestación:".split("|"),
}  # fmt: skip
_SAYING = {
    "en": "Reply to this and say that {x}:|Answer that {x}:|reply that {x}|Tell them that {x}:|Reply to this "
          "e-mail, say {x}.|"
          "write back that {x}:|answer this mail and say {x}|Respond that {x}:|Write an answer saying that "
          "{x}:".split("|"),
    "es": "Responde que {x}:|Contesta que {x}:|responde a esto y di que {x}|Di que {x}:|Contesta a este correo que "
          "{x}:|"
          "Escribe que {x} como respuesta:".split("|"),
}  # fmt: skip
_TERSE = {
    "en": (
        ("request", "can you {vp}?|could you please {vp}|please {vp}|do you know {np}?|where is {np}?|when will "
                    "{np} be ready?|"
                    "are you free on {date} at {time}?|how much is the {product}?|any news about {np}?|I need {np}|"
                    "is {date} ok?"),
        ("inform", "{clause}|just so you know, {clause}|fyi {clause}|update: {clause}"),
        ("thanks", "thanks for {np}!|thank you so much for {np}|great work on {np}!|we really enjoyed {np}"),
        ("invite", "would you like to come to {np}?|join us for {np} on {date}!|we would love to see you in {place} "
                   "on {date}|"
                   "lunch on {date}?|you are invited to {np}"),
        ("complaint", "{np} is broken|I am very unhappy with {np}|your {product} does not work|{np} never arrived|"
                      "I want a refund for {np}"),
    ),
    "es": (
        ("request", "¿puedes {vp}?|¿podría {vp}, por favor?|¿dónde está {np}?|¿cuándo estará {np}?|¿tienes tiempo "
                    "el {date}?|"
                    "¿hay novedades sobre {np}?|necesito {np}|¿le va bien el {date} a las {time}?"),
        ("inform", "{clause}|para que lo sepas, {clause}|novedad: {clause}"),
        ("thanks", "¡gracias por {np}!|muchas gracias por {np}|gran trabajo con {np}"),
        ("invite", "¿quieres venir a una cena el {date}?|¿comemos juntos el {date}?|nos gustaría verle en {place} "
                   "el {date}"),
        ("complaint", "{np} no funciona|estoy muy descontento con {np}|nunca llegó {np}|quiero que me devuelvan "
                      "{amount}"),
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Incoming:
    """A mail to answer: who wrote it and to whom, each empty if it does not say, and the subject to refer to."""

    text: str
    mood: str
    subject: str
    writer: str
    reader: str


def draw(rng: random.Random, split: Split) -> Example:
    """Draw an example of `email.reply`, two thirds in English."""
    language: Language = "en" if rng.random() < 0.68 else "es"
    tone = rng.choice(TONES)
    mail = _incoming(rng, split, language)
    kept: list[words.Fact] = []
    points, said = _answers(rng, split, language, kept)
    message = _with_lead(rng, split, language, mail.text, points, said)
    sender = "" if rng.random() < 0.3 else names.first_name(rng, split)
    user = reply_input(message, sender, points, tone, language)
    thanks = _THANKS[language][mail.mood][tone == "friendly"]
    later = "" if said else _LATER[language].get(mail.mood, "")
    if tone == "friendly":
        later = later.replace("le respondo", "te respondo").replace("Le respondo", "Te respondo")
    opening = f"{thanks} {later}".strip()
    line = greeting(mail.writer, tone, language, is_person=True)
    signed = sender or mail.reader
    answer = compose(f"Re: {mail.subject}", line, [opening, " ".join(said)], farewell(tone, language), signed)
    return Example(
        "email.reply",
        (Message("system", system_text("email", "reply")), Message("user", user)),
        answer,
        {"subject": f"Subject: Re: {mail.subject}", "greeting": line, "sender": signed, "said": tuple(said),
         "kept": tuple(value for _, value in kept)},
    )  # fmt: skip


def score(example: Example, answer: str) -> dict[str, bool]:
    """Judge a reply: subject, greeting to the right person, what was to be said, sender, nothing invented."""
    facts = example.facts
    lines = answer.strip().split("\n")
    folded = answer.casefold()
    return {
        "subject": lines[0] == facts["subject"],
        "greeting": len(lines) > 2 and lines[2] == facts["greeting"],
        "sender": lines[-1] == facts["sender"] if facts["sender"] else lines[-1].endswith(","),
        "facts_kept": all(value.casefold() in folded for value in facts["kept"]),
        "points_kept": all(text.casefold() in folded for text in facts["said"]),
        "nothing_invented": copied_ok(example.prompt[-1].content, answer, _known()),
    }


@cache
def _known() -> frozenset[str]:
    texts: list[str] = []
    for language in ("en", "es"):
        for pair in _THANKS[language].values():
            texts += pair
        texts += _LATER[language].values()
        texts += [text for _, text in _VERDICTS[language].values()]
    return fixed_words() | vocabulary([*texts, "Te Re"])


def _incoming(rng: random.Random, split: Split, language: Language) -> Incoming:
    reader = names.first_name(rng, split) if rng.random() < 0.6 else ""
    writer = names.full_name(rng, split) if rng.random() < 0.4 else names.first_name(rng, split)
    if rng.random() < 0.06:
        writer = ""
    unnamed = "your message" if language == "en" else "su mensaje"
    if rng.random() < 0.45:
        mood, text = _terse(rng, split, language)
        hello = rng.choice(("Hi", "Hello", "hi", "Dear") if language == "en" else ("Hola", "hola", "Buenas"))
        head = f"{hello} {reader}, " if reader else rng.choice(("", f"{hello}, "))
        sign = rng.choice((" ", "\n", ". ", "\n\n", " - ")) + writer if writer else ""
        return Incoming(f"{head}{text}{sign}", mood, unnamed, writer, reader)
    content = draw_content(rng, split, language, max_points=2)
    content.recipient, content.is_person, content.sender = reader, True, writer
    return _full(rng, content, unnamed, writer, reader)


def _full(rng: random.Random, content: Content, unnamed: str, writer: str, reader: str) -> Incoming:
    clear = content.mood == "inform" or (content.frame is not None and content.frame.content != "clause")
    text = content.render(brief=clear and rng.random() < 0.5)
    head, _, body = text.partition("\n\n")
    subject = head.removeprefix("Subject: ")
    if rng.random() < 0.45:
        return Incoming(body, content.mood, unnamed, writer, reader)
    labels = ("Subject", "subject", "Asunto") if content.language == "es" else ("Subject", "Subject", "subject")
    label = rng.choice(labels)
    top = f"From: {writer}\n" if writer and rng.random() < 0.5 else ""
    return Incoming(f"{top}{label}: {subject}\n\n{body}", content.mood, subject, writer, reader)


def _terse(rng: random.Random, split: Split, language: Language) -> tuple[str, str]:
    mood, options = rng.choice(_TERSE[language])
    template = phrasing(rng, split, options.split("|"))
    for slot, make in (("{clause}", words.clause), ("{np}", words.noun_phrase), ("{vp}", words.verb_phrase)):
        if slot in template:
            template = template.replace(slot, make(rng, language))
    text = words.fill(rng, split, template, language)
    return mood, words.second_person(text, language)


def _answers(
    rng: random.Random, split: Split, language: Language, kept: list[words.Fact]
) -> tuple[list[str], list[str]]:
    """Return what is to be said as the asker puts it and as sentences."""
    points: list[str] = []
    said: list[str] = []
    if rng.random() < 0.25:
        phrases, text = _VERDICTS[language][rng.random() < 0.55]
        points.append(phrasing(rng, split, phrases))
        said.append(text)
    for _ in range(rng.choice((0, 0, 1, 1, 1, 2, 3))):
        situation = rng.choice(SITUATIONS[language]) if rng.random() < 0.4 else None
        point = draw_point(rng, split, language, situation, kept)
        points.append(point)
        said.append(sentence(point, language))
    return points, said


def _with_lead(
    rng: random.Random, split: Split, language: Language, message: str, points: list[str], said: list[str]
) -> str:
    """Return the message as a person pastes it; one point may move from `points` into the words before it."""
    if rng.random() < 0.4:
        return message
    gap = rng.choice(("\n", "\n\n", " "))
    single = len(points) == 1 and not points[0][0].isupper() and not points[0].endswith(".")
    if single and said[0].casefold().startswith(points[0].casefold()) and rng.random() < 0.7:
        pattern = phrasing(rng, split, _SAYING[language])
        lead = roughen(rng, pattern.replace("{x}", points[0]), keep=(points[0],))
        if rng.random() < 0.7:
            points.clear()
        return f"{lead}{gap}{message}"
    return f"{roughen(rng, phrasing(rng, split, _LEADS[language]))}{gap}{message}"
