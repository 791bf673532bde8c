"""How strangers type: lower case, typos, missing punctuation."""

from __future__ import annotations

import random
import re
from itertools import takewhile
from operator import eq

_NEIGHBOURS = {
    "a": "sq", "b": "vn", "c": "xv", "d": "sf", "e": "wr", "f": "dg", "g": "fh", "h": "gj", "i": "uo", "j": "hk",
    "k": "jl", "l": "k", "m": "n", "n": "bm", "o": "ip", "p": "o", "q": "w", "r": "et", "s": "ad", "t": "ry",
    "u": "yi", "v": "cb", "w": "qe", "x": "zc", "y": "tu", "z": "x",
}  # fmt: skip
"""Neighbouring keys of a QWERTY board."""

_WORD = re.compile(r"[a-z]{5,}")


def roughen(rng: random.Random, text: str, keep: tuple[str, ...] = ()) -> str:
    """Return `text` as somebody in a hurry would type it; the substrings in `keep` stay as they are.

    A third of the texts stay clean; the rest may lose capitals at the start of sentences, final punctuation, or get
    one or two typos in ordinary lower-case words (never in names, numbers or anything in `keep`).
    """
    if rng.random() < 0.34:
        return text
    if rng.random() < 0.5:
        text = _lower_starts(text, keep)
    if rng.random() < 0.4:
        text = text.rstrip(".!")
    if rng.random() < 0.2:
        text = _typo(rng, text, keep)
    return text


def moved(clean: str, rough: str, end: int) -> int:
    """Return where the piece of `clean` that ends before `end` ends in `rough`, which `roughen` made of it."""
    alike = map(eq, clean.lower(), rough.lower())
    same = sum(takewhile(bool, alike))
    if rough[-1:] != clean[-1:]:
        clean = clean.rstrip(".!")
    return end if end <= same else min(end + len(rough) - len(clean), len(rough))


def _lower_starts(text: str, keep: tuple[str, ...]) -> str:
    if not text or any(text.startswith(k) for k in keep) or text.startswith("I "):
        return text
    return text[0].lower() + text[1:]


def _typo(rng: random.Random, text: str, keep: tuple[str, ...]) -> str:
    guarded = [(m.start(), m.end()) for k in keep if k for m in re.finditer(re.escape(k), text)]
    words = [m for m in _WORD.finditer(text) if not any(a < m.end() and m.start() < b for a, b in guarded)]
    if not words:
        return text
    m = rng.choice(words)
    word = m.group()
    i = rng.randrange(1, len(word) - 1)
    kind = rng.randrange(4)
    if kind == 0:
        new = word[:i] + word[i + 1] + word[i] + word[i + 2 :]
    elif kind == 1:
        new = word[:i] + word[i + 1 :]
    elif kind == 2:
        new = word[:i] + word[i] + word[i:]
    else:
        new = word[:i] + rng.choice(_NEIGHBOURS[word[i]]) + word[i + 1 :]
    return text[: m.start()] + new + text[m.end() :]
