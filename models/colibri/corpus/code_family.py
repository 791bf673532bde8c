"""A family of small Python functions: how people ask for it, its code, its explanation, and what it must compute."""

from __future__ import annotations

import itertools
import random
import re
import zlib
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from models.colibri.corpus.example import Split

Slots = Mapping[str, Any]
Case = tuple[str, Any]
"""An expression over the generated code and the value that it must have."""

Cases = Callable[[random.Random, Slots], list[Case]]

_SLOT = re.compile(r"\$([A-Za-z])")
_CHOICE = re.compile(r"\[([^\[\]]*\|[^\[\]]*)\]")


@dataclass(frozen=True, slots=True)
class Kind:
    """What a family's first argument is: its default name, how a request speaks of it whole and of its elements."""

    default: str
    said: tuple[str, ...]
    elements: tuple[str, ...] = ()


KINDS: dict[str, Kind] = {
    "numbers": Kind("numbers", ("a list", "a list of numbers", "a list of integers", "the numbers", "the list",
                    "some numbers", "a given list"), ("numbers", "numbers", "values", "integers")),
    "words": Kind("words", ("a list", "a list of words", "a list of strings", "the words", "the list"),
                  ("words", "words", "strings")),
    "items": Kind("items", ("a list", "the list", "a list of items", "a list of numbers", "the items", "any list", "a given list"),
                  ("items", "elements", "values")),
    "records": Kind("records", ("a list of dicts", "the records", "a list of records", "some records"),
                    ("records", "records", "dicts", "rows")),
    "text": Kind("text", ("a string", "a text", "the text", "the string", "a given string")),
    "data": Kind("data", ("a dict", "a dictionary", "the dict", "the dictionary")),
    "number": Kind("number", ("a number", "the number", "a given number", "an integer")),
    "path": Kind("path", ("a file", "the file", "a text file", "a given file")),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Family:
    """One family. Texts bear slots (`$p` the first argument, `$F` the name, `$n` a number ...) and `[a|b]` choices.

    `nicks` are what the family is called for short (`fibonacci numbers`). `tests` are an example and an edge case for
    pytest, empty where a test would need more than copying. `letters` are the slots that every request must state.
    """

    name: str
    kind: str
    params: str
    returns: str
    doc: str
    body: str
    cases: Cases
    tests: tuple[str, ...]
    nicks: tuple[str, ...]
    phrases: Mapping[Split, tuple[str, ...]]
    letters: str


def expand(pattern: str) -> list[str]:
    """Return every text that a pattern with `[a|b]` choices stands for."""
    parts = _CHOICE.split(pattern)
    choices = [p.split("|") if i % 2 else [p] for i, p in enumerate(parts)]
    return ["".join(c) for c in itertools.product(*choices)]


def family(
    name: str,
    kind: str,
    params: str,
    returns: str,
    doc: str,
    body: str,
    asks: tuple[str, ...],
    cases: Cases,
    tests: tuple[str, ...] = (),
    nicks: tuple[str, ...] = (),
) -> Family:
    """Return the family with its phrasings expanded and split.

    One in seven is held out, unless it bears a word that no other phrasing of the family has.
    """
    every = [text for ask in asks for text in expand(ask)]
    if len(every) < 8:
        raise ValueError(f"{name} has only {len(every)} phrasings")
    needed = set(_SLOT.findall(params + doc + body)) - set("pF")
    for text in every:
        if missing := needed - set(_SLOT.findall(text)):
            raise ValueError(f"{name}: {text!r} lacks {missing}")
    phrases = _split(name, every)
    letters = "".join(sorted(needed))
    return Family(name, kind, params, returns, doc, body, cases, tests, nicks, phrases, letters)


def _split(name: str, every: list[str]) -> dict[Split, tuple[str, ...]]:
    chosen = {t for t in every if zlib.crc32(f"{name} {t}".encode()) % 7 == 0}
    known = {word for t in every if t not in chosen for word in t.split()}
    counts = Counter(word for t in every for word in set(t.split()))
    held = [t for t in every if t in chosen and known.issuperset(t.split())]
    held = held or [t for t in every if all(counts[word] > 1 for word in t.split())][-1:]
    if not held:
        raise ValueError(f"{name}: no phrasing can be held out")
    return {"train": tuple(t for t in every if t not in held), "heldout": tuple(held)}


def fill(text: str, slots: Slots) -> str:
    """Return `text` with its slots replaced."""
    return _SLOT.sub(lambda m: str(slots[m.group(1)]), text)


def code_of(fam: Family, slots: Slots, *, hints: bool = True, doc: bool = True) -> str:
    """Return the family's code for `slots`, with or without type hints and docstring."""
    params = fam.params if hints else ", ".join(p.split(":")[0] for p in split_params(fam.params))
    lines = [f"def $F({params})" + (f" -> {fam.returns}:" if hints else ":")]
    if doc:
        lines.append(f'    """{fam.doc}"""')
    lines += ["    " + line for line in fam.body.split("\n")]
    return fill("\n".join(lines), slots)


def split_params(params: str) -> list[str]:
    """Return the parameters of a signature, split at the commas outside brackets."""
    return [p.strip() for p in re.split(r",(?![^\[]*\])", params) if p.strip()]


def calls(
    oracle: Callable[..., Any],
    *inputs: Callable[[random.Random, Slots], tuple[Any, ...]],
) -> Cases:
    """Return cases that call the function with each drawn input and expect what `oracle(slots, *args)` says."""

    def cases(rng: random.Random, slots: Slots) -> list[Case]:
        drawn = [one(rng, slots) for one in inputs]
        return [(f"{slots['F']}({', '.join(map(repr, args))})", oracle(slots, *args)) for args in drawn]

    return cases
