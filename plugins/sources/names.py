"""Names of functions made from what a source calls them: snake case, unique, the same on every import."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final

from plugins.sources.base import LeftOut

_MAX_CHARACTERS: Final = 64
"""Longest name of a function in a manifest."""
_HASH_CHARACTERS: Final = 8

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")


def snake_case(text: str) -> str:
    """Return `text` as [a-z][a-z0-9_]*: `GetHTTPRoute2` is `get_http_route2`; empty if it has no letter or digit.

    What starts with a digit gets an `f` in front. What is longer than 64 characters is cut and ends in a hash.
    """
    words: list[str] = []
    end = -1
    for found in _WORD.finditer(text):
        # Digits belong to the word before them unless something lies between.
        if words and found.group().isdigit() and found.start() == end:
            words[-1] += found.group()
        else:
            words.append(found.group().lower())
        end = found.end()
    name = "_".join(words)
    if name[:1].isdigit():
        name = f"f{name}"
    if len(name) <= _MAX_CHARACTERS:
        return name
    digest = hashlib.sha256(text.encode()).hexdigest()[:_HASH_CHARACTERS]
    return f"{name[: _MAX_CHARACTERS - _HASH_CHARACTERS - 1].rstrip('_')}_{digest}"


def assign_names(wanted: Mapping[str, Sequence[str]]) -> tuple[dict[str, str], tuple[LeftOut, ...]]:
    """Return a name for each subject and which subjects got none.

    `wanted` gives each subject (unique, as the source calls it) its possible names, shortest first, as the source
    writes them: `GetOrder`, `Orders.GetOrder`, `shop.v1.Orders.GetOrder`. All that clash move on to their next name
    together, so that no name depends on an order. Those that clash at their last are left out, but for the first by
    subject.
    """
    options = {subject: [snake_case(name) for name in names] or [""] for subject, names in sorted(wanted.items())}
    levels = dict.fromkeys(options, 0)
    while True:
        counted = Counter(options[subject][level] for subject, level in levels.items())
        clashing = [s for s, level in levels.items() if counted[options[s][level]] > 1 and level + 1 < len(options[s])]
        if not clashing:
            break
        for subject in clashing:
            levels[subject] += 1
    names: dict[str, str] = {}
    left_out: list[LeftOut] = []
    taken: set[str] = set()
    for subject, level in levels.items():
        name = options[subject][level]
        if not name:
            left_out.append(LeftOut(subject, "its name has no letter or digit of ASCII"))
        elif name in taken:
            left_out.append(LeftOut(subject, f"another function is already called {name}"))
        else:
            taken.add(name)
            names[subject] = name
    return names, tuple(left_out)
