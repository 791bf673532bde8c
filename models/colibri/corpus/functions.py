"""Choosing a function from a list and filling its arguments from the request."""

from __future__ import annotations

import json
import random

from models.colibri.corpus.chat import chat_message
from models.colibri.corpus.example import Example, Message, Split, Task
from models.colibri.corpus.functions_email import draft_request
from models.colibri.corpus.functions_synthetic import (
    FAMILIES,
    Synthetic,
    namesakes,
    synthetic,
)
from models.colibri.corpus.functions_vaiven import OWN_NAMES, own_request
from models.colibri.corpus.typing_style import roughen
from planners.layout import FunctionLine, choice_answer, choice_system

_DRAFT = "email.draft"
_CHAT = "chat.reply"
_DRAFT_ARGUMENTS = ("recipient", "sender", "purpose", "points", "tone", "language")
_DESCRIPTIONS = {
    _DRAFT: "Draft a new e-mail.",
    "email.revise": "Change an e-mail draft.",
    "email.reply": "Answer an e-mail that was received.",
    "email.summarize_thread": "Summarise an e-mail thread.",
    "code.generate": "Write Python code for a task.",
    "code.explain": "Explain code.",
    "code.review": "Find problems in code.",
    "code.write_tests": "Write tests for code.",
    "support.answer": "Answer a customer's question from the documents.",
    "support.classify": "Classify a customer's message by topic, urgency and sentiment.",
    _CHAT: "Small talk, or a request that no other function can do.",
}
_CATALOGUE_KEYS = frozenset(f.key for f in FAMILIES)
OWN_LINES = {n: FunctionLine(n, _DRAFT_ARGUMENTS if n == _DRAFT else (), d) for n, d in _DESCRIPTIONS.items()}
"""vaiven's own functions as the model sees them, in the order of the manifests."""


def draw_choice(rng: random.Random, split: Split) -> Example:
    """Return an example with a list of 3 to 12 functions, one of which fits."""
    others = [synthetic(rng, split) for _ in range(rng.randrange(1, 8))] if rng.random() < 0.5 else []
    if others and rng.random() < 0.5:
        return _synthetic_choice(rng, split, others)
    return _own_choice(rng, split, others)


def draw_arguments(rng: random.Random, split: Split) -> Example:
    """Return an example with one function, whose arguments are filled."""
    roll = rng.random()
    if roll < 0.6:
        request = draft_request(rng, split)
        return _example(
            "functions.arguments",
            [OWN_LINES[_DRAFT]],
            request.text,
            _DRAFT,
            request.arguments,
        )
    one = synthetic(rng, split)
    return _example(
        "functions.arguments",
        [one.line],
        _rough(rng, one),
        one.line.name,
        one.arguments,
    )


def score(example: Example, answer: str) -> dict[str, bool]:
    """Judge an answer: valid JSON of the right shape, the right name, each argument equal."""
    expected = json.loads(example.answer)
    try:
        given = json.loads(answer)
    except ValueError:
        given = None
    valid = isinstance(given, dict) and set(given) == {"name", "arguments"} and isinstance(given["arguments"], dict)
    verdicts = {
        "valid_json": valid,
        "name": valid and given["name"] == expected["name"],
    }
    arguments = given["arguments"] if valid else {}
    verdicts["no_other_argument"] = valid and set(arguments) <= set(expected["arguments"])
    for key, value in expected["arguments"].items():
        verdicts[f"argument_{key}"] = (
            key in arguments and arguments[key] == value and type(arguments[key]) is type(value)
        )
    return verdicts


def _synthetic_choice(rng: random.Random, split: Split, others: list[Synthetic]) -> Example:
    one = others[0]
    if rng.random() < 0.4:
        others = [
            *others[: rng.randrange(1, 5)],
            *namesakes(rng, split, one.key, rng.randrange(1, 4)),
        ]
    lines = _distinct(others)
    own = [n for n in _DESCRIPTIONS if rng.random() < rng.choice((0.2, 0.5, 0.8))]
    request = _rough(rng, one)
    if rng.random() < 0.1 and not _is_question(one.request):
        lines = [line for line in lines if line != one.line and _about(line) != _about(one.line)]
        own = [n for n in own if n != "support.answer"]
        return _listed(rng, lines, own, request, OWN_LINES[_CHAT], {})
    if "support.answer" in own and _is_question(one.request) and rng.random() < 0.5:
        own.remove("support.answer")
    return _listed(rng, lines, own, request, one.line, one.arguments)


def _own_choice(rng: random.Random, split: Split, others: list[Synthetic]) -> Example:
    others = [o for o in others if not _is_question(o.request)]
    own = list(_DESCRIPTIONS) if rng.random() < 0.5 else [n for n in _DESCRIPTIONS if rng.random() < 0.5]
    target = rng.choice((_DRAFT, _DRAFT, _CHAT, _CHAT, *OWN_NAMES))
    arguments: dict[str, object] = {}
    if target == _DRAFT:
        drafted = draft_request(rng, split)
        text, arguments = drafted.text, drafted.arguments
    elif target == _CHAT:
        text = chat_message(rng, split)
    else:
        text = own_request(rng, split, target)
        text = text if "\n" in text else roughen(rng, text)
    if target == _CHAT:
        others = [o for o in others if o.key not in _CATALOGUE_KEYS]
    return _listed(rng, _distinct(others), own, text, OWN_LINES[target], arguments)


def _listed(
    rng: random.Random,
    lines: list[FunctionLine],
    own: list[str],
    request: str,
    target: FunctionLine,
    arguments: dict[str, object],
) -> Example:
    """Return the example whose list holds `target` and up to eleven others, at least three in all."""
    others = [line for line in (*lines, *(OWN_LINES[n] for n in own)) if line.name != target.name]
    missing = [OWN_LINES[n] for n in _DESCRIPTIONS if n != target.name and n not in own and n != "support.answer"]
    while len(others) < 2:
        others.append(missing.pop(rng.randrange(len(missing))))
    if len(others) > 11:
        others = rng.sample(others, 11)
    listed = [target, *others]
    if lines or rng.random() < 0.6:
        rng.shuffle(listed)
    else:
        order = list(_DESCRIPTIONS)
        listed.sort(key=lambda line: order.index(line.name))
    return _example("functions.choose", listed, request, target.name, arguments)


def _distinct(drawn: list[Synthetic]) -> list[FunctionLine]:
    """Return the lines of the draws, one per meaning and one per name."""
    by_key = {s.key: s.line for s in reversed(drawn)}
    return list({line.name: line for line in reversed(by_key.values())}.values())


def _about(line: FunctionLine) -> str:
    return line.name.split(".")[0]


def _is_question(text: str) -> bool:
    return "?" in text or text.split(" ", 1)[0].lower() in _QUESTION_WORDS


_QUESTION_WORDS = frozenset(
    [
        "where",
        "what",
        "has",
        "is",
        "how",
        "do",
        "does",
        "did",
        "which",
        "any",
        "can",
        "who",
        "when",
        "show",
        "look",
        "status",
        "state",
        "price",
    ]
)


def _rough(rng: random.Random, one: Synthetic) -> str:
    """Return the request as somebody would type it, with the values kept."""
    keep = tuple(str(v) for v in one.arguments.values() if not isinstance(v, bool))
    text = one.request
    if rng.random() < 0.3:
        text = text[0].upper() + text[1:]
    if rng.random() < 0.15:
        text = f"{rng.choice(('please', 'hi,', 'could you', 'hey,', 'ok,'))} {text}"
    return roughen(rng, text, keep)


def _example(
    task: str,
    lines: list[FunctionLine],
    request: str,
    name: str,
    arguments: dict[str, object],
) -> Example:
    prompt = (Message("system", choice_system(lines)), Message("user", request))
    return Example(
        task,
        prompt,
        choice_answer(name, arguments),
        {"function": name, "functions": tuple(line.name for line in lines)},
    )


TASKS = (
    Task("functions.choose", 3.5, draw_choice, score),
    Task("functions.arguments", 3.0, draw_arguments, score),
)
