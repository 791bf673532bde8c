"""The most that a generation can cost, and whether a budget has as much left; pure arithmetic on whole billionths."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from math import ceil
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
            prompt_tokens = ceil(prompt_tokens * ESTIMATE_MARGIN)
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
        fresh = cost_of(Usage(self.prompt_tokens, 0, self.max_output_tokens), self.price)
        kept = cost_of(Usage(self.prompt_tokens, self.prompt_tokens, self.max_output_tokens), self.price)
        return max(fresh, kept, key=lambda cost: cost.total_nanos)


def is_priced_for(budget: BudgetRow, worst: WorstCase) -> bool:
    """Return whether the budget can judge the cost: it limits no money, or the cost is nothing or in its currency."""
    if budget.limit_nanos is None:
        return True
    cost = worst.cost
    return cost is not None and (cost.total_nanos == 0 or cost.currency == budget.currency)


def shortage(budget: BudgetRow, worst: WorstCase, standing: Standing) -> str:
    """Return what the budget has too little of, as the end of a sentence; empty where it has enough.

    `standing` is of the budget's window, in its currency; the worst case is priced for the budget. What costs nothing
    is never short of money, even where the budget was lowered below what is spent.
    """
    short, spent, reserved = [], standing.spent, standing.reserved
    cost = worst.cost
    if budget.limit_nanos is not None and cost is not None and cost.total_nanos > 0:
        left = budget.limit_nanos - spent.cost_nanos - reserved.cost_nanos
        if cost.total_nanos > left:
            short.append(f"{_left_of(budget, left)} and this may cost {cost}")
    if budget.limit_tokens is not None:
        left = budget.limit_tokens - spent.tokens - reserved.tokens
        if worst.tokens > left:
            short.append(f"{max(left, 0)} of {budget.limit_tokens} tokens left and this may take {worst.tokens}")
    return "; ".join(short)


def _left_of(budget: BudgetRow, left_nanos: int) -> str:
    left = Money.from_nanos(budget.currency, max(left_nanos, 0))
    limit = Money.from_nanos(budget.currency, budget.limit_nanos or 0)
    return f"{left} of {limit} left"


def period_words(period: Period, span: Window) -> str:
    """Return for which time a budget counts, for a sentence about it."""
    match period:
        case Period.DAY:
            return f"for {span.start}"
        case Period.MONTH:
            return f"for {span.start:%Y-%m}"
        case Period.LIFETIME:
            return "in all"
