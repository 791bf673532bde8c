"""Small talk, and refusals that name what cannot be done and what can."""

from __future__ import annotations

import random
import re

from models.colibri.corpus import names
from models.colibri.corpus.chat_refusals_en import ACTION_FRAMES_EN, ACTIONS_EN, TOPIC_FRAMES_EN, TOPICS_EN
from models.colibri.corpus.chat_refusals_es import ACTION_FRAMES_ES, ACTIONS_ES, TOPIC_FRAMES_ES, TOPICS_ES
from models.colibri.corpus.chat_talk import ABLE
from models.colibri.corpus.chat_talk_en import SMALL_TALK_EN
from models.colibri.corpus.chat_talk_es import SMALL_TALK_ES
from models.colibri.corpus.chat_words import WORDS
from models.colibri.corpus.example import Example, Message, Split, Task
from models.colibri.corpus.functions_values import KINDS, phrasings
from models.colibri.corpus.typing_style import roughen
from plugins.chat.layout import reply_input
from plugins.prompt_file import system_text

SMALL_TALK = (*SMALL_TALK_EN, *SMALL_TALK_ES)

_HOLE = re.compile(r"\{(\w+?)2?\}")
_NAME_QUESTIONS = (
    "can you tell me my name?",
    "tell me my name",
    "my name please",
    "I told you my name, what is it?",
    "which name did I give you",
    "do you still know my name",
    "what did I say my name was",
    "how do you call me?",
    "do you know me?",
    "what is the name of the one you talk to",
    "did I tell you my name?",
    "who is talking to you",
    "who is this talking to you?",
    "do you know what I am called",
    "have you got my name",
    "repeat my name",
    "please say what my name is",
    "who have you got here?",
    "what is my name?",
    "do you remember my name",
    "who am I",
    "say my name",
    "what am I called",
    "guess who I am",
    "so who am I?",
    "do you know who I am?",
)
_INTRODUCTIONS = ("hi, I am {}", "hello, my name is {}", "hey, {} here", "this is {}", "you can call me {}", "I'm {}")
_OPENERS = {
    "en": ("hey, ", "ok, ", "well, ", "listen, ", "sorry, ", "excuse me, ", "by the way, ", "one question: ", "um, "),
    "es": ("oye, ", "vale, ", "bueno, ", "perdona, ", "mira, ", "por cierto, ", "una pregunta: "),
}
"""What people say first; none of the talk that is held out begins so."""

_REFUSAL = re.compile(r"(?:I cannot|No puedo) (?P<topic>help with |ayudar con )?(?P<what>.+?)\. (?:I can|Puedo)")
_CANNOT = {
    "en": ("I cannot {}.", "I cannot help with {}."),
    "es": ("No puedo {}.", "No puedo ayudar con {}."),
}


def draw_reply(rng: random.Random, split: Split) -> Example:
    """Return an example of `chat.reply`, with up to two earlier turns."""
    history: list[Message] = []
    if rng.random() < 0.25:
        for _ in range(rng.choice((1, 1, 2))):
            asked, answered = _exchange(rng, split)
            history += [Message("user", asked), Message("assistant", answered)]
    if rng.random() < 0.06:
        name = names.first_name(rng, split)
        history = [
            Message("user", rng.choice(_INTRODUCTIONS).format(name)),
            Message("assistant", f"Hello {name}! How can I help you?"),
            *history[:2],
        ]
        message, answer = (
            rng.choice(phrasings(_NAME_QUESTIONS, split)),
            f"Your name is {name}.",
        )
    else:
        message, answer = _exchange(rng, split)
    prompt = (
        Message("system", system_text("chat", "reply")),
        *history,
        Message("user", content := reply_input(message), _refused_here(content, answer)),
    )
    return Example("chat.reply", prompt, answer)


def _refused_here(content: str, answer: str) -> tuple[tuple[int, str], ...]:
    """Return notes where in `content` begins what `answer` refuses, a topic or an action, and where it is over."""
    refusal = _REFUSAL.match(answer)
    if not refusal or refusal["what"] not in content:
        return ()
    start = content.index(refusal["what"])
    end = start + len(refusal["what"])
    begins = (start, "help" if refusal["topic"] else "cannot")
    return (begins, (end + (content[end] == " "), ". I")) if end < len(content) else (begins,)


def score(example: Example, answer: str) -> dict[str, bool]:
    """Judge an answer: it is the expected one, which is nearly always the only one."""
    return {"as_expected": " ".join(answer.split()) == example.answer}


def chat_message(rng: random.Random, split: Split) -> str:
    """Return a message that only `chat.reply` can answer."""
    return _exchange(rng, split)[0]


def _exchange(rng: random.Random, split: Split) -> tuple[str, str]:
    """Return a message and its answer."""
    if rng.random() < 0.5:
        talk = rng.choice(SMALL_TALK)
        message, answer = _filled(rng, split, rng.choice(phrasings(talk.phrases, split)), talk.answer)
        return _said(rng, _opened(rng, talk.language, message), ()), answer
    language = "en" if rng.random() < 0.75 else "es"
    message, what, kind = _refused(rng, split, language)
    message, what = _filled(rng, split, message, what)
    message = _opened(rng, language, message)
    return _said(rng, message, (what,)), f"{_CANNOT[language][kind].format(what)} {ABLE[language]}"


def _refused(rng: random.Random, split: Split, language: str) -> tuple[str, str, int]:
    """Return a request with holes, what is refused in it, and the kind of the refusal."""
    if rng.random() < 0.55:
        if language == "en":
            verb, objects = rng.choice(ACTIONS_EN)
            action, frames = f"{verb} {rng.choice(objects)}", ACTION_FRAMES_EN
        else:
            action, frames = rng.choice(ACTIONS_ES), ACTION_FRAMES_ES
        return rng.choice(phrasings(frames, split)).replace("V", action), action, 0
    topic, requests = rng.choice(TOPICS_EN if language == "en" else TOPICS_ES)
    if rng.random() < 0.5:
        frames = TOPIC_FRAMES_EN if language == "en" else TOPIC_FRAMES_ES
        return re.sub(r"\bT\b", lambda _: topic, rng.choice(phrasings(frames, split))), topic, 1
    return rng.choice(phrasings(requests, split)), topic, 1


def _filled(rng: random.Random, split: Split, message: str, answer: str) -> tuple[str, str]:
    """Return both with the holes filled alike; `{city2}` is another city than `{city}`."""
    values: dict[str, str] = {}

    def value(match: re.Match[str]) -> str:
        hole, kind = match.group(), match.group(1)
        if hole not in values:
            words = WORDS.get(kind)
            values[hole] = rng.choice(phrasings(words, split)) if words else KINDS[kind](rng, split)
        return values[hole]

    return _HOLE.sub(value, message), _HOLE.sub(value, answer)


def _opened(rng: random.Random, language: str, message: str) -> str:
    """Return `message`, now and then with an opener before it."""
    if rng.random() >= 0.12:
        return message
    return rng.choice(_OPENERS[language]) + message


def _said(rng: random.Random, message: str, keep: tuple[str, ...]) -> str:
    if rng.random() < 0.25:
        message = message[0].upper() + message[1:]
    if rng.random() < 0.1:
        message += rng.choice((".", "!", " :)", "?"))
    return roughen(rng, message, keep)


TASKS = (Task("chat.reply", 2.0, draw_reply, score),)
