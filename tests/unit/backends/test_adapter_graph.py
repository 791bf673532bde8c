"""The builder's graph gets its branches for adapters. It needs onnx-ir, which comes with what builds models."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from service.backends.onnx.adapters import read_layout
from service.testing.tiny_model import copy_tiny_model

pytest.importorskip("onnx_ir")


def test_a_graph_computes_the_same_without_adapters(tmp_path: Path) -> None:
    import onnxruntime as ort

    from service.backends.onnx.adapter_graph import make_adaptable

    plain, ready = copy_tiny_model(tmp_path / "plain").path, copy_tiny_model(tmp_path / "ready").path
    assert make_adaptable(ready) == 10
    layout = read_layout(ready)
    assert layout["model.layers.0.self_attn.qkv_proj"].parts == (("q_proj", 64), ("k_proj", 32), ("v_proj", 32))
    feed = {"input_ids": np.array([[5, 9, 20]]), "attention_mask": np.ones((1, 3), np.int64)}
    for layer in range(2):
        for kind in ("key", "value"):
            feed[f"past_key_values.{layer}.{kind}"] = np.zeros((1, 2, 0, 16), np.float32)
    before, after = (ort.InferenceSession(str(path / "model.onnx")).run(["logits"], feed)[0] for path in (plain, ready))
    assert (before == after).all()
    assert not (ready / ".adaptable").exists()


def test_a_graph_without_projections_is_left_as_it_is(tmp_path: Path) -> None:
    from service.backends.onnx.adapter_graph import make_adaptable

    model = copy_tiny_model(tmp_path / "model").path
    config = json.loads((model / "genai_config.json").read_text())
    assert config["model"]["decoder"]["filename"] == "model.onnx"
    data = (model / "model.onnx").read_bytes()
    (model / "model.onnx").write_bytes(data.replace(b"_proj/MatMul", b"_else/MatMul"))
    assert make_adaptable(model) == 0
    assert not (model / "adapters").exists()
