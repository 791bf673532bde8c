"""Which functions a request may mean, by its words: for models too small to tell many functions apart."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Final, Protocol

from planners.clauses import asks, head
from planners.looks import is_number, is_text, looks
from planners.mentions import Kind, Mention, mentions
from planners.wording import folded, has, stems

MOST: Final = 3
"""How many functions are left to the model to choose from."""

NEAR: Final = 0.75
"""What has at least this share of the best one's weight may be meant as well."""

_IN_NAME: Final = 1.0
_IN_DESCRIPTION: Final = 1.0
_IN_ARGUMENTS: Final = 0.5
_IN_RESULT: Final = 0.5
"""What a shared word weighs by where the function has it."""

_ARGUMENT: Final = 0.5
"""What an argument weighs that the function needs, for it where the request has something that looks so, or against."""


_MANY: Final = frozenset({"list", "lists", "search", "all", "every", "each", "history", "watch", "stream"})
"""Words of functions that tell of many things, and of requests for them."""

_UNASKED: Final = 0.5
"""What remains of the weight of a function that tells of many things where one is asked for."""


class Described(Protocol):
    """What is to be known of a function."""

    @property
    def name(self) -> str:
        """Return the full name."""
        ...

    @property
    def description(self) -> str:
        """Return what it does."""
        ...

    @property
    def input_schema(self) -> Mapping[str, Any]:
        """Return what it takes."""
        ...

    @property
    def outside(self) -> bool:
        """Return whether it was registered, so that no model was made for it."""
        ...

    @property
    def writes(self) -> bool:
        """Return whether a call changes something."""
        ...

    @property
    def gives(self) -> Sequence[str]:
        """Return the names in its result."""
        ...


def likely(request: str, functions: Sequence[Described]) -> list[str]:
    """Return the names of those of `functions` that `request` may mean, at least one, in their order.

    Where the words of the request are those of functions from outside, these are the likeliest `MOST` of them, and what
    is installed and as likely. Where it has no word of any of them, all functions that were installed remain, since
    those from outside are named or not meant; if there are none of those, all remain.
    """
    weights = _weights(request, functions)
    if asks(request) and any(weights[one.name] > 0 for one in functions if one.outside and not one.writes):
        weights = {one.name: 0.0 if one.outside and one.writes else weights[one.name] for one in functions}
    best = max(weights.values(), default=0.0)
    if best > 0:
        near = [name for name, weight in weights.items() if weight >= NEAR * best]
        registered = {one.name for one in functions if one.outside}
        likeliest = sorted(registered.intersection(near), key=lambda name: (-weights[name], name))[:MOST]
        if likeliest:
            left = {*likeliest, *(name for name in near if name not in registered)}
            return [one.name for one in functions if one.name in left]
    installed = [one.name for one in functions if not one.outside]
    return installed or [one.name for one in functions]


def _weights(request: str, functions: Sequence[Described]) -> dict[str, float]:
    """Return how much the words of the request say for each function: rare words among the functions say more."""
    words = {one.name: _words(one) for one in functions}
    common = Counter(word for own in words.values() for word in own)
    said = frozenset(stems(request))
    found = [one for one in mentions(request) if not (one.kind is Kind.NAME and one.begins)]
    weights = {}
    for one in functions:
        own = words[one.name]
        shared = {word for stem in said if (word := has(stem, own)) is not None}
        weight = sum(own[word] * math.log(1 + len(functions) / common[word]) for word in shared)
        weight += _fit(one, found) if one.outside else 0.0
        weights[one.name] = weight * _UNASKED if one.outside and _tells_too_many(one, request) else weight
    return weights


def _tells_too_many(function: Described, request: str) -> bool:
    """Return whether the function tells of many things and the request is for one: `list_states`, and `the state`."""
    own = folded(function.name.rpartition(".")[2]).split("_")
    if own[0] not in _MANY:
        return False
    said = frozenset(folded(request).split())
    plurals = {word for word in own[1:] if word.endswith("s")}
    return not (said & _MANY or any(word.strip(",.;:!?") in plurals for word in said))


def _fit(function: Described, found: Sequence[Mention]) -> float:
    """Return what the arguments that the function needs say for it."""
    properties, kinds = function.input_schema.get("properties", {}), {one.kind for one in found}
    required = function.input_schema.get("required", ())
    numbers = sum(one.kind is Kind.NUMBER for one in found)
    weight = 0.0
    # Protobuf has no required fields: where none is, what the request has of them still counts.
    for name in required or properties:
        prop, missing = properties.get(name), -_ARGUMENT if required else 0.0
        if is_number(prop):
            weight += _ARGUMENT if numbers > 0 else missing
            numbers -= 1
        elif is_text(prop) and (expected := set(looks(name, prop))):
            weight += _ARGUMENT if expected & kinds else missing
    return weight


def _words(function: Described) -> dict[str, float]:
    properties = function.input_schema.get("properties", {})
    places = [
        (_IN_NAME, function.name.replace(".", " ")),
        (_IN_DESCRIPTION, function.description),
        *((_IN_ARGUMENTS, f"{name} {_told(prop)}") for name, prop in properties.items()),
        *((_IN_RESULT, name) for name in (function.gives if function.outside else ())),
    ]
    own: dict[str, float] = {}
    for weight, text in places:
        for stem in stems(text):
            own[stem] = max(weight, own.get(stem, 0.0))
    return own


def _told(prop: Any) -> str:
    if not isinstance(prop, Mapping):
        return ""
    choices = (str(one) for one in prop.get("enum", ()))
    return " ".join([str(prop.get("description", "")), *choices])


def meant(part: str, functions: Sequence[Described]) -> list[str]:
    """Return the names of those of `functions` of which one is to be called for a part of a request, in their order.

    What is to be done is said before `to` and `about`. Where that has the name of an installed plugin, as `draft an
    e-mail` has, and says no more of a registered function, the plugin's functions remain, or those of them that are
    called so; else those that are `likely`.
    """
    doing = head(part)
    said = frozenset(stems(doing))
    named = [one for one in functions if not one.outside and said.intersection(stems(one.name.partition(".")[0]))]
    if named:
        weights = _weights(doing, functions)
        most = max(weights[one.name] for one in named)
        if all(weights[one.name] < most for one in functions if one.outside):
            called = [one.name for one in named if said.issuperset(stems(one.name.partition(".")[2]))]
            return called or [one.name for one in named]
    return likely(part, functions)
