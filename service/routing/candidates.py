"""The models that may answer: each a generator with the Semantic Kernel service that speaks for it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from semantic_kernel.connectors.ai.chat_completion_client_base import ChatCompletionClientBase

from service.backends.base import Generator, ModelCard
from service.errors import NotFoundError

QualityTier: TypeAlias = Literal["basic", "standard", "high"]
"""How good a model's answers are, in its operator's judgement; in this order."""


@dataclass(frozen=True, slots=True)
class Placement:
    """Where and as what a model is deployed. `deployment` empty: the model's id; `region` empty: this machine."""

    deployment: str = ""
    region: str = ""
    quality: QualityTier = "basic"
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Candidate:
    """One deployment of a model; its facts are the generator's and change with its state."""

    generator: Generator
    chat: ChatCompletionClientBase
    placement: Placement = field(default_factory=Placement)

    @property
    def card(self) -> ModelCard:
        """Return the model's facts as they are now."""
        return self.generator.card

    @property
    def deployment(self) -> str:
        """Return the deployment's id."""
        return self.placement.deployment or self.card.model_id


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
            raise NotFoundError(f"There is no model models/{model_id}; ModelService.ListModels names those there are.")
        return next((candidate for candidate in serving if candidate.card.state == "ready"), serving[0])

    def deployed(self, deployment: str) -> Candidate:
        """Return the deployment of that id, which must exist."""
        return self._by_deployment[deployment]

    def cards(self) -> tuple[ModelCard, ...]:
        """Return the facts of all models as they are now, each model once."""
        return tuple(self.get(model_id).card for model_id in dict.fromkeys(c.card.model_id for c in self))
