"""The earlier turns of a session in a prompt: as many as fit the model that answers, the oldest left out first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from service.backends.base import ChatMessage, ModelCard
from service.routing.candidates import Candidate
from service.routing.leaving import Told

ANSWER_SHARE: Final = 4
"""A quarter of the context is kept for the answer, where nobody says how long it may be."""


def answer_reserve(card: ModelCard, max_output_tokens: int | None) -> int:
    """Return how many tokens are kept for an answer before earlier turns get any; None: nobody says how many."""
    return min(max_output_tokens or card.context_tokens // ANSWER_SHARE, card.max_output_tokens)


@dataclass(frozen=True, slots=True)
class Cut:
    """What is left out of a prompt: `count` messages from `place` on."""

    place: int
    count: int

    def of(self, messages: Sequence[ChatMessage], *, more: int = 0) -> tuple[ChatMessage, ...]:
        """Return the messages that are left, where `more` others stand before all of those that were looked at."""
        begin = self.place + more
        return (*messages[:begin], *messages[begin + self.count :])


@dataclass(frozen=True, slots=True)
class Past:
    """The turns that a run's functions may tell a model of, in order of time; each is left out as a whole."""

    turns: tuple[tuple[ChatMessage, ...], ...]

    def place(self, messages: Sequence[ChatMessage]) -> int | None:
        """Return where they stand in a prompt as they are, one after the other; None: nowhere."""
        told = [(message.role, message.content) for turn in self.turns for message in turn]
        said = [(message.role, message.content) for message in messages]
        places = range(len(said) - len(told) + 1) if told else ()
        return next((place for place in places if said[place : place + len(told)] == told), None)

    async def fitting(
        self, candidate: Candidate, told: Told, place: int, max_output_tokens: int | None
    ) -> tuple[int, int]:
        """Return the prompt's length, and how many messages from `place` on are left out of `told` for it."""
        card, count = candidate.card, candidate.generator.count_tokens
        most = card.context_tokens - answer_reserve(card, max_output_tokens)
        tokens = await count(told.messages, told.tools, told.guidance)
        turns, left_out = list(self.turns), 0
        while tokens > most and turns:
            excess = tokens - most
            while excess > 0 and turns:
                begin, left_out = place + left_out, left_out + len(turns.pop(0))
                excess -= await count(told.messages[begin : place + left_out])
            rest = replace(told, messages=Cut(place, left_out).of(told.messages))
            tokens = await count(rest.messages, rest.tools, rest.guidance)
        return tokens, left_out
