"""Makes a model that the onnxruntime-genai builder wrote ready for adapters: `adapter_graph.py MODEL_DIR`.

It is run by path in the builder's environment, which need not have the service. Each projection of the decoder gets a
branch x·A·B that is added to what it gives. A and B are inputs of the graph with a default of rank 0, so that the model
computes what it computed before where none is given. Their first dimension is the row of the batch: one matrix for
all rows, or one for each.
"""

from __future__ import annotations

import functools
import importlib
import json
import re
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np


@functools.cache
def _library() -> Any:
    # Comes with the builder and not with the service, nor do its types.
    return importlib.import_module("onnx_ir")


_OUTPUT = re.compile(r"/model/layers\.(?P<layer>\d+)/(?P<block>attn|mlp)/(?P<name>\w+_proj)/MatMul/output_0")
"""Source: the names that the builder gives, in `make_attention` and `make_mlp` of its builders/base.py."""

_BLOCKS = {"attn": "self_attn", "mlp": "mlp"}
"""The builder's name of a part of a layer to that of the checkpoint, which adapters use."""


def make_adaptable(model_dir: Path) -> int:
    """Rewrite the graph in `model_dir`, add `adapters/layout.json`, and return how many projections were found."""
    decoder = json.loads((model_dir / "genai_config.json").read_text(encoding="utf-8"))["model"]["decoder"]
    path = model_dir / decoder["filename"]
    model = _library().load(path)
    projections: dict[str, Any] = {}
    for node in list(model.graph):
        match = _OUTPUT.fullmatch(node.outputs[0].name or "") if node.outputs else None
        if match is None or node.op_type not in ("MatMul", "MatMulNBits"):
            continue
        inputs, outputs = _sizes(node)
        name = f"model.layers.{match['layer']}.{_BLOCKS[match['block']]}.{match['name']}"
        _branch(model.graph, node, name, inputs, outputs)
        projections[name] = {"inputs": inputs, "parts": _parts(match["name"], outputs, decoder)}
    if projections:
        _save(model, path)
        layout = model_dir / "adapters" / "layout.json"
        layout.parent.mkdir(exist_ok=True)
        layout.write_text(json.dumps({"projections": projections}, indent=1) + "\n", encoding="utf-8")
    return len(projections)


def _sizes(node: Any) -> tuple[int, int]:
    if node.op_type == "MatMulNBits":
        return node.attributes["K"].as_int(), node.attributes["N"].as_int()
    weights = node.inputs[1]
    assert weights is not None
    assert weights.shape is not None
    return int(weights.shape[0]), int(weights.shape[1])


def _branch(graph: Any, node: Any, name: str, inputs: int, outputs: int) -> None:
    before, after = node.inputs[0], node.outputs[0]
    assert after.name is not None
    a = _parameter(graph, f"{name}.lora_A.weight", (None, inputs, None), (1, inputs, 0))
    b = _parameter(graph, f"{name}.lora_B.weight", (None, None, outputs), (1, 0, outputs))
    prefix = after.name.removesuffix("/MatMul/output_0")
    first = _node("MatMul", (before, a), f"{prefix}/lora_A/MatMul")
    second = _node("MatMul", (first.outputs[0], b), f"{prefix}/lora_B/MatMul")
    added = _node("Add", (after, second.outputs[0]), f"{prefix}/lora/Add")
    for user, index in list(after.uses()):
        if user is not added:
            user.replace_input_with(index, added.outputs[0])
    graph.insert_after(node, [first, second, added])


def _parameter(graph: Any, name: str, shape: Sequence[int | None], default: Sequence[int]) -> Any:
    ir = _library()
    value = ir.Value(
        name=name,
        shape=ir.Shape(shape),
        type=ir.TensorType(ir.DataType.FLOAT),
        const_value=ir.tensor(np.zeros(default, np.float32), name=name),
    )
    graph.inputs.append(value)
    graph.initializers[name] = value
    return value


def _node(kind: str, inputs: Sequence[Any], name: str) -> Any:
    ir = _library()
    node = ir.Node("", kind, inputs, name=name)
    node.outputs[0].name = f"{name}/output_0"
    node.outputs[0].type = ir.TensorType(ir.DataType.FLOAT)
    return node


def _parts(name: str, outputs: int, decoder: dict[str, Any]) -> list[tuple[str, int]]:
    """Return the modules of the checkpoint that a projection computes side by side, with their sizes."""
    if name == "qkv_proj":
        keys = int(decoder.get("num_key_value_heads") or decoder["num_attention_heads"]) * int(decoder["head_size"])
        return [("q_proj", outputs - 2 * keys), ("k_proj", keys), ("v_proj", keys)]
    if name == "gate_up_proj":
        return [("gate_proj", outputs // 2), ("up_proj", outputs // 2)]
    return [(name, outputs)]


def _save(model: Any, path: Path) -> None:
    # Into a folder beside: the weights are read from the old files while the new ones are written.
    fresh = path.parent / ".adaptable"
    fresh.mkdir()
    _library().save(model, fresh / path.name, external_data=f"{path.name}.data")
    for made in fresh.iterdir():
        made.replace(path.parent / made.name)
    shutil.rmtree(fresh)


def main() -> None:
    """Make the model that the first argument names ready."""
    if not make_adaptable(Path(sys.argv[1])):
        sys.stdout.write("ValueError: no projection was found in the graph; it takes no adapters\n")
        sys.exit(1)


if __name__ == "__main__":
    main()
