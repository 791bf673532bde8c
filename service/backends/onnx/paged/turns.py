"""What the scheduler needs of an engine that batches by itself; `genai.py` has it on onnxruntime-genai."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from service.backends.base import ChatMessage, FinishReason, Sampling
from service.backends.onnx.model import TextStream


@dataclass(frozen=True, slots=True)
class TurnEvent:
    """What came of one turn in one run: a token, the end, or both.

    `failure` says in words why it failed; empty: it did not. `cached` tokens of its prompt were not computed again.
    """

    number: int
    token: int | None = None
    finish: FinishReason | None = None
    failure: str = ""
    cached: int = 0


@dataclass(frozen=True, slots=True)
class TurnRequest:
    """One answer. `grammar` is Lark for llguidance, empty: none."""

    number: int
    prompt: Sequence[int]
    max_output_tokens: int
    sampling: Sampling
    grammar: str


class TurnEngine(Protocol):
    """A loaded model that computes all turns that have begun, in steps of its own choice."""

    @property
    def context_tokens(self) -> int:
        """Return how many tokens a prompt and its answer may have together."""
        ...

    @property
    def kv_bytes_per_token(self) -> int:
        """Return the key-value memory of one token, in bytes."""
        ...

    @property
    def end_tokens(self) -> frozenset[int]:
        """Return the tokens that end an answer."""
        ...

    def prompt(self, messages: Sequence[ChatMessage]) -> list[int]:
        """Return the tokens of `messages` in the model's chat template, ready for an answer."""
        ...

    def text_stream(self) -> TextStream:
        """Return a decoder for one request."""
        ...

    def begin(self, request: TurnRequest) -> None:
        """Let a turn take part from the next run on.

        Raises:
            InvalidArgumentError: The grammar does not compile, or this engine cannot do what is asked.
        """
        ...

    def run(self) -> Sequence[TurnEvent]:
        """Compute one step; blocks, and other threads go on meanwhile."""
        ...

    def end(self, number: int) -> None:
        """Let a turn go, whether it is over or not; nothing is told of it any more."""
        ...
