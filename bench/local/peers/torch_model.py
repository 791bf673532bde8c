"""transformers on PyTorch: greedy batches of all who wait, filled up on the left, as `generate` makes them."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

from bench.local.asks import Ask
from bench.local.peers.threaded import Progress


class Batches:
    """See `StepEngine`; the next batch begins when the last answer has ended."""

    def __init__(self, path: Path, threads: int, most: int) -> None:
        """Load the checkpoint in 32-bit floats."""
        torch.set_num_threads(threads)
        torch.set_grad_enabled(False)
        self._model: Any = AutoModelForCausalLM.from_pretrained(path, dtype=torch.float32).eval()
        self._tokenizer: Any = AutoTokenizer.from_pretrained(path)
        self._end = int(self._model.config.eos_token_id)
        self._most = most
        self._waiting: deque[tuple[int, Ask]] = deque()
        self._rows: list[tuple[int, Ask]] = []
        self._made: list[int] = []
        self._inputs: dict[str, Any] | None = None

    @property
    def busy(self) -> bool:
        """See `StepEngine`."""
        return bool(self._waiting or self._inputs)

    def add(self, number: int, ask: Ask) -> None:
        """See `StepEngine`."""
        self._waiting.append((number, ask))

    def clear(self) -> None:
        """See `StepEngine`."""
        self._waiting.clear()
        self._inputs = None

    def step(self) -> Iterable[Progress]:
        """Compute a token of every answer of the batch."""
        inputs = self._inputs or self._begin()
        with torch.inference_mode():
            out = self._model(**inputs, use_cache=True, logits_to_keep=1)
        tokens = out.logits[:, -1].argmax(-1)
        mask = inputs["attention_mask"]
        self._inputs = {
            "input_ids": tokens[:, None],
            "attention_mask": torch.cat([mask, mask.new_ones(len(mask), 1)], 1),
            "position_ids": inputs["position_ids"][:, -1:] + 1,
            "past_key_values": out.past_key_values,
        }
        progress = list(self._taken(tokens.tolist()))
        if all(made < 0 for made in self._made):
            self._inputs = None
        return progress

    def _begin(self) -> dict[str, Any]:
        self._rows = [self._waiting.popleft() for _ in range(min(self._most, len(self._waiting)))]
        self._made = [0] * len(self._rows)
        width = max(len(ask.prompt) for _, ask in self._rows)
        ids = torch.zeros(len(self._rows), width, dtype=torch.long)
        mask = torch.zeros_like(ids)
        for at, (_, ask) in enumerate(self._rows):
            ids[at, width - len(ask.prompt) :] = torch.tensor(ask.prompt)
            mask[at, width - len(ask.prompt) :] = 1
        return {"input_ids": ids, "attention_mask": mask, "position_ids": (mask.cumsum(-1) - 1).clamp(min=0)}

    def _taken(self, tokens: list[int]) -> Iterable[Progress]:
        for at, ((number, ask), token) in enumerate(zip(self._rows, tokens, strict=True)):
            if self._made[at] < 0:
                continue
            self._made[at] += 1
            over = token == self._end or self._made[at] >= ask.max_tokens
            if token != self._end:
                self._tokenizer.decode([token])
            if over:
                self._made[at] = -1
            yield number, 1, over
