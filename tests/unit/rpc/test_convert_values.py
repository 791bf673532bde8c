from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from google.protobuf import struct_pb2
from hypothesis import given
from hypothesis import strategies as st

from service.economics.money import Money
from service.errors import InvalidArgumentError
from service.rpc.convert.values import (
    money_to_proto,
    request_id_from_proto,
    struct_from_proto,
    struct_to_proto,
    time_to_proto,
    timing_to_proto,
)
from service.runs.events import Timing

json_values: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.text(st.characters(exclude_categories=["Cs"]), max_size=4), json_values, max_size=4))
def test_a_json_object_comes_back_as_it_was(value: dict[str, Any]) -> None:
    assert struct_from_proto(struct_to_proto(value), "arguments") == value


def test_whole_numbers_come_back_as_int() -> None:
    back = struct_from_proto(struct_to_proto({"count": 3, "share": 0.5, "huge": 1e300}), "arguments")

    assert {key: type(value) for key, value in back.items()} == {"count": int, "share": float, "huge": float}


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
def test_numbers_that_json_does_not_have_are_refused_by_field(number: float) -> None:
    struct = struct_pb2.Struct()
    struct.update({"nested": [{"n": number}]})

    with pytest.raises(InvalidArgumentError) as refused:
        struct_from_proto(struct, "arguments")
    assert [v.subject for v in refused.value.violations] == ["arguments"]


def test_an_unset_value_is_refused() -> None:
    struct = struct_pb2.Struct(fields={"x": struct_pb2.Value()})

    with pytest.raises(InvalidArgumentError):
        struct_from_proto(struct, "arguments")


def test_times_are_told_in_utc() -> None:
    there = datetime(2026, 11, 24, 14, 30, tzinfo=timezone(timedelta(hours=2)))

    assert time_to_proto(there).ToDatetime(UTC) == datetime(2026, 11, 24, 12, 30, tzinfo=UTC)


def test_money_keeps_each_billionth() -> None:
    proto = money_to_proto(Money("EUR", -1, -250_000_001))

    assert (proto.currency_code, proto.units, proto.nanos) == ("EUR", -1, -250_000_001)


def test_no_first_token_is_absent_not_zero() -> None:
    assert not timing_to_proto(Timing(first_token_s=None)).HasField("first_token_s")
    assert timing_to_proto(Timing(first_token_s=0.0)).HasField("first_token_s")


def test_a_request_id_has_one_spelling() -> None:
    assert request_id_from_proto("0B5C1A4E-0000-4000-8000-000000000000") == "0b5c1a4e-0000-4000-8000-000000000000"
    assert request_id_from_proto("") is None
