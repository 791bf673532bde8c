"""What a generation cost, from its usage and the model's price; exact, in whole numbers."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Final

from service.backends.base import Price, Usage
from service.economics.money import NANOS_PER_UNIT, Money

_MEGA: Final = 1_000_000


def cost_of(usage: Usage, price: Price) -> Money:
    """Return the cost of `usage`; cached tokens of the prompt are paid at their own price, not twice."""
    each = _exact(price)
    fresh = usage.input_tokens - usage.cached_input_tokens
    amount = fresh * each.fresh + usage.cached_input_tokens * each.cached + usage.output_tokens * each.output
    return Money.from_nanos(price.currency, _half_to_even(amount, each.parts))


@dataclass(frozen=True, slots=True)
class _Exact:
    """A price in whole parts of a billionth, of which `parts` make one, for each token."""

    fresh: int
    cached: int
    output: int
    parts: int


@lru_cache(maxsize=1024)
def _exact(price: Price) -> _Exact:
    # Through its shortest text: Decimal(0.15) is 0.1499999999999999944, and a price list says 0.15.
    each = [
        Fraction(str(amount)) * NANOS_PER_UNIT / _MEGA
        for amount in (price.input_per_mtok, price.cached_input_per_mtok, price.output_per_mtok)
    ]
    parts = math.lcm(*(amount.denominator for amount in each))
    fresh, cached, output = (int(amount * parts) for amount in each)
    return _Exact(fresh, cached, output, parts)


def _half_to_even(amount: int, parts: int) -> int:
    if parts == 1:  # as with every price that has at most three decimals
        return amount
    whole, rest = divmod(amount, parts)
    return whole + (2 * rest > parts or (2 * rest == parts and whole % 2 == 1))


def added(total: Money | None, cost: Money) -> Money:
    """Return `total` (None: nothing yet) with `cost`; what is free has no currency, so it never meets another one.

    Raises:
        ValueError: Both are more than nothing, in two currencies.
    """
    if total is None or not total.total_nanos:
        return cost
    return total + cost if cost.total_nanos else total
