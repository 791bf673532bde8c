"""Examples of `email.draft`: a purpose of any shape, up to four points of any kind, an e-mail that copies them."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache

from models.colibri.corpus import email_words as words
from models.colibri.corpus import names
from models.colibri.corpus.email_frames import FRAMES, Frame
from models.colibri.corpus.email_keywords import KEYWORDS
from models.colibri.corpus.email_score import copied_ok, vocabulary
from models.colibri.corpus.email_situations import SITUATIONS, Situation
from models.colibri.corpus.email_tone import MOODS, TONES, capital, compose, farewell, greeting, last_line, sentence
from models.colibri.corpus.example import Example, Message, Split
from models.colibri.corpus.names import Language
from models.colibri.corpus.typing_style import roughen
from plugins.email.layout import draft_input
from plugins.prompt_file import system_text

_OBJECTS = {
    "en": (("them", "their", "they"), ("him", "his", "he"), ("her", "her", "she"), ("you", "your", "you"),
           ("the customer", "their", "they"), ("the client", "their", "they"), ("my boss", "his", "he"), ("", "", "")),
    "es": (("le", "su", "puede"), ("le", "su", "puede"), ("les", "su", "puede"), ("te", "tu", "puedes"),
           ("", "su", "puede")),
}  # fmt: skip
_GROUPS = {
    "en": "the sales team|the HR team|everyone|all|team|the whole team|customers|the landlord|the support team|"
          "colleagues|"
          "my boss|accounting|the reception|the neighbours|the school|the bank|the city council|the editor|guests|"
          "landlord|support team|sales team|supplier|office manager|HR|marketing team|colleague".split("|"),
    "es": "el equipo de ventas|todos|equipo|el equipo|recursos humanos|los vecinos|la recepción|contabilidad|el banco|"
          "la escuela|el ayuntamiento|soporte|compañeros|casero|equipo de ventas|jefe".split("|"),
}  # fmt: skip
_QUESTIONS = {
    "en": "whether {clause}|if {clause}|when {np} arrives|where {np} is|why {np} is late|how much {np} costs|who "
          "can {vp}|"
          "when we can {vp}|how to {vp}|how many {noun}s we need|if {date} works|whether {time} suits {obj}|"
          "what {np} costs|who pays for {np}|when they will {vp}".split("|"),
    "es": "si {clause}|cuándo llega {np}|dónde está {np}|por qué se retrasa {np}|cuánto cuesta {np}|quién puede {vp}|"
          "cuándo podemos {vp}|cómo {vp}|si va bien el {date}|qué incluye {np}|quién paga {np}".split("|"),
}  # fmt: skip
_TITLES = {
    "en": ("Mr", "Ms", "Mrs", "Dr", "Prof", "Mr.", "Ms."),
    "es": ("Sr.", "Sra.", "Dr.", "Dra.", "señor", "señora"),
}
_BARE_VERBS = frozenset("send share confirm enviar confirmar compartir ask".split())


@dataclass(slots=True)
class Content:
    """What a draft is about, before it is worded: everything that prompt and answer share."""

    language: Language
    tone: str
    recipient: str = ""
    is_person: bool = False
    sender: str = ""
    purpose: str = ""
    frame: Frame | None = None
    said: str = ""
    topic: str = ""
    keyword: tuple[str, str] = ("", "")
    mood: str = "inform"
    points: list[str] = field(default_factory=list)
    kept: list[words.Fact] = field(default_factory=list)

    def told(self) -> str:
        """Return what is said, addressed to the reader."""
        return words.second_person(self.said, self.language, self.tone == "friendly")

    def subject(self) -> str:
        """Return the subject."""
        if self.frame is None:
            return self.keyword[0]
        if self.topic:
            return capital(self.topic)
        told = self.told()
        return capital(self.frame.subject.replace("{x}", told).replace("{X}", capital(told)))

    def opening(self) -> str:
        """Return the opening sentence in the tone of the mail."""
        if self.frame is None:
            return self.keyword[1]
        opening = self.frame.openings.get(self.tone, self.frame.openings["*"])
        return capital(opening.replace("{x}", self.told()))

    def render(self, brief: bool = False) -> str:
        """Return the e-mail; a brief one says a message without a lead-in and has no polite last line."""
        lead, last = self.opening(), last_line(self.mood, self.tone, self.language)
        if brief:
            last = ""
            lead = sentence(self.told(), "") if self.frame and self.frame.content == "clause" else lead
        return compose(
            self.subject(),
            greeting(self.recipient, self.tone, self.language, self.is_person),
            [lead, " ".join(sentence(p, self.language) for p in self.points), last],
            farewell(self.tone, self.language),
            self.sender,
        )


def draw_content(rng: random.Random, split: Split, language: Language, max_points: int = 4) -> Content:
    """Draw what an e-mail says."""
    content = Content(language, rng.choice(TONES))
    _draw_people(rng, split, content)
    situation = rng.choice(SITUATIONS[language]) if rng.random() < 0.55 else None
    kind = rng.random()
    if kind < 0.12:
        _keyword(rng, split, content)
    elif kind < 0.36:
        _topical(rng, split, content)
    else:
        _framed(rng, split, content, situation)
    count = min(max_points - bool(content.topic), rng.choice((0, 1, 1, 2, 2, 3, 3, 4)))
    for _ in range(count):
        point = draw_point(rng, split, language, situation, content.kept)
        if point not in content.points:
            content.points.append(point)
    return content


def draw(rng: random.Random, split: Split) -> Example:
    """Draw an example of `email.draft`, three quarters in English."""
    language: Language = "en" if rng.random() < 0.74 else "es"
    content = draw_content(rng, split, language)
    answer = content.render()
    recipient = content.recipient.lower() if rng.random() < 0.06 else content.recipient
    points = tuple([content.said, *content.points] if content.topic else content.points)
    user = draft_input(recipient, content.sender, content.purpose, points, content.tone, language)
    return Example(
        "email.draft",
        (Message("system", system_text("email", "draft")), Message("user", user)),
        answer,
        {
            "greeting": answer.split("\n")[2],
            "sender": content.sender,
            "kept": tuple(value for _, value in content.kept),
            "points": points,
            "language": language,
        },
    )


def score(example: Example, answer: str) -> dict[str, bool]:
    """Judge a draft: form, greeting, sender, each fact and point copied, nothing invented."""
    facts = example.facts
    lines = answer.strip().split("\n")
    folded = answer.casefold()
    return {
        "subject": bool(re.match(r"Subject: \S", lines[0])) and len(lines) > 2 and not lines[1],
        "greeting": len(lines) > 2 and lines[2] == facts["greeting"],
        "sender": lines[-1] == facts["sender"] if facts["sender"] else lines[-1].endswith(","),
        "facts_kept": all(value.casefold() in folded for value in facts["kept"]),
        "points_kept": all(point.casefold() in folded for point in facts["points"]),
        "nothing_invented": copied_ok(example.prompt[-1].content, answer, fixed_words()),
    }


@cache
def fixed_words() -> frozenset[str]:
    """Return every word that a mail may hold without its being in the prompt."""
    texts = ["Subject Please I Re your you tu su puede puedes"]
    for language in ("en", "es"):
        for frame in FRAMES[language]:
            texts += [frame.subject, *frame.openings.values()]
        for _, _, subject, opening in KEYWORDS[language]:
            texts += [subject, opening]
        for tone in TONES:
            texts += [greeting("", tone, language), greeting("x", tone, language), farewell(tone, language)]
            texts += [last_line(mood, tone, language) for mood in MOODS]
    return vocabulary(texts)


def _draw_people(rng: random.Random, split: Split, content: Content) -> None:
    kind = rng.random()
    if kind < 0.42:
        content.recipient, content.is_person = names.first_name(rng, split), True
    elif kind < 0.64:
        content.recipient, content.is_person = names.full_name(rng, split), True
    elif kind < 0.76:
        content.recipient = f"{rng.choice(_TITLES[content.language])} {names.last_name(rng, split)}"
    elif kind < 0.84:
        content.recipient = names.company(rng, split)
    elif kind < 0.93:
        content.recipient = rng.choice(_GROUPS[content.language])
    if rng.random() < 0.88:
        pick = rng.random()
        content.sender = names.first_name(rng, split) if pick < 0.55 else names.full_name(rng, split)
        if pick > 0.95:
            content.sender = f"{content.sender}, {names.company(rng, split)}"


def _keyword(rng: random.Random, split: Split, content: Content) -> None:
    purposes, content.mood, *keyword = rng.choice(KEYWORDS[content.language])
    content.keyword = (keyword[0], keyword[1])
    options = purposes.split("|")
    content.purpose = roughen(rng, phrasing(rng, split, options))


def _topical(rng: random.Random, split: Split, content: Content) -> None:
    """Draw a purpose that only names a topic; the first point, which is about it, becomes the opening."""
    content.topic, content.said = words.topic_clause(rng, split, content.language, content.kept)
    content.purpose = content.topic
    content.frame = FRAMES[content.language][0]


def _framed(rng: random.Random, split: Split, content: Content, situation: Situation | None) -> None:
    language = content.language
    frames = FRAMES[language]
    frame = rng.choices(frames, frame_weights(language))[0]
    pattern = phrasing(rng, split, frame.purposes)
    template = _content_template(rng, frame, language, situation)
    while pattern == "{x}" and frame.content == "vp":
        said = words.fill(rng, split, template, language)
        if said.split(" ", 1)[0] not in _BARE_VERBS:
            template = said
            break
    said = words.fill(rng, split, template, language, content.kept)
    bare = said
    if pattern == "{x}" and frame.content == "np" and language == "en" and rng.random() < 0.5:
        bare = _without_article(said)
        said = _with_article(bare)
    obj = rng.choice(_OBJECTS[language])
    if not obj[0] and language == "en":
        obj = (content.recipient, "their", "they") if content.recipient else ("them", "their", "they")
    marks = {words.YOUR: obj[1], words.YOU: obj[2], words.OBJ: obj[0], words.CAN: obj[2]}
    own = bare.translate({ord(mark): word for mark, word in marks.items()})
    purpose = pattern.replace("{x}", own).replace("{obj}", obj[0]).replace("{le}", obj[0])
    content.purpose = roughen(rng, purpose, keep=(own,))
    content.frame, content.said, content.mood = frame, said, frame.mood


@cache
def frame_weights(language: Language) -> tuple[float, ...]:
    """Return the weights of the frames of `language`."""
    return tuple(frame.weight for frame in FRAMES[language])


def _without_article(text: str) -> str:
    return text.removeprefix("the ").removeprefix("our ").removeprefix("a ").removeprefix("an ")


def _with_article(text: str) -> str:
    """Return `text` with `the` unless it begins with a determiner, a name or a thing and its number."""
    first, _, rest = text.partition(" ")
    numbered = any(c.isdigit() for c in rest.split(" ", 1)[0])
    determined = first in ("the", "our", "my", "your", "a", "an", "some", "this", words.YOUR) or first.endswith("'s")
    return text if determined or numbered or (not rest and first[:1].isupper()) else f"the {text}"


def _content_template(rng: random.Random, frame: Frame, language: Language, situation: Situation | None) -> str:
    if frame.content == "clause":
        return rng.choice(situation.clauses) if situation and rng.random() < 0.7 else words.clause(rng, language)
    if frame.content == "np":
        return rng.choice(situation.phrases) if situation and rng.random() < 0.7 else words.noun_phrase(rng, language)
    if frame.content == "vp":
        return words.verb_phrase(rng, language)
    question = rng.choice(_QUESTIONS[language])
    for slot, make in (("{clause}", words.clause), ("{np}", words.noun_phrase), ("{vp}", words.verb_phrase)):
        if slot in question:
            question = question.replace(slot, make(rng, language))
    return question


def phrasing(rng: random.Random, split: Split, options: Sequence[str]) -> str:
    """Choose a phrasing; the last 15% are only for the held-out split."""
    held = max(1, round(len(options) * 0.15)) if len(options) > 3 else 0
    if split == "heldout" and held and rng.random() < 0.5:
        return rng.choice(options[-held:])
    return rng.choice(options[: len(options) - held])


def draw_point(
    rng: random.Random, split: Split, language: Language, situation: Situation | None, kept: list[words.Fact] | None
) -> str:
    """Draw a point: from the situation, a clause, a request, a thing, or words that mean nothing together."""
    kind = rng.random() if situation else rng.uniform(0.62, 1.0)
    if situation and kind < 0.62:
        template = rng.choice(situation.points)
    elif kind < 0.72:
        return words.gibberish(rng, split, language)
    elif kind < 0.84:
        template = words.clause(rng, language)
    elif kind < 0.92:
        template = words.verb_phrase(rng, language)
    else:
        template = words.noun_phrase(rng, language)
    text = words.fill(rng, split, template, language, kept)
    text = words.second_person(text, language)
    rough = rng.random()
    if rough < 0.1:
        text = capital(text)
    elif rough < 0.16:
        text = text.lower()
    elif rough < 0.2 and not text.endswith("."):
        text += "."
    return text
