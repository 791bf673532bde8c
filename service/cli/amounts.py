"""Amounts of money on the command line, and bars that compare numbers by eye."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from service.cli.exits import USAGE, CommandError

if TYPE_CHECKING:
    from google.type.money_pb2 import Money
    from rich.text import Text

NANOS: Final = 1_000_000_000
"""Billionths in a unit. Source: google/type/money.proto."""

BAR_CELLS: Final = 24
"""How long the longest bar is."""

_EIGHTHS: Final = " ▏▎▍▌▋▊▉█"
_AMOUNT: Final = re.compile(r"(\d{1,12})(?:\.(\d{1,9}))? ?([A-Za-z]{3})")


def money_from_words(words: str, option: str) -> Money:
    """Return the amount in words such as `50 EUR` or `0.25usd`, which were given as `option`.

    Raises:
        CommandError: They are of another form.
    """
    from google.type.money_pb2 import Money

    found = _AMOUNT.fullmatch(words.strip())
    if found is None:
        raise CommandError(
            f"{words!r} is no amount of money.",
            hint=f'Write a number and a currency, e.g. {option} "0.50 EUR".',
            exit_code=USAGE,
        )
    units, fraction, currency = found.groups()
    return Money(currency_code=currency.upper(), units=int(units), nanos=int((fraction or "").ljust(9, "0")))


def nanos_of(amount: Money) -> int:
    """Return an amount in billionths."""
    return amount.units * NANOS + amount.nanos


def money_of(currency: str, nanos: int) -> Money:
    """Return an amount that is not negative and given in billionths."""
    from google.type.money_pb2 import Money

    return Money(currency_code=currency, units=nanos // NANOS, nanos=nanos % NANOS)


def bar(part: int, whole: int, *, style: str = "cyan") -> Text:
    """Return a bar as long as `part` is of `whole`; what is more than nothing can be seen, what is too much is full."""
    from rich.text import Text

    eighths = 0 if whole <= 0 or part <= 0 else max(1, min(part, whole) * BAR_CELLS * 8 // whole)
    full, rest = divmod(eighths, 8)
    return Text("█" * full + _EIGHTHS[rest].strip(), style=style, no_wrap=True)
