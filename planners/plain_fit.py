"""Schemas of texts and lists of texts, as most functions have: whether arguments plainly fit one is seen at a glance.

A whole validator finds out what is wrong, in some 80 µs; nearly all calls are right, which this sees in one or two.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

_SAYS_NOTHING: Final = frozenset({"title", "description", "default", "examples"})
"""Keywords that hold arguments to nothing; those that begin with `x-` do not, either."""

_OBJECT: Final = frozenset({"type", "properties", "required", "additionalProperties"})
_TEXT: Final = frozenset({"type", "minLength", "maxLength", "enum"})
_LIST: Final = frozenset({"type", "items", "minItems", "maxItems"})


@dataclass(frozen=True, slots=True)
class _Text:
    """A text of `least` to `most` characters, one of `allowed`; None: any."""

    least: float
    most: float
    allowed: frozenset[str] | None

    def fits(self, value: object) -> bool:
        if type(value) is not str or (self.allowed is not None and value not in self.allowed):
            return False
        return self.least <= len(value) <= self.most


@dataclass(frozen=True, slots=True)
class _List:
    """A list of `least` to `most` texts."""

    least: float
    most: float
    item: _Text

    def fits(self, value: object) -> bool:
        return type(value) is list and self.least <= len(value) <= self.most and all(map(self.item.fits, value))


@dataclass(frozen=True, slots=True)
class PlainFit:
    """What a plain schema asks for, by the name of the argument."""

    needed: frozenset[str]
    named: Mapping[str, _Text | _List]

    def fits(self, arguments: Mapping[str, Any]) -> bool:
        """Return whether the arguments break nothing; False also where only a whole validator can tell."""
        for name, value in arguments.items():
            rule = self.named.get(name)
            if rule is None or not rule.fits(value):
                return False
        return self.needed <= arguments.keys()


def plain_fit(schema: Mapping[str, Any]) -> PlainFit | None:
    """Return what the schema asks for; None where it asks for anything else than texts and lists of texts."""
    properties, required = schema.get("properties", {}), schema.get("required", [])
    if schema.get("type") != "object" or not _only(schema, _OBJECT) or not isinstance(properties, Mapping):
        return None
    if not isinstance(required, list) or not all(isinstance(name, str) for name in required):
        return None
    named = {name: _text(rule) or _list(rule) for name, rule in properties.items()}
    plain = {name: rule for name, rule in named.items() if rule is not None}
    return PlainFit(frozenset(required), plain) if len(plain) == len(named) else None


def _text(rule: object) -> _Text | None:
    if not isinstance(rule, Mapping) or rule.get("type") != "string" or not _only(rule, _TEXT):
        return None
    allowed = rule.get("enum")
    if allowed is not None and not (isinstance(allowed, list) and all(isinstance(one, str) for one in allowed)):
        return None
    bounds = _bounds(rule, "minLength", "maxLength")
    return None if bounds is None else _Text(*bounds, None if allowed is None else frozenset(allowed))


def _list(rule: object) -> _List | None:
    if not isinstance(rule, Mapping) or rule.get("type") != "array" or not _only(rule, _LIST):
        return None
    bounds, item = _bounds(rule, "minItems", "maxItems"), _text(rule.get("items"))
    return None if bounds is None or item is None else _List(*bounds, item)


def _bounds(rule: Mapping[str, Any], least: str, most: str) -> tuple[float, float] | None:
    bounds = rule.get(least, 0), rule.get(most, math.inf)
    return bounds if all(type(bound) in (int, float) for bound in bounds) else None


def _only(rule: Mapping[str, Any], known: frozenset[str]) -> bool:
    return all(word in known or word in _SAYS_NOTHING or word.startswith("x-") for word in rule)
