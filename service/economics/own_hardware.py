"""What a token costs on a machine of one's own: the machine, spread over the hours in which it works, and its power."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal
from typing import Final

from service.backends.base import Price

HOURS_PER_YEAR: Final = Decimal(8766)
"""365.25 days."""

_SECONDS_PER_HOUR: Final = Decimal(3600)
_MEGA: Final = Decimal(1_000_000)
_KILO: Final = Decimal(1000)
_NANO: Final = Decimal("1e-9")


@dataclass(frozen=True, slots=True)
class Hardware:
    """A machine; amounts are in `currency` (ISO 4217).

    It was bought for `purchase_price` and is used for `years`. `utilisation`, in (0, 1], is the share of that time in
    which it answers. It draws `watts` then and `idle_watts` otherwise; a kilowatt-hour costs `price_per_kwh`.
    """

    currency: str
    purchase_price: Decimal
    years: Decimal
    utilisation: Decimal
    watts: Decimal
    price_per_kwh: Decimal
    idle_watts: Decimal = Decimal(0)

    def cost_per_busy_hour(self) -> Decimal:
        """Return what an hour of answering costs; idle hours are paid for by the busy ones."""
        busy_hours = self.years * HOURS_PER_YEAR * self.utilisation
        idle_per_busy = (1 - self.utilisation) / self.utilisation
        kilowatts = (self.watts + self.idle_watts * idle_per_busy) / _KILO
        return self.purchase_price / busy_hours + kilowatts * self.price_per_kwh

    def price(self, *, input_tokens_per_s: Decimal, output_tokens_per_s: Decimal) -> Price:
        """Return the price of a model of that speed on this machine, in tokens of all requests together.

        A part of a prompt that was kept from before takes no time and costs nothing. Rounded up to a billionth.
        """
        per_hour = self.cost_per_busy_hour()
        return Price(
            currency=self.currency,
            input_per_mtok=_per_mtok(per_hour, input_tokens_per_s),
            output_per_mtok=_per_mtok(per_hour, output_tokens_per_s),
            cached_input_per_mtok=0.0,
        )


def _per_mtok(cost_per_hour: Decimal, tokens_per_s: Decimal) -> float:
    exact = cost_per_hour / (tokens_per_s * _SECONDS_PER_HOUR) * _MEGA
    return float(exact.quantize(_NANO, rounding=ROUND_CEILING))
