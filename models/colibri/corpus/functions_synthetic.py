"""Draws of synthetic functions: those of the catalogue, and verbs on things of imaginary services."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass
from functools import cache

from models.colibri.corpus import names
from models.colibri.corpus.example import Split
from models.colibri.corpus.functions_business import BUSINESS
from models.colibri.corpus.functions_everyday import EVERYDAY
from models.colibri.corpus.functions_values import KINDS, lines_of, phrasings
from planners.layout import FunctionLine


@dataclass(frozen=True, slots=True)
class Argument:
    """An argument of a synthetic function: its possible names and the kind of its value."""

    names: tuple[str, ...]
    kind: str
    options: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Family:
    """One meaning that several names, descriptions and phrasings share; `key` tells families apart."""

    key: str
    names: tuple[str, ...]
    descriptions: tuple[str, ...]
    arguments: tuple[Argument, ...]
    requests: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Synthetic:
    """A function as it is listed, a request for it, and the arguments that the request gives."""

    key: str
    line: FunctionLine
    request: str
    arguments: dict[str, object]


_ARGUMENT = re.compile(r"([\w/]+):(\w+)(?:\(([^)]*)\))?")

_SLOT = re.compile(r"\{\w+\}")
_WORD = re.compile(r"[a-z]{3,}")
_COMMON = frozenset("the and for you with from this that what how who when where are can has get have get plea".split())

_THINGS = [
    "shipment",
    "contract",
    "subscription",
    "vehicle",
    "permit",
    "licence",
    "claim",
    "policy",
    "case",
    "device",
    "sensor",
    "route",
    "asset",
    "backup",
    "cluster",
    "certificate",
    "voucher",
    "campaign",
    "lesson",
    "exam",
    "pupil",
    "member",
    "guest",
    "booking",
    "lease",
    "tenant",
    "sample",
    "batch",
    "recall",
    "audit",
    "grant",
    "loan",
    "dataset",
    "model",
    "dashboard",
    "webhook",
    "template",
    "playlist",
    "ward",
    "prescription",
    "meter",
    "pump",
    "turbine",
    "container",
    "pallet",
    "crate",
    "locker",
    "badge",
    "fleet",
    "tender",
    "proposal",
    "bid",
    "donation",
    "petition",
    "quiz",
    "podcast",
    "banner",
    "domain_name",
    "queue",
    "job",
    "schedule",
    "shift",
    "roster",
    "depot",
]
_VERBS = (
    (
        "get",
        ("get", "read", "show", "fetch", "details"),
        ("Get a {t}.", "Show the details of a {t}."),
        (
            "show {t} {id}",
            "details of {t} {id}",
            "what do we know about {t} {id}",
            "get me {t} {id}",
            "open the {t} {id}",
            "let me see {t} {id}",
            "I need the data of {t} {id}",
        ),
        (),
    ),
    (
        "delete",
        ("delete", "remove", "drop", "erase"),
        ("Delete a {t}.", "Remove a {t}."),
        (
            "delete {t} {id}",
            "remove the {t} {id}",
            "get rid of {t} {id}",
            "{t} {id} can be deleted",
            "erase {t} {id} please",
            "we no longer need {t} {id}, remove it",
            "drop the {t} {id}",
        ),
        (),
    ),
    (
        "approve",
        ("approve", "accept", "confirm", "sign_off"),
        ("Approve a {t}.", "Accept a {t}."),
        (
            "approve {t} {id}",
            "accept the {t} {id}",
            "{t} {id} is fine, approve it",
            "sign off {t} {id}",
            "I agree with {t} {id}, approve",
            "give the green light to {t} {id}",
            "let {t} {id} pass",
        ),
        (),
    ),
    (
        "reject",
        ("reject", "decline", "refuse", "deny"),
        ("Reject a {t} with a reason.", "Decline a {t}."),
        (
            "reject {t} {id} because of {reason}",
            "decline {t} {id}, reason {reason}",
            "refuse the {t} {id}: {reason}",
            "{t} {id} is rejected, {reason}",
            "say no to {t} {id} due to {reason}",
            "turn down {t} {id} ({reason})",
            "deny {t} {id} on account of {reason}",
        ),
        (("reason", "topic"),),
    ),
    (
        "renew",
        ("renew", "extend", "prolong"),
        ("Renew a {t} until a date.", "Extend a {t}."),
        (
            "renew {t} {id} until {until}",
            "extend the {t} {id} to {until}",
            "{t} {id} should run until {until}",
            "prolong {t} {id}, new end {until}",
            "make {t} {id} last until {until}",
            "{t} {id}: extension to {until}",
            "keep {t} {id} going until {until}",
        ),
        (("until", "date"),),
    ),
    (
        "assign",
        ("assign", "give_to", "set_owner", "delegate"),
        ("Assign a {t} to a person.", "Set the owner of a {t}."),
        (
            "assign {t} {id} to {person}",
            "give {t} {id} to {person}",
            "{person} takes care of {t} {id}",
            "make {person} responsible for {t} {id}",
            "hand {t} {id} to {person}",
            "{t} {id} goes to {person}",
            "let {person} have {t} {id}",
        ),
        (("person", "person"),),
    ),
    (
        "move",
        ("move", "relocate", "transfer"),
        ("Move a {t} to a place.", "Bring a {t} to a city."),
        (
            "move {t} {id} to {city}",
            "bring the {t} {id} to {city}",
            "{t} {id} must go to {city}",
            "relocate {t} {id} to {city}",
            "{city} is the new location of {t} {id}",
            "transfer {t} {id} over to {city}",
            "take {t} {id} to {city}",
        ),
        (("city", "city"),),
    ),
    (
        "rename",
        ("rename", "set_name", "relabel"),
        ("Rename a {t}.", "Give a {t} a new name."),
        (
            "rename {t} {id} to {name}",
            "call the {t} {id} {name}",
            "{t} {id} is now named {name}",
            "change the name of {t} {id} to {name}",
            "new name for {t} {id}: {name}",
            "label {t} {id} as {name}",
            "{name} shall be the name of {t} {id}",
        ),
        (("name", "word"),),
    ),
    (
        "count",
        ("set_quantity", "resize", "set_count"),
        ("Set the quantity of a {t}.", "Change how many a {t} holds."),
        (
            "set {t} {id} to {quantity} pieces",
            "{t} {id} holds {quantity} now",
            "change the quantity of {t} {id} to {quantity}",
            "make it {quantity} in {t} {id}",
            "{quantity} for {t} {id} please",
            "resize {t} {id} to {quantity}",
            "{t} {id}: quantity {quantity}",
        ),
        (("quantity", "n"),),
    ),
    (
        "schedule",
        ("schedule", "plan", "set_date"),
        ("Schedule a {t}.", "Plan a {t} for a date."),
        (
            "schedule {t} {id} for {date}",
            "plan the {t} {id} on {date}",
            "{t} {id} takes place on {date}",
            "set the date of {t} {id} to {date}",
            "put {t} {id} on {date}",
            "{t} {id} on {date} please",
            "do {t} {id} on {date}",
        ),
        (("date", "date"),),
    ),
)


def _parsed(block: str) -> Family:
    own_names, descriptions, arguments, *requests = lines_of(block)
    return Family(
        key=own_names.split("|")[0],
        names=tuple(own_names.split("|")),
        descriptions=tuple(descriptions.split("|")),
        arguments=tuple(
            Argument(
                tuple(n.split("/")),
                kind,
                tuple(re.split(r"[,|]", options)) if options else (),
            )
            for n, kind, options in _ARGUMENT.findall(arguments)
        ),
        requests=tuple(requests),
    )


FAMILIES = tuple(_parsed(block) for block in [*BUSINESS.strip().split("\n\n"), *EVERYDAY.strip().split("\n\n")])
"""The families of the catalogue."""


def _composed(thing: str, verb: int) -> Family:
    key, verbs, descriptions, requests, more = _VERBS[verb]
    spoken = thing.replace("_", " ")
    own_names = (
        *(f"{thing}s.{v}" for v in verbs),
        *(f"{thing}_service.{v}_{thing}" for v in verbs[:2]),
        *(f"{thing}.{v}" for v in verbs[:2]),
    )
    return Family(
        key=f"{thing}.{key}",
        names=own_names,
        descriptions=tuple(d.replace("{t}", spoken) for d in descriptions),
        arguments=(
            Argument(("id", f"{thing}_id", thing), "ref", ()),
            *(Argument((n,), kind, ()) for n, kind in more),
        ),
        requests=tuple(r.replace("{t}", spoken) for r in requests),
    )


@cache
def _split_families(split: Split) -> tuple[tuple[Family, ...], tuple[Family, ...]]:
    """Return the catalogue's and the composed families; those of `train` come in `heldout` too, phrased otherwise."""
    composed = [_composed(t, v) for t in _THINGS for v in range(len(_VERBS))]
    own = tuple(f for f in FAMILIES if split == "heldout" or names.belongs(f.key, split))
    return own, tuple(f for f in composed if names.belongs(f.key.split(".")[0], split))


def synthetic(rng: random.Random, split: Split) -> Synthetic:
    """Return a synthetic function with a request for it."""
    own, composed = _split_families(split)
    family = rng.choice(own if rng.random() < 0.6 else composed)
    return _drawn(rng, split, family)


def namesakes(rng: random.Random, split: Split, key: str, count: int) -> list[Synthetic]:
    """Return up to `count` other functions on the same thing, which are the hardest to tell apart."""
    own, composed = _split_families(split)
    thing = key.split(".")[0] + "."
    near = [f for f in (*own, *composed) if f.key.startswith(thing) and f.key != key]
    return [_drawn(rng, split, f) for f in rng.sample(near, min(count, len(near)))]


def _drawn(rng: random.Random, split: Split, family: Family) -> Synthetic:
    spoken: dict[str, str] = {}
    arguments: dict[str, object] = {}
    for argument in family.arguments:
        text, value = _value(rng, split, argument)
        spoken[argument.names[0]] = text
        arguments[argument.names[0] if rng.random() < 0.6 else rng.choice(argument.names)] = value
    name = family.names[0] if rng.random() < 0.35 else rng.choice(family.names)
    line = FunctionLine(name, tuple(arguments), rng.choice(family.descriptions))
    worded = phrasings(family.requests, split)
    # The choice is derived from the words that a request shares with a function's line.
    most = max(shared_words(template, line) for template in worded)
    template = rng.choice([t for t in worded if shared_words(t, line) == most])
    return Synthetic(family.key, line, template.format_map(spoken), arguments)


def shared_words(request: str, line: FunctionLine) -> int:
    """Return how many words of `request` begin like one of the line's name or description."""
    return len(_stems(_SLOT.sub("", request)) & _stems(f"{line.name} {line.description}"))


def _stems(text: str) -> set[str]:
    return {word[:4] for word in _WORD.findall(text.lower())} - _COMMON


def _value(rng: random.Random, split: Split, argument: Argument) -> tuple[str, object]:
    """Return a value as spoken of in the request and as the argument."""
    if argument.kind == "enum":
        option = rng.choice(argument.options)
        return option, option
    if argument.kind == "bool":
        yes = rng.random() < 0.5
        return argument.options[0 if yes else 1], yes
    text = KINDS[argument.kind](rng, split)
    if argument.kind == "n":
        return text, int(text)
    if argument.kind == "price":
        return text, float(text) if "." in text else int(text)
    return text, text
