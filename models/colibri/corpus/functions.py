"""Choosing a function from a list and filling its arguments from the request."""

from __future__ import annotations

import json
import random
import re

from models.colibri.corpus.chat import chat_message
from models.colibri.corpus.example import Example, Message, Split, Task
from models.colibri.corpus.functions_email import draft_request
from models.colibri.corpus.functions_synthetic import Synthetic, namesakes, shared_words, synthetic
from models.colibri.corpus.functions_vaiven import OWN_NAMES, own_request
from models.colibri.corpus.typing_style import roughen
from planners.layout import FunctionLine, choice_answer, choice_system, choice_user

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
_OFTEN = (*[_DRAFT] * 5, _CHAT, *["code.generate", "support.answer"] * 2, *OWN_NAMES)
OWN_LINES = {n: FunctionLine(n, _DRAFT_ARGUMENTS if n == _DRAFT else (), d) for n, d in _DESCRIPTIONS.items()}
"""vaiven's own functions as the model sees them, in the order of the manifests."""


def draw_choice(rng: random.Random, split: Split) -> Example:
    """Return an example with a list of 3 to 12 functions, one of which fits."""
    if rng.random() < 0.45:
        return _synthetic_choice(rng, split)
    return _own_choice(rng, split)


def draw_arguments(rng: random.Random, split: Split) -> Example:
    """Return an example with one function, whose arguments are filled."""
    if rng.random() < 0.65:
        request = draft_request(rng, split)
        return _filled(OWN_LINES[_DRAFT], request.text, request.arguments)
    one = synthetic(rng, split)
    return _filled(one.line, _rough(rng, one), one.arguments)


def score(example: Example, answer: str) -> dict[str, bool]:
    """Judge an answer: valid JSON of the right shape, the right name, and each argument, if any is asked for, equal."""
    expected = json.loads(example.answer)
    try:
        given = json.loads(answer)
    except ValueError:
        given = None
    valid = isinstance(given, dict) and set(given) == set(expected) and isinstance(given.get("arguments", {}), dict)
    verdicts = {
        "valid_json": valid,
        "name": valid and given["name"] == expected["name"],
    }
    if "arguments" not in expected:
        return verdicts
    arguments = given["arguments"] if valid else {}
    verdicts["no_other_argument"] = valid and set(arguments) <= set(expected["arguments"])
    for key, value in expected["arguments"].items():
        verdicts[f"argument_{key}"] = (
            key in arguments and arguments[key] == value and type(arguments[key]) is type(value)
        )
    return verdicts


def _synthetic_choice(rng: random.Random, split: Split) -> Example:
    one = synthetic(rng, split)
    others = [synthetic(rng, split) for _ in range(rng.randrange(1, 6))]
    if rng.random() < 0.4:
        others += namesakes(rng, split, one.key, rng.randrange(1, 3))
    request = _rough(rng, one)
    # What shares as many words with the request would fit it as well.
    least = shared_words(one.request, one.line)
    others = [o for o in others if o.key != one.key and shared_words(one.request, o.line) < least]
    own = [n for n in _DESCRIPTIONS if rng.random() < rng.choice((0.2, 0.5))]
    if one.request.rstrip().endswith("?") or one.request.split(" ", 1)[0].lower() in _QUESTION_WORDS:
        own = [n for n in own if n != "support.answer"]
    return _listed(rng, others, own, request, one.line)


def _own_choice(rng: random.Random, split: Split) -> Example:
    own = list(_DESCRIPTIONS) if rng.random() < 0.6 else [n for n in _DESCRIPTIONS if rng.random() < 0.6]
    target = rng.choice(_OFTEN)
    text = _request_for(rng, split, target)
    others = [synthetic(rng, split) for _ in range(rng.randrange(1, 4))] if rng.random() < 0.3 else []
    return _listed(rng, [o for o in others if not shared_words(text, o.line)], own, text, OWN_LINES[target])


def _request_for(rng: random.Random, split: Split, name: str) -> str:
    if name == _DRAFT:
        return draft_request(rng, split).text
    if name == _CHAT:
        return chat_message(rng, split)
    text = own_request(rng, split, name)
    return text if "\n" in text else roughen(rng, text)


def further_choices(rng: random.Random, example: Example, count: int) -> list[Example]:
    """Return at most `count` more requests for functions that `example` lists, those of other services each once."""
    own = [n for n in _OFTEN if n in example.facts["functions"]]
    asked = list(example.facts["more"])
    while own and len(asked) < count:
        name = rng.choice(own)
        asked.append((_request_for(rng, "train", name), name))
    rng.shuffle(asked)
    return [
        Example(example.task, (example.prompt[0], Message("user", choice_user(request))), _named(name))
        for request, name in asked[:count]
    ]


def _named(name: str) -> str:
    return json.dumps({"name": name}, separators=(",", ":"))


def _listed(
    rng: random.Random, foreign: list[Synthetic], own: list[str], request: str, target: FunctionLine
) -> Example:
    """Return the example whose list holds `target` and up to eleven others, at least three in all."""
    others = list({line.name: line for line in (*(o.line for o in foreign), *(OWN_LINES[n] for n in own))}.values())
    others = [line for line in others if line.name != target.name]
    taken = {line.name for line in (*others, target)}
    missing = [OWN_LINES[n] for n in _DESCRIPTIONS if n not in taken and n != "support.answer"]
    while len(others) < 2:
        others.append(missing.pop(rng.randrange(len(missing))))
    if len(others) > 11:
        others = rng.sample(others, 11)
    listed = [target, *others]
    if target.name in OWN_LINES and rng.random() < 0.6:
        order = list(_DESCRIPTIONS)
        listed.sort(key=lambda line: order.index(line.name) if line.name in OWN_LINES else len(order))
    else:
        rng.shuffle(listed)
    shown = [FunctionLine(line.name, (), line.description) for line in listed]
    prompt = (Message("system", choice_system(shown)), Message("user", choice_user(request)))
    more = [(_rough(rng, o), o.line.name) for o in foreign if _is_plain(o, listed)]
    facts = {"function": target.name, "functions": tuple(line.name for line in listed), "more": tuple(more)}
    return Example("functions.choose", prompt, _named(target.name), facts)


def _is_plain(one: Synthetic, listed: list[FunctionLine]) -> bool:
    """Return whether the request of `one` fits its own line, which is listed, better than any other."""
    rivals = [line for line in listed if line.name != one.line.name]
    least = shared_words(one.request, one.line)
    return one.line in listed and all(shared_words(one.request, line) < least for line in rivals)


_QUESTION_WORDS = frozenset(
    "where what has is how do does did which any can who when show look status state price".split()
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


def _filled(line: FunctionLine, request: str, arguments: dict[str, object]) -> Example:
    answer = choice_answer(line.name, arguments)
    prompt = (Message("system", choice_system([line])), Message("user", request, _roles(request, arguments, answer)))
    facts = {"function": line.name, "functions": (line.name,)}
    return Example("functions.arguments", prompt, answer, facts)


def _roles(request: str, arguments: dict[str, object], answer: str) -> tuple[tuple[int, str], ...]:
    """Return notes where each value begins that the request gives word by word, and where it is over.

    They say the argument that begins, and what stands behind the value in `answer`.
    """
    begins: dict[int, str] = {}
    ends: dict[int, str] = {}
    for key, value in arguments.items():
        at = answer.index(f'"{key}":')
        for one in value if isinstance(value, list) else [value]:
            said = json.dumps(one, ensure_ascii=False)
            at = answer.index(said, at) + len(said)
            place = _only_place(str(one), request)
            if place and place[1]:
                begins[place[0].start()] = key
            if place and place[0].end() < len(request):
                next_to = place[0].end() + (request[place[0].end()] == " ")
                ends[next_to] = answer[at - isinstance(one, str) :][:12]
    return tuple((ends | begins).items())


def _only_place(value: str, request: str) -> tuple[re.Match[str], bool] | None:
    """Return where `request` says `value` word by word, and True; or the end of it, and False; None if not once."""
    for start in (0, *(match.end() for match in re.finditer(" ", value))):
        said = value[start:]
        places = list(re.finditer(rf"(?<!\w){re.escape(said)}(?!\w)", request)) if said else []
        if places:
            return (places[0], not start) if len(places) == 1 else None
    return None


TASKS = (
    Task("functions.choose", 9.0, draw_choice, score),
    Task("functions.arguments", 4.6, draw_arguments, score),
)
