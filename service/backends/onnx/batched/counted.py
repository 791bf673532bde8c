"""Prompts whose tokens were counted: they are mostly asked for next, and need not be read by the tokenizer again."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from typing import Protocol

from service.backends.base import ChatMessage

_MOST_PROMPTS = 32
_MOST_TOKENS = 8192
"""A longer prompt is not kept: the tokenizer is the least of what it takes."""


class Words(Protocol):
    """What reads prompts; `service.backends.onnx.words.ModelWords` does."""

    def prompt(self, messages: Sequence[ChatMessage]) -> list[int]:
        """Return the tokens of a prompt."""
        ...


class CountedPrompts:
    """The tokens of the last prompts that were counted. `count` may be called on one thread and `take` on another."""

    def __init__(self, words: Words) -> None:
        """Read prompts by `words`."""
        self._words = words
        self._kept: OrderedDict[tuple[ChatMessage, ...], list[int]] = OrderedDict()

    def __len__(self) -> int:
        """Return how many are kept."""
        return len(self._kept)

    def count(self, messages: tuple[ChatMessage, ...]) -> int:
        """Return how many tokens `messages` are as a prompt.

        Raises:
            InvalidArgumentError: The template refuses the messages.
        """
        tokens = self._words.prompt(messages)
        if len(tokens) <= _MOST_TOKENS:
            self._kept[messages] = tokens
            while len(self._kept) > _MOST_PROMPTS:
                self._kept.popitem(last=False)
        return len(tokens)

    def take(self, messages: tuple[ChatMessage, ...]) -> list[int]:
        """Return the tokens of `messages` as a prompt, which are not kept any longer.

        Raises:
            InvalidArgumentError: The template refuses the messages.
        """
        kept = self._kept.pop(messages, None)
        return self._words.prompt(messages) if kept is None else kept
