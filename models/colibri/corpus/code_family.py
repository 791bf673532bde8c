"""A family of small Python functions: how people ask for it, its code, its explanation, and what it must compute."""

from __future__ import annotations

import itertools
import random
import re
import zlib
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
    """What a family's first argument is: its default name, and how a request speaks of it."""

    default: str
    plural: bool
    said: tuple[str, ...]
    named: tuple[str, ...]
    noun: str


_LIST_NAMED = (
    "the list $p",
    "a list called $p",
    "the $p",
    "a list of $p",
    "my $p",
    "a list $p",
)
KINDS: dict[str, Kind] = {
    "numbers": Kind("numbers", True, ("a list of numbers", "the numbers", "a list of integers", "some numbers"),
                    _LIST_NAMED, "a list of numbers"),
    "words": Kind("words", True, ("a list of words", "the words", "a list of strings", "some words"),
                  _LIST_NAMED, "a list of strings"),
    "items": Kind("items", True, ("a list", "the items", "a list of items", "any list"), _LIST_NAMED, "a list"),
    "records": Kind("records", True, ("a list of dicts", "the records", "a list of records", "some records"),
                    (*_LIST_NAMED, "a list of dicts called $p"), "a list of dicts"),
    "text": Kind("text", False, ("a string", "a text", "the text", "a given string"),
                 ("the string $p", "$p", "a string called $p", "a text $p"), "a string"),
    "data": Kind("data", False, ("a dict", "a dictionary", "the dict", "some dict"),
                 ("the dict $p", "a dict called $p", "the dictionary $p", "$p"), "a dict"),
    "number": Kind("number", False, ("a number", "the number", "an integer", "a given number"),
                   ("the number $p", "a number called $p", "$p", "a number $p"), "a number"),
    "path": Kind("path", False, ("a file", "the file", "a text file", "a given file"),
                 ("the file $p", "a file path $p", "the file at $p", "the path $p"), "a file path"),
    "date": Kind("day", False, ("a date", "the date", "a given date", "some date"),
                 ("the date $p", "a date called $p", "$p", "a date $p"), "a date"),
    "none": Kind("", False, ("",), ("",), ""),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Family:
    """One family. Texts bear slots (`$p` the first argument, `$F` the name, `$n` a number ...) and `[a|b]` choices.

    `tests` are two assertions for pytest, empty where a test would need more than copying. `letters` are the slots
    that every request must state.
    """

    name: str
    kind: str
    params: str
    returns: str
    doc: str
    body: str
    cases: Cases
    tests: tuple[str, ...]
    imports: str
    noun: str
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
    imports: str = "",
    noun: str = "function",
) -> Family:
    """Return the family with its phrasings expanded and split, one in seven held out."""
    every = [text for ask in asks for text in expand(ask)]
    if len(every) < 8:
        raise ValueError(f"{name} has only {len(every)} phrasings")
    needed = set(_SLOT.findall(params + doc + body)) - set("pFC")
    for text in every:
        if missing := needed - set(_SLOT.findall(text)):
            raise ValueError(f"{name}: {text!r} lacks {missing}")
    held = [t for t in every if zlib.crc32(f"{name} {t}".encode()) % 7 == 0] or [every[-1]]
    phrases: dict[Split, tuple[str, ...]] = {
        "train": tuple(t for t in every if t not in held),
        "heldout": tuple(held),
    }
    letters = "".join(sorted(needed))
    return Family(
        name,
        kind,
        params,
        returns,
        doc,
        body,
        cases,
        tests,
        imports,
        noun,
        phrases,
        letters,
    )


def fill(text: str, slots: Slots) -> str:
    """Return `text` with its slots replaced."""
    return _SLOT.sub(lambda m: str(slots[m.group(1)]), text)


def code_of(fam: Family, slots: Slots, *, hints: bool = True, doc: bool = True) -> str:
    """Return the family's code for `slots`, with or without type hints and docstring."""
    lines = []
    if fam.imports:
        lines += [fam.imports, "", ""]
    if fam.noun == "function":
        params = fam.params if hints else ", ".join(p.split(":")[0] for p in split_params(fam.params))
        lines.append(f"def $F({params})" + (f" -> {fam.returns}:" if hints else ":"))
        if doc:
            lines.append(f'    """{fam.doc}"""')
        lines += ["    " + line for line in fam.body.split("\n")]
    else:
        lines += [line for line in fam.body.split("\n") if doc or '"""' not in line]
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
