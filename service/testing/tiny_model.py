"""A random model of some 100,000 parameters, for tests of everything around a model; its text means nothing."""

from __future__ import annotations

import shutil
from pathlib import Path

from service.backends.base import Price
from service.backends.onnx.catalogue import ModelEntry, read_entry

TINY_MODEL_DIR = Path(__file__).resolve().parents[2] / "tests" / "data" / "tiny-model"
"""Made by `tests/data/make_tiny_model.py`: context of 1,024 tokens, byte-level vocabulary of 320, roles `<|user|>` …"""

FREE = Price("EUR", 0.0, 0.0, 0.0)


def tiny_model() -> ModelEntry:
    """Return the model as the catalogue knows it."""
    return read_entry(TINY_MODEL_DIR)


def copy_tiny_model(target: Path) -> ModelEntry:
    """Copy the model into the new directory `target`, to be damaged there."""
    shutil.copytree(TINY_MODEL_DIR, target)
    return read_entry(target)


ADAPTABLE_MODEL_DIR = TINY_MODEL_DIR.with_name("tiny-adaptable")
PEFT_DIR = TINY_MODEL_DIR.with_name("tiny-adapters")
"""Made by `tests/data/make_tiny_adaptable.py`: a model that takes adapters, and two adapters of PEFT for it."""


def copy_adaptable_model(target: Path, *adapters: str) -> ModelEntry:
    """Copy the model that takes adapters into the new directory `target`, with `adapters` imported."""
    from service.backends.onnx.adapter_writer import write
    from service.backends.onnx.adapters import keep_adapter

    shutil.copytree(ADAPTABLE_MODEL_DIR, target)
    for name in adapters:
        write(target, PEFT_DIR / name, target / "made")
        keep_adapter(target, name, target / "made")
    return read_entry(target)
