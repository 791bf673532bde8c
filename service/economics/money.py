"""Amounts of money, exact to a billionth of the currency's unit."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal

DEFAULT_CURRENCY = "USD"
"""The currency of nothing, where no model said its own."""

NANOS_PER_UNIT = 1_000_000_000
"""Source: google/type/money.proto: nanos are 10^-9 units of the amount."""


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in `currency` (ISO 4217): `units` whole units and `nanos` billionths, both of the same sign."""

    currency: str
    units: int = 0
    nanos: int = 0

    def __post_init__(self) -> None:
        """Refuse what `google.type.Money` refuses."""
        if abs(self.nanos) >= NANOS_PER_UNIT or self.units * self.nanos < 0:
            raise ValueError(f"not a normal amount: units={self.units} nanos={self.nanos}")

    @classmethod
    def from_decimal(cls, currency: str, amount: Decimal) -> Money:
        """Return `amount` rounded half to even at the ninth decimal."""
        return cls.from_nanos(currency, int((amount * NANOS_PER_UNIT).to_integral_value(rounding=ROUND_HALF_EVEN)))

    @classmethod
    def from_nanos(cls, currency: str, total_nanos: int) -> Money:
        """Return an amount given in billionths."""
        if 0 <= total_nanos < NANOS_PER_UNIT:  # as nearly all are
            return cls(currency, 0, total_nanos)
        sign = -1 if total_nanos < 0 else 1
        units, nanos = divmod(abs(total_nanos), NANOS_PER_UNIT)
        return cls(currency, sign * units, sign * nanos)

    @property
    def total_nanos(self) -> int:
        """Return the whole amount in billionths."""
        return self.units * NANOS_PER_UNIT + self.nanos

    @property
    def amount(self) -> Decimal:
        """Return the amount in units of the currency."""
        return Decimal(self.units) + Decimal(self.nanos) / NANOS_PER_UNIT

    def __add__(self, other: Money) -> Money:
        """Return the sum.

        Raises:
            ValueError: The currencies differ.
        """
        if self.currency != other.currency:
            raise ValueError(f"cannot add {other.currency} to {self.currency}")
        return Money.from_nanos(self.currency, self.total_nanos + other.total_nanos)

    def __str__(self) -> str:
        """Return the amount as a person writes it, exact: `0.0125 USD`."""
        return f"{self.amount.normalize():f} {self.currency}"
