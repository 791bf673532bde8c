"""What a run may cost in all is held before each generation, and what is in flight counts by its worst case."""

from __future__ import annotations

import pytest

from service.backends.base import Price
from service.economics.allowance import Allowance
from service.economics.money import Money
from service.errors import RunCostExceededError
from tests.unit.economics.conftest import FREE, PRICE, cents, worst


class Spent:
    def __init__(self) -> None:
        self.money: Money | None = None

    def __call__(self) -> Money | None:
        return self.money


def test_what_is_spent_and_what_is_in_flight_is_gone() -> None:
    spent = Spent()
    allowance = Allowance(cents(5), spent)
    assert allowance.left == cents(5)
    with allowance.reserved(worst()):  # 3 cents
        assert allowance.left == cents(2)
        assert allowance.shortage(worst()) == "it may cost 0.03 EUR and the run has 0.02 EUR of 0.05 EUR left"
        with pytest.raises(RunCostExceededError) as refused, allowance.reserved(worst()):
            raise AssertionError("nothing may be dispatched")
        assert [v.subject for v in refused.value.violations] == ["models/large"]
        spent.money = cents(1)
    assert allowance.left == cents(4)
    assert allowance.shortage(worst()) == ""
    spent.money = cents(7)
    assert allowance.left == cents(0)


def test_what_fails_gives_back_what_it_had_reserved() -> None:
    allowance = Allowance(cents(3), lambda: None)
    with pytest.raises(ValueError, match="gone"), allowance.reserved(worst()):
        raise ValueError("gone")
    assert allowance.left == cents(3)


@pytest.mark.parametrize(
    ("price", "limit", "short"),
    [
        (FREE, Money("EUR"), ""),
        (PRICE, cents(3), ""),
        (None, cents(300), "its price is not known and the request limits the cost of the run"),
        (
            *(Price("USD", 1.0, 1.0, 1.0), cents(300)),
            "its price is in USD and the request limits the cost of the run in EUR",
        ),
    ],
)
def test_what_is_free_always_fits_and_what_is_not_known_never(price: Price | None, limit: Money, short: str) -> None:
    assert Allowance(limit, lambda: None).shortage(worst(price=price)) == short
