"""The prefix cache: keys and values of prompts and answers in blocks, for requests that begin alike.

A block belongs to the tokens that it holds and to all before it, so equal beginnings share their blocks. Requests copy
blocks in and out; a block in the cache is never written again. All lie in one piece of memory that never grows: blocks
that came and went one by one would leave holes between them, and the process would grow long after the cache is full.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from service.backends.onnx.batched.session import Floats, KvShape

BLOCK_TOKENS = 16

_Key: TypeAlias = tuple[Hashable, bytes]


@dataclass(slots=True, eq=False)
class _Block:
    """It lies at `place`; `number` is never used twice."""

    key: _Key
    place: int
    number: int


class PrefixCache:
    """At most `capacity` tokens; the block that was used longest ago goes first."""

    def __init__(self, kv: KvShape, capacity: int) -> None:
        """Start empty, with memory for keys and values of the form `kv`."""
        self._capacity = capacity // BLOCK_TOKENS
        # The system gives pages only when they are first written, so places are taken from the first on.
        shape = (self._capacity, 2 * kv.layers, kv.heads, BLOCK_TOKENS, kv.head_size)
        self._memory: Floats = np.zeros(shape, np.float32)
        self._free = list(range(self._capacity))[::-1]
        self._blocks: OrderedDict[_Key, _Block] = OrderedDict()
        self._made = 0

    @property
    def tokens(self) -> int:
        """Return how many tokens are held."""
        return len(self._blocks) * BLOCK_TOKENS

    def find(self, scope: str, tokens: Sequence[int], most: int) -> list[Floats]:
        """Return the blocks that `tokens` begin with, at most `most` tokens of them, until something is stored.

        Only what was stored under the same `scope` is found.
        """
        chain = self._chain(scope, tokens, most)
        self._touch(chain)
        return [self._memory[block.place] for block in chain]

    def known(self, scope: str, tokens: Sequence[int], most: int) -> int:
        """Return how many tokens `find` would give, without counting as a use."""
        return len(self._chain(scope, tokens, most)) * BLOCK_TOKENS

    def store(self, scope: str, tokens: Sequence[int], read: Callable[[int, int], Floats]) -> None:
        """Keep the whole blocks of `tokens`; `read` gives what is computed of them from one place to another."""
        count = min(len(tokens) // BLOCK_TOKENS, self._capacity)
        chain = self._chain(scope, tokens, count * BLOCK_TOKENS)
        self._touch(chain)
        for at in range(len(chain), count):
            parent = chain[-1] if chain else None
            start = at * BLOCK_TOKENS
            # Never one of this text's: they were used last, and are fewer than there are places.
            place = self._free.pop() if self._free else self._blocks.popitem(last=False)[1].place
            self._memory[place] = read(start, start + BLOCK_TOKENS)
            self._made += 1
            block = _Block(self._key(scope, parent, tokens, start), place, self._made)
            self._blocks[block.key] = block
            chain.append(block)
        self._touch(chain)

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
