"""The same seed gives the same corpus and, where PyTorch is at hand, the same weights."""

from __future__ import annotations

import argparse
import hashlib
import os
import random
import subprocess
import sys
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from models.colibri.corpus.mixture import examples, rows_to_learn

ROOT = Path(__file__).resolve().parents[3]


def corpus_sum(seed: str) -> str:
    """Return a sum over a few hundred examples of each split, and over the rows that the training reads."""
    told = hashlib.sha256()
    for split in ("train", "heldout"):
        told.update(repr(list(islice(examples(random.Random(seed), split), 200))).encode())
    for recitation in (0.0, 0.9):
        told.update(repr(list(islice(rows_to_learn(random.Random(seed), recitation), 100))).encode())
    return told.hexdigest()


@pytest.mark.parametrize("hashes", ["1", "2"])
def test_a_seed_gives_the_same_corpus_in_every_process(hashes: str) -> None:
    # Sets and dictionaries of a process come in an order of its own; the corpus must not.
    environment = {**os.environ, "PYTHONHASHSEED": hashes, "PYTHONPATH": os.pathsep.join(sys.path)}
    script = "from tests.unit.colibri.test_reproducible import corpus_sum; print(corpus_sum('seed'))"
    told = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    assert told.stdout.strip() == corpus_sum("seed") != corpus_sum("another")


def trained(out: Path, seed: int) -> dict[str, Any]:
    """Return the weights of a small network after a few steps."""
    from models.colibri.train import Training

    options = {
        "out": out, "steps": 4, "batch_tokens": 1024, "rate": 1e-3, "matrix_rate": 2e-3, "vocab": 800, "hidden": 64,
        "layers": 4, "mlp": 96, "device": "cpu", "threads": 1, "side_worker": False, "seed": seed,
        "tokenizer_samples": 300, "resume": False,
    }  # fmt: skip
    training = Training(argparse.Namespace(**options))
    training.run(save_every=4)
    return dict(training.model.state_dict())


@pytest.mark.timeout(900)  # a loss is compiled, and three tokenizers are trained
@pytest.mark.filterwarnings("ignore")  # PyTorch's own
def test_a_seed_gives_the_same_weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    torch = pytest.importorskip("torch", reason="training is a group of its own")
    monkeypatch.setattr("models.colibri.train.heldout_losses", lambda *_: {})  # it measures, and takes longest
    first, again, other = (trained(tmp_path / str(number), seed) for number, seed in enumerate((1, 1, 2)))
    assert all(torch.equal(first[name], again[name]) for name in first)
    assert not all(torch.equal(first[name], other[name]) for name in first if first[name].shape == other[name].shape)
    checkpoints = [(tmp_path / str(number) / "checkpoint" / "model.safetensors").read_bytes() for number in (0, 1)]
    assert checkpoints[0] == checkpoints[1]
