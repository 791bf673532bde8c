"""A builder's model in plain onnxruntime: keys and values are read and written in place, in memory that we own.

The graph's attention (GroupQueryAttention) takes past and present at the same address, so a step copies nothing. What
each row holds is told by its attention mask: rows of one step may have different lengths.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray

from service.backends.onnx.batched import chosen_rows
from service.backends.onnx.graph_file import MOST_BYTES
from service.backends.onnx.model import NotBatchableError
from service.backends.onnx.options import OnnxEngineOptions
from service.backends.onnx.threads import default_threads
from service.backends.onnx.words import first_line
from service.errors import ModelLoadError

Floats: TypeAlias = NDArray[np.float32]
Integers: TypeAlias = NDArray[np.int64]

_QUIET = 3
"""Source: onnxruntime's logging levels; 3 is errors."""


@dataclass(frozen=True, slots=True)
class KvShape:
    """What is kept of each token: `layers` pairs of keys and values of `heads` heads with `head_size` floats."""

    layers: int
    heads: int
    head_size: int

    @property
    def bytes_per_token(self) -> int:
        """Return the memory of one token in 32-bit floats."""
        return 2 * self.layers * self.heads * self.head_size * 4


class ModelSession:
    """The loaded graph. `vocabulary` is the width of its logits."""

    def __init__(self, model_dir: Path, options: OnnxEngineOptions) -> None:
        """Load the graph.

        Raises:
            NotBatchableError: It is not of the form that this engine runs.
            ModelLoadError: It cannot be loaded.
        """
        decoder = _decoder(model_dir)
        self.kv = KvShape(
            layers=int(decoder["num_hidden_layers"]),
            heads=int(decoder.get("num_key_value_heads") or decoder["num_attention_heads"]),
            head_size=int(decoder["head_size"]),
        )
        self._names = _Names(decoder)
        path = model_dir / decoder["filename"]
        chosen = _with_chosen_rows(path, self._names)
        self.chooses = chosen is not None
        """Tells whether a step may ask for the logits of some of its tokens; otherwise it gives those of all."""
        self._session = _load(path, options, chosen)
        self._check()
        self.vocabulary = int(next(o for o in self._session.get_outputs() if o.name == self._names.logits).shape[-1])

    def binding(
        self,
        tokens: Integers,
        mask: Integers,
        positions: Integers,
        rows: Integers,
        logits: Floats,
        caches: list[int],
        cache_tokens: int,
        adapters: Mapping[str, Floats],
    ) -> Binding:
        """Return a step over memory that the caller keeps alive: it may be run again after its numbers changed.

        `tokens` and `positions` are of shape (requests, steps), `mask` (requests, width). `logits` are of shape
        (requests, wanted, vocabulary), of the steps that `rows` numbers, or of all where the graph does not choose.
        `caches` are the addresses of keys and values of each layer in turn, where (requests, heads,
        `cache_tokens`, head size) floats lie. `adapters` are those of the graph's further inputs that are
        not left at their defaults.
        """
        bound = self._session.io_binding()
        names = self._names
        chosen = chosen_rows.INPUT if self.chooses else ""
        for name, array in (
            (names.tokens, tokens),
            (names.mask, mask),
            (names.positions, positions),
            (chosen, rows),
        ):
            if name:
                bound.bind_input(name, "cpu", 0, np.int64, array.shape, array.ctypes.data)
        shape = (tokens.shape[0], self.kv.heads, cache_tokens, self.kv.head_size)
        for (past, present), address in zip(names.caches, caches, strict=True):
            bound.bind_input(past, "cpu", 0, np.float32, shape, address)
            bound.bind_output(present, "cpu", 0, np.float32, shape, address)
        for name, value in adapters.items():
            bound.bind_input(name, "cpu", 0, np.float32, value.shape, value.ctypes.data)
        bound.bind_output(names.logits, "cpu", 0, np.float32, logits.shape, logits.ctypes.data)
        return Binding(self._session, bound)

    def _check(self) -> None:
        """Compare the graph with what the configuration says.

        Raises:
            NotBatchableError: It takes or gives something else.
        """
        inputs = {node.name: node.type for node in self._session.get_inputs()}
        outputs = {node.name: node.type for node in self._session.get_outputs()}
        names = self._names
        if names.positions not in inputs:
            names.positions = ""
        wanted_inputs = {names.tokens: "tensor(int64)", names.mask: "tensor(int64)"}
        wanted_inputs |= {names.positions: "tensor(int64)"} if names.positions else {}
        wanted_inputs |= {chosen_rows.INPUT: "tensor(int64)"} if self.chooses else {}
        wanted_inputs |= {past: "tensor(float)" for past, _ in names.caches}
        wanted_outputs = {names.logits: "tensor(float)"} | {present: "tensor(float)" for _, present in names.caches}
        for what, have, wanted in (("inputs", inputs, wanted_inputs), ("outputs", outputs, wanted_outputs)):
            if have != wanted:
                odd = min(name for name in {*have, *wanted} if have.get(name) != wanted.get(name))
                raise NotBatchableError(f"its graph has other {what} than this engine knows, e.g. {odd}")


class Binding:
    """One step, ready to be run."""

    __slots__ = ("_bound", "_session")

    def __init__(self, session: ort.InferenceSession, bound: Any) -> None:
        """Keep what `ModelSession.binding` bound."""
        self._session = session
        self._bound = bound

    def run(self) -> None:
        """Compute; other threads go on meanwhile.

        Raises:
            RuntimeError: onnxruntime refuses.
        """
        self._session.run_with_iobinding(self._bound)


class _Names:
    """The names of the graph's inputs and outputs; `positions` is empty where the graph counts itself."""

    def __init__(self, decoder: dict[str, Any]) -> None:
        inputs, outputs = decoder["inputs"], decoder["outputs"]
        self.tokens: str = inputs["input_ids"]
        self.mask: str = inputs["attention_mask"]
        self.positions: str = inputs.get("position_ids", "position_ids")
        self.logits: str = outputs["logits"]
        self.caches: list[tuple[str, str]] = []
        for layer in range(int(decoder["num_hidden_layers"])):
            for kind in ("key", "value"):
                past, present = inputs[f"past_{kind}_names"], outputs[f"present_{kind}_names"]
                self.caches.append((past % layer, present % layer))


def _decoder(model_dir: Path) -> dict[str, Any]:
    """Return what `genai_config.json` says of the decoder.

    Raises:
        NotBatchableError: It is a model of several parts, or one whose cache is not shared or moves on.
    """
    config = json.loads((model_dir / "genai_config.json").read_text(encoding="utf-8"))
    model, search = config["model"], config.get("search", {})
    decoder: dict[str, Any] = model["decoder"]
    others = sorted(key for key in model if key in ("encoder", "vision", "speech", "embedding"))
    if others:
        raise NotBatchableError(f"it has a part of its own for {others[0]}")
    if "pipeline" in decoder:
        raise NotBatchableError("its decoder is a pipeline of graphs")
    if "sliding_window" in decoder:
        raise NotBatchableError("its attention has a sliding window")
    if not search.get("past_present_share_buffer", False):
        raise NotBatchableError("its keys and values cannot be kept in place (past_present_share_buffer)")
    try:
        _Names(decoder)
    except (KeyError, TypeError) as error:
        raise NotBatchableError("its configuration does not name the graph's inputs and outputs") from error
    return decoder


def _with_chosen_rows(path: Path, names: _Names) -> bytes | None:
    """Return the graph in the file with a further input, or None: it is too large or of another form."""
    try:
        if path.stat().st_size > MOST_BYTES:
            return None
        return chosen_rows.choose_rows(path.read_bytes(), names.tokens, names.logits)
    except OSError:
        # Whoever loads the file says why it cannot be read.
        return None


def _load(path: Path, options: OnnxEngineOptions, graph: bytes | None) -> ort.InferenceSession:
    """Load `graph`, or the file; the weights lie beside it."""
    session = ort.SessionOptions()
    session.intra_op_num_threads = options.intra_op_threads or default_threads(path.parent)
    session.inter_op_num_threads = 1
    session.log_severity_level = _QUIET
    session.add_session_config_entry("session.intra_op.allow_spinning", "1" if options.allow_spinning else "0")
    # Source: `kOrtSessionOptionsModelExternalInitializersFileFolderPath` of onnxruntime.
    session.add_session_config_entry("session.model_external_initializers_file_folder_path", str(path.parent))
    try:
        return ort.InferenceSession(str(path) if graph is None else graph, session, providers=["CPUExecutionProvider"])
    except Exception as error:
        raise ModelLoadError(f"{path.parent.name} does not load on cpu: {first_line(error)}.") from error
