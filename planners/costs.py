"""Money as planners know it: the most that calls may come to. What anything costs is for the host to say."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final, TypeAlias

from planners.references import BadReferenceError, uses

_BYTES_PER_CHARACTER: Final = 4
"""The most that a character takes in UTF-8. Source: RFC 3629."""

_NUMBER_BYTES: Final = 4_400
"""The most that a number takes, since Python reads none of more digits.

Source: `sys.int_info.default_max_str_digits`, which is 4300.
"""

_WORD_BYTES: Final = 5
"""`false`, the longest of the JSON words."""

_AROUND_BYTES: Final = 4
"""Quotes, a comma and a colon around a value or a name."""

_MAX_DEPTH: Final = 8
"""Levels of a schema that are looked into; what lies deeper is not bounded."""


@dataclass(frozen=True, slots=True)
class Cost:
    """An amount of money in `currency` (ISO 4217); nothing at all has no currency."""

    amount: Decimal = Decimal()
    currency: str = ""

    def __add__(self, other: Cost) -> Cost:
        """Return the sum.

        Raises:
            ValueError: both are more than nothing, in two currencies.
        """
        if not other.amount:
            return self
        if not self.amount:
            return other
        if self.currency != other.currency:
            raise ValueError(f"cannot add {other.currency} to {self.currency}")
        return Cost(self.amount + other.amount, self.currency)

    def __mul__(self, count: int) -> Cost:
        """Return the cost of so many."""
        return Cost(self.amount * count, self.currency)

    def __str__(self) -> str:
        """Return the amount as a person writes it, exact: `0.0125 EUR`."""
        return f"{self.amount.normalize():f} {self.currency}".rstrip()


NOTHING: Final = Cost()

CallCost: TypeAlias = Callable[[int | None], Cost | None]
"""Returns the most that one call costs whose arguments take so many bytes (None: nobody can say); None: not known."""


def nothing(_argument_bytes: int | None) -> Cost | None:
    """Return that a call costs nothing."""
    return NOTHING


def unknown(_argument_bytes: int | None) -> Cost | None:
    """Return that nobody knows what a call costs, which is never the same as free."""
    return None


def total(costs: Iterable[Cost | None]) -> Cost | None:
    """Return the sum; None where one of them is not known, or where they are in several currencies."""
    sum_ = NOTHING
    for cost in costs:
        if cost is None:
            return None
        try:
            sum_ += cost
        except ValueError:
            return None
    return sum_


def greatest(costs: Iterable[Cost | None]) -> Cost | None:
    """Return the greatest of `costs`; None where one of them is not known, or where two cannot be compared."""
    found = NOTHING
    for cost in costs:
        if cost is None or (cost.amount and found.amount and cost.currency != found.currency):
            return None
        found = max(found, cost, key=lambda one: one.amount)
    return found


def most_bytes(arguments: Mapping[str, Any], schema: Mapping[str, Any]) -> int | None:
    """Return the most bytes of UTF-8 that the arguments of a step take; None where the schema does not bound them.

    What refers to an earlier result is as long as `schema`, by which it is checked before the call, lets it be.
    """
    properties = schema.get("properties", {})
    lengths = [_sum([_length(name), _most(value, properties.get(name, {}))]) for name, value in arguments.items()]
    return _sum(lengths)


def _most(value: Any, schema: Any) -> int | None:
    try:
        refers = bool(uses({"value": value}))
    except BadReferenceError:
        return None
    return _schema_bytes(schema, _MAX_DEPTH) if refers else _value_bytes(value)


def _value_bytes(value: Any) -> int:
    if isinstance(value, str):
        return _length(value)
    if isinstance(value, list):
        return sum((_value_bytes(item) for item in value), _AROUND_BYTES)
    if isinstance(value, dict):
        return sum((_length(name) + _value_bytes(item) for name, item in value.items()), _AROUND_BYTES)
    return len(str(value)) + _AROUND_BYTES


def _schema_bytes(schema: Any, depth: int) -> int | None:
    """Return the most bytes that a value of `schema` takes; None: it is not bounded, or not in a way that is read."""
    if not isinstance(schema, Mapping) or depth == 0:
        return None
    if "enum" in schema:
        return max((_value_bytes(one) for one in schema["enum"]), default=0)
    if "const" in schema:
        return _value_bytes(schema["const"])
    match schema.get("type"):
        case "string" if isinstance(schema.get("maxLength"), int):
            return int(schema["maxLength"]) * _BYTES_PER_CHARACTER + _AROUND_BYTES
        case "integer" | "number":
            return _NUMBER_BYTES
        case "boolean" | "null":
            return _WORD_BYTES
        case "array" if isinstance(schema.get("maxItems"), int):
            item = _schema_bytes(schema.get("items"), depth - 1)
            return None if item is None else (item + _AROUND_BYTES) * int(schema["maxItems"]) + _AROUND_BYTES
        case "object" if schema.get("additionalProperties") is False and "patternProperties" not in schema:
            properties = schema.get("properties", {})
            return _sum(_sum([_length(name), _schema_bytes(one, depth - 1)]) for name, one in properties.items())
    return None


def _length(text: str) -> int:
    return len(text.encode("utf-8", "surrogatepass")) + _AROUND_BYTES


def _sum(lengths: Iterable[int | None]) -> int | None:
    whole = 0
    for length in lengths:
        if length is None:
            return None
        whole += length
    return whole
