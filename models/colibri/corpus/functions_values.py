"""Templates with holes, and the values that fill them: a request carries them and the answer copies them."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from functools import cache

from models.colibri.corpus import names
from models.colibri.corpus.example import Split

_CITY = [
    "Madrid",
    "Berlin",
    "Lyon",
    "Porto",
    "Oslo",
    "Vienna",
    "Prague",
    "Turin",
    "Ghent",
    "Leeds",
    "Cork",
    "Malmö",
    "Gdansk",
    "Zagreb",
    "Athens",
    "Izmir",
    "Cairo",
    "Lagos",
    "Nairobi",
    "Mumbai",
    "Pune",
    "Hanoi",
    "Osaka",
    "Seoul",
    "Lima",
    "Quito",
    "Bogotá",
    "Rosario",
    "Valencia",
    "Sevilla",
    "Bilbao",
    "Zaragoza",
    "Hamburg",
    "Dresden",
    "Bremen",
    "Basel",
    "Geneva",
    "Utrecht",
    "Aarhus",
    "Turku",
    "Riga",
    "Vilnius",
    "Tallinn",
    "Boston",
    "Denver",
    "Austin",
    "Toronto",
    "Sydney",
    "Perth",
    "Chicago",
    "Dublin",
    "Bristol",
]
_TOPIC_A = [
    "budget",
    "project",
    "security",
    "marketing",
    "hiring",
    "sales",
    "product",
    "server",
    "network",
    "quality",
    "launch",
    "audit",
    "logistics",
    "training",
    "pricing",
    "website",
    "inventory",
    "design",
    "onboarding",
    "holiday",
    "travel",
    "payroll",
    "database",
    "contract",
    "summer",
    "team",
    "board",
    "customer",
    "data",
    "safety",
]
_TOPIC_B = [
    "review",
    "plan",
    "meeting",
    "report",
    "workshop",
    "update",
    "call",
    "strategy",
    "demo",
    "kick-off",
    "session",
    "migration",
    "rollout",
    "survey",
]


def _city(rng: random.Random, split: Split) -> str:
    if rng.random() < 0.3:
        return names.rare_word(rng, split).capitalize()
    return names.draw(rng, split, lambda r: r.choice(_CITY))


def _topic(rng: random.Random, split: Split) -> str:
    if rng.random() < 0.2:
        return f"{names.rare_word(rng, split)} {rng.choice(_TOPIC_B)}"
    return names.draw(rng, split, lambda r: f"{r.choice(_TOPIC_A)} {r.choice(_TOPIC_B)}")


def _reference(rng: random.Random, split: Split) -> str:
    """Return an id; half of them plain digits, as most people's invoices and orders are."""
    if rng.random() < 0.5:
        return names.reference_id(rng, split)
    return names.draw(
        rng,
        split,
        lambda r: f"{r.choice(('', '', '#'))}{r.randrange(10 ** r.choice((3, 4, 5)), 10**6)}",
    )


def _price(rng: random.Random, split: Split) -> str:
    return names.draw(
        rng,
        split,
        lambda r: f"{r.randrange(1, 900)}{r.choice(('', f'.{r.randrange(10)}{r.randrange(1, 10)}'))}",
    )


def _when(rng: random.Random, split: Split) -> str:
    day = names.weekday(rng)
    return rng.choice(
        (
            names.date(rng, split),
            names.date(rng, split),
            day,
            f"next {day}",
            "tomorrow",
            "next week",
        )
    )


def _cuando(rng: random.Random, split: Split) -> str:
    return names.weekday(rng, "es") if rng.random() < 0.3 else names.date(rng, split, "es")


KINDS: dict[str, Callable[[random.Random, Split], str]] = {
    "person": names.full_name,
    "first": names.first_name,
    "last": names.last_name,
    "company": names.company,
    "ref": _reference,
    "amount": names.amount,
    "date": _when,
    "fecha": _cuando,
    "time": names.clock_time,
    "word": names.rare_word,
    "product": names.product,
    "topic": _topic,
    "email": names.email_address,
    "url": names.url,
    "city": _city,
    "place": names.place,
    "n": lambda rng, split: names.draw(rng, split, lambda r: str(r.randrange(2, 10 ** r.choice((1, 2, 2, 3)) + 60))),
    "price": _price,
    "pct": names.percentage,
    "month": lambda rng, split: names.month(rng),
    "mes": lambda rng, split: names.month(rng, "es"),
    "day": lambda rng, split: names.weekday(rng),
    "dia": lambda rng, split: names.weekday(rng, "es"),
    "phone": lambda rng, split: (
        f"+{rng.randrange(10, 99)} {rng.randrange(100, 999)} {rng.randrange(100, 999)} {rng.randrange(100, 999)}"
    ),
}
"""A draw for each kind of value; the name is what stands in braces in a template."""

_HOLE = re.compile(r"\{(\w+)\}")


def fill(rng: random.Random, split: Split, template: str) -> str:
    """Return `template` with each `{kind}` replaced by a fresh value of that kind."""
    return _HOLE.sub(lambda m: KINDS[m.group(1)](rng, split), template)


@cache
def phrasings(lines: tuple[str, ...], split: Split) -> tuple[str, ...]:
    """Return the phrasings of `split`: the last seventh of a list, at least one, is held out."""
    cut = len(lines) - max(1, len(lines) // 7)
    return lines[:cut] if split == "train" else lines[cut:]


def lines_of(text: str) -> tuple[str, ...]:
    """Return the lines of a block of text, stripped, without the empty ones."""
    return tuple(line.strip() for line in text.strip().splitlines() if line.strip())
