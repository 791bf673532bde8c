"""A graph that gives the logits of chosen tokens only.

The builder's graph computes the logits of every token of a prompt, of which only the last ones are read; with them the
whole of the last layer behind its attention is computed for nothing. Rows are chosen where that part begins.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Mapping, Sequence
from typing import Final

from service.backends.onnx.graph_file import Graph, GraphError, Node, read_graph, reading, with_choice

INPUT: Final = "chosen_rows"
"""Numbers of the tokens of a run whose logits are wanted, counted from 0; the same for all requests of the run."""

_BY_TOKEN: Final = frozenset(
    {"Add", "BiasGelu", "Cast", "Clip", "Div", "Elu", "FastGelu", "Gelu", "LeakyRelu", "MatMul", "MatMulNBits", "Max"}
    | {"Min", "Mul", "Neg", "Pow", "QuickGelu", "Relu", "Sigmoid", "SimplifiedLayerNormalization", "Softplus", "Sub"}
    | {"SkipSimplifiedLayerNormalization", "Sqrt", "Swish", "Tanh", "Where"}
)
"""What is computed of each token by itself, whichever others there are, along the last dimension."""

_TOKENS_AXIS: Final = 1


def choose_rows(data: bytes, tokens: str, logits: str) -> bytes | None:
    """Return the model file `data` with the input `INPUT`; None where its graph has no place for it.

    `tokens` and `logits` are the names of the graph's input and output. Where the builder chose the last token
    (`prune_lm_head`), the choice becomes ours: several are wanted where guesses are looked at.
    """
    try:
        graph = read_graph(data)
    except GraphError:
        return None
    shape = graph.outputs.get(logits, ())
    # Of two dimensions: the tokens of all requests are one line.
    if len(shape) != 3 or INPUT in graph.inputs:
        return None
    alive = _depending(graph, tokens)
    nodes = graph.nodes if shape[1] is None else _without_choice(graph.nodes, alive)
    part = _tail(nodes, graph.outputs, alive, logits)
    if not part:
        return None
    made = {name for at in part for name in nodes[at].outputs}
    entering = {name for at in part for name in nodes[at].inputs if name in alive and name not in made}
    chosen = {name: f"{name}/chosen" for name in sorted(entering)}
    return with_choice(data, _with_gathers(nodes, part, chosen), INPUT, logits, frozenset(made))


def _without_choice(nodes: Sequence[Node], alive: set[str]) -> Sequence[Node]:
    """Return the nodes without the choice of the last token that the builder put before the last product.

    Source: `make_lm_head` of the builder's builders/base.py: a Gather along the tokens and an Unsqueeze.
    """
    gathers = {
        node.outputs[0]: node
        for node in nodes
        if node.kind == "Gather" and node.numbers.get("axis") == _TOKENS_AXIS and node.inputs[0] in alive
    }
    for at, node in enumerate(nodes):
        if node.kind == "Unsqueeze" and (gather := gathers.get(node.inputs[0])) is not None:
            whole = {node.outputs[0]: gather.inputs[0]}
            return [reading(one, whole) for one in (*nodes[:at], *nodes[at + 1 :]) if one is not gather]
    return ()


def _depending(graph: Graph, tokens: str) -> set[str]:
    """Return the values that depend on the tokens: the others are weights, masks and the like."""
    found = {tokens}
    for node in graph.nodes:
        if not found.isdisjoint((*node.inputs, *node.outer)):
            found.update(name for name in node.outputs if name)
    return found


def _tail(nodes: Sequence[Node], given: Container[str], alive: set[str], logits: str) -> set[int]:
    """Return the numbers of the nodes that only the logits need, and that work on each token by itself."""
    readers: dict[str, list[int]] = defaultdict(list)
    for at, node in enumerate(nodes):
        for name in filter(None, (*node.inputs, *node.outer)):
            readers[name].append(at)
    part: set[int] = set()
    for at in reversed(range(len(nodes))):
        node = nodes[at]
        used = [name for name in node.outputs if name in given or readers[name]]
        for_logits = all(part.issuperset(readers[name]) and (name == logits or name not in given) for name in used)
        if used and for_logits and node.kind in _BY_TOKEN and not alive.isdisjoint(node.inputs):
            part.add(at)
    return part


def _with_gathers(nodes: Sequence[Node], part: set[int], chosen: Mapping[str, str]) -> list[Node]:
    changed: list[Node] = []
    for at, node in enumerate(nodes):
        changed.append(reading(node, chosen) if at in part else node)
        for name in node.outputs:
            if name in chosen:
                numbers = {"axis": _TOKENS_AXIS}
                changed.append(Node("Gather", f"{chosen[name]}/Gather", (name, INPUT), (chosen[name],), numbers))
    return changed
