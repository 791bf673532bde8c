"""Draws a family with its slots, and the sentence in which somebody asks for it."""

from __future__ import annotations

import random
import re
from collections import Counter
from typing import Any

from models.colibri.corpus import code_names as names
from models.colibri.corpus.code_families_lists import ITEMS, NUMBERS, RECORDS, WORDS
from models.colibri.corpus.code_families_values import DICTS, FILES, NUMBER, TEXTS
from models.colibri.corpus.code_family import KINDS, Family, Slots, code_of, fill, split_params
from models.colibri.corpus.example import Split
from models.colibri.corpus.typing_style import roughen

FAMILIES: tuple[Family, ...] = (*NUMBERS, *ITEMS, *WORDS, *RECORDS, *TEXTS, *NUMBER, *DICTS, *FILES)

_BODIES = Counter(f.body.replace("$p", "") for f in FAMILIES)

# `{v}` the bare request, `{s}` the same in the third person, `{n}` its short name, `{F}` the wanted name.
_PLAIN: dict[Split, tuple[str, ...]] = {
    "train": (
        "{v}", "please {v}", "can you {v}", "python: {v}", "in python, {v}", "I need to {v}", "{v} in python",
        "Write a function that {s}", "write me a python function that {s}", "I need a function that {s}",
        "python function that {s}", "give me a function which {s}", "a function to {v}", "create a python function to {v}",
        "Make a function that {s} please", "function that {s}", "could you write a function that {s}?",
        "need a function to {v}", "how do I {v} in python?", "Code a small function that {s}.", "I want to {v} with python",
        "show me a function that {s}", "hi, please write a function to {v}", "python function to {v}", "write code to {v}",
        "Write a Python function to {v}", "python code that {s}", "implement a function that {s}", "a function that {s}",
        "Write a Python function that {s}.", "a function which {s}", "function: {v}",
    ),
    "heldout": ("help me {v} in python", "I would like a function that {s}", "build a function which {s}",
                "a short python function that {s}"),
}  # fmt: skip
_NAMED: dict[Split, tuple[str, ...]] = {
    "train": (
        "Write a function called {F} that {s}", "write a function named {F} that {s}", "create {F}, a function that {s}",
        "write {F}, which {s}", "{F}: {v}", "implement {F}, a function to {v}", "python function {F} that {s}",
        "make a function {F} that {s}", "{v}, call it {F}", "{v} and name it {F}", "{v}. name it {F}",
        "a function that {s}, named {F}", "I need a function called {F} which {s}", "please {v}; the name is {F}",
        "write a function that {s} and call it {F}", "can you write {F} to {v}?", "{F} should {v}",
        "function name: {F}. {v}", "Write a Python function called {F} that {s}.", "create a function named {F} to {v}",
        "write a function {F} which {s}", "make me a python function called {F} that {s}", "write a function {F} to {v}",
        "a function called {F} that {s}", "write a function called {F} to {v}",
    ),
    "heldout": ("define {F} so that it {s}", "{v} (call the function {F})", "give me a function named {F} to {v}"),
}  # fmt: skip
_NICK: dict[Split, tuple[str, ...]] = {
    "train": ("{n}", "{n} in python", "python function for {n}", "write a function for {n}", "code for {n}",
              "give me a function for {n}", "python {n} function", "I need a function for {n}", "{n} please",
              "please write a function for {n}", "function for {n}"),
    "heldout": ("python code for {n}", "can you give me a function for {n}?", "{n} function in python"),
}  # fmt: skip
_NICK_NAMED: dict[Split, tuple[str, ...]] = {
    "train": ("write a function called {F} for {n}", "{n}, call it {F}", "a function named {F} for {n}",
              "write {F}, a function for {n}", "python function {F} for {n}"),
    "heldout": ("give me a function called {F} for {n}", "{n} in python, name it {F}"),
}  # fmt: skip
_ARGUMENT: dict[Split, tuple[str, ...]] = {
    "train": (", the parameter is {p}", ", with parameter {p}", ". the argument is called {p}",
              ", name the argument {p}", ", with {p} as argument", " (argument {p})"),
    "heldout": (", the argument should be {p}", ". use {p} as the parameter"),
}  # fmt: skip
_CALLED = (" called ", " named ")


def third_person(phrase: str) -> str:
    """Return an imperative phrase in the third person: `keep the odd ones` -> `keeps the odd ones`."""
    verb, _, rest = phrase.partition(" ")
    if verb.endswith(("s", "x", "ch", "sh", "o")):
        verb += "es"
    elif verb.endswith("y") and verb[-2] not in "aeiou":
        verb = verb[:-1] + "ies"
    else:
        verb += "s"
    return f"{verb} {rest}".rstrip()


def draw_slots(rng: random.Random, split: Split, fam: Family, *, named: bool, own_argument: bool) -> dict[str, Any]:
    """Return values for the slots of `fam`; without `named` or `own_argument` its fixed names."""
    slots: dict[str, Any] = {"p": KINDS[fam.kind].default, "F": fam.name}
    if own_argument:
        slots["p"] = names.plural(rng, split) if KINDS[fam.kind].elements else names.singular(rng, split)
    if named:
        slots["F"] = names.function_name(rng, split)
    if "n" in fam.letters:
        slots["n"] = names.number(rng, split, high=60 if fam.kind == "items" else names.NUMBER_LIMIT)
    if "c" in fam.letters:
        slots["c"] = rng.choice("abcdefghijklmnopqrstuvwxyz")
    used = {slots["p"]}
    for letter in sorted(set(fam.letters) & set("fs")):
        word = names.noun(rng, split) if letter == "s" else names.singular(rng, split)
        while word in used:
            word = names.noun(rng, split)
        used.add(word)
        slots[letter] = word
    return slots


def _spoken(rng: random.Random, split: Split, fam: Family, slots: Slots, own: bool) -> tuple[str, bool]:
    """Return a filled phrase of the family, and whether it names the argument (only where `own`)."""
    kind, phrase = KINDS[fam.kind], rng.choice(fam.phrases[split])
    said, element = rng.choice(kind.said), rng.choice(kind.elements or ("",))
    if kind.elements and rng.random() < 0.3:
        element = names.known_plural(rng, split)
    whole = own and "$o" in phrase and rng.random() < 0.6
    if whole:
        noun = rng.choice([x for x in kind.said if x.startswith("a ")])
        said = noun + rng.choice(_CALLED) + str(slots["p"])
    elif phrase.count("$o") == 1 and not own and rng.random() < 0.15:
        phrase, said = f"take {said} and {phrase}", "it"
    return fill(phrase.replace("$o", said).replace("$e", element), slots), whole


def draw_request(rng: random.Random, split: Split) -> tuple[Family, dict[str, Any], str]:
    """Draw a family, its slots and a request that states every one of them."""
    fam = rng.choice(FAMILIES)
    named, own = rng.random() < 0.5, rng.random() < 0.2
    slots = draw_slots(rng, split, fam, named=named, own_argument=own)
    whole = False
    if fam.nicks and rng.random() < 0.2:
        frame = rng.choice((_NICK_NAMED if named else _NICK)[split])
        text = frame.format(n=rng.choice(fam.nicks), F=slots["F"])
    else:
        phrase, whole = _spoken(rng, split, fam, slots, own)
        first, _, rest = phrase.partition(" and ") if phrase.startswith("take ") else (phrase, "", "")
        third = third_person(first) + (f" and {third_person(rest)}" if rest else "")
        marked = [x for x in (_NAMED if named else _PLAIN)[split] if "_" in slots["F"] or _marks(x)]
        shown = f"`{slots['F']}`" if rng.random() < 0.08 else slots["F"]
        if named and own and not whole and len(split_params(fam.params)) == 1 and rng.random() < 0.4:
            shown, whole = f"{slots['F']}({slots['p']})", True
        text = rng.choice(marked).format(v=phrase, s=third, F=shown)
    if own and not whole:
        text = text.rstrip(".?") + rng.choice(_ARGUMENT[split]).format(p=slots["p"])
    text = re.sub(r" {2,}", " ", text).strip()
    keep = tuple(str(v) for v in slots.values() if len(str(v)) > 1)
    return fam, slots, roughen(rng, text, keep) if rng.random() < 0.6 else text


def _marks(frame: str) -> bool:
    """Say whether a frame leaves no doubt that the word in it is a name, even one without an underscore."""
    return "{F}" not in frame or any(cue in frame for cue in ("called {F}", "named {F}", "it {F}", "function {F}"))


def parameter_names(fam: Family, slots: Slots) -> list[str]:
    """Return the names of the parameters that the function of `fam` has."""
    return [fill(p.split(":")[0], slots) for p in split_params(fam.params)]


def draw_code(rng: random.Random, split: Split, families: tuple[Family, ...]) -> tuple[Family, dict[str, Any], str]:
    """Draw code as strangers paste it: own names, often without a docstring, and without type hints where it is clear."""
    fam = rng.choice(families)
    slots = draw_slots(rng, split, fam, named=rng.random() < 0.9, own_argument=rng.random() < 0.7)
    hints = rng.random() < 0.7 or _BODIES[fam.body.replace("$p", "")] > 1
    return fam, slots, code_of(fam, slots, hints=hints, doc=rng.random() < 0.4)
