"""The prefix cache: keys and values of prompts and answers in blocks, for requests that begin alike.

A block belongs to the tokens that it holds and to all before it, so equal beginnings share their blocks. Requests copy
blocks in and out; a block in the cache is never written again.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np

from service.backends.onnx.batched.session import Floats

BLOCK_TOKENS = 16

_Key: TypeAlias = tuple[Hashable, bytes]


@dataclass(slots=True, eq=False)
class _Block:
    """`parent` None: the first of a text."""

    key: _Key
    parent: _Block | None
    values: Floats
    number: int = field(default=0)


class PrefixCache:
    """At most `capacity` tokens; the block that was used longest ago goes first."""

    def __init__(self, capacity: int) -> None:
        """Start empty."""
        self._capacity = capacity // BLOCK_TOKENS
        self._blocks: OrderedDict[_Key, _Block] = OrderedDict()
        self._made = 0

    @property
    def tokens(self) -> int:
        """Return how many tokens are held."""
        return len(self._blocks) * BLOCK_TOKENS

    def find(self, scope: str, tokens: Sequence[int], most: int) -> list[Floats]:
        """Return the blocks that `tokens` begin with, at most `most` tokens of them.

        Only what was stored under the same `scope` is found.
        """
        chain = self._chain(scope, tokens, most)
        self._touch(chain)
        return [block.values for block in chain]

    def known(self, scope: str, tokens: Sequence[int], most: int) -> int:
        """Return how many tokens `find` would give, without counting as a use."""
        return len(self._chain(scope, tokens, most)) * BLOCK_TOKENS

    def store(self, scope: str, tokens: Sequence[int], read: Callable[[int, int], Floats]) -> None:
        """Keep the whole blocks of `tokens`; `read` copies what is computed of them from one place to another."""
        whole = len(tokens) // BLOCK_TOKENS
        if not self._capacity:
            return
        chain = self._chain(scope, tokens, min(whole, self._capacity) * BLOCK_TOKENS)
        for at in range(len(chain), min(whole, self._capacity)):
            parent = chain[-1] if chain else None
            start = at * BLOCK_TOKENS
            key = self._key(scope, parent, tokens, start)
            self._made += 1
            block = _Block(key, parent, read(start, start + BLOCK_TOKENS), self._made)
            self._blocks[key] = block
            chain.append(block)
        self._touch(chain)
        while len(self._blocks) > self._capacity:
            self._blocks.popitem(last=False)

    def _chain(self, scope: str, tokens: Sequence[int], most: int) -> list[_Block]:
        chain: list[_Block] = []
        for start in range(0, min(len(tokens), most) - BLOCK_TOKENS + 1, BLOCK_TOKENS):
            block = self._blocks.get(self._key(scope, chain[-1] if chain else None, tokens, start))
            if block is None:
                break
            chain.append(block)
        return chain

    def _touch(self, chain: list[_Block]) -> None:
        """Mark as used, the first block last: a block never goes before those that follow it."""
        for block in reversed(chain):
            self._blocks.move_to_end(block.key)

    @staticmethod
    def _key(scope: str, parent: _Block | None, tokens: Sequence[int], start: int) -> _Key:
        before: Hashable = scope if parent is None else parent.number
        return before, np.asarray(tokens[start : start + BLOCK_TOKENS], np.int32).tobytes()
