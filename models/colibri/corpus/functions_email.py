"""Requests to draft an e-mail, with the arguments that they give."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass

from models.colibri.corpus import email_words as words
from models.colibri.corpus import names
from models.colibri.corpus.example import Split
from models.colibri.corpus.functions_tongues import ENGLISH, SPANISH, Tongue, marked
from models.colibri.corpus.functions_values import fill, phrasings
from models.colibri.corpus.names import Language
from models.colibri.corpus.support_values import held
from models.colibri.corpus.typing_style import roughen

_SPLITTERS = re.compile(r"[,;:]|\. | and | y | that | que ")
_DETERMINERS = ("my ", "the ", "our ", "mi ", "el ", "los ", "nuestro ", "todo el ")


@dataclass(frozen=True, slots=True)
class Request:
    """A request, and the arguments that it gives in the order of the schema's properties."""

    text: str
    arguments: dict[str, object]


def draft_request(rng: random.Random, split: Split) -> Request:
    """Return a request to draft an e-mail with the six arguments of `email.draft`."""
    tongue = ENGLISH if rng.random() < 0.75 else SPANISH
    spoken, recipient = _recipient(rng, split, tongue)
    sender = _sender(rng, split) if rng.random() < 0.45 else ""
    text, purpose, points = _content(rng, split, tongue)
    tone, language = "neutral", tongue.code
    if rng.random() < 0.5:
        tone = rng.choice(("friendly", "friendly", "formal", "formal", "firm", "apologetic"))
    text = _with_tone(rng, text, tongue, tone)
    if tongue.code == "en":
        text = re.sub(r"\b([Aa]) (?=e-?mail|official|apologetic)", r"\1n ", text)
    pronoun = rng.choice(tongue.pronouns)
    named = spoken + rng.choice(tongue.fillers) if split == "train" and rng.random() < 0.12 else spoken
    text = text.replace("{R}", named, 1).replace("{R}", spoken).replace("{P}", pronoun)
    purpose = purpose.replace("{R}", spoken).replace("{P}", pronoun)
    if sender:
        text = _with_sender(rng, text, tongue, "" if spoken in purpose else spoken, sender)
    if rng.random() < 0.07:
        text, language = _appended(text, rng.choice(tongue.in_other)), tongue.other
    arguments: dict[str, object] = {
        "recipient": recipient,
        "sender": sender,
        "purpose": purpose,
        "points": points,
        "tone": tone,
        "language": language,
    }
    if rng.random() < 0.06:
        lowered: dict[str, object] = {
            k: [p.lower() for p in v] if isinstance(v, list) else str(v).lower() for k, v in arguments.items()
        }
        return Request(text.lower(), lowered)
    copied = next(purpose[i:] for i in range(len(purpose) + 1) if purpose[i:] in text)
    return Request(roughen(rng, text, (spoken, recipient, sender, copied, *points)), arguments)


def _recipient(rng: random.Random, split: Split, tongue: Tongue) -> tuple[str, str]:
    """Return the recipient as spoken of in the request and as the argument."""
    roll = rng.random()
    if roll < 0.45:
        name = names.full_name(rng, split)
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
    spoken = rng.choice(phrased(rng, split, tongue.roles))
    return spoken, next((spoken[len(d) :] for d in _DETERMINERS if spoken.startswith(d)), spoken)


def _sender(rng: random.Random, split: Split) -> str:
    roll = rng.random()
    if roll < 0.6:
        return names.full_name(rng, split)
    return names.first_name(rng, split) if roll < 0.9 else names.company(rng, split)


def _content(rng: random.Random, split: Split, tongue: Tongue) -> tuple[str, str, list[str]]:
    """Return the request with marks for tone, recipient and pronoun, its purpose and its points."""
    roll = rng.random()
    opener = _opener(rng, split, tongue)
    if roll < 0.55:
        return _told(rng, split, tongue, opener)
    if roll < 0.85:
        kind = rng.choice(tongue.purposes)
        phrase = fill(rng, split, rng.choice(phrased(rng, split, kind.phrases)))
        purpose = marked((kind.prefix,))[0] + phrase
        if rng.random() < 0.5:
            text = rng.choice(marked(kind.direct))
        else:
            text = f"{opener} {rng.choice(marked(kind.infinitive))}"
            purpose = purpose.replace("{R}", "{P}")
    else:
        purpose = phrase = fill(rng, split, rng.choice(phrased(rng, split, tongue.topics)))
        text = opener + rng.choice(phrased(rng, split, tongue.about))
    text = text.replace("{X}", phrase)
    points = [] if rng.random() < 0.35 else _points(rng, split, tongue)
    if points and "\n" in points[0]:
        points = [p.strip() for p in points]
        return text + _bullets(rng, rng.choice(tongue.lists), points), purpose, points
    if points:
        text += rng.choice(tongue.more) + _joined(rng, tongue, points)
    return text, purpose, points


def _opener(rng: random.Random, split: Split, tongue: Tongue) -> str:
    if rng.random() < 0.4:
        return rng.choice(phrased(rng, split, tongue.openers))
    while True:
        opener = rng.choice(tongue.composed_openers)
        if held(opener) == (split == "heldout"):
            return opener[0].upper() + opener[1:] if rng.random() < 0.3 else opener


def phrased(rng: random.Random, split: Split, lines: tuple[str, ...]) -> tuple[str, ...]:
    """Return the phrasings to draw from: in half of the held-out draws those that training knows.

    Were each part of a request new, nothing would be left to read it by.
    """
    return phrasings(lines, "train" if rng.random() < 0.5 else split)


def _told(rng: random.Random, split: Split, tongue: Tongue, opener: str) -> tuple[str, str, list[str]]:
    """Return a request that says what to tell: its first clause is the purpose, the others are the points."""
    purpose, *points = clauses = _clauses(rng, split, tongue, rng.choice((1, 1, 2, 2, 3)))
    if rng.random() < 0.25:
        text = rng.choice(phrased(rng, split, tongue.speech))
    else:
        text = opener + rng.choice(phrased(rng, split, tongue.that))
    return text + _joined(rng, tongue, clauses), purpose, points


def _points(rng: random.Random, split: Split, tongue: Tongue) -> list[str]:
    """Return clauses for running text, or items that begin with a line break for a list."""
    count = rng.choice((1, 1, 2, 2, 3))
    if rng.random() < 0.2:
        pool = phrasings(tongue.items, split)
        items = [fill(rng, split, t) for t in rng.sample(pool, min(count + 1, len(pool)))]
        return ["\n" + item for item in items]
    return _clauses(rng, split, tongue, count)


def _clauses(rng: random.Random, split: Split, tongue: Tongue, count: int) -> list[str]:
    drawn = rng.sample(phrased(rng, split, tongue.clauses), min(count, 4))
    return [_grown(rng, split, tongue) if rng.random() < 0.5 else fill(rng, split, c) for c in drawn]


def _grown(rng: random.Random, split: Split, tongue: Tongue) -> str:
    """Return a clause of the e-mails' own grammar that holds nothing which parts are split at."""
    language: Language = "en" if tongue.code == "en" else "es"
    while True:
        said = words.fill(rng, split, words.clause(rng, language), language)
        if not _SPLITTERS.search(said):
            return said


def _joined(rng: random.Random, tongue: Tongue, points: list[str]) -> str:
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


def _with_tone(rng: random.Random, text: str, tongue: Tongue, tone: str) -> str:
    """Return `text` with the tone in its place, at its end, or without one when it is neutral."""
    if tone == "neutral":
        return text.replace("{T} ", "").replace(" {T}", "")
    word = rng.choice(tongue.tones[tone])
    if "{T}" in text and rng.random() < 0.75:
        return text.replace("{T}", word)
    text = text.replace("{T} ", "").replace(" {T}", "")
    return _appended(text, rng.choice(tongue.tone_ends).replace("{T}", word))


def _with_sender(rng: random.Random, text: str, tongue: Tongue, spoken: str, sender: str) -> str:
    """Return `text` with the sender after the recipient (if `spoken` is given), at the start or at the end."""
    roll = rng.random()
    if spoken and spoken in text and roll < 0.4:
        return text.replace(spoken, spoken + rng.choice(tongue.senders).replace("{S}", sender), 1)
    if roll < 0.6:
        return rng.choice(tongue.sender_starts).replace("{S}", sender) + text
    return _appended(text, rng.choice(tongue.sender_ends).replace("{S}", sender))
