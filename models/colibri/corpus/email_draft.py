"""Examples of `email.draft`: a purpose of one of some twenty shapes, up to three points, an e-mail that copies them."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache

from models.colibri.corpus import email_words as words
from models.colibri.corpus import names
from models.colibri.corpus.email_frames import FRAMES, HELD_LEADS, LEADS, Frame, Mood
from models.colibri.corpus.email_keywords import KEYWORDS
from models.colibri.corpus.email_score import copied_ok, vocabulary
from models.colibri.corpus.email_situations import SITUATIONS, Situation
from models.colibri.corpus.email_tone import TONES, compose, farewell, greeting, last_line
from models.colibri.corpus.example import Example, Message, Split, line_notes
from models.colibri.corpus.names import Language
from models.colibri.corpus.typing_style import roughen
from plugins.email.layout import draft_input, sentence
from plugins.prompt_file import system_text

_OBJECTS = {
    "en": ("them", "them", "him", "her", "the customer", "the client", "my boss", "the team", "", ""),
    "es": ("la clienta", "mi jefe", "mi equipo", "", ""),
}
"""Whom the purpose speaks of; an empty one stands for the recipient's name."""
_CLITICS = ("le", "le", "les", "")
_GROUPS = {
    "en": "the sales team|the HR team|everyone|all|team|the whole team|customers|the landlord|the support team|"
          "colleagues|my boss|accounting|the reception|the neighbours|the school|the bank|supplier|marketing team".split("|"),
    "es": "el equipo de ventas|todos|equipo|el equipo|recursos humanos|los vecinos|la recepción|contabilidad|el banco|"
          "la escuela|el ayuntamiento|soporte|compañeros".split("|"),
}  # fmt: skip
_QUESTIONS = {
    "en": "whether {clause}|if {clause}|when {np} arrives|where {np} is|why {np} is late|how much {np} costs|who "
          "can {vp}|when we can {vp}|how to {vp}|how many {noun}s we need|if {date} works|what {np} costs".split("|"),
    "es": "si {clause}|cuándo llega {np}|dónde está {np}|por qué se retrasa {np}|cuánto cuesta {np}|quién puede {vp}|"
          "cuándo podemos {vp}|cómo {vp}|si va bien el {date}|qué incluye {np}|quién paga {np}".split("|"),
}  # fmt: skip
_TITLES = {
    "en": ("Mr", "Ms", "Mrs", "Dr", "Prof", "Mr.", "Ms."),
    "es": ("Sr.", "Sra.", "Dr.", "Dra."),
}
_CONTRACTED = re.compile(r"(?:^| )(?:a|de) \{x\}")
"""Where Spanish would contract the article that follows: `a el` is `al`."""
_ARTICLE = re.compile(r"^(?:the|el|la|los|las) ")


@dataclass(slots=True)
class Content:
    """What a draft is about, before it is worded: everything that prompt and answer share."""

    language: Language
    tone: str
    recipient: str = ""
    sender: str = ""
    purpose: str = ""
    subject: str = ""
    opening: str = ""
    mood: Mood = "inform"
    points: list[str] = field(default_factory=list)
    kept: list[words.Fact] = field(default_factory=list)

    def addressed(self) -> str:
        """Return the recipient as a greeting names them."""
        name = _ARTICLE.sub("", self.recipient)
        return name[:1].upper() + name[1:]

    def render(self, brief: bool = False, added: str = "") -> str:
        """Return the e-mail; a brief one leaves out the polite last line, `added` is a paragraph of its own."""
        return compose(
            self.subject,
            greeting(self.addressed(), self.tone, self.language),
            [
                self.opening,
                " ".join(map(sentence, self.points)),
                added,
                "" if brief else last_line(self.tone, self.language),
            ],
            farewell(self.tone, self.language),
            self.sender,
        )


def draw_content(rng: random.Random, split: Split, language: Language, max_points: int = 3) -> Content:
    """Draw what an e-mail says."""
    content = Content(language, rng.choice(TONES))
    _draw_people(rng, split, content)
    situation = rng.choice(SITUATIONS[language]) if rng.random() < 0.55 else None
    if rng.random() < 0.08:
        phrases, content.subject, content.opening = rng.choice(KEYWORDS[language])
        content.purpose = hurried(rng, phrasing(rng, split, phrases.split("|")))
    else:
        _framed(rng, split, content, situation)
    folded = content.purpose.casefold()
    for _ in range(min(max_points, rng.choice((0, 0, 0, 1, 1, 2, 2, 3)))):
        point = draw_point(rng, split, language, situation, content.kept)
        alike = point.casefold().rstrip(".")
        if sentence(point) not in map(sentence, content.points) and folded not in alike and alike not in folded:
            content.points.append(point)
    return content


def draw(rng: random.Random, split: Split) -> Example:
    """Draw an example of `email.draft`, seven in ten in English."""
    language: Language = "en" if rng.random() < 0.7 else "es"
    content = draw_content(rng, split, language)
    user = draft_input(
        content.recipient, content.sender, content.purpose, content.points, content.tone, content.language
    )
    answer = content.render()

    def verdict(line: str) -> str:
        return content.subject if line.startswith("Purpose: ") else ""

    return Example(
        "email.draft",
        (Message("system", system_text("email", "draft")), Message("user", user, line_notes(user, verdict))),
        answer,
        {
            "subject": f"Subject: {content.subject}",
            "greeting": answer.split("\n")[2],
            "opening": content.opening,
            "sender": content.sender,
            "kept": tuple(value for _, value in content.kept),
            "points": tuple(map(sentence, content.points)),
            "language": language,
        },
    )


def score(example: Example, answer: str) -> dict[str, bool]:
    """Judge a draft: subject, greeting, opening, sender, each fact and point copied, nothing invented."""
    facts = example.facts
    lines = answer.strip().split("\n")
    return {
        "subject": lines[0] == facts["subject"] and len(lines) > 2 and not lines[1],
        "greeting": len(lines) > 2 and lines[2] == facts["greeting"],
        "opening": facts["opening"] in lines,
        "sender": lines[-1] == facts["sender"] if facts["sender"] else lines[-1].endswith(","),
        "facts_kept": all(value.casefold() in answer.casefold() for value in facts["kept"]),
        "points_kept": all(point in answer for point in facts["points"]),
        "nothing_invented": copied_ok(example.prompt[-1].content, answer, fixed_words()),
    }


@cache
def fixed_words() -> frozenset[str]:
    """Return every word that a mail may hold without its being in the prompt."""
    texts = ["Subject"]
    for language in ("en", "es"):
        for frame in FRAMES[language]:
            texts += [frame.subject, frame.opening]
        for _, subject, opening in KEYWORDS[language]:
            texts += [subject, opening]
        for tone in TONES:
            texts += [greeting("", tone, language), greeting("x", tone, language), farewell(tone, language)]
            texts.append(last_line(tone, language))
    return vocabulary(texts)


def phrasing(rng: random.Random, split: Split, options: Sequence[str]) -> str:
    """Choose a phrasing; the last 15% are only for the held-out split."""
    held = max(1, round(len(options) * 0.15)) if len(options) > 3 else 0
    if split == "heldout" and held and rng.random() < 0.5:
        return rng.choice(options[-held:])
    return rng.choice(options[: len(options) - held])


def hurried(rng: random.Random, text: str, keep: tuple[str, ...] = ()) -> str:
    """Return `text` as typed: four in ten in a hurry (see `roughen`), the others clean."""
    return roughen(rng, text, keep) if rng.random() < 0.4 else text


def draw_point(
    rng: random.Random, split: Split, language: Language, situation: Situation | None, kept: list[words.Fact] | None
) -> str:
    """Draw a point: from the situation, a clause, a request or a thing."""
    kind = rng.random() if situation else rng.uniform(0.62, 1.0)
    if situation and kind < 0.62:
        template = rng.choice(situation.points)
    elif kind < 0.82:
        template = words.clause(rng, language)
    elif kind < 0.91:
        template = words.verb_phrase(rng, language)
    else:
        template = words.noun_phrase(rng, language)
    text = words.fill(rng, split, template, language, kept)
    rough = rng.random()
    if rough < 0.2:
        text = text[:1].upper() + text[1:]
    if rough < 0.1:
        text = text.rstrip(".") + "."
    return text


def _draw_people(rng: random.Random, split: Split, content: Content) -> None:
    kind = rng.random()
    if kind < 0.42:
        content.recipient = names.first_name(rng, split)
    elif kind < 0.64:
        content.recipient = names.full_name(rng, split)
    elif kind < 0.76:
        content.recipient = f"{rng.choice(_TITLES[content.language])} {names.last_name(rng, split)}"
    elif kind < 0.84:
        content.recipient = names.company(rng, split)
    elif kind < 0.93:
        content.recipient = rng.choice(_GROUPS[content.language])
    if content.recipient and rng.random() < 0.06:
        content.recipient = content.recipient.lower()
    if rng.random() < 0.8:
        content.sender = names.first_name(rng, split) if rng.random() < 0.6 else names.full_name(rng, split)


def _framed(rng: random.Random, split: Split, content: Content, situation: Situation | None) -> None:
    language = content.language
    frame = rng.choices(FRAMES[language], _weights(language))[0]
    as_order = frame.orders and (not frame.others or rng.random() < 0.6)
    pattern = rng.choice(frame.orders if as_order else frame.others)
    if as_order:
        leads = HELD_LEADS if split == "heldout" and rng.random() < 0.5 else LEADS
        pattern = rng.choice(leads[language]) + pattern
    while True:
        kept: list[words.Fact] = []
        said = words.fill(rng, split, _template(rng, frame, language, situation), language, kept)
        if not (said.startswith("el ") and _CONTRACTED.search(f"{pattern} {frame.subject}")):
            break
    content.kept += kept
    obj = rng.choice(_OBJECTS[language]) or content.recipient
    if not obj or (said[0].isupper() and "{obj} {x}" in pattern):
        obj = _OBJECTS[language][0]
    purpose = pattern.replace("{le}", rng.choice(_CLITICS)).replace("{obj}", obj)
    purpose = hurried(rng, purpose, keep=("{x}", obj)).replace("{x}", said)
    typed = purpose[:1].upper() + purpose[1:]
    content.purpose = typed if rng.random() < 0.1 and purpose in draft_input(purpose=typed) else purpose
    content.subject, content.opening = frame.subject.replace("{x}", said), frame.opening.replace("{x}", said)
    content.mood = frame.mood


@cache
def _weights(language: Language) -> tuple[float, ...]:
    return tuple(frame.weight for frame in FRAMES[language])


def _template(rng: random.Random, frame: Frame, language: Language, situation: Situation | None) -> str:
    if frame.content == "clause":
        return rng.choice(situation.clauses) if situation and rng.random() < 0.7 else words.clause(rng, language)
    if frame.content == "np":
        return rng.choice(situation.phrases) if situation and rng.random() < 0.7 else words.noun_phrase(rng, language)
    if frame.content == "vp":
        return words.verb_phrase(rng, language)
    if frame.content == "que":
        return words.request(rng)
    question = rng.choice(_QUESTIONS[language])
    for slot, make in (("{clause}", words.clause), ("{np}", words.noun_phrase), ("{vp}", words.verb_phrase)):
        if slot in question:
            question = question.replace(slot, make(rng, language))
    return question
