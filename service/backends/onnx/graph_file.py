"""A model's graph as it stands in its file, and small changes to it, without the packages that make graphs.

Weights lie in files beside it. What is not known here is kept as it is.
Source: onnx/onnx.proto3 of ONNX, whose numbers of fields these are, and the wire format of Protocol Buffers.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, TypeAlias

MOST_BYTES: Final = 64 * 1024 * 1024
"""Larger files hold their weights themselves, and are not read here: they would lie in memory twice."""

_VARINT, _EIGHT_BYTES, _BYTES, _FOUR_BYTES = 0, 1, 2, 5
_SIZES: Final = {_EIGHT_BYTES: 8, _FOUR_BYTES: 4}
_MODEL_GRAPH: Final = 7
_GRAPH_NODE, _GRAPH_INPUT, _GRAPH_OUTPUT, _GRAPH_VALUE_INFO = 1, 11, 12, 13
_NODE_INPUT, _NODE_OUTPUT, _NODE_NAME, _NODE_KIND, _NODE_ATTRIBUTE = 1, 2, 3, 4, 5
_ATTRIBUTE_NAME, _ATTRIBUTE_INT, _ATTRIBUTE_GRAPH, _ATTRIBUTE_GRAPHS, _ATTRIBUTE_TYPE = 1, 3, 6, 11, 20
_VALUE_NAME, _VALUE_TYPE = 1, 2
_TYPE_TENSOR, _TENSOR_KIND, _TENSOR_SHAPE, _SHAPE_DIM, _DIM_VALUE, _DIM_NAME = 1, 1, 2, 1, 1, 2
_INT_ATTRIBUTE, _INT64 = 2, 7
"""Source: `AttributeProto.AttributeType.INT` and `TensorProto.DataType.INT64`."""

Shape: TypeAlias = tuple[int | None, ...]
"""None: a dimension that differs from run to run."""

_Field: TypeAlias = tuple[int, int, int | bytes]


class GraphError(ValueError):
    """The bytes are no graph."""


@dataclass(frozen=True, slots=True)
class Node:
    """One operation. `outer` are values of the graph around that its inner graphs, if it has any, read."""

    kind: str
    name: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    numbers: Mapping[str, int] = field(default_factory=dict)
    outer: frozenset[str] = frozenset()
    fields: tuple[_Field, ...] = ()

    def encoded(self) -> bytes:
        """Return the node's bytes, with its inputs as they are here."""
        named = [(_NODE_INPUT, _BYTES, name.encode()) for name in self.inputs]
        rest = self.fields or (
            *((_NODE_OUTPUT, _BYTES, name.encode()) for name in self.outputs),
            (_NODE_NAME, _BYTES, self.name.encode()),
            (_NODE_KIND, _BYTES, self.kind.encode()),
            *((_NODE_ATTRIBUTE, _BYTES, _int_attribute(name, value)) for name, value in self.numbers.items()),
        )
        return _joined([*named, *(one for one in rest if one[0] != _NODE_INPUT)])


@dataclass(frozen=True, slots=True)
class Graph:
    """The nodes in the order in which they are computed, and the shapes of the values that the file tells."""

    nodes: tuple[Node, ...]
    inputs: Mapping[str, Shape]
    outputs: Mapping[str, Shape]
    shapes: Mapping[str, Shape]

    def shape(self, value: str) -> Shape | None:
        """Return the shape of `value`, where the file tells it."""
        return self.inputs.get(value) or self.outputs.get(value) or self.shapes.get(value)


def read_graph(data: bytes) -> Graph:
    """Return the graph of a model file.

    Raises:
        GraphError: `data` is damaged or something else.
    """
    try:
        found = [value for number, _, value in _fields(data) if number == _MODEL_GRAPH]
        if len(found) != 1 or not isinstance(found[0], bytes):
            raise GraphError("it holds no graph")
        return _graph(found[0])
    except (IndexError, UnicodeDecodeError) as error:
        raise GraphError("it is cut short or damaged") from error


def with_choice(
    data: bytes, nodes: Sequence[Node], index: str, output: str, changed: frozenset[str], rows: int | None = None
) -> bytes:
    """Return the model file `data` with other `nodes`, and with a further input of row numbers if `index` names it.

    Only those rows are computed of the graph's `output` (its second dimension) and of the values that `changed` names;
    `rows` is how many, where that is always the same.
    """
    model: list[_Field] = []
    for number, kind, value in _fields(data):
        if number != _MODEL_GRAPH or not isinstance(value, bytes):
            model.append((number, kind, value))
            continue
        graph: list[_Field] = [(_GRAPH_NODE, _BYTES, node.encoded()) for node in nodes]
        for one in _fields(value):
            if one[0] == _GRAPH_NODE or (one[0] == _GRAPH_VALUE_INFO and _value(one[2])[0] in changed):
                continue
            if one[0] == _GRAPH_OUTPUT and _value(one[2])[0] == output:
                shape = _value(one[2])[1]
                graph.append((_GRAPH_OUTPUT, _BYTES, _declared(output, _kind_of(one[2]), (shape[0], rows, *shape[2:]))))
                continue
            graph.append(one)
        if index:
            graph.append((_GRAPH_INPUT, _BYTES, _declared(index, _INT64, (None,))))
        model.append((number, kind, _joined(graph)))
    return _joined(model)


def reading(node: Node, names: Mapping[str, str]) -> Node:
    """Return `node` reading other values where `names` has one for what it reads."""
    return replace(node, inputs=tuple(names.get(name, name) for name in node.inputs))


def _graph(data: bytes) -> Graph:
    nodes: list[Node] = []
    declared: dict[int, dict[str, Shape]] = {_GRAPH_INPUT: {}, _GRAPH_OUTPUT: {}, _GRAPH_VALUE_INFO: {}}
    for number, _, value in _fields(data):
        if number == _GRAPH_NODE:
            nodes.append(_node(value))
        elif number in declared:
            name, shape = _value(value)
            declared[number][name] = shape
    return Graph(tuple(nodes), declared[_GRAPH_INPUT], declared[_GRAPH_OUTPUT], declared[_GRAPH_VALUE_INFO])


def _node(data: int | bytes) -> Node:
    fields = tuple(_fields(data))
    texts: dict[int, list[str]] = {_NODE_INPUT: [], _NODE_OUTPUT: [], _NODE_NAME: [""], _NODE_KIND: [""]}
    numbers: dict[str, int] = {}
    outer: set[str] = set()
    for number, _, value in fields:
        if number in texts and isinstance(value, bytes):
            texts[number].append(value.decode())
        elif number == _NODE_ATTRIBUTE:
            for inner, kind, held in _fields(value):
                if inner == _ATTRIBUTE_INT and kind == _VARINT and isinstance(held, int):
                    numbers[_text(value, _ATTRIBUTE_NAME)] = held - (1 << 64) if held >> 63 else held
                elif inner in (_ATTRIBUTE_GRAPH, _ATTRIBUTE_GRAPHS) and isinstance(held, bytes):
                    outer |= {name for node in _graph(held).nodes for name in (*node.inputs, *node.outer)}
    return Node(
        kind=texts[_NODE_KIND][-1],
        name=texts[_NODE_NAME][-1],
        inputs=tuple(texts[_NODE_INPUT]),
        outputs=tuple(texts[_NODE_OUTPUT]),
        numbers=numbers,
        outer=frozenset(outer),
        fields=fields,
    )


def _value(data: int | bytes) -> tuple[str, Shape]:
    """Return the name and shape of a declared value; a shape that is not told is empty."""
    dims: list[int | None] = []
    for dim in _inside(data, _VALUE_TYPE, _TYPE_TENSOR, _TENSOR_SHAPE, _SHAPE_DIM):
        told = [value for number, _, value in _fields(dim) if number == _DIM_VALUE]
        dims.append(told[0] if told and isinstance(told[0], int) else None)
    return _text(data, _VALUE_NAME), tuple(dims)


def _kind_of(data: int | bytes) -> int:
    """Return the element type of a declared tensor."""
    kind = next(_inside(data, _VALUE_TYPE, _TYPE_TENSOR, _TENSOR_KIND), 0)
    return kind if isinstance(kind, int) else 0


def _inside(data: int | bytes, *path: int) -> Iterator[int | bytes]:
    for number, _, value in _fields(data):
        if number == path[0]:
            if len(path) == 1:
                yield value
            else:
                yield from _inside(value, *path[1:])


def _text(data: int | bytes, wanted: int) -> str:
    return next((value.decode() for value in _inside(data, wanted) if isinstance(value, bytes)), "")


def _declared(name: str, kind: int, shape: Shape) -> bytes:
    dims: list[_Field] = []
    for at, size in enumerate(shape):
        told: _Field = (_DIM_NAME, _BYTES, f"{name}_{at}".encode()) if size is None else (_DIM_VALUE, _VARINT, size)
        dims.append((_SHAPE_DIM, _BYTES, _joined([told])))
    tensor = _joined([(_TENSOR_KIND, _VARINT, kind), (_TENSOR_SHAPE, _BYTES, _joined(dims))])
    return _joined(
        [(_VALUE_NAME, _BYTES, name.encode()), (_VALUE_TYPE, _BYTES, _joined([(_TYPE_TENSOR, _BYTES, tensor)]))]
    )


def _int_attribute(name: str, value: int) -> bytes:
    fields: list[_Field] = [
        (_ATTRIBUTE_NAME, _BYTES, name.encode()),
        (_ATTRIBUTE_INT, _VARINT, value),
        (_ATTRIBUTE_TYPE, _VARINT, _INT_ATTRIBUTE),
    ]
    return _joined(fields)


def _fields(data: int | bytes) -> Iterator[_Field]:
    """Yield number, wire type and value of each field of a message.

    Raises:
        GraphError: It is no message.
    """
    if isinstance(data, int):
        raise GraphError("a number stands where a message is to be")
    at = 0
    while at < len(data):
        key, at = _varint(data, at)
        number, kind = key >> 3, key & 7
        if kind == _VARINT:
            value, at = _varint(data, at)
            yield number, kind, value
            continue
        if kind == _BYTES:
            size, at = _varint(data, at)
        elif kind in _SIZES:
            size = _SIZES[kind]
        else:
            raise GraphError("it has a field of an unknown form")
        if at + size > len(data):
            raise GraphError("it is cut short")
        yield number, kind, data[at : at + size]
        at += size


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7


def _joined(fields: Sequence[_Field]) -> bytes:
    out = bytearray()
    for number, kind, value in fields:
        out += _encoded_varint(number << 3 | kind)
        if isinstance(value, int):
            out += _encoded_varint(value)
            continue
        if kind == _BYTES:
            out += _encoded_varint(len(value))
        out += value
    return bytes(out)


def _encoded_varint(value: int) -> bytes:
    out = bytearray()
    # Negative numbers are written as large ones.
    value %= 1 << 64
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)
