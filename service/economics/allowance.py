"""The most that one run may cost, as its caller says: held before each of its generations, by the worst case."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from service.economics.money import Money
from service.economics.worst_case import WorstCase
from service.errors import RunCostExceededError, Violation


class Allowance:
    """What a run may still cost. What its generations in flight may take is gone until it is known what they took."""

    def __init__(self, limit: Money, spent: Callable[[], Money | None]) -> None:
        """Allow `limit`; `spent` returns what the run has cost so far, None: nothing that is known."""
        self._limit = limit
        self._spent = spent
        self._reserved_nanos = 0

    @property
    def left(self) -> Money:
        """Return what is left of it, in its currency."""
        spent = self._spent()
        gone = self._reserved_nanos + (0 if spent is None else spent.total_nanos)
        return Money.from_nanos(self._limit.currency, max(0, self._limit.total_nanos - gone))

    def shortage(self, worst: WorstCase) -> str:
        """Return why it does not cover a generation, as the end of a sentence about its model; empty where it does."""
        cost = worst.cost
        if cost is None:
            return "its price is not known and the request limits the cost of the run"
        if not cost.total_nanos:
            return ""
        limited, left = self._limit.currency, self.left
        if cost.currency != limited:
            return f"its price is in {cost.currency} and the request limits the cost of the run in {limited}"
        if cost.total_nanos <= left.total_nanos:
            return ""
        return f"it may cost {cost} and the run has {left} of {self._limit} left"

    @contextmanager
    def reserved(self, worst: WorstCase) -> Iterator[None]:
        """Take the worst case of a generation off it, until the generation has ended and what it cost is spent.

        Raises:
            RunCostExceededError: Too little is left, because others began since it was looked at.
        """
        if why := self.shortage(worst):
            raise run_cost_exceeded([Violation(f"models/{worst.model}", why)])
        nanos = 0 if worst.cost is None else worst.cost.total_nanos
        self._reserved_nanos += nanos
        try:
            yield
        finally:
            self._reserved_nanos -= nanos


def run_cost_exceeded(violations: list[Violation]) -> RunCostExceededError:
    """Return the refusal of a generation for which too little is left."""
    return RunCostExceededError(
        "The run may not cost what its next generation may: too little is left of its max_cost, as the violations say. "
        "Allow more, or ask for shorter answers (max_output_tokens).",
        violations=violations,
    )
