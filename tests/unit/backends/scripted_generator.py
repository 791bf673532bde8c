"""A generator that answers from a script and keeps what it was asked."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from typing import Any

from service.backends.base import (
    CallPiece,
    ChatMessage,
    Finished,
    GenerationPiece,
    GenerationRequest,
    ModelCard,
    TextPiece,
    Usage,
)
from service.testing.tiny_model import FREE

CARD = ModelCard(
    model_id="scripted",
    backend="test",
    display_name="Scripted",
    locality="local",
    context_tokens=1000,
    max_output_tokens=400,
    supports_tools=True,
    supports_json_schema=True,
    supports_grammar=True,
    supports_vision=False,
    price=FREE,
)


class ScriptedGenerator:
    """Plays one list of pieces for each request; an exception in it is raised."""

    def __init__(self, *scripts: Sequence[GenerationPiece | Exception]) -> None:
        """Play `scripts` in order."""
        self._scripts = list(scripts)
        self.requests: list[GenerationRequest] = []
        self.closed_early = 0

    @property
    def card(self) -> ModelCard:
        return CARD

    async def generate(self, request: GenerationRequest) -> AsyncGenerator[GenerationPiece, None]:
        self.requests.append(request)
        done = False
        try:
            for piece in self._scripts.pop(0):
                if isinstance(piece, Exception):
                    raise piece
                done = isinstance(piece, Finished)
                yield piece
        finally:
            self.closed_early += not done

    async def count_tokens(self, messages: Sequence[ChatMessage], *told: Any) -> int:
        return sum(len(message.content) for message in messages)

    async def close(self) -> None:
        return None


def said(text: str, size: int = 3) -> list[GenerationPiece]:
    """Return the pieces of an answer in words, of 10 prompt tokens (4 cached) and one token a piece."""
    pieces: list[GenerationPiece] = [TextPiece(text[at : at + size]) for at in range(0, len(text), size)]
    return [*pieces, Finished("stop", Usage(10, 4, len(pieces)), 0.1, 0.2, 1.0)]


def called(*calls: CallPiece) -> list[GenerationPiece]:
    """Return the pieces of an answer that is `calls`."""
    return [*calls, Finished("tool_calls", Usage(10, 0, 5))]
