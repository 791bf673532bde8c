"""The models that may answer: each a generator with the Semantic Kernel service that speaks for it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Literal, TypeAlias

from service.backends.base import Generator, ModelCard, Price
from service.backends.openai_protocol.model import ProtocolModel
from service.errors import NotFoundError
from service.routing.breaker import Breaker, BreakerOptions, BreakerState
from service.routing.estimate import PaceMeter
from service.routing.rate import RateWindow

QualityTier: TypeAlias = Literal["basic", "standard", "high"]
"""How good a model's answers are, in its operator's judgement; in this order."""


@dataclass(frozen=True, slots=True)
class Placement:
    """Where and as what a model is deployed. `deployment` empty: the model's id; `region` empty: this machine."""

    deployment: str = ""
    region: str = ""
    quality: QualityTier = "basic"
    weight: float = 1.0
    requests_per_minute: int | None = None
    tokens_per_minute: int | None = None
    breaker: BreakerOptions = field(default_factory=BreakerOptions)


class Condition:
    """How a deployment does: what is going on, how fast it was, whether it is left alone."""

    def __init__(self, card: ModelCard, placement: Placement, clock: Callable[[], float] = time.monotonic) -> None:
        """Begin idle; `clock` gives seconds, and `used_at` is when it was asked last."""
        self.active = 0
        self.dispatched = 0
        self.clock = clock
        self.used_at = clock()
        self.meter = PaceMeter(card.locality)
        self.breaker = Breaker(placement.breaker, clock)
        self.rate = RateWindow(clock, placement.requests_per_minute, placement.tokens_per_minute)


class Candidate:
    """One deployment of a model; its facts are the generator's and change with its state."""

    def __init__(
        self,
        generator: Generator,
        placement: Placement | None = None,
        condition: Condition | None = None,
        price: Price | None = None,
    ) -> None:
        """Ask `generator`; `condition` None: idle and unknown. `price` goes before the card's own."""
        self.generator = generator
        self.placement = placement or Placement()
        self.condition = condition or Condition(generator.card, self.placement)
        self._price = price
        self._priced = (generator.card, self._at_own_price(generator.card))

    @property
    def card(self) -> ModelCard:
        """Return the model's facts as they are now."""
        card = self.generator.card
        if card is not self._priced[0]:
            self._priced = (card, self._at_own_price(card))
        return self._priced[1]

    def at_price(self, price: Price | None) -> Candidate:
        """Return the same deployment at another price; None: its own."""
        return Candidate(self.generator, self.placement, self.condition, price)

    def _at_own_price(self, card: ModelCard) -> ModelCard:
        return card if self._price is None else replace(card, price=self._price)

    @property
    def deployment(self) -> str:
        """Return the deployment's id."""
        return self.placement.deployment or self.card.model_id

    @property
    def shown(self) -> ModelCard:
        """Return the card for people: a deployment that is left alone would not answer now."""
        breaker, card = self.condition.breaker, self.card
        if card.state != "ready" or breaker.state is not BreakerState.OPEN:
            return card
        why = f"It failed too often and is left alone for another {breaker.wait_s:.0f} s."
        return replace(card, state="failed", state_message=why)

    def rate_objection(self, tokens: int) -> str:
        """Return why a request of so many tokens would be too much in this minute, or an empty string."""
        learned = self.generator.rate_limits if isinstance(self.generator, ProtocolModel) else None
        # The wire client stamps by the loop's clock, whatever the window counts by.
        age_s = 0.0 if learned is None else asyncio.get_running_loop().time() - learned.seen_at
        return self.condition.rate.objection(tokens, learned, age_s)


class Candidates:
    """All deployments of the service, in the order of the settings; several may serve one model."""

    def __init__(self, candidates: Iterable[Candidate]) -> None:
        """Keep the candidates.

        Raises:
            ValueError: Two deployments have the same id.
        """
        self._by_deployment: dict[str, Candidate] = {}
        for candidate in candidates:
            if candidate.deployment in self._by_deployment:
                raise ValueError(f"two models are called {candidate.deployment}")
            self._by_deployment[candidate.deployment] = candidate

    def __iter__(self) -> Iterator[Candidate]:
        """Iterate over the candidates in the order of the settings."""
        return iter(self._by_deployment.values())

    def get(self, model_id: str) -> Candidate:
        """Return the deployment of that model which stands for it: the first that is ready, or else the first.

        Raises:
            NotFoundError: There is none.
        """
        serving = [candidate for candidate in self if candidate.card.model_id == model_id]
        if not serving:
            raise NotFoundError(
                f"There is no model models/{model_id} that answers; ModelService.ListModels names those there are, and "
                "ModelService.LoadModel loads one."
            )
        return next((candidate for candidate in serving if candidate.shown.state == "ready"), serving[0])

    def deployed(self, deployment: str) -> Candidate:
        """Return the deployment of that id, which must exist."""
        return self._by_deployment[deployment]

    def cards(self) -> tuple[ModelCard, ...]:
        """Return the facts of all models as they are now, each model once."""
        return tuple(self.get(model_id).shown for model_id in dict.fromkeys(c.card.model_id for c in self))

    def serving(self) -> dict[str, bool]:
        """Return for each backend whether any of its deployments would answer now."""
        backends: dict[str, bool] = {}
        for candidate in self:
            card = candidate.shown
            backends[card.backend] = backends.get(card.backend, False) or card.state == "ready"
        return backends
