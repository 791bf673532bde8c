"""A model that says what it is told to, for tests here and in plugin projects; nothing is loaded or computed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final, TypeAlias

from service.backends.base import (
    CallPiece,
    ChatMessage,
    Finished,
    FinishReason,
    GenerationPiece,
    GenerationRequest,
    Guidance,
    ModelCard,
    NoticePiece,
    Price,
    TextPiece,
    TokenLogprob,
    ToolCall,
    ToolSpec,
    Usage,
)
from service.errors import VaivenError

FAKE_CARD: Final = ModelCard(
    model_id="fake",
    backend="fake",
    display_name="Scripted model",
    locality="local",
    context_tokens=4096,
    max_output_tokens=1024,
    supports_tools=True,
    supports_json_schema=True,
    supports_grammar=True,
    supports_vision=False,
    price=Price(currency="USD", input_per_mtok=0.0, output_per_mtok=0.0, cached_input_per_mtok=0.0),
)


@dataclass(frozen=True, slots=True)
class FakeAnswer:
    """One answer: `notices`, then `pieces` in order (text, or a call), then how it ends.

    `before` is awaited first and `between` after each piece, so that a test can hold the model where it wants it;
    `pause_s` seconds pass after each piece, for those who watch. `error` is raised after the pieces instead of
    finishing. `logprobs` are those of the pieces in order, told where the request asks.
    """

    pieces: tuple[str | ToolCall, ...] = ()
    finish_reason: FinishReason = "stop"
    error: VaivenError | None = None
    before: asyncio.Event | None = None
    between: asyncio.Event | None = None
    pause_s: float = 0.0
    notices: tuple[NoticePiece, ...] = ()
    logprobs: tuple[TokenLogprob, ...] = ()


Script: TypeAlias = Callable[[GenerationRequest], FakeAnswer | str]
"""Gives the answer to a request; a plain string is an answer in one piece a word."""


class FakeGenerator:
    """A `Generator` by script; one token is one word, counted by white space."""

    def __init__(self, script: Script | FakeAnswer | str, card: ModelCard = FAKE_CARD) -> None:
        """Answer every request by `script`, or always with the same answer."""
        self._script: Script = script if callable(script) else lambda _request: script
        self._card = card
        self.requests: list[GenerationRequest] = []
        self.closed_early = 0

    @property
    def card(self) -> ModelCard:
        """Return the card, as `change_card` left it."""
        return self._card

    def change_card(self, card: ModelCard) -> None:
        """Be another model from now on, e.g. one that is still loading."""
        self._card = card

    async def generate(self, request: GenerationRequest) -> AsyncGenerator[GenerationPiece, None]:
        """Yield the scripted pieces and then one `Finished`; `max_output_tokens` cuts the answer off."""
        self.requests.append(request)
        answer = self._script(request)
        if isinstance(answer, str):
            answer = FakeAnswer(_words(answer))
        clock = asyncio.get_running_loop().time
        start, first, said, whole = clock(), None, 0, False
        try:
            if answer.before is not None:
                await answer.before.wait()
            for notice in answer.notices:
                yield notice
            for piece in answer.pieces[: request.max_output_tokens]:
                first = clock() if first is None else first
                told = () if request.sampling.logprobs is None else answer.logprobs[said : said + 1]
                said += 1
                yield TextPiece(piece, told) if isinstance(piece, str) else CallPiece(piece)
                if answer.between is not None:
                    await answer.between.wait()
                if answer.pause_s:
                    await asyncio.sleep(answer.pause_s)
            if answer.error is not None:
                raise answer.error
            whole = True
        finally:
            self.closed_early += not whole
        cut = len(answer.pieces) > request.max_output_tokens
        usage = Usage(input_tokens=_count(request.messages), output_tokens=said)
        yield Finished(
            "length" if cut else answer.finish_reason,
            usage,
            first_token_s=(first or start) - start,
            total_s=clock() - start,
        )

    async def count_tokens(
        self, messages: Sequence[ChatMessage], tools: Sequence[ToolSpec] = (), guidance: Guidance | None = None
    ) -> int:
        """Return the number of words in the messages and in what tools say of themselves."""
        return _count(messages) + sum(len(f"{tool.name} {tool.description}".split()) for tool in tools)

    async def close(self) -> None:
        """Be a model that answers no more."""
        self._card = replace(self._card, state="failed", state_message="closed")


def _words(text: str) -> tuple[str, ...]:
    head, *rest = text.split(" ")
    return (head, *(f" {word}" for word in rest)) if text else ()


def _count(messages: Sequence[ChatMessage]) -> int:
    return sum(len(message.content.split()) for message in messages)
