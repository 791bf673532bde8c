"""The most that a generation can cost, and whether a budget has as much left; pure arithmetic on whole billionths."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from fractions import Fraction
from functools import cached_property
from typing import Final

from service.backends.base import ModelCard, Price, Usage
from service.economics.money import Money
from service.economics.prices import cost_of
from service.economics.scope import Period, Window
from service.store.budgets import BudgetRow
from service.store.usage import Standing

ESTIMATE_MARGIN: Final = Fraction(3, 2)
"""How many times the estimated length of a prompt its real one may be.

The tokenizers of hosted models are not at hand; what `service/backends/openai_protocol/tokens.py` estimates for them
fell short by at most a third, in scripts that are rare in prompts.
"""


@dataclass(frozen=True)
class WorstCase:
    """The most that a generation can use: its whole prompt and its longest answer. `price` None: not known."""

    model: str
    backend: str
    price: Price | None
    prompt_tokens: int
    max_output_tokens: int

    @classmethod
    def of(cls, card: ModelCard, prompt_tokens: int, max_output_tokens: int) -> WorstCase:
        """Return the worst case of a generation by the model of `card`; a hosted model's prompt was only estimated."""
        if card.locality == "cloud":
            # Rounded up, in whole numbers: a fraction takes ten times as long.
            prompt_tokens = -(-prompt_tokens * ESTIMATE_MARGIN.numerator // ESTIMATE_MARGIN.denominator)
        return cls(card.model_id, card.backend, card.price, prompt_tokens, max_output_tokens)

    @property
    def tokens(self) -> int:
        """Return all its tokens."""
        return self.prompt_tokens + self.max_output_tokens

    @cached_property
    def cost(self) -> Money | None:
        """Return its cost, whichever part of the prompt was kept from before; None where the price is not known."""
        if self.price is None:
            return None
        # The cost is a sum of parts, so it is the most where each token of the prompt is as dear as one can be.
        kept = self.prompt_tokens if self.price.cached_input_per_mtok > self.price.input_per_mtok else 0
        return cost_of(Usage(self.prompt_tokens, kept, self.max_output_tokens), self.price)


def is_priced_for(budget: BudgetRow, worst: WorstCase) -> bool:
    """Return whether the budget can judge the cost: it limits no money, or the cost is nothing or in its currency."""
    if budget.limit_nanos is None:
        return True
    cost = worst.cost
    return cost is not None and (cost.total_nanos == 0 or cost.currency == budget.currency)


class Relief(IntEnum):
    """After what a budget may have enough; the later, the higher."""

    SETTLED = 1
    """What is reserved now: the generations in flight take less than they might."""

    ANEW = 2
    """The day or the month."""

    NEVER = 3
    """Nothing: it is too small, or what is spent of it does not come back."""


@dataclass(frozen=True, slots=True)
class Shortage:
    """What a budget has too little of, as the end of a sentence, and after what it may have enough."""

    words: str
    relief: Relief


def shortage(budget: BudgetRow, worst: WorstCase, standing: Standing) -> Shortage | None:
    """Return what the budget has too little of; None where it has enough.

    `standing` is of the budget's window, in its currency; the worst case is priced for the budget. What costs nothing
    is never short of money, even where the budget was lowered below what is spent.
    """
    short, spent, reserved = [], standing.spent, standing.reserved
    cost, lasts = worst.cost, budget.period == Period.LIFETIME
    if budget.limit_nanos is not None and cost is not None and cost.total_nanos > 0:
        money = _Amounts(cost.total_nanos, budget.limit_nanos, spent.cost_nanos, reserved.cost_nanos)
        if relief := money.relief(lasts=lasts):
            short.append(Shortage(_money_words(money, budget.currency, cost, relief, lasts=lasts), relief))
    if budget.limit_tokens is not None:
        tokens = _Amounts(worst.tokens, budget.limit_tokens, spent.tokens, reserved.tokens)
        if relief := tokens.relief(lasts=lasts):
            short.append(Shortage(_token_words(tokens, relief, lasts=lasts), relief))
    if not short:
        return None
    return Shortage("; ".join(one.words for one in short), max(one.relief for one in short))


@dataclass(frozen=True, slots=True)
class _Amounts:
    """Billionths or tokens: what is asked for, of which limit, and what is gone of it."""

    asked: int
    limit: int
    spent: int
    reserved: int

    @property
    def left(self) -> int:
        return max(self.limit - self.spent - self.reserved, 0)

    def least(self, *, lasts: bool) -> int:
        """Return the smallest limit that would ever do; `lasts`: what is spent does not come back."""
        return self.asked + (self.spent if lasts else 0)

    def relief(self, *, lasts: bool) -> Relief | None:
        if self.asked <= self.limit - self.spent - self.reserved:
            return None
        if self.least(lasts=lasts) > self.limit:
            return Relief.NEVER
        return Relief.SETTLED if self.asked <= self.limit - self.spent else Relief.ANEW


def _money_words(amounts: _Amounts, currency: str, cost: Money, relief: Relief, *, lasts: bool) -> str:
    left, limit = Money.from_nanos(currency, amounts.left), Money.from_nanos(currency, amounts.limit)
    words = f"{left} of {limit} left and this may cost {cost}"
    if relief is not Relief.NEVER:
        return words
    return f"{words}; it would have to allow {Money.from_nanos(currency, amounts.least(lasts=lasts))}"


def _token_words(amounts: _Amounts, relief: Relief, *, lasts: bool) -> str:
    words = f"{amounts.left} of {amounts.limit} tokens left and this may take {amounts.asked}"
    return f"{words}; it would have to allow {amounts.least(lasts=lasts)}" if relief is Relief.NEVER else words


def period_words(period: Period, span: Window) -> str:
    """Return for which time a budget counts, for a sentence about it."""
    match period:
        case Period.DAY:
            return f"for {span.start}"
        case Period.MONTH:
            return f"for {span.start:%Y-%m}"
        case Period.LIFETIME:
            return "in all"
