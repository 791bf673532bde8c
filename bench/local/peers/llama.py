"""llama.cpp by llama-cpp-python: a batch of all answers in each step, whoever comes takes part from the next one on.

The package's `Llama` has one answer at a time, so this is the loop of llama.cpp's own server over its C interface.
"""

from __future__ import annotations

import ctypes
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import llama_cpp as lc

from bench.local.asks import Ask
from bench.local.peers.threaded import Progress

_BATCH_TOKENS = 512
_PIECE_BYTES = 64


@dataclass(slots=True)
class _Row:
    """An answer; `left` are tokens of the prompt that are not computed yet, `at` is how many are."""

    number: int
    ask: Ask
    left: deque[int] = field(default_factory=deque)
    at: int = 0
    last: int = -1
    made: int = 0


class ContinuousBatch:
    """See `StepEngine`."""

    def __init__(self, path: Path, threads: int, most: int, row_tokens: int) -> None:
        """Load the GGUF file; at most `most` answers at once, of at most `row_tokens` with their prompts."""
        lc.llama_backend_init()
        self._silent = lc.llama_log_callback(lambda _level, _text, _data: None)
        lc.llama_log_set(self._silent, ctypes.c_void_p(0))
        self._model = lc.llama_model_load_from_file(str(path).encode(), lc.llama_model_default_params())
        params = lc.llama_context_default_params()
        params.n_ctx, params.n_seq_max = most * row_tokens, most
        params.n_batch = params.n_ubatch = _BATCH_TOKENS
        params.n_threads = params.n_threads_batch = threads
        params.kv_unified = True
        self._context = lc.llama_init_from_model(self._model, params)
        if not self._model or not self._context:
            raise RuntimeError(f"llama.cpp does not load {path}")
        self._vocabulary = lc.llama_model_get_vocab(self._model)
        self._memory = lc.llama_get_memory(self._context)
        self._greedy = lc.llama_sampler_init_greedy()
        self._batch = lc.llama_batch_init(_BATCH_TOKENS, 0, 1)
        self._piece = ctypes.create_string_buffer(_PIECE_BYTES)
        self._waiting: deque[_Row] = deque()
        self._rows: dict[int, _Row] = {}
        self._free = list(range(most))

    @property
    def busy(self) -> bool:
        """See `StepEngine`."""
        return bool(self._waiting or self._rows)

    def add(self, number: int, ask: Ask) -> None:
        """See `StepEngine`."""
        self._waiting.append(_Row(number, ask, deque(ask.prompt)))

    def clear(self) -> None:
        """See `StepEngine`."""
        self._waiting.clear()
        self._free += self._rows
        self._rows.clear()
        lc.llama_memory_clear(self._memory, False)

    def step(self) -> Iterable[Progress]:
        """Compute a token of every answer, and of prompts what has room beside them."""
        while self._waiting and self._free:
            self._rows[self._free.pop()] = self._waiting.popleft()
        chosen = self._fill()
        if lc.llama_decode(self._context, self._batch):
            raise RuntimeError("llama_decode failed")
        for place, sequence in chosen:
            yield self._take(place, sequence)

    def _fill(self) -> list[tuple[int, int]]:
        """Fill the batch; returns at which places of it the tokens of which sequences are to be chosen."""
        batch, chosen = self._batch, []
        batch.n_tokens = 0
        for sequence, row in self._rows.items():
            if not row.left:
                chosen.append((self._put(row.last, sequence, row, True), sequence))
        for sequence, row in self._rows.items():
            while row.left and batch.n_tokens < _BATCH_TOKENS:
                token = row.left.popleft()
                place = self._put(token, sequence, row, not row.left)
                if not row.left:
                    chosen.append((place, sequence))
        return chosen

    def _put(self, token: int, sequence: int, row: _Row, chosen: bool) -> int:
        batch = self._batch
        place: int = batch.n_tokens
        batch.token[place], batch.pos[place] = token, row.at
        batch.n_seq_id[place], batch.seq_id[place][0] = 1, sequence
        batch.logits[place] = chosen
        batch.n_tokens += 1
        row.at += 1
        return place

    def _take(self, place: int, sequence: int) -> Progress:
        row = self._rows[sequence]
        row.last = lc.llama_sampler_sample(self._greedy, self._context, place)
        row.made += 1
        ended = bool(lc.llama_vocab_is_eog(self._vocabulary, row.last))
        if not ended:
            lc.llama_token_to_piece(self._vocabulary, row.last, self._piece, _PIECE_BYTES, 0, True)
        over = ended or row.made >= row.ask.max_tokens
        if over:
            del self._rows[sequence]
            self._free.append(sequence)
            lc.llama_memory_seq_rm(self._memory, sequence, -1, -1)
        return row.number, 1, over
