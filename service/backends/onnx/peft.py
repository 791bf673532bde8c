"""A LoRA adapter as the PEFT library saves it, turned into what a model's graph takes.

PEFT keeps for each module two matrices, A (rank, inputs) and B (outputs, rank); the module then gives x·W + s·x·Aᵀ·Bᵀ.
A graph may compute several modules as one projection: their A stand side by side there, their B along a diagonal.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from service.backends.onnx.adapters import Projection
from service.errors import ModelFilesError

Floats: TypeAlias = NDArray[np.float32]

CONFIG_FILE: Final = "adapter_config.json"
WEIGHTS_FILE: Final = "adapter_model.safetensors"

_KEY: Final = re.compile(r"(?:base_model\.model\.)?(?P<module>[\w.]+)\.lora_(?P<side>[AB])(?:\.default)?\.weight")
_REFUSED: Final = (
    ("use_dora", "it is a DoRA adapter, which changes the scale of the model's own weights"),
    ("rank_pattern", "its modules have ranks of their own (rank_pattern)"),
    ("alpha_pattern", "its modules have scales of their own (alpha_pattern)"),
    ("modules_to_save", "it holds whole modules beside its matrices (modules_to_save)"),
    ("fan_in_fan_out", "its matrices are transposed (fan_in_fan_out)"),
    ("trainable_token_indices", "it holds embeddings of its own (trainable_token_indices)"),
    ("lora_bias", "it has biases of its own (lora_bias)"),
)


@dataclass(frozen=True, slots=True)
class _Pair:
    a: Floats
    b: Floats


def parameters_of(folder: Path, layout: Mapping[str, Projection]) -> dict[str, Floats]:
    """Return what the graph takes: `NAME.lora_A.weight` (1, inputs, rank) and `NAME.lora_B.weight` (1, rank, outputs).

    Raises:
        ModelFilesError: The folder holds no adapter of PEFT, one of a kind that is not known, or one of another model.
    """
    config = _config(folder)
    scale = _scale(config)
    pairs = _pairs(read_safetensors(folder / WEIGHTS_FILE))
    parameters: dict[str, Floats] = {}
    used: set[str] = set()
    for name, projection in layout.items():
        parts, found = _parts(name, projection, pairs)
        if not found:
            continue
        used |= found
        rank = sum(pair.a.shape[0] for pair, _, _ in parts)
        a: Floats = np.zeros((1, projection.inputs, rank), np.float32)
        b: Floats = np.zeros((1, rank, projection.outputs), np.float32)
        at = 0
        for pair, start, size in parts:
            own = pair.a.shape[0]
            if pair.a.shape[1] != projection.inputs or pair.b.shape != (size, own):
                raise ModelFilesError(f"The adapter is of another model: {name} has other sizes there.")
            a[0, :, at : at + own] = pair.a.T
            b[0, at : at + own, start : start + size] = scale * pair.b.T
            at += own
        parameters[f"{name}.lora_A.weight"], parameters[f"{name}.lora_B.weight"] = a, b
    if unknown := sorted(set(pairs) - used):
        raise ModelFilesError(f"The adapter changes {unknown[0]}, for which the model was not made ready.")
    if not all(bool(np.isfinite(value).all()) for value in parameters.values()):
        raise ModelFilesError("The adapter holds numbers that are none (NaN or infinite).")
    return parameters


def read_safetensors(path: Path) -> dict[str, Floats]:
    """Return the tensors of a file as 32-bit floats.

    Raises:
        ModelFilesError: It is missing, cut short, or holds something else than floats.

    Source: the format's description in the README of huggingface/safetensors.
    """
    try:
        data = path.read_bytes()
        length = int.from_bytes(data[:8], "little")
        header: dict[str, Any] = json.loads(data[8 : 8 + length])
        return {
            str(name): _tensor(data, 8 + length, fields) for name, fields in header.items() if name != "__metadata__"
        }
    except (OSError, ValueError, KeyError, TypeError, AttributeError, IndexError) as error:
        raise ModelFilesError(f"{path.name} is missing, cut short or no safetensors file.") from error


def _tensor(data: bytes, begin: int, fields: Mapping[str, Any]) -> Floats:
    start, end = fields["data_offsets"]
    shape = [int(size) for size in fields["shape"]]
    body = data[begin + int(start) : begin + int(end)]
    if fields["dtype"] == "BF16":
        # A bfloat16 is the upper half of a float.
        wide = np.frombuffer(body, "<u2").astype(np.uint32) << np.uint32(16)
        return wide.view(np.float32).reshape(shape)
    return (
        np.frombuffer(body, {"F32": "<f4", "F16": "<f2", "F64": "<f8"}[fields["dtype"]])
        .reshape(shape)
        .astype(np.float32)
    )


def _config(folder: Path) -> dict[str, Any]:
    try:
        config = json.loads((folder / CONFIG_FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ModelFilesError(f"{CONFIG_FILE} is missing or cannot be read: this is no adapter of PEFT.") from error
    if not isinstance(config, dict) or config.get("peft_type") != "LORA":
        raise ModelFilesError(f"{CONFIG_FILE} names no LoRA adapter (peft_type).")
    if config.get("bias", "none") != "none":
        raise ModelFilesError("The adapter cannot be used: it changes biases.")
    for field, words in _REFUSED:
        if config.get(field):
            raise ModelFilesError(f"The adapter cannot be used: {words}.")
    return config


def _scale(config: Mapping[str, Any]) -> np.float32:
    try:
        rank, alpha = int(config["r"]), float(config["lora_alpha"])
        return np.float32(alpha / (math.sqrt(rank) if config.get("use_rslora") else rank))
    except (KeyError, TypeError, ValueError, ZeroDivisionError) as error:
        raise ModelFilesError(f"{CONFIG_FILE} does not say r and lora_alpha.") from error


def _pairs(tensors: Mapping[str, Floats]) -> dict[str, _Pair]:
    sides: dict[str, dict[str, Floats]] = {}
    for key, value in tensors.items():
        match = _KEY.fullmatch(key)
        if match is None or value.ndim != 2:
            raise ModelFilesError(f"The adapter holds {key[:100]}, which is no matrix of LoRA for a linear layer.")
        sides.setdefault(match["module"], {})[match["side"]] = value
    if odd := sorted(name for name, found in sides.items() if len(found) != 2):
        raise ModelFilesError(f"The adapter has one of two matrices only for {odd[0]}.")
    if not sides:
        raise ModelFilesError("The adapter is empty.")
    return {name: _Pair(found["A"], found["B"]) for name, found in sides.items()}


def _parts(
    name: str, projection: Projection, pairs: Mapping[str, _Pair]
) -> tuple[list[tuple[_Pair, int, int]], set[str]]:
    """Return what changes a projection, each with where in its output it begins and ends, and the names of these."""
    if name in pairs:
        return [(pairs[name], 0, projection.outputs)], {name}
    parent, start = name.rpartition(".")[0], 0
    parts, found = [], set()
    for part, size in projection.parts:
        module = f"{parent}.{part}"
        if module in pairs:
            parts.append((pairs[module], start, size))
            found.add(module)
        start += size
    return parts, found
