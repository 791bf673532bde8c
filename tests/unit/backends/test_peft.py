"""An adapter of PEFT becomes what the graph takes, or it is said why not."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from service.backends.onnx.adapters import Projection, find_adapters, keep_adapter, read_layout, verified_adapter
from service.backends.onnx.integrity import verify
from service.backends.onnx.peft import parameters_of, read_safetensors
from service.errors import FailedPreconditionError, ModelFilesError, NotFoundError
from service.testing.tiny_model import ADAPTABLE_MODEL_DIR, PEFT_DIR, copy_adaptable_model, tiny_model

QKV = "model.layers.0.self_attn.qkv_proj"
LAYOUT = {
    QKV: Projection(6, (("q_proj", 6), ("k_proj", 2), ("v_proj", 2))),
    "model.layers.0.mlp.down_proj": Projection(8, (("down_proj", 6),)),
}
CONFIG = {"peft_type": "LORA", "r": 2, "lora_alpha": 6, "bias": "none"}


def save(folder: Path, tensors: Mapping[str, NDArray[Any]], config: Mapping[str, Any] = CONFIG) -> Path:
    folder.mkdir()
    (folder / "adapter_config.json").write_text(json.dumps(config))
    header: dict[str, Any] = {"__metadata__": {"format": "pt"}}
    body = b""
    for name, value in tensors.items():
        data = value.tobytes()
        kind = {"f4": "F32", "f2": "F16", "u2": "BF16", "i8": "I64"}[value.dtype.str[1:]]
        header[name] = {"dtype": kind, "shape": value.shape, "data_offsets": [len(body), len(body) + len(data)]}
        body += data
    head = json.dumps(header).encode()
    (folder / "adapter_model.safetensors").write_bytes(len(head).to_bytes(8, "little") + head + body)
    return folder


def pair(module: str, inputs: int, outputs: int, rank: int = 2, seed: int = 1) -> dict[str, NDArray[Any]]:
    random = np.random.default_rng(seed)
    return {
        f"base_model.model.{module}.lora_A.weight": random.normal(size=(rank, inputs)).astype(np.float32),
        f"base_model.model.{module}.lora_B.weight": random.normal(size=(outputs, rank)).astype(np.float32),
    }


def product(tensors: Mapping[str, NDArray[Any]], scale: float) -> NDArray[np.float32]:
    a, b = tensors.values()
    whole: NDArray[np.float32] = np.float32(scale) * (a.T @ b.T)
    return whole


def test_modules_that_the_graph_computes_together_stand_side_by_side(tmp_path: Path) -> None:
    q, v = pair("model.layers.0.self_attn.q_proj", 6, 6), pair("model.layers.0.self_attn.v_proj", 6, 2, seed=2)
    found = parameters_of(save(tmp_path / "a", {**q, **v}), LAYOUT)
    assert sorted(found) == [f"{QKV}.lora_A.weight", f"{QKV}.lora_B.weight"]
    a, b = found[f"{QKV}.lora_A.weight"], found[f"{QKV}.lora_B.weight"]
    assert (a.shape, b.shape) == ((1, 6, 4), (1, 4, 10))
    whole = a[0] @ b[0]
    np.testing.assert_allclose(whole[:, :6], product(q, 3.0), rtol=1e-5)
    np.testing.assert_allclose(whole[:, 6:8], 0)
    np.testing.assert_allclose(whole[:, 8:], product(v, 3.0), rtol=1e-5)


def test_a_module_that_is_one_in_the_checkpoint_too_is_taken_whole(tmp_path: Path) -> None:
    tensors = pair(QKV, 6, 10)
    config = {**CONFIG, "use_rslora": True}
    found = parameters_of(save(tmp_path / "a", tensors, config), LAYOUT)
    whole = found[f"{QKV}.lora_A.weight"][0] @ found[f"{QKV}.lora_B.weight"][0]
    np.testing.assert_allclose(whole, product(tensors, 6 / 2**0.5), rtol=1e-5)


def test_halves_of_floats_are_read(tmp_path: Path) -> None:
    values = np.array([[1.5, -2.0, 0.25]], np.float32)
    wide = (values.view(np.uint32) >> 16).astype(np.uint16)
    folder = save(tmp_path / "a", {"half": values.astype(np.float16), "brain": wide})
    found = read_safetensors(folder / "adapter_model.safetensors")
    assert found["half"].tolist() == found["brain"].tolist() == values.tolist()


DOWN = "model.layers.0.mlp.down_proj"


@pytest.mark.parametrize(
    ("tensors", "config", "said"),
    [
        (pair(DOWN, 8, 6), {**CONFIG, "peft_type": "IA3"}, "no LoRA"),
        (pair(DOWN, 8, 6), {**CONFIG, "use_dora": True}, "DoRA"),
        (pair(DOWN, 8, 6), {**CONFIG, "bias": "all"}, "biases"),
        (pair(DOWN, 8, 6), {**CONFIG, "modules_to_save": ["lm_head"]}, "modules_to_save"),
        (pair(DOWN, 8, 6), {"peft_type": "LORA"}, "lora_alpha"),
        (pair(DOWN, 8, 6), {**CONFIG, "r": 0}, "lora_alpha"),
        (pair("lm_head", 6, 20), CONFIG, "lm_head, for which the model was not made ready"),
        (pair("model.layers.7.mlp.down_proj", 8, 6), CONFIG, "layers.7"),
        (pair(DOWN, 9, 6), CONFIG, "of another model"),
        (pair(DOWN, 8, 7), CONFIG, "of another model"),
        ({"base_model.model.x.lora_embedding_A": np.zeros((2, 2), np.float32)}, CONFIG, "no matrix of LoRA"),
        (dict(list(pair(DOWN, 8, 6).items())[:1]), CONFIG, "one of two"),
        ({}, CONFIG, "empty"),
        ({k: np.full_like(v, np.inf) for k, v in pair(DOWN, 8, 6).items()}, CONFIG, "NaN or infinite"),
        ({"base_model.model.x.lora_A.weight": np.zeros((2, 2), np.int64)}, CONFIG, "no safetensors"),
    ],
)
def test_what_cannot_be_used_is_refused(
    tmp_path: Path, tensors: Mapping[str, NDArray[Any]], config: Mapping[str, Any], said: str
) -> None:
    with pytest.raises(ModelFilesError, match=said):
        parameters_of(save(tmp_path / "a", tensors, config), LAYOUT)


def test_a_folder_that_holds_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelFilesError, match=r"adapter_config\.json"):
        parameters_of(tmp_path, LAYOUT)
    folder = save(tmp_path / "a", pair(DOWN, 8, 6))
    path = folder / "adapter_model.safetensors"
    path.write_bytes(path.read_bytes()[:-4])
    with pytest.raises(ModelFilesError, match="cut short"):
        parameters_of(folder, LAYOUT)


def test_adapters_have_sums_of_their_own(tmp_path: Path) -> None:
    entry = copy_adaptable_model(tmp_path / "own", "mail", "code")
    assert verify(entry.path)
    assert [one.name for one in find_adapters(entry.path)] == ["code", "mail"]
    path = verified_adapter(entry.path, "mail")
    path.write_bytes(path.read_bytes() + b"x")
    assert verify(entry.path)
    with pytest.raises(ModelFilesError, match="does not match"):
        verified_adapter(entry.path, "mail")
    assert verified_adapter(entry.path, "code")
    keep_adapter(entry.path, "mail", path.rename(tmp_path / "made"))
    assert verified_adapter(entry.path, "mail")
    (path.parent / "SHA256SUMS").unlink()
    with pytest.raises(ModelFilesError, match="not listed"):
        verified_adapter(entry.path, "mail")
    with pytest.raises(NotFoundError, match="there are: code, mail"):
        verified_adapter(entry.path, "../mail")


def test_the_layout_belongs_to_the_model(tmp_path: Path) -> None:
    layout = read_layout(ADAPTABLE_MODEL_DIR)
    assert layout["model.layers.1.self_attn.qkv_proj"].parts == (("q_proj", 64), ("k_proj", 32), ("v_proj", 32))
    assert parameters_of(PEFT_DIR / "mail", layout)
    with pytest.raises(FailedPreconditionError, match="--adaptable"):
        read_layout(tiny_model().path)
