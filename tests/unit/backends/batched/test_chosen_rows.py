"""The graph computes what is behind the last attention for the tokens only whose logits are wanted."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from service.backends.onnx.batched.adapters import AdapterRack
from service.backends.onnx.batched.arena import Arena
from service.backends.onnx.batched.batch import Batch
from service.backends.onnx.batched.chosen_rows import INPUT, choose_rows
from service.backends.onnx.batched.session import Floats, ModelSession
from service.backends.onnx.graph_file import Node, read_graph, reading, with_choice
from service.backends.onnx.options import OnnxEngineOptions
from service.testing.tiny_model import ADAPTABLE_MODEL_DIR, TINY_MODEL_DIR, copy_tiny_model

OPTIONS = OnnxEngineOptions(intra_op_threads=1)
TOKENS = [3, 17, 60, 4, 5, 99, 12, 8]


def batch_of(session: ModelSession, model_dir: Path) -> Batch:
    arena = Arena(session.kv, capacity=256, most_rows=1, most_tokens=256)
    return Batch(session, arena, AdapterRack(model_dir, 1, 0), 1, 256)


def logits_of(model_dir: Path, wanted: int) -> Floats:
    return batch_of(ModelSession(model_dir, OPTIONS), model_dir).extend(0, TOKENS, wanted=wanted).copy()


def whole_logits(model_dir: Path, monkeypatch: pytest.MonkeyPatch) -> Floats:
    """Return the logits of all tokens, of the graph as it is in the file."""
    with monkeypatch.context() as patch:
        patch.setattr("service.backends.onnx.batched.session.MOST_BYTES", 0)
        session = ModelSession(model_dir, OPTIONS)
    assert not session.chooses
    return batch_of(session, model_dir).extend(0, TOKENS, wanted=len(TOKENS)).copy()


@pytest.mark.parametrize("model_dir", [TINY_MODEL_DIR, ADAPTABLE_MODEL_DIR])
@pytest.mark.parametrize("wanted", [1, 3, len(TOKENS)])
def test_chosen_logits_are_the_same_bit_for_bit(model_dir: Path, wanted: int, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = whole_logits(model_dir, monkeypatch)
    assert ModelSession(model_dir, OPTIONS).chooses
    assert np.array_equal(logits_of(model_dir, wanted), whole[-wanted:])


def test_a_graph_as_it_is_gives_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = whole_logits(TINY_MODEL_DIR, monkeypatch)
    monkeypatch.setattr("service.backends.onnx.batched.session.MOST_BYTES", 0)
    assert np.array_equal(logits_of(TINY_MODEL_DIR, 2), whole[-2:])


def test_the_last_layer_is_computed_for_chosen_tokens_only() -> None:
    changed = choose_rows((TINY_MODEL_DIR / "model.onnx").read_bytes(), "input_ids", "logits")
    assert changed is not None
    graph = read_graph(changed)
    assert INPUT in graph.inputs
    gathers = [node for node in graph.nodes if INPUT in node.inputs]
    assert sorted(node.inputs[0].split("/")[-2] for node in gathers) == ["GroupQueryAttention", "input_layernorm"]
    assert all("/layers.1/" in node.name for node in gathers)


def test_a_model_that_gives_the_last_logits_only_gives_those_that_are_wanted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = whole_logits(TINY_MODEL_DIR, monkeypatch)
    entry = copy_tiny_model(tmp_path / "model")
    (entry.path / "model.onnx").write_bytes(pruned((entry.path / "model.onnx").read_bytes()))
    for wanted in (1, 3):
        assert np.array_equal(logits_of(entry.path, wanted), whole[-wanted:])


def pruned(data: bytes) -> bytes:
    """Return the graph as the builder makes it with `prune_lm_head`: the last product is of the last token only."""
    nodes = list(read_graph(data).nodes)
    (head,) = (node for node in nodes if "logits" in node.outputs)
    states = head.inputs[0]
    numbers = [Node("Constant", f"n{value}", (), (f"n{value}",), {"value_int": value}) for value in (-1, 1, 2)]
    picking = [
        *numbers,
        Node("Range", "axes", ("n1", "n2", "n1"), ("axes",)),
        Node("Gather", "/lm_head/prune/Gather", (states, "n-1"), ("one",), {"axis": 1}),
        Node("Unsqueeze", "/lm_head/prune/Unsqueeze", ("one", "axes"), ("picked",)),
    ]
    at = nodes.index(head)
    changed = [*nodes[:at], *picking, reading(head, {states: "picked"}), *nodes[at + 1 :]]
    return with_choice(data, changed, "", "logits", frozenset({"logits"}), rows=1)


def test_logits_that_others_read_too_are_left_alone() -> None:
    data = (TINY_MODEL_DIR / "model.onnx").read_bytes()
    nodes = read_graph(data).nodes
    read_twice = [*nodes, Node("Shape", "size", ("logits",), ("size",))]
    assert choose_rows(with_choice(data, read_twice, "", "", frozenset()), "input_ids", "logits") is None


def test_what_is_not_computed_token_by_token_is_left_whole() -> None:
    data = (TINY_MODEL_DIR / "model.onnx").read_bytes()
    nodes = [
        dataclasses.replace(node, kind="Softmax", fields=()) if "logits" in node.outputs else node
        for node in read_graph(data).nodes
    ]
    assert choose_rows(with_choice(data, nodes, "", "", frozenset()), "input_ids", "logits") is None
    assert choose_rows(b"no graph", "input_ids", "logits") is None
