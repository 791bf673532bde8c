"""Costs are exact, and cached tokens are paid once."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.backends.base import Price, Usage
from service.economics.money import Money
from service.economics.prices import cost_of


def test_a_free_model_costs_nothing_in_its_currency() -> None:
    assert cost_of(Usage(1000, 0, 1000), Price("EUR", 0.0, 0.0, 0.0)) == Money("EUR")


def test_cached_tokens_have_their_own_price() -> None:
    price = Price("USD", 0.15, 0.6, 0.075)
    assert cost_of(Usage(1_000_000, 400_000, 2_000_000), price) == Money("USD", 1, 320_000_000)


@pytest.mark.parametrize(
    ("amount", "units", "nanos"),
    [("1.5", 1, 500_000_000), ("-1.5", -1, -500_000_000), ("0.0000000005", 0, 0), ("0.0000000015", 0, 2)],
)
def test_amounts_are_rounded_half_to_even_at_nanos(amount: str, units: int, nanos: int) -> None:
    assert Money.from_decimal("USD", Decimal(amount)) == Money("USD", units, nanos)


@given(st.decimals("-1000", "1000", places=9), st.decimals("-1000", "1000", places=9))
def test_sums_are_exact(one: Decimal, other: Decimal) -> None:
    total = Money.from_decimal("USD", one) + Money.from_decimal("USD", other)
    assert total.amount == one + other


def test_currencies_do_not_mix() -> None:
    with pytest.raises(ValueError, match="cannot add EUR to USD"):
        Money("USD") + Money("EUR")


@pytest.mark.parametrize(("units", "nanos"), [(1, -1), (-1, 1), (0, 1_000_000_000)])
def test_amounts_that_are_not_normal_are_refused(units: int, nanos: int) -> None:
    with pytest.raises(ValueError, match="not a normal amount"):
        Money("USD", units, nanos)
