"""JSON Schema 2020-12 held against values in bounded work: references are counted, and nothing is fetched."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator, Mapping
from contextvars import ContextVar
from typing import Any, Final

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError
from jsonschema.validators import extend
from referencing import Registry
from referencing.exceptions import Unresolvable

MOST_REFERENCES: Final = 50_000
"""References that one check follows; a schema whose references double at each level would otherwise take for ever."""

_FIELD_CHARACTERS: Final = 100
"""Longest path that is named; a longer one can only be a caller's own invention."""

_references_left: ContextVar[list[int]] = ContextVar("references_left")


class UnresolvableSchemaError(Exception):
    """A reference of the schema leads nowhere, or its references lead to ever more of them."""


class SchemaValidator:
    """Holds values against one schema; to build it takes longer than most checks, so keep it."""

    def __init__(self, schema: Mapping[str, Any], *, outside: bool) -> None:
        """Check against `schema`.

        `outside`: it comes from elsewhere, e.g. from an imported document. Its regular expressions are not run, since
        one can be made to take for ever.
        """
        # A registry of its own, since the default one fetches unknown references from the network.
        self._validator = (_Outside if outside else _Inside)(schema, registry=Registry())

    def errors(self, value: Mapping[str, Any]) -> Generator[ValidationError, None, None]:
        """Yield what `value` breaks, in the order of the schema.

        Raises:
            UnresolvableSchemaError: The schema cannot be used.
        """
        token = _references_left.set([MOST_REFERENCES])
        try:
            yield from self._validator.iter_errors(dict(value))
        except (Unresolvable, RecursionError, _TooManyReferencesError) as wrong:
            raise UnresolvableSchemaError("a reference of the schema cannot be followed") from wrong
        finally:
            _references_left.reset(token)


def path_text(parts: Iterable[str | int]) -> str:
    """Return a path as it is shown: `points[2].text`."""
    path = ""
    for part in parts:
        path = f"{path}[{part}]" if isinstance(part, int) else joined(path, part)
    return path


def joined(path: str, name: str) -> str:
    """Return the path of the property `name` of what is at `path`, cut to what is worth showing."""
    return (f"{path}.{name}" if path else name)[:_FIELD_CHARACTERS]


class _TooManyReferencesError(Exception):
    """More than `MOST_REFERENCES`."""


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


_Inside: Any = extend(Draft202012Validator, {"$ref": _counted_reference})  # type: ignore[no-untyped-call]
_Outside: Any = extend(  # type: ignore[no-untyped-call]
    _Inside,
    {
        "additionalProperties": _additional,
        "pattern": _unchecked,
        "patternProperties": _unchecked,
        "$dynamicRef": _unchecked,
        "unevaluatedProperties": _unchecked,
        "unevaluatedItems": _unchecked,
    },
)
