"""Draws a family with its slots, and the sentence in which somebody asks for it."""

from __future__ import annotations

import random
import re
from typing import Any

from models.colibri.corpus import code_names as names
from models.colibri.corpus.code_families_data import DICTS, RECORDS
from models.colibri.corpus.code_families_lists import ITEMS, NUMBERS
from models.colibri.corpus.code_families_misc import CLASSES, DATES, FILES, NUMBER
from models.colibri.corpus.code_families_text import TEXTS, WORDS
from models.colibri.corpus.code_family import (
    KINDS,
    Family,
    Slots,
    code_of,
    fill,
    split_params,
)
from models.colibri.corpus.example import Split
from models.colibri.corpus.typing_style import roughen

FAMILIES: tuple[Family, ...] = (
    *NUMBERS,
    *ITEMS,
    *WORDS,
    *TEXTS,
    *RECORDS,
    *DICTS,
    *NUMBER,
    *DATES,
    *FILES,
    *CLASSES,
)

_FROM_ZERO = {"keep_above", "count_above", "field_above", "values_above", "clamp", "is_within", "at_least", "at_most"}
"""Families in which 0 and 1 are numbers like any other, also in their tests."""

_TYPES = ("int", "str", "float", "bool", "list[str]", "list[int]", "dict")

# `{v}` the bare request, `{s}` the same in the third person, `{k}` function or class, `{F}` the wanted name.
_PLAIN: dict[Split, tuple[str, ...]] = {
    "train": (
        "{v}", "please {v}", "can you {v}", "python: {v}", "in python, {v}", "I need to {v}", "{v} in python",
        "Write a {k} that {s}", "write me a python {k} that {s}", "I need a {k} that {s}", "python {k} that {s}",
        "give me a {k} which {s}", "a {k} to {v}", "create a python {k} to {v}", "Make a {k} that {s} please",
        "{k} that {s}", "could you write a {k} that {s}?", "need a {k} to {v}", "how do I {v} in python?",
        "Code a small {k} that {s}.", "I want to {v} with python", "show me a {k} that {s}", "hi, please write a {k} to {v}",
        "python {k} to {v}", "Write a Python {k} to {v}", "write code to {v}", "python code that {s}", "implement a {k} that {s}",
        "Write a Python {k} that {s}.", "a {k} which {s}", "{k}: {v}",
    ),
    "heldout": ("help me {v} in python", "I would like a {k} that {s}", "build a {k} which {s}", "a short python {k} that {s}"),
}  # fmt: skip
_NAMED: dict[Split, tuple[str, ...]] = {
    "train": (
        "Write a {k} called {F} that {s}", "write a {k} named {F} that {s}", "create {F}, a {k} that {s}",
        "write {F}, which {s}", "{F}: {v}", "implement {F}, a {k} to {v}", "python {k} {F} that {s}",
        "make a {k} {F} that {s}", "{v}, call it {F}", "{v} and name it {F}", "{v}. name it {F}",
        "a {k} that {s}, named {F}", "I need a {k} called {F} which {s}", "please {v}; the name is {F}",
        "write a {k} that {s} and call it {F}", "can you write {F} to {v}?", "{F} should {v}", "{k} name: {F}. {v}",
        "Write a Python {k} called {F} that {s}.", "create a {k} named {F} to {v}", "write a {k} {F} which {s}",
        "make me a python {k} called {F} that {s}", "write a {k} {F} to {v}",
    ),
    "heldout": ("define {F} so that it {s}", "{v} (call the {k} {F})", "give me a {k} named {F} to {v}"),
}  # fmt: skip
_ARGUMENT: dict[Split, tuple[str, ...]] = {
    "train": (", the parameter is {p}", ", with parameter {p}", ", taking {p}", ". the argument is called {p}",
              ", name the argument {p}", ", with {p} as argument"),
    "heldout": (", the argument should be {p}", ". use {p} as the parameter"),
}  # fmt: skip


def third_person(phrase: str) -> str:
    """Return an imperative phrase in the third person: `keep the odd ones` -> `keeps the odd ones`."""
    verb, _, rest = phrase.partition(" ")
    if verb.endswith(("s", "x", "ch", "sh", "o")):
        verb += "es"
    elif verb.endswith("y") and verb[-2] not in "aeiou":
        verb = verb[:-1] + "ies"
    else:
        verb += "s"
    return f"{'has' if verb == 'haves' else verb} {rest}".rstrip()


def _number(rng: random.Random, split: Split, fam: Family, large: bool) -> int:
    if fam.kind in {"items", "words", "text", "none"}:
        return names.number(rng, split, high=60)
    low = 0 if fam.name in _FROM_ZERO else 2
    return names.number(rng, split, low, 9000 if large and rng.random() < 0.15 else 400)


def draw_slots(
    rng: random.Random, split: Split, fam: Family, *, named: bool, own_argument: bool, large: bool = False
) -> dict[str, Any]:
    """Return values for the slots of `fam`; without `named` or `own_argument` its fixed names.

    `large` allows numbers above those with which the tests of `Family.tests` hold.
    """
    kind = KINDS[fam.kind]
    slots: dict[str, Any] = {"p": kind.default, "F": fam.name}
    if own_argument and kind.default:
        slots["p"] = names.plural(rng, split) if kind.plural else names.singular(rng, split)
    if named:
        slots["F"] = names.function_name(rng, split) if fam.noun == "function" else names.class_name(rng, split)
    used = {slots["p"]}
    for letter in sorted(fam.letters, key="ncdfghijkst".find):
        if letter == "n":
            slots["n"] = _number(rng, split, fam, large)
        elif letter == "d":
            slots["d"] = rng.randint(2, 6)
        elif letter == "c":
            slots["c"] = rng.choice("abcdefghijklmnopqrstuvwxyz")
        elif letter in "ijk":
            slots[letter] = rng.choice(_TYPES)
        elif letter != "m":
            word = names.noun(rng, split) if letter in "st" else names.singular(rng, split)
            while word in used:
                word = names.noun(rng, split)
            used.add(word)
            slots[letter] = word
    if "m" in fam.letters:
        slots["m"] = names.number(rng, split, slots["n"] + 1, slots["n"] + rng.choice((9, 20, 90, 500)))
    return slots


def _spoken(rng: random.Random, fam: Family, slots: Slots, phrase: str, own: bool) -> tuple[str, str]:
    """Return `take a list and `, mostly empty, and the filled phrase; where `own` it names the argument."""
    kind = KINDS[fam.kind]
    said = {"o": rng.choice(kind.named if own else kind.said), "e": "$p" if own else kind.default}
    takes = ""
    if kind.default and rng.random() < 0.18:
        takes = f"take {said['o']} and "
        said["o"] = "them" if kind.plural and rng.random() < 0.5 else "it"
        if re.search(r"(?:odd|even|negative|the|unique) \$e", phrase) and rng.random() < 0.4:
            said["e"] = "ones"
    elif rng.random() < 0.25:
        phrase = phrase.replace("the $e", "$e")
    phrase = re.sub(r"\$([oe])", lambda m: said[m.group(1)], phrase)
    return fill(takes, slots), fill(phrase, slots)


def draw_request(rng: random.Random, split: Split) -> tuple[Family, dict[str, Any], str]:
    """Draw a family, its slots and a request that states every one of them."""
    fam = rng.choice(FAMILIES)
    named = rng.random() < 0.55
    own = bool(KINDS[fam.kind].default) and rng.random() < 0.5
    slots = draw_slots(rng, split, fam, named=named, own_argument=own, large=True)
    phrase = rng.choice(fam.phrases[split])
    after = own and (rng.random() < 0.3 or not re.search(r"\$[oe]", phrase))
    takes, phrase = _spoken(rng, fam, slots, phrase, own and not after)
    patterns = (_NAMED if named else _PLAIN)[split]
    if fam.noun != "function":
        patterns = tuple(x for x in patterns if "{k}" in x)
    name = slots["F"]
    signed = after and named and len(split_params(fam.params)) == 1 and rng.random() < 0.4
    shown = f"{name}({slots['p']})" if signed else f"`{name}`" if rng.random() < 0.08 else name
    third = (third_person(takes) + " " if takes else "") + third_person(phrase)
    text = rng.choice(patterns).format(v=takes + phrase, s=third, k=fam.noun, F=shown)
    if after and not signed:
        text = text.rstrip(".?") + rng.choice(_ARGUMENT[split]).format(p=slots["p"])
    text = re.sub(r" {2,}", " ", text).strip()
    keep = tuple(str(v) for v in slots.values() if len(str(v)) > 1)
    return fam, slots, roughen(rng, text, keep)


def parameter_names(fam: Family, slots: Slots) -> list[str]:
    """Return the names of the parameters that the function of `fam` has."""
    return [fill(p.split(":")[0], slots) for p in split_params(fam.params)]


def draw_code(rng: random.Random, split: Split, families: tuple[Family, ...]) -> tuple[Family, dict[str, Any], str]:
    """Draw code as strangers paste it: own names, often without type hints or docstring."""
    fam = rng.choice(families)
    slots = draw_slots(rng, split, fam, named=rng.random() < 0.9, own_argument=rng.random() < 0.8)
    return (
        fam,
        slots,
        code_of(fam, slots, hints=rng.random() < 0.6, doc=rng.random() < 0.5),
    )
