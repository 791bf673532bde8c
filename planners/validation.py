"""Arguments held against a function's schema, with messages that name the field and never repeat its value."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from jsonschema.exceptions import ValidationError

from planners.plain_fit import PlainFit, plain_fit
from plugins.schema_validator import SchemaValidator, UnresolvableSchemaError, joined, path_text

_TEXTS = {
    "type": "must be of type {}",
    "maxLength": "must have at most {} characters",
    "minLength": "must have at least {} characters",
    "maxItems": "must have at most {} items",
    "minItems": "must have at least {} items",
    "uniqueItems": "must not hold an item twice",
    "maxProperties": "must have at most {} fields",
    "minProperties": "must have at least {} fields",
    "maximum": "must be at most {}",
    "minimum": "must be at least {}",
    "exclusiveMaximum": "must be less than {}",
    "exclusiveMinimum": "must be greater than {}",
    "multipleOf": "must be a multiple of {}",
    "pattern": "must match the pattern {}",
    "enum": "must be one of {}",
    "const": "must be {}",
}


@dataclass(frozen=True, slots=True)
class Violation:
    """What is wrong with one field: `points[2]`, or an empty path for the arguments as a whole."""

    field: str
    message: str


@dataclass(frozen=True, slots=True)
class BrokenRule:
    """One keyword of a schema that a value breaks; `place` leads to the value, `field` may name a part of it."""

    keyword: str
    place: tuple[str | int, ...]
    field: str
    message: str


def violations(
    input_schema: Mapping[str, Any], arguments: Mapping[str, Any], *, outside: bool = False, unfinished: bool = False
) -> tuple[Violation, ...]:
    """Return what `arguments` breaks of `input_schema` (JSON Schema 2020-12), by field; empty if nothing.

    `outside`: the schema comes from elsewhere, e.g. from an imported document. Its regular expressions are not run,
    since one can be made to take for ever; the function behind it checks them. `unfinished`: arguments that are missing
    may still come.
    """
    rules = broken_rules(input_schema, arguments, outside=outside, unfinished=unfinished)
    found = {Violation(rule.field, rule.message): None for rule in rules}
    return tuple(sorted(found, key=lambda v: v.field))


def broken_rules(
    input_schema: Mapping[str, Any], arguments: Mapping[str, Any], *, outside: bool = False, unfinished: bool = False
) -> Iterator[BrokenRule]:
    """Yield each rule of `input_schema` that `arguments` break, a field at a time; for the others see `violations`.

    Nothing outside the schema is fetched. A schema that cannot be checked, because a reference leads nowhere or its
    references lead to ever more of them, is one broken rule.
    """
    plain, validator = _checked_by(input_schema, outside, unfinished)
    if plain is not None and plain.fits(arguments):
        return
    try:
        errors = list(validator.errors(arguments))
    except UnresolvableSchemaError as wrong:
        yield BrokenRule("$ref", (), "", f"cannot be checked: {wrong}")
        return
    for error in errors:
        for said in _said(error):
            yield BrokenRule(str(error.validator), tuple(error.absolute_path), said.field, said.message)


@dataclass(frozen=True, slots=True)
class _Checks:
    """What `schema` is held to, and the schema itself, which is kept alive with it: the key is its identity."""

    schema: Mapping[str, Any]
    plain: PlainFit | None
    validator: SchemaValidator


_made: Final[OrderedDict[tuple[int, bool, bool], _Checks]] = OrderedDict()
"""By the identity of their schemas."""


def _checked_by(schema: Mapping[str, Any], outside: bool, unfinished: bool) -> tuple[PlainFit | None, SchemaValidator]:
    key = (id(schema), outside, unfinished)
    made = _made.get(key)
    if made is None:
        held = {**schema, "required": []} if unfinished else schema
        made = _made[key] = _Checks(schema, plain_fit(held), SchemaValidator(held, outside=outside))
        if len(_made) > _MAX_MADE:
            _made.popitem(last=False)
    return made.plain, made.validator


_MAX_MADE: Final = 256
"""Validators that are kept; the oldest goes first."""


def _said(error: ValidationError) -> list[Violation]:
    """Return one violation per field; jsonschema's own message is not used because it quotes the value."""
    path = path_text(error.absolute_path)
    # Any: jsonschema's own types allow for errors that were not set up by a validator.
    rule: Any = error.validator_value
    instance: Any = error.instance
    schema: Any = error.schema
    if error.validator == "required":
        return [Violation(joined(path, name), "is required") for name in rule if name not in instance]
    if error.validator == "additionalProperties":
        known = schema.get("properties", {})
        return [Violation(joined(path, name), "is not known") for name in instance if name not in known]
    shown = ", ".join(map(str, rule)) if isinstance(rule, list) else rule
    return [Violation(path, _TEXTS.get(str(error.validator), "does not fit the schema").format(shown))]
