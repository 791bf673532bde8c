"""Arguments held against a function's schema, with messages that name the field and never repeat its value."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, Final

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError
from jsonschema.validators import extend
from referencing import Registry
from referencing.exceptions import Unresolvable

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
_FIELD_CHARACTERS = 100
"""Longest path that is named; a longer one can only be a caller's own invention."""


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
    input_schema: Mapping[str, Any], arguments: Mapping[str, Any], *, outside: bool = False
) -> tuple[Violation, ...]:
    """Return what `arguments` breaks of `input_schema` (JSON Schema 2020-12), by field; empty if nothing.

    `outside`: the schema comes from elsewhere, e.g. from an imported document. Its regular expressions are not run,
    since one can be made to take for ever; the function behind it checks them.
    """
    found = {
        Violation(rule.field, rule.message): None for rule in broken_rules(input_schema, arguments, outside=outside)
    }
    return tuple(sorted(found, key=lambda v: v.field))


def broken_rules(
    input_schema: Mapping[str, Any], arguments: Mapping[str, Any], *, outside: bool = False
) -> Iterator[BrokenRule]:
    """Yield each rule of `input_schema` that `arguments` break, a field at a time; for `outside` see `violations`.

    Nothing outside the schema is fetched. A schema that cannot be checked, because a reference leads nowhere or its
    references lead to ever more of them, is one broken rule.
    """
    validator = _checked_by(input_schema, outside)
    token = _references_left.set([_MAX_REFERENCES])
    try:
        errors = list(validator.iter_errors(dict(arguments)))
    except (Unresolvable, RecursionError, _TooManyReferencesError):
        yield BrokenRule("$ref", (), "", "cannot be checked: a reference of the schema cannot be followed")
        return
    finally:
        _references_left.reset(token)
    for error in errors:
        for said in _said(error):
            yield BrokenRule(str(error.validator), tuple(error.absolute_path), said.field, said.message)


_made: Final[OrderedDict[tuple[int, bool], Any]] = OrderedDict()
"""Validators by the identity of their schemas, which they keep alive; to make one takes longer than most checks."""


def _checked_by(schema: Mapping[str, Any], outside: bool) -> Any:
    key = (id(schema), outside)
    validator = _made.get(key)
    if validator is None:
        # A registry of its own, since the default one fetches unknown references from the network.
        validator = _made[key] = (_OutsideValidator if outside else _Validator)(schema, registry=Registry())
        if len(_made) > _MAX_MADE:
            _made.popitem(last=False)
    return validator


class _TooManyReferencesError(Exception):
    """A schema whose references double at each level would take for ever."""


def _counted_reference(validator: Any, reference: Any, instance: Any, schema: Any) -> Iterator[ValidationError]:
    left = _references_left.get()
    left[0] -= 1
    if left[0] < 0:
        raise _TooManyReferencesError
    yield from Draft202012Validator.VALIDATORS["$ref"](validator, reference, instance, schema) or ()


def _additional(validator: Any, rule: Any, instance: Any, schema: Any) -> Iterator[ValidationError]:
    # Which properties are additional cannot be told without the patterns.
    if "patternProperties" not in schema:
        yield from Draft202012Validator.VALIDATORS["additionalProperties"](validator, rule, instance, schema) or ()


def _unchecked(_validator: Any, _rule: Any, _instance: Any, _schema: Any) -> Iterable[ValidationError]:
    return ()


_MAX_MADE: Final = 256
"""Validators that are kept; the oldest goes first."""

_MAX_REFERENCES: Final = 50_000
"""References that one check follows."""

_references_left: ContextVar[list[int]] = ContextVar("references_left")

_Validator: Any = extend(Draft202012Validator, {"$ref": _counted_reference})  # type: ignore[no-untyped-call]
_OutsideValidator: Any = extend(  # type: ignore[no-untyped-call]
    _Validator,
    {
        "additionalProperties": _additional,
        "pattern": _unchecked,
        "patternProperties": _unchecked,
        "$dynamicRef": _unchecked,
        "unevaluatedProperties": _unchecked,
        "unevaluatedItems": _unchecked,
    },
)


def _said(error: ValidationError) -> list[Violation]:
    """Return one violation per field; jsonschema's own message is not used because it quotes the value."""
    path = path_text(error.absolute_path)
    # Any: jsonschema's own types allow for errors that were not set up by a validator.
    rule: Any = error.validator_value
    instance: Any = error.instance
    schema: Any = error.schema
    if error.validator == "required":
        return [Violation(_joined(path, name), "is required") for name in rule if name not in instance]
    if error.validator == "additionalProperties":
        known = schema.get("properties", {})
        return [Violation(_joined(path, name), "is not known") for name in instance if name not in known]
    shown = ", ".join(map(str, rule)) if isinstance(rule, list) else rule
    return [Violation(path, _TEXTS.get(str(error.validator), "does not fit the schema").format(shown))]


def path_text(parts: Iterable[str | int]) -> str:
    """Return a path as it is shown: `points[2].text`."""
    path = ""
    for part in parts:
        path = f"{path}[{part}]" if isinstance(part, int) else _joined(path, part)
    return path


def _joined(path: str, name: str) -> str:
    return (f"{path}.{name}" if path else name)[:_FIELD_CHARACTERS]
