"""Examples of `email.summarize_thread`: two or three mails; what was said and what will be done is copied, talk is left."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache

from models.colibri.corpus import email_words as words
from models.colibri.corpus import names
from models.colibri.corpus.email_draft import phrasing
from models.colibri.corpus.email_score import copied_ok, vocabulary
from models.colibri.corpus.email_situations import SITUATIONS
from models.colibri.corpus.example import Example, Message, Split, line_notes
from models.colibri.corpus.typing_style import roughen
from plugins.email.layout import summarize_thread_input
from plugins.prompt_file import system_text

_STATES = (
    "{X}.|{X}.|Just so you know, {x}.|Quick update: {x}.|Please note that {x}.|Good news: {x}.|Unfortunately, {x}.|"
    "We agreed that {x}.|Do you know {q}?|Can anyone tell me {q}?|We still need to know {q}.|Just a quick update: {x}.|"
    "Good to know that {x}.|Does anyone know {q}?"
).split("|")
_COMMITS = (
    "I will {v}{due}.|I'll {v}{due}.|I can {v}{due}.|I am going to {v}{due}.|Let me {v}{due}.|We will {v}{due}.|"
    "We are going to {v}{due}.|We can {v}{due}."
).split("|")
_REQUESTS = (
    "{who}, can you {v}{due}?|{who}, please {v}{due}.|{who}, could you {v}{due}?|@{who} please {v}{due}.|"
    "@{who} can you {v}{due}?|{who}, can you please {v}{due}?"
).split("|")
_FILLERS = (
    "Thanks!|Sounds good.|Hope you are well.|Talk soon.|Thanks for the quick reply.|Great.|No problem.|Sorry for the late "
    "reply.|Have a nice weekend.|Perfect, thank you.|Let me know what you think.|Good point.|Thank you for the quick reply.|"
    "Great, thanks!|Perfect, talk soon."
).split("|")
_LEADS = (
    "Summarize this thread:|summarize this email thread:|What was decided here?|Give me a summary:|who has to do what?|"
    "Sum this up please:|summary please:|Please summarise this conversation:|What are the next steps?"
).split("|")
_QUESTIONS = (
    "when {np} arrives|where {np} is|how much {np} costs|who can {vp}|whether {clause}|how many {noun}s we need|"
    "if {date} works|why {np} is late|who pays for {np}"
).split("|")
_FORMATS = (
    "From: {who}\n{body}",
    "{who}: {body}",
    "{who} wrote:\n{body}",
    "On {date}, {who} wrote:\n{body}",
    "From: {who}\nDate: {date}\n\n{body}",
)


@dataclass(slots=True)
class Thread:
    """A thread as it is drawn: the mails, what was said in them and what will be done."""

    mails: list[tuple[str, str]] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    actions: list[str] = field(default_factory=list)

    def summary(self) -> str:
        """Return the answer: the lines of both kinds as they stand."""
        actions = ["Actions:", *self.actions] if self.actions else ["Actions: none"]
        return "\n".join(["Summary:", *self.said, *actions])


def draw(rng: random.Random, split: Split) -> Example:
    """Draw an example of `email.summarize_thread`, in English."""
    thread = Thread()
    people = _people(rng, split)
    for number in range(rng.choice((2, 2, 3, 3))):
        _mail(rng, split, thread, people, number)
    layout = rng.choice(_FORMATS)
    blocks = [
        layout.format(who=who, body=body, date=names.date(rng, split) if "{date}" in layout else "")
        for who, body in thread.mails
    ]
    text = rng.choice(("\n\n", "\n\n", "\n---\n", "\n")).join(blocks)
    if rng.random() < 0.5:
        text = f"{roughen(rng, phrasing(rng, split, _LEADS))}\n{text}"
    content = summarize_thread_input(text)
    means = dict.fromkeys(thread.said, "Summary") | dict.fromkeys(thread.actions, "Actions")
    return Example(
        "email.summarize_thread",
        (
            Message("system", system_text("email", "summarize_thread")),
            Message("user", content, line_notes(content, lambda line: means.get(line, "none"))),
        ),
        thread.summary(),
        {"said": tuple(thread.said), "actions": tuple(thread.actions)},
    )


def score(example: Example, answer: str) -> dict[str, bool]:
    """Judge a summary: its form, exactly what was said and what will be done, nothing invented."""
    facts = example.facts
    head, mark, rest = answer.strip().partition("\nActions:")
    actions = tuple(rest.strip().split("\n")) if rest.strip() != "none" else ()
    return {
        "form": head.startswith("Summary:\n") and bool(mark),
        "said": tuple(head.split("\n")[1:]) == facts["said"],
        "actions": actions == facts["actions"],
        "nothing_invented": copied_ok(example.prompt[-1].content, answer, _known()),
    }


@cache
def _known() -> frozenset[str]:
    return vocabulary(["Summary Actions"])


def _people(rng: random.Random, split: Split) -> list[str]:
    make = names.full_name if rng.random() < 0.25 else names.first_name
    people: list[str] = []
    count = rng.choice((2, 2, 3))
    while len(people) < count:
        person = make(rng, split)
        if person not in people:
            people.append(person)
    return people


def _mail(rng: random.Random, split: Split, thread: Thread, people: Sequence[str], number: int) -> None:
    who = people[number % len(people)]
    parts: list[str] = []
    if number == 0 or rng.random() < 0.4:
        parts.append(_statement(rng, split))
        thread.said.append(f"{who}: {parts[-1]}")
    if number and rng.random() < 0.6:
        parts.append(_action(rng, split, [p for p in people if p != who]))
        thread.actions.append(f"{who}: {parts[-1]}")
    if not parts or rng.random() < 0.3:
        parts.insert(rng.randrange(len(parts) + 1), rng.choice(_FILLERS))
    thread.mails.append((who, rng.choice((" ", " ", "\n")).join(parts)))


def _statement(rng: random.Random, split: Split) -> str:
    template = phrasing(rng, split, _STATES)
    template = template.replace("{q}", rng.choice(_QUESTIONS))
    for slot, make in (("{x}", _clause), ("{X}", _clause), ("{np}", _np), ("{vp}", _vp), ("{clause}", _clause)):
        if slot in template:
            template = template.replace(slot, make(rng))
    text = words.fill(rng, split, template, "en")
    return text[0].upper() + text[1:]


def _action(rng: random.Random, split: Split, others: Sequence[str]) -> str:
    patterns = _COMMITS if rng.random() < 0.55 else _REQUESTS
    text = phrasing(rng, split, patterns).replace("{who}", rng.choice(others)).replace("{v}", _vp(rng))
    due = f" {rng.choice(('by', 'by', 'before'))} {_due(rng, split)}" if rng.random() < 0.6 else ""
    return words.fill(rng, split, text.replace("{due}", due), "en")


def _due(rng: random.Random, split: Split) -> str:
    options = (names.date(rng, split), names.weekday(rng), names.date(rng, split), "tomorrow", "the end of the week")
    return rng.choice(options)


def _np(rng: random.Random) -> str:
    return words.noun_phrase(rng, "en")


def _vp(rng: random.Random) -> str:
    return f"{{verb}} {_np(rng)}"


def _clause(rng: random.Random) -> str:
    """Return the template of a clause that is no promise: those are actions."""
    while True:
        template = rng.choice(rng.choice(SITUATIONS["en"]).clauses) if rng.random() < 0.4 else words.clause(rng, "en")
        if not template.startswith(("we will", "we can", "I will", "I would", "I can", "we would")):
            return template
