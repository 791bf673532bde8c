"""Identifiers, words and numbers for the code tasks, in two disjoint sets."""

from __future__ import annotations

import builtins
import keyword
import random
import zlib

from models.colibri.corpus.example import Split

_VERBS = """tally pick gather sift filter collect select find fetch load make build count check sum measure scan clean
trim merge sort rank group split pack list get take drop keep mark fold weigh compute calc derive handle process convert
extract prepare resolve update reduce map shape order read parse show give verify total scale shift join""".split()

_ADJECTIVES = "large small big best new old good first last only top long short high low".split()

_NOUNS = """crate parcel ticket invoice order shipment pallet truck driver route stop depot shelf bin box carton bottle
barrel tank pump valve sensor reading sample probe signal frame pixel image photo album track song playlist artist movie
actor scene ticket seat row venue guest booking room hotel flight airport plane cabin pilot crew train wagon station bus
ferry boat harbor dock crane engine motor wheel tire brake gear bolt screw panel beam brick tile plank roof wall window
door floor garden plant tree leaf seed flower harvest field farm barn cow sheep goat horse chicken egg milk cheese bread
cake cookie recipe spice menu dish meal lunch dinner plate cup spoon fork knife table chair lamp couch carpet curtain
pillow blanket shirt jacket coat glove scarf boot shoe sock hat belt ring watch jewel coin wallet bill payment refund
salary bonus budget cost price rate fee tax discount loan debt account balance deposit transfer ledger entry branch
customer client vendor supplier partner member player coach team league match goal score point medal race runner lap
student teacher lesson course exam grade school class book chapter page author library note letter stamp packet
message email reply thread topic tag label badge event meeting agenda task ticketing sprint bug commit build deploy
server node cluster disk volume backup log metric alert trace request session cookie token user role group policy
city street house region country island river lake mountain valley forest desert beach storm cloud rain wind degree
patient doctor nurse clinic dose pill vaccine visit symptom weight height age width depth speed mass length""".split()

_STARTS = "b br c ch d dr f fl g gr h j k kl l m n p pl qu r s sk st t tr v w z".split()
_MIDDLES = "a e i o u ai ea io ou".split()
_ENDS = "l n r m k t x nd rk sh lt b v z".split()

_TAKEN = {
    *keyword.kwlist,
    *dir(builtins),
    "item",
    "row",
    "word",
    "key",
    "value",
    "result",
    "class",
    "day",
    "group",
    "count",
    "other",
}

NUMBER_LIMIT = 999
"""The largest number a request bears."""


def in_split(word: str, split: Split) -> bool:
    """Say whether `word` belongs to `split`: one word in ten is held out, by its checksum."""
    return (zlib.crc32(word.encode()) % 10 == 0) == (split == "heldout")


_KNOWN: dict[Split, tuple[str, ...]] = {
    split: tuple(sorted({n for n in _NOUNS if n not in _TAKEN and in_split(n, split)}))
    for split in ("train", "heldout")
}


def noun(rng: random.Random, split: Split) -> str:
    """Return a lower-case word: an English noun, or one made of syllables that nobody has seen."""
    if rng.random() < 0.55:
        return rng.choice(_KNOWN[split])
    while True:
        word = rng.choice(_STARTS) + rng.choice(_MIDDLES) + rng.choice(_ENDS)
        if rng.random() < 0.5:
            word += rng.choice(_MIDDLES) + rng.choice(_ENDS)
        if len(word) > 3 and word not in _TAKEN and word + "s" not in _TAKEN and in_split(word, split):
            return word


def _many(word: str) -> str:
    return word if word.endswith("s") else word + ("es" if word.endswith(("x", "sh", "ch", "z")) else "s")


def plural(rng: random.Random, split: Split) -> str:
    """Return a name for a list: `crates`, `zorveks`, `open_tickets`."""
    word = _many(noun(rng, split))
    return f"{rng.choice(('open', 'new', 'raw', 'old', 'my', 'all'))}_{word}" if rng.random() < 0.12 else word


def known_plural(rng: random.Random, split: Split) -> str:
    """Return English words for the elements of a list: `crates`."""
    return _many(rng.choice(_KNOWN[split]))


def singular(rng: random.Random, split: Split) -> str:
    """Return a name for one value: `crate`, `label_kest`."""
    word = noun(rng, split)
    return f"{word}_{noun(rng, split)}" if rng.random() < 0.15 else word


def function_name(rng: random.Random, split: Split) -> str:
    """Return a function's name: `tally_crates`, `drop_zorvek`, `pick_large`, `pick_big_kests`, `zorvek`."""
    verb, chance = rng.choice(_VERBS), rng.random()
    if chance < 0.3:
        return f"{verb}_{_many(noun(rng, split))}"
    if chance < 0.6:
        return f"{verb}_{noun(rng, split)}"
    if chance < 0.75:
        return f"{verb}_{rng.choice(_ADJECTIVES)}_{noun(rng, split)}"
    if chance < 0.88:
        return f"{noun(rng, split)}_{noun(rng, split)}"
    return noun(rng, split)


def number(rng: random.Random, split: Split, low: int = 2, high: int = NUMBER_LIMIT) -> int:
    """Return a number of `split` between `low` and `high`, small ones more often."""
    while True:
        n = rng.randint(low, 30) if low < 30 <= high and rng.random() < 0.4 else rng.randint(low, high)
        if high - low < 40 or in_split(str(n), split):
            return n
