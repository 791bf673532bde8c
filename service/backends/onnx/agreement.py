"""Whether what a model's configuration says of its shape is what its graph takes.

An engine makes the memory for keys and values by the configuration. Where the two differ, some models load and then
fail at the first request.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from service.backends.onnx.graph_file import MOST_BYTES, Graph, GraphError, Node, read_graph
from service.errors import ModelLoadError

_ATTENTION = frozenset({"GroupQueryAttention", "MultiHeadAttention", "PagedAttention", "SparseAttention"})


def require_agreement(model_dir: Path) -> None:
    """Compare `genai_config.json` with the graph that it names, which may be too large to be looked at.

    Raises:
        ModelLoadError: They are of different models.
    """
    decoder = json.loads((model_dir / "genai_config.json").read_text(encoding="utf-8"))["model"]["decoder"]
    path = model_dir / str(decoder.get("filename", ""))
    if not path.is_file() or path.stat().st_size > MOST_BYTES:
        return
    try:
        graph = read_graph(path.read_bytes())
    except GraphError as error:
        raise ModelLoadError(
            f"{path.name} of {model_dir.name} holds no graph: {error}. Copy the model again."
        ) from error
    for key, said, found in _differences(decoder, graph):
        raise ModelLoadError(
            f"genai_config.json of {model_dir.name} says {key} {said}, but {path.name} has {found}. The two files are "
            "of different models, or one was changed: copy both from the same model."
        )


def _differences(decoder: Mapping[str, Any], graph: Graph) -> list[tuple[str, int, str]]:
    """Return the keys that differ, with what is said and what was found."""
    attention = [node for node in graph.nodes if node.kind in _ATTENTION]
    caches = _caches(decoder, graph)
    found: dict[str, set[int]] = {
        "num_attention_heads": {node.numbers["num_heads"] for node in attention if "num_heads" in node.numbers},
        "num_key_value_heads": {node.numbers["kv_num_heads"] for node in attention if "kv_num_heads" in node.numbers},
        "head_size": {size for node in attention if (size := _head_size(node, graph))},
    }
    differences = []
    layers = int(decoder["num_hidden_layers"])
    # More layers than caches are well where layers of other kinds are between, or some share a cache.
    plain = len(attention) == len(caches) and not _has_other_states(decoder, graph)
    if caches and (max(caches) >= layers or (plain and len(caches) != layers)):
        differences.append(("num_hidden_layers", layers, _words([max(max(caches) + 1, len(caches))])))
    for key, sizes in found.items():
        said = decoder.get(key)
        # Layers may differ; then the configuration tells of some of them.
        if said is not None and sizes and int(said) not in sizes:
            differences.append((key, int(said), _words(sorted(sizes))))
    return differences


def _caches(decoder: Mapping[str, Any], graph: Graph) -> list[int]:
    """Return the numbers of the layers whose keys are inputs of the graph."""
    before, _, after = str(decoder.get("inputs", {}).get("past_key_names", "")).partition("%d")
    numbers = [
        name[len(before) : len(name) - len(after)]
        for name in graph.inputs
        if before and name.startswith(before) and name.endswith(after)
    ]
    return [int(number) for number in numbers if number.isdecimal()]


def _has_other_states(decoder: Mapping[str, Any], graph: Graph) -> bool:
    """Tell whether layers keep something else than keys and values."""
    known = ("past_key_names", "past_value_names")
    inputs: Mapping[str, str] = decoder.get("inputs", {})
    beginnings = [
        str(value).partition("%d")[0] for key, value in inputs.items() if "%d" in str(value) and key not in known
    ]
    return any(name.startswith(tuple(beginnings)) for name in graph.inputs) if beginnings else False


def _head_size(node: Node, graph: Graph) -> int | None:
    """Return the size of a head, from the width of what the attention reads; None where the file does not tell it."""
    if node.kind != "GroupQueryAttention" or not node.inputs:
        return None
    width = _width(node.inputs[0], graph)
    heads, shared = node.numbers.get("num_heads", 0), node.numbers.get("kv_num_heads", 0)
    packed = len(node.inputs) < 2 or not node.inputs[1]
    count = heads + 2 * shared if packed else heads
    return width // count if width and count and width % count == 0 else None


def _width(value: str, graph: Graph) -> int | None:
    """Return the last dimension of `value`; what an adapter's branch was added to is as wide as the sum."""
    makers = {name: node for node in graph.nodes for name in node.outputs if node.kind == "Add"}
    while not graph.shape(value) and value in makers:
        value = makers[value].inputs[0]
    return (graph.shape(value) or (None,))[-1]


def _words(numbers: Sequence[int]) -> str:
    return " or ".join(map(str, numbers))
