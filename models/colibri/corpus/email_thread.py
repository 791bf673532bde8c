"""Examples of `email.summarize_thread`: two to four mails, who said what, and who does what by when."""

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
from models.colibri.corpus.email_tone import capital
from models.colibri.corpus.example import Example, Message, Split
from models.colibri.corpus.typing_style import roughen
from plugins.email.layout import parse_summarize_thread, summarize_thread_input
from plugins.prompt_file import system_text

_STATES = (
    "{X}.|Just so you know, {x}.|Quick update: {x}.|As you know, {x}.|It turns out that {x}.|I just heard that {x}.|"
    "Please note that {x}.|I wanted to tell you that {x}.|Unfortunately {x}.|Good news: {x}.|FYI {x}."
).split("|")
_ASKS = (
    "Do you know {x}?|Can anyone tell me {x}?|I was wondering {x}.|I do not know {x}.|We still need to know {x}.|Any idea {x}?"
).split("|")
_AGREES = (
    "So we agree that {x}.|OK, decided: {x}.|Then it is settled that {x}.|Agreed, {x}.|We decided that {x}.|"
    "So it is final: {x}."
).split("|")
_COMMITS = (
    "I will {x}{due}.|I'll {x}{due}.|I can {x}{due}.|I am going to {x}{due}.|Let me {x}{due}.|I promise to {x}{due}.|"
    "I'll take care of it and {x}{due}.|i will {x}{due}|Leave it to me, I will {x}{due}.|Happy to {x}{due}."
).split("|")
_REQUESTS = (
    "{who}, can you {x}{due}?|{who}, please {x}{due}.|{who}, could you {x}{due}?|Can you {x}{due}, {who}?|{who} "
    "should {x}{due}.|"
    "{who}, would you {x}{due}?|{who} will {x}{due}.|I would like {who} to {x}{due}.|@{who} please {x}{due}"
).split("|")
_FILLERS = (
    "Thanks!|Sounds good.|Hope you are well.|Talk soon.|Thanks for the quick reply.|Great.|No problem.|Hi all,|"
    "Hello,|Sorry for the "
    "late reply.|Have a nice weekend.|Perfect, thank you.|Let me know what you think.|Good point.|Thanks for "
    "flagging this."
).split("|")
_LEADS = (
    "Summarize this thread:|summarize this email thread|What was decided here?|Give me a summary and the action items:|"
    "who has to do what?|Sum this up please:|summary please|Please summarise this conversation:|tl;dr of this thread|"
    "What are the next steps in this thread?|Recap this for me:"
).split("|")
_QUESTIONS = (
    "when {np} arrives|where {np} is|how much {np} costs|who can {vp}|whether {clause}|how many {noun}s we need|if "
    "{date} works|"
    "why {np} is late|what {np} costs|who pays for {np}"
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
    """A thread as it is drawn: the mails, what to say of them and the actions."""

    mails: list[tuple[str, str]] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    actions: list[tuple[str, str, str]] = field(default_factory=list)
    kept: list[words.Fact] = field(default_factory=list)

    def summary(self) -> str:
        """Return the answer: the first two things said, then the actions."""
        lines = [f"- {who}: {what}" + (f" (by {due})" if due else "") for who, what, due in self.actions]
        return f"Summary: {' '.join(self.said[:2])}\nActions:" + ("\n" + "\n".join(lines) if lines else " none")


def draw(rng: random.Random, split: Split) -> Example:
    """Draw an example of `email.summarize_thread`, in English."""
    thread = Thread()
    people = _people(rng, split)
    for number in range(rng.choice((2, 2, 3, 3, 4))):
        _mail(rng, split, thread, people, number)
    layout = rng.choice(_FORMATS)
    blocks = [
        layout.format(who=who, body=body, date=names.date(rng, split) if "{date}" in layout else "")
        for who, body in thread.mails
    ]
    text = rng.choice(("\n\n", "\n\n", "\n---\n", "\n")).join(blocks)
    if rng.random() < 0.3:
        text = f"Subject: {capital(_filled(rng, split, words.noun_phrase(rng, 'en'), None))}\n\n{text}"
    if rng.random() < 0.5:
        text = f"{roughen(rng, phrasing(rng, split, _LEADS))}{rng.choice((' ', chr(10), chr(10) * 2))}{text}"
    return Example(
        "email.summarize_thread",
        (
            Message("system", system_text("email", "summarize_thread")),
            Message("user", summarize_thread_input(text)),
        ),
        thread.summary(),
        {"said": tuple(thread.said[:2]), "actions": tuple(thread.actions)},
    )


def score(example: Example, answer: str) -> dict[str, bool]:
    """Judge a summary: its form, what was said, exactly the actions with who, what and when, nothing invented."""
    facts = example.facts
    parsed = parse_summarize_thread(answer)
    actions = {(a["who"], a["what"], a["due"]) for a in parsed["actions"]}
    folded = " ".join(parsed["summary"].casefold().split())
    return {
        "form": answer.startswith("Summary: ") and "\nActions:" in answer,
        "said": all(text.casefold() in folded for text in facts["said"]),
        "actions": actions == set(facts["actions"]),
        "nothing_invented": copied_ok(example.prompt[-1].content, answer, _known()),
    }


@cache
def _known() -> frozenset[str]:
    return vocabulary(["Summary Actions They agreed that"])


def _people(rng: random.Random, split: Split) -> list[str]:
    make = names.full_name if rng.random() < 0.35 else names.first_name
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
    if number < 2 or rng.random() < 0.2:
        parts.append(_statement(rng, split, thread, who, number))
    if number > 0 or rng.random() < 0.25:
        if rng.random() < 0.72 and len(thread.actions) < 3:
            parts.append(_action(rng, split, thread, who, people))
        elif len(parts) == 0:
            parts.append(rng.choice(_FILLERS))
    if rng.random() < 0.35:
        filler = rng.choice(_FILLERS)
        parts.insert(0 if filler.endswith(",") or rng.random() < 0.5 else len(parts), filler)
    thread.mails.append((who, rng.choice((" ", " ", "\n")).join(parts)))


def _statement(rng: random.Random, split: Split, thread: Thread, who: str, number: int) -> str:
    kept = thread.kept
    if rng.random() < 0.3:
        question = rng.choice(_QUESTIONS)
        for slot, make in (("{np}", _np), ("{vp}", _vp), ("{clause}", _clause)):
            if slot in question:
                question = question.replace(slot, make(rng))
        x = _filled(rng, split, question, kept)
        thread.said.append(f"{who} asks {x}.")
        return phrasing(rng, split, _ASKS).replace("{x}", x)
    x = _filled(rng, split, _clause(rng), kept)
    if number and rng.random() < 0.3:
        thread.said.append(f"They agreed that {x}.")
        return phrasing(rng, split, _AGREES).replace("{x}", x)
    thread.said.append(f"{who} says that {x}.")
    return phrasing(rng, split, _STATES).replace("{x}", x).replace("{X}", capital(x))


def _action(rng: random.Random, split: Split, thread: Thread, who: str, people: Sequence[str]) -> str:
    what = _filled(rng, split, _vp(rng), thread.kept)
    due = _due(rng, split) if rng.random() < 0.6 else ""
    patterns = _COMMITS
    if rng.random() < 0.45:
        patterns = _REQUESTS
        who = rng.choice([p for p in people if p != who])
    thread.actions.append((who, what, due))
    text = phrasing(rng, split, patterns).replace("{who}", who).replace("{x}", what)
    return text.replace("{due}", f" {rng.choice(('by', 'by', 'by', 'before'))} {due}" if due else "")


def _due(rng: random.Random, split: Split) -> str:
    options = (names.date(rng, split), names.weekday(rng), names.date(rng, split), "tomorrow", "the end of the week")
    return rng.choice(options)


def _filled(rng: random.Random, split: Split, template: str, kept: list[words.Fact] | None) -> str:
    return words.second_person(words.fill(rng, split, template, "en", kept), "en")


def _impersonal(template: str) -> bool:
    padded = f" {template} ".replace("'", " ")
    return not any(word in padded for word in (" I ", " my ", "{your}", "{you}", "{obj}", " me "))


def _np(rng: random.Random) -> str:
    while not _impersonal(template := words.noun_phrase(rng, "en")):
        pass
    return template


def _vp(rng: random.Random) -> str:
    return f"{{verb}} {_np(rng)}"


def _clause(rng: random.Random) -> str:
    while True:
        template = rng.choice(rng.choice(SITUATIONS["en"]).clauses) if rng.random() < 0.4 else words.clause(rng, "en")
        if _impersonal(template):
            return template
