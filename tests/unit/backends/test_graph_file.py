"""Graphs as they stand in their files, and whether a model's configuration is of the same model."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from service.backends.onnx.agreement import require_agreement
from service.backends.onnx.graph_file import GraphError, Node, read_graph
from service.errors import ModelLoadError
from service.testing.tiny_model import ADAPTABLE_MODEL_DIR, TINY_MODEL_DIR, copy_tiny_model

GRAPH = (TINY_MODEL_DIR / "model.onnx").read_bytes()


def test_a_graph_is_read() -> None:
    graph = read_graph(GRAPH)
    assert graph.outputs["logits"] == (None, None, 320)
    assert graph.inputs["past_key_values.1.value"][:2] == (None, 2)
    attention = [node for node in graph.nodes if node.kind == "GroupQueryAttention"]
    assert [(node.numbers["num_heads"], node.numbers["kv_num_heads"]) for node in attention] == [(4, 2), (4, 2)]
    assert all(node.encoded() for node in graph.nodes)


def test_a_node_is_written_as_it_is_read() -> None:
    node = Node("Gather", "pick", ("a", "b"), ("c",), {"axis": -1})
    # A model with a graph with one node.
    inner = b"\x0a" + bytes([len(node.encoded())]) + node.encoded()
    (read,) = read_graph(b"\x3a" + bytes([len(inner)]) + inner).nodes
    assert (read.kind, read.name, read.inputs, read.outputs, read.numbers) == (
        node.kind,
        node.name,
        node.inputs,
        node.outputs,
        node.numbers,
    )


@pytest.mark.parametrize(
    "data", [b"", b"\x3a", GRAPH[:-100], b"version https://git-lfs.github.com/spec/v1\n", b"\xff" * 40]
)
def test_what_is_no_graph_is_said_so(data: bytes) -> None:
    with pytest.raises(GraphError):
        read_graph(data)


@pytest.mark.parametrize("model_dir", [TINY_MODEL_DIR, ADAPTABLE_MODEL_DIR])
def test_a_whole_model_agrees_with_itself(model_dir: Path) -> None:
    require_agreement(model_dir)


@pytest.mark.parametrize(
    ("key", "value", "found"),
    [
        ("num_hidden_layers", 1, "has 2"),
        ("num_hidden_layers", 3, "has 2"),
        ("num_attention_heads", 8, "has 4"),
        ("num_key_value_heads", 1, "has 2"),
        ("head_size", 32, "has 16"),
    ],
)
@pytest.mark.parametrize("model_dir", [TINY_MODEL_DIR, ADAPTABLE_MODEL_DIR])
def test_a_configuration_of_another_model_is_refused(
    tmp_path: Path, model_dir: Path, key: str, value: int, found: str
) -> None:
    config = json.loads((model_dir / "genai_config.json").read_text())
    config["model"]["decoder"][key] = value
    (tmp_path / "genai_config.json").write_text(json.dumps(config))
    (tmp_path / "model.onnx").write_bytes((model_dir / "model.onnx").read_bytes())
    with pytest.raises(ModelLoadError, match=f"{key} {value}, but model.onnx {found}.*copy both"):
        require_agreement(tmp_path)


def test_layers_without_a_cache_of_their_own_are_no_mistake(tmp_path: Path) -> None:
    entry = copy_tiny_model(tmp_path / "model")
    path = entry.path / "genai_config.json"
    config = json.loads(path.read_text())
    decoder = config["model"]["decoder"]
    # As of a model whose other layers keep a state that is not keys and values.
    decoder["num_hidden_layers"] = 5
    decoder["inputs"]["past_conv_names"] = "past_key_values.%d.value"
    path.write_text(json.dumps(config))
    require_agreement(entry.path)


def test_a_damaged_graph_is_an_error_of_loading(tmp_path: Path) -> None:
    entry = copy_tiny_model(tmp_path / "model")
    (entry.path / "model.onnx").write_bytes(GRAPH[:1000])
    with pytest.raises(ModelLoadError, match=r"holds no graph.*Copy the model again"):
        require_agreement(entry.path)
