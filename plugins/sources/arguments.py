"""Arguments held against a schema that came from outside, in bounded time and without fetching anything."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Mapping
from contextvars import ContextVar
from typing import Any, Final

from jsonschema import Draft202012Validator, SchemaError
from jsonschema.exceptions import ValidationError
from jsonschema.validators import extend
from referencing import Registry
from referencing.exceptions import Unresolvable

from plugins.sources.base import SourceError, SourceLimits

_MAX_REFERENCES: Final = 50_000
"""References that one check follows; a schema whose references double at each level would otherwise take for ever."""
_FIELD_CHARACTERS: Final = 100
INLINE_VALUES: Final = 300
"""Arguments up to this many values are handled at once, in a few milliseconds; larger ones in a thread."""

_references: ContextVar[list[int]] = ContextVar("references")


class ArgumentCheck:
    """Checks arguments against one JSON Schema 2020-12; built once per function.

    Regular expressions of the schema (`pattern`, `patternProperties`) are shown to models but not run here: one from
    outside can take for ever, and the target checks its arguments anyway. Nothing outside the schema is fetched.
    """

    def __init__(self, schema: Mapping[str, Any], limits: SourceLimits) -> None:
        self._limits = limits
        # A registry of its own, since the default one fetches unknown references from the network.
        self._validator = _Validator(schema, registry=Registry())

    def check(self, arguments: Mapping[str, Any]) -> None:
        """Do nothing if `arguments` fit.

        Raises:
            SourceError: `ARGUMENTS_TOO_LARGE`, `ARGUMENTS_INVALID` with the path of the first field that does not fit
                (the value is not repeated), or `SCHEMA_INVALID` if the schema itself cannot be used.
        """
        check_size(arguments, self._limits)
        self._check_schema(arguments)

    async def check_soon(self, arguments: Mapping[str, Any]) -> None:
        """Do as `check`, but hold large arguments against the schema in a thread, so that the event loop goes on.

        Raises:
            SourceError: as `check`.
        """
        if check_size(arguments, self._limits) <= INLINE_VALUES:
            self._check_schema(arguments)
        else:
            await asyncio.to_thread(self._check_schema, arguments)

    def _check_schema(self, arguments: Mapping[str, Any]) -> None:
        token = _references.set([_MAX_REFERENCES])
        try:
            error = next(self._validator.iter_errors(dict(arguments)), None)
        except (Unresolvable, RecursionError, _TooManyReferencesError) as wrong:
            raise SourceError("SCHEMA_INVALID", "a reference of the schema cannot be followed") from wrong
        finally:
            _references.reset(token)
        if error is not None:
            raise _said(error)


def check_schema(schema: Mapping[str, Any], field: str = "") -> None:
    """Refuse what is no JSON Schema 2020-12.

    Raises:
        SourceError: `SCHEMA_INVALID`, with `field` and the place in the schema.
    """
    try:
        Draft202012Validator.check_schema(schema)
    except SchemaError as error:
        place = "/".join([field, *map(str, error.absolute_path)]).strip("/")
        raise SourceError("SCHEMA_INVALID", "is no JSON Schema 2020-12", place[: 2 * _FIELD_CHARACTERS]) from None
    except RecursionError as error:
        raise SourceError("SCHEMA_INVALID", "is nested too deeply", field) from error


def check_size(value: Any, limits: SourceLimits) -> int:
    """Return how many values JSON holds; a text counts one more per 1,000 characters.

    Raises:
        SourceError: `ARGUMENTS_TOO_LARGE` if it is nested too deeply or holds too many.
    """
    left, level, depth = limits.max_argument_values, [value], 0
    while level:
        if depth > limits.max_argument_depth:
            raise SourceError("ARGUMENTS_TOO_LARGE", f"are nested deeper than {limits.max_argument_depth} levels")
        below: list[Any] = []
        for item in level:
            left -= 1 + (len(item) // 1_000 if isinstance(item, str) else 0)
            if isinstance(item, Mapping):
                left -= len(item)
                below.extend(item.values())
            elif isinstance(item, list | tuple):
                below.extend(item)
            if left < 0:
                raise SourceError("ARGUMENTS_TOO_LARGE", f"hold more than {limits.max_argument_values} values")
        level, depth = below, depth + 1
    return limits.max_argument_values - left


class _TooManyReferencesError(Exception):
    pass


def _ref(validator: Any, reference: Any, instance: Any, schema: Any) -> Iterator[ValidationError]:
    left = _references.get()
    left[0] -= 1
    if left[0] < 0:
        raise _TooManyReferencesError
    yield from Draft202012Validator.VALIDATORS["$ref"](validator, reference, instance, schema) or ()


def _additional_properties(validator: Any, rule: Any, instance: Any, schema: Any) -> Iterator[ValidationError]:
    if "patternProperties" not in schema:
        yield from Draft202012Validator.VALIDATORS["additionalProperties"](validator, rule, instance, schema) or ()


def _unchecked(_validator: Any, _rule: Any, _instance: Any, _schema: Any) -> Iterable[ValidationError]:
    return ()


_Validator: Any = extend(  # type: ignore[no-untyped-call]
    Draft202012Validator,
    {
        "$ref": _ref,
        "additionalProperties": _additional_properties,
        "pattern": _unchecked,
        "patternProperties": _unchecked,
        "$dynamicRef": _unchecked,
        "unevaluatedProperties": _unchecked,
        "unevaluatedItems": _unchecked,
    },
)


def _said(error: ValidationError) -> SourceError:
    """Return the error without the value, which jsonschema's own message quotes."""
    path = _path(error.absolute_path)
    # Any: jsonschema's own types allow for errors that were not set up by a validator.
    rule: Any = error.validator_value
    schema: Any = error.schema
    instance: Any = error.instance
    if error.validator == "required":
        missing = next(name for name in rule if name not in instance)
        return SourceError("ARGUMENTS_INVALID", "is required", _joined(path, missing))
    if error.validator == "additionalProperties" and isinstance(instance, Mapping):
        unknown = next((n for n in instance if n not in schema.get("properties", {})), "")
        return SourceError("ARGUMENTS_INVALID", "is not known", _joined(path, str(unknown)))
    shown = f"{error.validator} {rule}" if isinstance(rule, str | int | float | list) else str(error.validator)
    return SourceError("ARGUMENTS_INVALID", f"does not fit the schema: {shown[:300]}", path)


def _path(parts: Iterable[str | int]) -> str:
    path = ""
    for part in parts:
        path = f"{path}[{part}]" if isinstance(part, int) else _joined(path, part)
    return path


def _joined(path: str, name: str) -> str:
    return (f"{path}.{name}" if path else name)[:_FIELD_CHARACTERS]
