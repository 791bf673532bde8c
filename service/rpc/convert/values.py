"""Values that many messages share: JSON objects, times, money, usage, timing, names."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final, Literal

from google.protobuf import struct_pb2, timestamp_pb2
from google.type import money_pb2
from vaiven.v1 import generation_pb2, usage_pb2

from service.backends.base import Usage
from service.economics.money import Money
from service.errors import InvalidArgumentError, Violation
from service.runs.events import Timing

LOCALITIES_BACK: Final[dict[int, Literal["local", "cloud"] | None]] = {
    generation_pb2.LOCALITY_UNSPECIFIED: None,
    generation_pb2.LOCALITY_LOCAL: "local",
    generation_pb2.LOCALITY_CLOUD: "cloud",
}

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_DAY_S: Final = 24 * 60 * 60

MAX_EXACT_INTEGER: Final = 2**53
"""Source: IEEE 754 double, the only number that `google.protobuf.Value` has; above it integers are not exact."""


def struct_to_proto(value: Mapping[str, Any]) -> struct_pb2.Struct:
    """Return a JSON object as a Struct."""
    struct = struct_pb2.Struct()
    struct.update(dict(value))
    return struct


def struct_from_proto(struct: struct_pb2.Struct, field: str) -> dict[str, Any]:
    """Return a Struct as a JSON object, with whole numbers as int; `field` is its path in the request.

    Raises:
        InvalidArgumentError: A number is infinite or not a number, which JSON does not have, or a value is unset.
    """
    return {key: _value_from_proto(value, field) for key, value in struct.fields.items()}


def _value_from_proto(value: struct_pb2.Value, field: str) -> Any:
    match value.WhichOneof("kind"):
        case "struct_value":
            return struct_from_proto(value.struct_value, field)
        case "list_value":
            return [_value_from_proto(item, field) for item in value.list_value.values]
        case "string_value":
            return value.string_value
        case "bool_value":
            return value.bool_value
        case "number_value":
            return _number_from_proto(value.number_value, field)
        case "null_value":
            return None
        case _:
            raise _not_json(field, "holds an unset value")


def _number_from_proto(number: float, field: str) -> int | float:
    if not math.isfinite(number):
        raise _not_json(field, "holds a number that is infinite or no number")
    return int(number) if number.is_integer() and abs(number) <= MAX_EXACT_INTEGER else number


def _not_json(field: str, why: str) -> InvalidArgumentError:
    return InvalidArgumentError(f"{field} {why}, which JSON does not have.", violations=(Violation(field, why),))


def time_to_proto(time: datetime) -> timestamp_pb2.Timestamp:
    """Return a time that knows its zone."""
    since = time - _EPOCH
    return timestamp_pb2.Timestamp(seconds=since.days * _DAY_S + since.seconds, nanos=since.microseconds * 1000)


def money_to_proto(money: Money) -> money_pb2.Money:
    """Return an amount."""
    return money_pb2.Money(currency_code=money.currency, units=money.units, nanos=money.nanos)


def usage_to_proto(usage: Usage) -> usage_pb2.Usage:
    """Return token counts."""
    return usage_pb2.Usage(
        input_tokens=usage.input_tokens,
        cached_input_tokens=usage.cached_input_tokens,
        output_tokens=usage.output_tokens,
    )


def timing_to_proto(timing: Timing) -> usage_pb2.Timing:
    """Return where the time of a run went."""
    return usage_pb2.Timing(
        queued_s=timing.queued_s,
        first_token_s=timing.first_token_s,
        total_s=timing.total_s,
        output_tokens_per_s=timing.output_tokens_per_s,
    )


def optional_text(text: str) -> str | None:
    """Return None for the empty string, by which the contract says that a name is not given."""
    return text or None


def request_id_from_proto(request_id: str) -> str | None:
    """Return a UUID in its one spelling, None where the caller gave none."""
    return request_id.lower() or None
