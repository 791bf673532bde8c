"""The arguments of a step held against a schema while some of their values are not known yet."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace as changed
from typing import Any, Final, TypeAlias

from planners.plan_findings import PlanViolation
from planners.references import LITERAL, REF, Path, Reference, Use, inner, parse_reference, parse_template, replace
from planners.shapes import TEXT, Shape, misfit
from planners.validation import broken_rules
from plugins.schema_validator import path_text

_COUNTS: Final = frozenset(
    {"required", "additionalProperties", "type", "minItems", "maxItems", "minProperties", "maxProperties"}
)
"""The rules of an object or list that hold whatever its unknown values turn out to be."""

_SCALARS: Final = frozenset({"string", "integer", "number", "boolean"})
"""What can stand within a text."""

Shapes: TypeAlias = Callable[[Reference], tuple[Shape, ...]]
"""What a reference may lead to; empty when nothing can be there."""


def argument_violations(
    step: str,
    arguments: Mapping[str, Any],
    schema: Mapping[str, Any],
    referred: Sequence[Use],
    shapes: Shapes,
    *,
    outside: bool,
) -> Iterator[PlanViolation]:
    """Yield what `arguments` break of `schema`, whatever their references bring, and which of these cannot fit."""
    for use in referred:
        found = shapes(use.reference)
        if not found:
            message = f"refers to what does not exist: {use.reference}"
            yield PlanViolation("REFERENCE_UNKNOWN", step, _field(use.place), message)
        elif why := _misfit(use, found, Shape.of(schema).at(use.place)):
            yield PlanViolation("REFERENCE_TYPE", step, _field(use.place), f"cannot take {use.reference}: it {why}")
    unknown = [use.place for use in referred]
    known = replace(arguments, lambda *_: None, lambda *_: "")
    for rule in broken_rules(schema, known, outside=outside):
        if not any(_is_open(rule.keyword, rule.place, place) for place in unknown):
            yield PlanViolation("ARGUMENT_INVALID", step, f"arguments.{rule.field}".rstrip("."), rule.message)


def gathered_shapes(arguments: Any, path: Path, shapes: Shapes) -> tuple[Shape, ...]:
    """Return what lies along `path` in the result of a step that gathers `arguments`."""
    value = arguments
    for at, part in enumerate(path):
        if isinstance(value, dict) and LITERAL in value:
            value = value[LITERAL]
        if isinstance(value, dict) and REF in value:
            return _further(parse_reference(value[REF]), path[at:], shapes)
        try:
            value = inner(value, part)
        except LookupError:
            return ()
    if isinstance(value, dict) and REF in value:
        return shapes(parse_reference(value[REF]))
    if isinstance(value, str) and any(isinstance(part, Reference) for part in parse_template(value)):
        return (TEXT,)
    if isinstance(value, dict | list):
        return (Shape.of({"type": "object" if isinstance(value, dict) else "array"}),)
    return (Shape.of({"const": value}),)


def _further(reference: Reference, path: Path, shapes: Shapes) -> tuple[Shape, ...]:
    if reference.source == "text":
        return ()
    return shapes(changed(reference, path=(*reference.path, *path)))


def _misfit(use: Use, found: tuple[Shape, ...], targets: tuple[Shape, ...]) -> str:
    """Return why what was found may not stand where it is used; where nothing may stand, another check says so."""
    if not targets:
        return ""
    if use.whole:
        return misfit(found, targets)
    for shape in found:
        types = shape.types()
        if types is not None and not types <= _SCALARS:
            return f"may be of type {' or '.join(sorted(types - _SCALARS))}, which cannot stand in a text"
    return misfit((TEXT,), targets)


def _is_open(keyword: str, broken: Path, unknown: Path) -> bool:
    """Return whether a rule that was broken at one place may hold once the value at another is known."""
    if broken[: len(unknown)] == unknown:
        return True
    return unknown[: len(broken)] == broken and keyword not in _COUNTS


def _field(place: Path) -> str:
    return path_text(("arguments", *place))
