"""What a generation cost, from its usage and the model's price; exact, in decimals."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from service.backends.base import Price, Usage
from service.economics.money import Money

_MEGA: Final = Decimal(1_000_000)


def cost_of(usage: Usage, price: Price) -> Money:
    """Return the cost of `usage`; cached tokens of the prompt are paid at their own price, not twice."""
    fresh = usage.input_tokens - usage.cached_input_tokens
    amount = (
        fresh * _exact(price.input_per_mtok)
        + usage.cached_input_tokens * _exact(price.cached_input_per_mtok)
        + usage.output_tokens * _exact(price.output_per_mtok)
    ) / _MEGA
    return Money.from_decimal(price.currency, amount)


def added(total: Money | None, cost: Money) -> Money:
    """Return `total` (None: nothing yet) with `cost`; what is free has no currency, so it never meets another one.

    Raises:
        ValueError: Both are more than nothing, in two currencies.
    """
    if total is None or not total.total_nanos:
        return cost
    return total + cost if cost.total_nanos else total


def _exact(price: float) -> Decimal:
    # Through its shortest text: Decimal(0.15) is 0.1499999999999999944, and a price list says 0.15.
    return Decimal(str(price))
