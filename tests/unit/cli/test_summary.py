"""Figures for a person."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from google.protobuf.timestamp_pb2 import Timestamp
from google.type.money_pb2 import Money
from vaiven.v1.usage_pb2 import Timing, Usage

from service.cli import names
from service.cli.screen import age, bytes_size
from service.cli.summary import figures, money, seconds


@pytest.mark.parametrize(
    ("units", "nanos", "currency", "said"),
    [
        (0, 0, "USD", "$0"),
        (0, 310_000, "USD", "$0.00031"),
        (0, 1, "EUR", "€0.000000001"),
        (0, 12_345_678, "USD", "$0.01"),
        (3, 500_000_000, "CHF", "3.50 CHF"),
        (0, 0, "", "0"),
    ],
)
def test_money(units: int, nanos: int, currency: str, said: str) -> None:
    assert money(Money(units=units, nanos=nanos, currency_code=currency)) == said


def test_figures_leave_out_what_is_not_known() -> None:
    free = Money(currency_code="USD")
    usage = Usage(input_tokens=1200, output_tokens=3)
    assert list(figures(Timing(), usage, free)) == ["1,200 → 3 tokens", "$0"]
    timing = Timing(first_token_s=0.0, output_tokens_per_s=1234.4)
    assert list(figures(timing, usage, free))[:2] == ["first token 0 ms", "1,234 tokens/s"]


def test_times_and_sizes() -> None:
    assert [seconds(value) for value in (0.0123, 0.9, 12.34)] == ["12 ms", "900 ms", "12.3 s"]
    assert [bytes_size(value) for value in (12, 3_600_000, 454_000_000, 5_000_000_000)] == [
        "12 bytes",
        "3.6 MB",
        "454 MB",
        "5.0 GB",
    ]


@pytest.mark.parametrize(
    ("seconds_ago", "said"), [(5, "just now"), (90, "1 min ago"), (7300, "2 h ago"), (10**6, "11 d ago")]
)
def test_how_long_ago(seconds_ago: int, said: str) -> None:
    moment = Timestamp()
    moment.FromDatetime(datetime.now(UTC) - timedelta(seconds=seconds_ago))
    assert age(moment) == said


def test_names_may_be_short() -> None:
    draft = "plugins/email/functions/draft"
    assert [names.function_name(name) for name in ("email.draft", "email/draft", draft)] == [draft] * 3
    assert [names.allowed_name(name) for name in ("email", "email.draft")] == ["plugins/email", draft]
    assert (
        names.document_name("shop/d1")
        == "collections/shop/documents/d1"
        == names.document_name("collections/shop/documents/d1")
    )
    assert (names.whole("runs", "r1"), names.whole("runs", "runs/r1")) == ("runs/r1", "runs/r1")
    assert (names.short(draft), names.short("runs/r1"), names.short("")) == ("email.draft", "r1", "")
