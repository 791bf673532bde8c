"""A model whose next token is a function of the tokens so far, to test the scheduler without any engine."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from service.backends.base import ChatMessage
from service.backends.onnx.sampling import Logits
from service.errors import InvalidArgumentError, NotFoundError

END = 0
VOCABULARY = 128


def echo(tokens: Sequence[int]) -> int:
    """Count on from the last token, within the printable characters."""
    return 33 + (tokens[-1] - 32) % 94


class FakeSequence:
    """Tokens and the checks that the real one makes silently wrong instead."""

    def __init__(self, max_length: int, rule: Callable[[Sequence[int]], int], log: list[str]) -> None:
        """Follow `rule`; write what is done to `log`."""
        self.tokens: list[int] = []
        self._computed = 0
        self._max_length = max_length
        self._rule = rule
        self._log = log

    def append(self, tokens: Sequence[int]) -> None:
        assert self._computed == len(self.tokens), "the last generated token was not computed"
        self.tokens.extend(tokens)
        self._computed = len(self.tokens)
        assert len(self.tokens) <= self._max_length
        self._log.append(f"append {len(tokens)}")

    def rewind(self, length: int) -> None:
        assert length <= self._computed
        self.tokens = self.tokens[:length]
        self._computed = length
        self._log.append(f"rewind {length}")

    def logits(self) -> Logits:
        return np.zeros((1, 1, VOCABULARY), dtype=np.float32)

    def set_logits(self, logits: Logits) -> None:
        chosen = int(logits.argmax())
        self._log.append(f"drawn {chosen}")

    def next_token(self) -> int:
        token = self._rule(self.tokens)
        self._computed = len(self.tokens)
        self.tokens.append(token)
        self._log.append("token")
        return token

    @property
    def done(self) -> bool:
        return len(self.tokens) >= self._max_length


class FakeStream:
    """One character for each token."""

    def decode(self, token: int) -> str:
        return chr(token)


class FakeRack:
    """Adapters of any name but `missing`."""

    def __init__(self) -> None:
        self._keys: dict[str, str] = {}
        self._made = 0

    @property
    def names(self) -> list[str]:
        return sorted(self._keys)

    def get(self, name: str) -> str | None:
        return self._keys.get(name)

    def load(self, name: str) -> None:
        if name == "missing":
            raise NotFoundError("There is no adapter 'missing'.")
        self._made += 1
        self._keys.setdefault(name, f"{name}#{self._made}")

    def unload(self, name: str) -> None:
        self._keys.pop(name, None)


class FakeModel:
    """Prompts are the characters of all contents; a grammar named `bad` does not compile."""

    context_tokens = 1024
    kv_bytes_per_token = 1
    end_tokens = frozenset({END})

    def __init__(self, rule: Callable[[Sequence[int]], int] = echo) -> None:
        """Let every sequence follow `rule`."""
        self.rule = rule
        self.log: list[str] = []
        self.made = 0
        self.adapters = FakeRack()

    def prompt(self, messages: Sequence[ChatMessage]) -> list[int]:
        return [ord(character) for message in messages for character in message.content]

    def sequence(self, max_length: int, grammar: str, adapter: str) -> FakeSequence:
        if "bad" in grammar:
            raise InvalidArgumentError("The guidance cannot be used.")
        self.made += 1
        if adapter:
            self.log.append(f"adapter {adapter}")
        return FakeSequence(max_length, self.rule, self.log)

    def text_stream(self) -> FakeStream:
        return FakeStream()
