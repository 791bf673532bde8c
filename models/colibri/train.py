"""Train colibri from scratch: `python -m models.colibri.train --out RUN`.

Writes a Hugging Face style checkpoint (config.json, model.safetensors, tokenizer files) to RUN/checkpoint, and
RUN/state.pt to go on from with `--resume`. Needs the `train` dependency group. The same seed, steps and thread count
give the same weights on the same machine and PyTorch.
"""

from __future__ import annotations

import argparse
import json
import math
import random
import time
import warnings
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any, cast

import torch
from rich.console import Console
from safetensors.torch import save_file
from tokenizers import Tokenizer
from torch import Tensor

from models.colibri import layout
from models.colibri import tokenizer as tok
from models.colibri.corpus.mixture import TASKS, rows_to_learn
from models.colibri.network import Colibri, Shape
from models.colibri.side_worker import SideWorker

RECITATION_SHARE = 0.25
RECITATION_UNTIL = GUIDED_UNTIL = 0.5
"""Until this part of the training, examples that only recite are mixed in and the copying heads are guided."""

DECAY_FROM = 0.5
WARMUP_STEPS = 60

console = Console()


class Losses:
    """The compiled losses of a model: guided in the first part of the training, plain after it."""

    def __init__(self, model: Colibri) -> None:
        self._device = model.device.type
        self._plain = torch.compile(model.loss, dynamic=True)
        self._guided = torch.compile(model.guided_loss, dynamic=True)

    def of(self, ids: Tensor, targets: Tensor, progress: float) -> Tensor:
        """Return the loss of a batch [rows, length] when `progress` (0 to 1) of the training is done."""
        with torch.autocast(self._device, torch.bfloat16):
            return cast("Tensor", (self._guided if progress < GUIDED_UNTIL else self._plain)(ids, targets))


def batches(tokenizer: Tokenizer, rng: random.Random, tokens: int, progress: Tensor) -> Iterator[tuple[Tensor, Tensor]]:
    """Yield (ids, targets) [rows, length] of about `tokens` tokens each, rows of like length together.

    `progress[0]` (0 to 1) is read whenever new examples are drawn.
    """
    exchange = tok.exchange(tokenizer, rng.getrandbits(32))
    while True:
        share = RECITATION_SHARE if progress[0] < RECITATION_UNTIL else 0.0
        rows = [tok.encode(tokenizer, exchange.of(rng, e)) for e in islice(rows_to_learn(rng, share), 640)]
        rows = [r for r in rows if len(r[0]) <= 1000]
        rows.sort(key=lambda r: len(r[0]))
        groups: list[list[tuple[list[int], list[int]]]] = [[]]
        for row in rows:
            if groups[-1] and (len(groups[-1]) + 1) * len(row[0]) > tokens:
                groups.append([])
            groups[-1].append(row)
        rng.shuffle(groups)
        for group in groups:
            yield _pad(group)


def _pad(rows: list[tuple[list[int], list[int]]]) -> tuple[Tensor, Tensor]:
    longest = max(len(ids) for ids, _ in rows) - 1
    ids = torch.zeros((len(rows), longest), dtype=torch.long)
    targets = torch.full((len(rows), longest), tok.IGNORED, dtype=torch.long)
    for i, (row, learned) in enumerate(rows):
        ids[i, : len(row) - 1] = torch.tensor(row[:-1])
        targets[i, : len(row) - 1] = torch.tensor(learned[1:])
    return ids, targets


def learning_rate(step: int, steps: int) -> float:
    """Return the factor on the peak rate: a short rise, a plateau, then a straight line to zero."""
    rise = min(1.0, (step + 1) / WARMUP_STEPS)
    fall = min(1.0, (1 - step / steps) / (1 - DECAY_FROM))
    return rise * fall


def optimizers(model: Colibri, rate: float, matrix_rate: float) -> list[torch.optim.Optimizer]:
    """Return Muon at `matrix_rate` for the matrices of the layers and AdamW at `rate` for the rest."""
    matrices = [p for p in model.layers.parameters() if p.ndim == 2]
    rest = [p for p in model.parameters() if p.ndim < 2] + [model.embed_tokens.weight]
    return [
        torch.optim.Muon(matrices, lr=matrix_rate, momentum=0.95, weight_decay=0.05, adjust_lr_fn="match_rms_adamw"),
        torch.optim.AdamW(rest, lr=rate, betas=(0.9, 0.95), weight_decay=0.0),
    ]


@torch.no_grad()
def heldout_losses(model: Colibri, tokenizer: Tokenizer, count: int) -> dict[str, float]:
    """Return the mean loss of each task on `count` held-out examples."""
    losses = {}
    for task in TASKS:
        rng = random.Random(f"heldout {task.name}")
        rows = [tok.encode(tokenizer, task.draw(rng, "heldout")) for _ in range(count)]
        ids, targets = (t.to(model.device) for t in _pad(rows))
        with torch.autocast(model.device.type, torch.bfloat16):
            losses[task.name] = float(model.loss(ids, targets))
    return losses


def save(model: Colibri, tokenizer: Tokenizer, out: Path, state: dict[str, Any]) -> None:
    """Write the checkpoint and the state to go on from."""
    folder = out / "checkpoint"
    folder.mkdir(parents=True, exist_ok=True)
    ids = [tokenizer.token_to_id(t) for t in (layout.PAD, layout.END)]
    config = model.shape.hugging_face_config(pad_id=ids[0], bos_id=ids[0], eos_id=ids[1])
    (folder / "config.json").write_text(json.dumps(config, indent=2) + "\n")
    save_file(model.hugging_face_state(), folder / "model.safetensors", metadata={"format": "pt"})
    tok.save(tokenizer, folder, model.shape.context)
    torch.save(state, out / "state.tmp")
    (out / "state.tmp").replace(out / "state.pt")


class Training:
    """One training from its first step, or from a saved state, to its last."""

    def __init__(self, args: argparse.Namespace) -> None:
        self.out: Path = args.out
        self.steps: int = args.steps
        self.out.mkdir(parents=True, exist_ok=True)
        torch.manual_seed(args.seed)
        torch.set_num_threads(args.threads)
        saved = self.out / "state.pt"
        state = torch.load(saved, map_location=args.device, weights_only=False) if args.resume else None
        if state:
            self.tokenizer = Tokenizer.from_file(str(self.out / "checkpoint" / "tokenizer.json"))
        else:
            self.tokenizer = tok.train(args.vocab, args.seed, args.tokenizer_samples)
        vocab = self.tokenizer.get_vocab_size()
        self.model = Colibri(Shape(vocab=vocab, hidden=args.hidden, layers=args.layers, mlp=args.mlp)).to(args.device)
        self.optimizers = optimizers(self.model, args.rate, args.matrix_rate)
        self.peaks = (args.matrix_rate, args.rate)
        self.first = state["step"] if state else 0
        if state:
            self.model.load_state_dict(state["model"])
            for optimizer, saved_optimizer in zip(self.optimizers, state["optimizers"], strict=True):
                optimizer.load_state_dict(saved_optimizer)
        seed = f"{args.seed} {self.first}"
        self.side: SideWorker | None = None
        if args.side_worker:
            self.side = SideWorker(self.model, self.tokenizer, f"side {seed}", args.batch_tokens)
        self.losses = Losses(self.model)
        self.progress = torch.tensor([self.first / self.steps], dtype=torch.float64)
        self.source = batches(self.tokenizer, random.Random(seed), args.batch_tokens, self.progress)

    def run(self, save_every: int) -> None:
        """Take all steps, telling progress every 20 and saving every `save_every`."""
        size = f"{self.model.parameter_count():,} parameters, vocabulary {self.model.shape.vocab:,}"
        console.print(f"{size}, {self.steps:,} steps from {self.first:,}")
        started, tokens, mean = time.monotonic(), 0, math.nan
        for step in range(self.first, self.steps):
            ids, targets = (t.to(self.model.device, non_blocking=True) for t in next(self.source))
            loss = self._step(ids, targets, learning_rate(step, self.steps))
            self.progress[0] = (step + 1) / self.steps
            tokens += ids.numel()
            mean = loss if math.isnan(mean) else 0.97 * mean + 0.03 * loss
            if (step + 1) % 20 == 0:
                spent = time.monotonic() - started
                side = f"  {self.side.gradients:,} side gradients" if self.side else ""
                pace = f"{tokens / spent:,.0f} tokens/s  {spent / 60:.1f} min{side}"
                console.print(
                    f"step {step + 1:>6,}  loss {mean:.3f}  rate x{learning_rate(step, self.steps):.2f}  {pace}"
                )
            if (step + 1) % save_every == 0 or step + 1 == self.steps:
                losses = heldout_losses(self.model, self.tokenizer, 24)
                console.print("held out: " + "  ".join(f"{k} {v:.2f}" for k, v in losses.items()))
                states = [o.state_dict() for o in self.optimizers]
                state = {"model": self.model.state_dict(), "optimizers": states, "step": step + 1}
                save(self.model, self.tokenizer, self.out, state)
        if self.side:
            self.side.close()

    def _step(self, ids: Tensor, targets: Tensor, factor: float) -> float:
        loss = self.losses.of(ids, targets, float(self.progress[0]))
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        if self.side:
            self.side.average_in(float(self.progress[0]))
        for optimizer, peak in zip(self.optimizers, self.peaks, strict=True):
            for group in optimizer.param_groups:
                group["lr"] = peak * factor
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
        return float(loss.detach())


def main() -> None:
    """Parse the command line and train."""
    warnings.filterwarnings("ignore", category=FutureWarning, module="torch")
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True, help="folder of the run")
    parser.add_argument("--steps", type=int, default=6000)
    parser.add_argument("--batch-tokens", type=int, default=6144)
    parser.add_argument("--rate", type=float, default=1e-3, help="peak learning rate of the table and the norms")
    parser.add_argument("--matrix-rate", type=float, default=2e-3, help="peak learning rate of the matrices")
    parser.add_argument("--vocab", type=int, default=3072)
    parser.add_argument("--hidden", type=int, default=256)
    parser.add_argument("--layers", type=int, default=6)
    parser.add_argument("--mlp", type=int, default=704)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    parser.add_argument("--device", default=device, help="cpu or cuda; a GPU is taken where there is one")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--side-worker", action="store_true", help="add gradients from a second process (CPU only)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--tokenizer-samples", type=int, default=20_000)
    parser.add_argument("--save-every", type=int, default=200)
    parser.add_argument("--resume", action="store_true", help="go on from RUN/state.pt")
    args = parser.parse_args()
    Training(args).run(args.save_every)


if __name__ == "__main__":
    main()
