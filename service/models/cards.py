"""The facts of files on this machine that answer nothing as they are: checkpoints, and models that are damaged."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import orjson

from service.backends.base import ModelCard
from service.backends.onnx.catalogue import ModelEntry
from service.backends.onnx.files import size_of


def checkpoint_card(path: Path, model_id: str) -> ModelCard:
    """Return the facts of a checkpoint, which can be built from and not be loaded."""
    return _card_of_files(
        model_id,
        f"{model_id} (checkpoint)",
        "unloaded",
        "A checkpoint: QuantizeModel builds models of it.",
        context_tokens=_context_of(path / "config.json"),
        size_bytes=size_of(path),
    )


def _context_of(config: Path) -> int:
    """Return how many tokens a checkpoint reads; 0: its configuration does not say, or cannot be read."""
    try:
        return int(orjson.loads(config.read_bytes()).get("max_position_embeddings") or 0)
    except (OSError, ValueError, TypeError, AttributeError):
        return 0


def damaged_card(entry: ModelEntry) -> ModelCard:
    """Return what is to be said of a model on this machine whose files cannot be read."""
    message = entry.problem.replace(str(entry.path), entry.model_id)
    return _card_of_files(entry.model_id, entry.display_name, "failed", message)


def _card_of_files(
    model_id: str,
    display_name: str,
    state: Literal["unloaded", "failed"],
    state_message: str,
    *,
    context_tokens: int = 0,
    size_bytes: int = 0,
) -> ModelCard:
    """Return the facts of files that answer nothing as they are."""
    return ModelCard(
        model_id=model_id,
        backend="onnx",
        display_name=display_name,
        locality="local",
        context_tokens=context_tokens,
        max_output_tokens=0,
        supports_tools=False,
        supports_json_schema=False,
        supports_grammar=False,
        supports_vision=False,
        price=None,
        state=state,
        state_message=state_message,
        size_bytes=size_bytes,
    )
