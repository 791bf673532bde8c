"""What the generations of a run were predicted to take, beside what they took."""

from __future__ import annotations

from typing import Final

from service.backends.base import FinishReason, ModelCard, Usage
from service.economics.money import Money
from service.economics.prices import added, cost_of
from service.routing.facts import Prediction
from service.routing.request import Sent
from service.runs import events
from service.runs.names import model_name

MAX_DETAILS: Final = 64
"""So many generations of a run are told one by one; the sums have all."""


class RoutingTally:
    """Adds up the generations of one run, the planner's too."""

    def __init__(self) -> None:
        """Begin with none."""
        self._details: list[events.GenerationOutcome] = []
        self._count = 0
        self._expected_tokens = 0
        self._tokens = 0
        self._expected_cost: Money | None = None
        self._unpriced = False
        self._expected_s = 0.0
        self._total_s = 0.0

    def add(
        self, card: ModelCard, sent: Sent, usage: Usage, total_s: float, finish_reason: FinishReason | None = None
    ) -> None:
        """Take a generation that ended after `total_s` seconds; `finish_reason` None: it was broken off."""
        told = sent.prediction
        self._count += 1
        self._expected_tokens += told.expected_tokens
        self._tokens += usage.output_tokens
        self._expected_s += told.total_s
        self._total_s += total_s
        self._add_cost(told.expected_cost)
        if len(self._details) < MAX_DETAILS:
            cost = None if card.price is None else cost_of(usage, card.price)
            model = model_name(card.model_id)
            self._details.append(
                events.GenerationOutcome(
                    model, card.backend, sent.deployment, predicted(told), usage, cost, total_s, finish_reason
                )
            )

    def outcome(self, cost: Money) -> events.RoutingOutcome | None:
        """Return the sums with the run's real `cost`; None where nothing was generated."""
        if not self._count:
            return None
        return events.RoutingOutcome(
            self._count,
            self._expected_tokens,
            self._tokens,
            None if self._unpriced else self._expected_cost,
            cost,
            self._expected_s,
            self._total_s,
            tuple(self._details),
        )

    def _add_cost(self, expected: Money | None) -> None:
        if expected is None:
            self._unpriced = True
        else:
            self._expected_cost = added(self._expected_cost, expected)


def predicted(prediction: Prediction) -> events.Prediction:
    """Return a prediction as what is told of it."""
    return events.Prediction(
        prompt_tokens=prediction.prompt_tokens,
        max_output_tokens=prediction.max_output_tokens,
        expected_tokens=prediction.expected_tokens,
        worst_cost=prediction.worst_cost,
        expected_cost=prediction.expected_cost,
        first_token_s=prediction.first_token_s,
        total_s=prediction.total_s,
        measured=prediction.measured,
    )
