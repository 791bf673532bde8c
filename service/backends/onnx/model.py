"""What the scheduler needs of a loaded model; `runtime.py` has it on onnxruntime-genai."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from service.backends.base import ChatMessage
from service.backends.onnx.adapter_desk import Rack
from service.backends.onnx.sampling import Logits
from service.backends.onnx.wire import Frame
from service.errors import ModelLoadError


class NotBatchableError(ModelLoadError):
    """The batched engine cannot run this model; the message says what it lacks."""


class RequestEngine(Protocol):
    """What the worker drives: it takes frames, works in steps on one thread, and answers by frames."""

    @property
    def context_tokens(self) -> int:
        """Return how many tokens a prompt and its answer may have together."""
        ...

    @property
    def busy(self) -> bool:
        """Tell whether `step` has something to do."""
        ...

    def handle(self, frame: Frame) -> None:
        """Do what a frame of the service asks; never raises for one request's fault.

        `count` may come on another thread, while a step is done.
        """
        ...

    def step(self) -> None:
        """Do one unit of work."""
        ...


class TokenSequence(Protocol):
    """Tokens with their key-value memory; greedy, under a grammar or under none."""

    def append(self, tokens: Sequence[int]) -> None:
        """Compute `tokens`, which follow what is there."""
        ...

    def rewind(self, length: int) -> None:
        """Forget everything after `length` tokens; a grammar starts again.

        `length` must leave out the last generated token: its keys and values are computed only with the next one.
        """
        ...

    def logits(self) -> Logits:
        """Return the logits of the next token."""
        ...

    def set_logits(self, logits: Logits) -> None:
        """Replace the logits of the next token."""
        ...

    def next_token(self) -> int:
        """Generate and return one token."""
        ...

    @property
    def done(self) -> bool:
        """Tell whether an end token came or the memory is full."""
        ...


class TextStream(Protocol):
    """Decodes one request's tokens."""

    def decode(self, token: int) -> str:
        """Return the text that `token` completes: whole characters, or nothing yet."""
        ...


class LoadedModel(Protocol):
    """A model with its tokenizer."""

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
        """Return the tokens of `messages` in the model's chat template, ready for an answer.

        Raises:
            InvalidArgumentError: The template refuses the messages, e.g. for their order of roles.
        """
        ...

    @property
    def adapters(self) -> Rack[str]:
        """Return the adapters; each has a key that is never used twice."""
        ...

    def sequence(self, max_length: int, grammar: str, adapter: str) -> TokenSequence:
        """Return a new, empty sequence with memory for `max_length` tokens; `adapter` is a key, or empty.

        Raises:
            InvalidArgumentError: The grammar does not compile.
        """
        ...

    def text_stream(self) -> TextStream:
        """Return a decoder for one request; it is never shared."""
        ...
