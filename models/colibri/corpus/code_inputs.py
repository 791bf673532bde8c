"""Random arguments for the hidden unit tests of the code tasks."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

from models.colibri.corpus.code_family import Slots

Input = Callable[[random.Random, Slots], tuple[Any, ...]]

_WORDS = (
    "apple",
    "quilt",
    "Level",
    "zebra",
    "onyx",
    "moss",
    "Tundra",
    "echo",
    "kayak",
    "ivy",
    "river",
    "unit",
)


def fixed(*args: Any) -> Input:
    """Return an input that is always `args`."""
    return lambda rng, slots: args


def numbers(rng: random.Random, slots: Slots) -> tuple[list[int]]:
    """Draw a list of numbers around `$n`, negative ones and doubles among them."""
    n = int(slots.get("n", 10))
    found = [rng.randint(-5, 2 * n + 9) for _ in range(rng.randint(3, 7))]
    found += [n, n + 1, n - 1, found[0]]
    rng.shuffle(found)
    return (found,)


def many(rng: random.Random, slots: Slots) -> tuple[list[int]]:
    """Draw a list of about twice `$n` numbers, at most 60."""
    return ([rng.randint(-9, 99) for _ in range(min(60, 2 * int(slots.get("n", 3)) + rng.randint(1, 3)))],)


def words(rng: random.Random, slots: Slots) -> tuple[list[str]]:
    """Draw a list of words, some of which start, end or agree with the request's letter or word."""
    found = rng.sample(_WORDS, 5)
    if "c" in slots:
        found += [slots["c"] + "abo", "Ro" + slots["c"], slots["c"].upper() + "bo"]
    if "s" in slots:
        found += [slots["s"], f"pre{slots['s']}post"]
    rng.shuffle(found)
    return (found,)


def text(rng: random.Random, slots: Slots) -> tuple[str]:
    """Draw a sentence that holds the request's words."""
    found = [*rng.sample(_WORDS, 4), *(str(slots[k]) for k in "sc" if k in slots)]
    if "s" in slots:
        found.append(slots["s"])
    rng.shuffle(found)
    return (" ".join(found),)


def records(rng: random.Random, slots: Slots) -> tuple[list[dict[str, Any]]]:
    """Draw dictionaries with the request's fields; `$f` is numeric, `$g` any of three words."""
    n = int(slots.get("n", 10))
    values = [n, n + 1, *(rng.randint(0, 2 * n) for _ in range(3))]
    rng.shuffle(values)
    kinds = [slots.get("s", "red"), "blue", "grey"]
    return ([{"id": i, slots.get("f", "f"): v, slots.get("g", "g"): rng.choice(kinds)} for i, v in enumerate(values)],)


def grouped(rng: random.Random, slots: Slots) -> tuple[list[dict[str, Any]]]:
    """Draw dictionaries whose `$f` is one of three words, so that several share it."""
    kinds = [slots.get("s", "red"), "blue", "grey"]
    return ([{"id": i, slots["f"]: rng.choice(kinds)} for i in range(6)],)


def mapping(rng: random.Random, slots: Slots) -> tuple[dict[str, int]]:
    """Draw a dictionary of distinct numbers by word, some above `$n` and some not."""
    n = int(slots.get("n", 10))
    values = rng.sample(range(2 * n + 8), 3)
    return (dict(zip(rng.sample(_WORDS, 6), [*values, n, n + 1, n - 1], strict=True)),)


def integer(low: int, high: int) -> Input:
    """Return an input of one whole number from `low` to `high`."""
    return lambda rng, slots: (rng.randint(low, high),)
