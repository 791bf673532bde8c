"""A second process that adds gradients to a training, for a core that is only sometimes free.

Two threads on two cores wait for each other after every matrix product, so that one busy core stalls both. A side
worker never makes the training wait: its gradient, a step or two old, is averaged in when it is ready. What it adds
depends on how fast it runs, so that a training with a side worker is not repeated to the bit.
"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

import torch
import torch.multiprocessing as mp
from tokenizers import Tokenizer

from models.colibri.network import Colibri, Shape

if TYPE_CHECKING:
    from torch import Tensor


class SideWorker:
    """Owns the process, and the memory that it shares with the training: the weights, one gradient, two flags."""

    def __init__(self, model: Colibri, tokenizer: Tokenizer, seed: str, batch_tokens: int) -> None:
        model.share_memory()
        self._parameters = list(model.parameters())
        self._gradient = torch.zeros(sum(p.numel() for p in self._parameters)).share_memory_()
        self._progress = torch.zeros(1, dtype=torch.float64).share_memory_()
        spawn = mp.get_context("spawn")
        self._full = spawn.Event()
        self._taken = spawn.Event()
        shared = (model.shape, model.state_dict(), self._gradient, self._progress, self._full, self._taken)
        work = (*shared, tokenizer.to_str(), seed, batch_tokens)
        self._process = spawn.Process(target=_work, args=work, daemon=True)
        self._process.start()
        self.gradients = 0

    def average_in(self, progress: float) -> None:
        """Average the side worker's gradient, if there is one, with the one just computed; say how far all is."""
        self._progress[0] = progress
        if not self._full.is_set():
            return
        start = 0
        for p in self._parameters:
            if p.grad is not None:
                p.grad.add_(self._gradient[start : start + p.numel()].view_as(p)).mul_(0.5)
            start += p.numel()
        self._full.clear()
        self._taken.set()
        self.gradients += 1

    def close(self) -> None:
        """End the process."""
        self._process.terminate()
        self._process.join()


def _work(
    shape: Shape,
    weights: dict[str, Tensor],
    gradient: Tensor,
    progress: Tensor,
    full: Any,
    taken: Any,
    tokenizer: str,
    seed: str,
    batch_tokens: int,
) -> None:
    from models.colibri.train import Losses, batches

    torch.set_num_threads(1)
    model = Colibri(shape)
    losses = Losses(model)
    source = batches(Tokenizer.from_str(tokenizer), random.Random(seed), batch_tokens, progress)
    while True:
        ids, targets = next(source)
        model.load_state_dict(weights)
        model.zero_grad(set_to_none=True)
        losses.of(ids, targets, float(progress[0])).backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        gradient.copy_(torch.cat([p.grad.flatten() for p in model.parameters() if p.grad is not None]))
        taken.clear()
        full.set()
        taken.wait()
