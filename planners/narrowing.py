"""Arguments held to what a request says, for models that are too small to be trusted with the copying.

A value that stands in the request is copied by code; which of them goes where is left to the model, among the
assignments that types, names and descriptions of the arguments allow, and in which no part of the request is used
twice. What this leaves open, such as lists and objects, the model fills as it always does.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final, TypeAlias

from planners.looks import is_number, is_text, is_whole, looks
from planners.mentions import Kind, Mention, mentions
from planners.wording import has, stems

MOST_ASSIGNMENTS: Final = 64
"""More ways to fill the arguments than these are not told to a model one by one."""

MOST_READ: Final = 400
"""More ways than these are not even compared."""

_REFERENCES: Final = frozenset({Kind.IDENTIFIER, Kind.EMAIL, Kind.PHONE, Kind.VERSION})
"""What a thing is known by."""

_REFERENCE_CHARACTERS: Final = 3
"""Shorter than this is a size or a grade, as in `A4`, and not what something is known by."""


@dataclass(frozen=True, slots=True)
class _Option:
    """A value for an argument; `mention` None: it is not of the request; `is_likely`: it looks as is expected."""

    value: Any
    mention: Mention | None = None
    is_likely: bool = False


_Way: TypeAlias = Mapping[str, _Option]


def narrowed(
    name: str, description: str, schema: Mapping[str, Any], request: str, required: Sequence[str] = ()
) -> dict[str, Any]:
    """Return the schema of arguments narrowed to what stands in `request`, as far as it holds anything that fits.

    `schema` is the object that the model fills, `name` and `description` are the function's. Of `required`, the
    arguments that the function needs, none is left empty.
    """
    own = frozenset(stems(f"{name.replace('.', ' ')} {description}"))
    found = mentions(request)
    alone = sum(is_text(prop) for prop in schema["properties"].values()) == 1
    takes_numbers = any(is_number(prop) for prop in schema["properties"].values())
    options = {
        argument: _options(
            argument, prop, found, own, needed=argument in required, alone=alone, takes_numbers=takes_numbers
        )
        for argument, prop in schema["properties"].items()
    }
    known = {argument: tuple(some) for argument, some in options.items() if some}
    if not known:
        return dict(schema)
    ways = _assignments(known)
    if not 0 < len(ways) <= MOST_ASSIGNMENTS:
        return _with(schema, {argument: [one.value for one in some] for argument, some in known.items()})
    if len(ways) == 1:
        return _with(schema, {argument: [value] for argument, value in ways[0].items()})
    return {"anyOf": [_with(schema, {argument: [value] for argument, value in way.items()}) for way in ways]}


def only_way(schema: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the arguments where a narrowed schema leaves no choice, else None."""
    found = {}
    for name, prop in schema.get("properties", {}).items():
        if not isinstance(prop, Mapping) or len(prop.get("enum", ())) != 1:
            return None
        found[name] = prop["enum"][0]
    return found if "anyOf" not in schema else None


def _with(schema: Mapping[str, Any], values: Mapping[str, Sequence[Any]]) -> dict[str, Any]:
    properties = {
        name: {"enum": list(dict.fromkeys(values[name]))} if name in values else prop
        for name, prop in schema["properties"].items()
    }
    # What stands in the request is given, whether the function needs it or not.
    required = [name for name in properties if name in values or name in schema.get("required", ())]
    return {**schema, "properties": properties, "required": required}


def _assignments(options: Mapping[str, Sequence[_Option]]) -> list[dict[str, Any]]:
    """Return the ways to fill all arguments that use no part of the request twice, and all of it that they can."""
    found = list(islice(_ways(list(options.items()), ()), MOST_READ))
    if len(found) == MOST_READ:
        return []
    whole = [way for way in found if not any(_exceeds(other, way) for other in found)]
    kept = [way for way in whole if _is_in_time(way)] or whole
    ways: list[dict[str, Any]] = []
    for way in kept:
        values = {argument: one.value for argument, one in way.items()}
        if values not in ways:
            ways.append(values)
    return ways


def _is_in_time(way: _Way) -> bool:
    """Return whether days and times stand in the request in the order of the arguments, as beginning and end do."""
    for kind in (Kind.DAY, Kind.TIME):
        starts = [one.mention.start for one in way.values() if one.mention is not None and one.mention.kind is kind]
        if starts != sorted(starts):
            return False
    return True


def _exceeds(more: _Way, less: _Way) -> bool:
    """Return whether one way says all that the other says, and more."""
    if more is less:
        return False
    pairs = [(more[argument], less[argument]) for argument in less]
    return all(one == other or _is_more(one, other) for one, other in pairs) and any(
        one != other for one, other in pairs
    )


def _is_more(one: _Option, other: _Option) -> bool:
    if one.mention is None:
        return False
    if other.mention is None:
        return other.value == "" and one.is_likely
    return one.mention != other.mention and one.mention.contains(other.mention)


def _ways(left: Sequence[tuple[str, Sequence[_Option]]], used: tuple[Mention, ...]) -> Iterator[_Way]:
    if not left:
        yield {}
        return
    (argument, options), *others = left
    for one in options:
        if one.mention is not None and any(one.mention.overlaps(other) for other in used):
            continue
        taken = used if one.mention is None else (*used, one.mention)
        for way in _ways(others, taken):
            yield {argument: one, **way}


def _options(
    argument: str,
    prop: Any,
    found: Sequence[Mention],
    own: frozenset[str],
    *,
    needed: bool,
    alone: bool,
    takes_numbers: bool,
) -> Sequence[_Option]:
    """Return what the argument may be; empty: nothing in the request fits, or it is of a type that is not read."""
    if not isinstance(prop, Mapping):
        return ()
    if "enum" in prop:
        return _choices(prop["enum"], found)
    if is_number(prop):
        return _numbers(argument, found, own, whole=is_whole(prop))
    if not is_text(prop):
        return ()
    options = _texts(argument, prop, found, own, needed=needed, alone=alone, takes_numbers=takes_numbers)
    # What the request does not say and the function can do without is not made up.
    return options if needed else [_Option(""), *options]


def _choices(allowed: Sequence[Any], found: Sequence[Mention]) -> Sequence[_Option]:
    """Return the choices of which the request has a word, which then is no other argument's; or else all of them."""
    named = [
        _Option(choice, mention)
        for choice in allowed
        if isinstance(choice, str)
        for mention in found
        if mention.kind is Kind.WORDS
        and stems(choice)
        and all(has(stem, stems(mention.text)) for stem in stems(choice))
    ]
    return named or [_Option(one) for one in allowed]


def _numbers(argument: str, found: Sequence[Mention], own: frozenset[str], *, whole: bool) -> Sequence[_Option]:
    """Return the numbers; only those after a word of the function's own, as in `order 1042`, if there are such."""
    labels = own | frozenset(stems(argument))
    options, labelled = [], []
    for one in found:
        if one.kind is not Kind.NUMBER:
            continue
        value = float(one.text.replace(",", "."))
        if whole and not value.is_integer():
            continue
        option = _Option(int(value) if value.is_integer() else value, one, is_likely=True)
        options.append(option)
        if one.after and any(stem in labels for stem in stems(one.after)):
            labelled.append(option)
    return labelled or options


def _texts(
    argument: str,
    prop: Mapping[str, Any],
    found: Sequence[Mention],
    own: frozenset[str],
    *,
    needed: bool,
    alone: bool,
    takes_numbers: bool,
) -> Sequence[_Option]:
    """Return what a text may be: what looks as is expected; else references, and words if it is not `alone`."""
    # A number that no argument counts is what something is known by.
    kinds = _REFERENCES if takes_numbers else _REFERENCES | {Kind.NUMBER}
    weak: list[Mention] = []
    for kind in looks(argument, prop):
        exact = [one for one in found if one.kind is kind or (kind is Kind.IDENTIFIER and one.kind is Kind.NUMBER)]
        # A capital alone at the beginning of a sentence may be a name, and mostly is none.
        if certain := [one for one in exact if kind is not Kind.NAME or not one.begins]:
            return [_Option(one.text, one, is_likely=True) for one in certain]
        weak += exact
    references = [one for one in found if one.kind in kinds and len(one.text) >= _REFERENCE_CHARACTERS]
    things = [one for one in found if one.kind in (Kind.WORDS, Kind.NAME) and not _is_label(one, own)]
    # A sentence that begins with one word by itself begins with what is to be done.
    words = [one for one in things if not one.begins] or (things if needed else [])
    if references and (alone or weak):
        words = weak
    return [
        *(_Option(one.text, one, is_likely=True) for one in references),
        *(_Option(one.text, one) for one in words),
    ]


def _is_label(one: Mention, own: frozenset[str]) -> bool:
    """Return whether the words begin or end with one of the function's own, and so say what is meant, not which."""
    if one.kind is not Kind.WORDS:
        return False
    words = one.text.split()
    return any(stem in own for edge in (words[0], words[-1]) for stem in stems(edge))
