"""The models that may answer: each a generator with the Semantic Kernel service that speaks for it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from semantic_kernel.connectors.ai.chat_completion_client_base import ChatCompletionClientBase

from service.backends.base import Generator, ModelCard
from service.errors import NotFoundError


@dataclass(frozen=True, slots=True)
class Candidate:
    """One model; its facts are the generator's and change with its state."""

    generator: Generator
    chat: ChatCompletionClientBase

    @property
    def card(self) -> ModelCard:
        """Return the model's facts as they are now."""
        return self.generator.card


class Candidates:
    """All models of the service, in the order of the settings, by their id."""

    def __init__(self, candidates: Iterable[Candidate]) -> None:
        """Keep the candidates.

        Raises:
            ValueError: Two have the same id.
        """
        self._by_id: dict[str, Candidate] = {}
        for candidate in candidates:
            model_id = candidate.card.model_id
            if model_id in self._by_id:
                raise ValueError(f"two models are called {model_id}")
            self._by_id[model_id] = candidate

    def __iter__(self) -> Iterator[Candidate]:
        """Iterate over the candidates in the order of the settings."""
        return iter(self._by_id.values())

    def get(self, model_id: str) -> Candidate:
        """Return the candidate of that id.

        Raises:
            NotFoundError: There is none.
        """
        try:
            return self._by_id[model_id]
        except KeyError:
            raise NotFoundError(
                f"There is no model models/{model_id}; ModelService.ListModels names those there are."
            ) from None

    def cards(self) -> tuple[ModelCard, ...]:
        """Return the facts of all models as they are now."""
        return tuple(candidate.card for candidate in self)
