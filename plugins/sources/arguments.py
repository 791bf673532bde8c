"""Arguments held against a schema that came from outside, in bounded time and without fetching anything."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import closing
from typing import Any, Final

from jsonschema import Draft202012Validator, SchemaError
from jsonschema.exceptions import ValidationError

from plugins.schema_validator import SchemaValidator, UnresolvableSchemaError, joined, path_text
from plugins.sources.base import SourceError, SourceLimits

INLINE_VALUES: Final = 300
"""Arguments up to this many values are handled at once, in a few milliseconds; larger ones in a thread."""

_PLACE_CHARACTERS: Final = 200
"""Longest place in a schema that is named."""


class ArgumentCheck:
    """Checks arguments against one JSON Schema 2020-12; built once per function.

    Regular expressions of the schema (`pattern`, `patternProperties`) are shown to models but not run here: one from
    outside can take for ever, and the target checks its arguments anyway. Nothing outside the schema is fetched.
    """

    def __init__(self, schema: Mapping[str, Any], limits: SourceLimits) -> None:
        self._limits = limits
        self._validator = SchemaValidator(schema, outside=True)

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
        try:
            with closing(self._validator.errors(arguments)) as errors:
                error = next(errors, None)
        except UnresolvableSchemaError as wrong:
            raise SourceError("SCHEMA_INVALID", str(wrong)) from wrong
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
        raise SourceError("SCHEMA_INVALID", "is no JSON Schema 2020-12", place[:_PLACE_CHARACTERS]) from None
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


def _said(error: ValidationError) -> SourceError:
    """Return the error without the value, which jsonschema's own message quotes."""
    path = path_text(error.absolute_path)
    # Any: jsonschema's own types allow for errors that were not set up by a validator.
    rule: Any = error.validator_value
    schema: Any = error.schema
    instance: Any = error.instance
    if error.validator == "required":
        missing = next(name for name in rule if name not in instance)
        return SourceError("ARGUMENTS_INVALID", "is required", joined(path, missing))
    if error.validator == "additionalProperties" and isinstance(instance, Mapping):
        unknown = next((n for n in instance if n not in schema.get("properties", {})), "")
        return SourceError("ARGUMENTS_INVALID", "is not known", joined(path, str(unknown)))
    shown = f"{error.validator} {rule}" if isinstance(rule, str | int | float | list) else str(error.validator)
    return SourceError("ARGUMENTS_INVALID", f"does not fit the schema: {shown[:300]}", path)
