"""Which engine runs a model: by what the model's graph allows, never by its name."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path

from service.backends.onnx.agreement import require_agreement
from service.backends.onnx.engine import Engine
from service.backends.onnx.facts import read_facts
from service.backends.onnx.model import NotBatchableError, RequestEngine
from service.backends.onnx.options import OnnxEngineOptions
from service.backends.onnx.runtime import Runtime
from service.backends.onnx.wire import Frame
from service.errors import ModelLoadError

logger = logging.getLogger(__name__)


def engine_of(model_dir: Path, options: OnnxEngineOptions, send: Callable[[Frame], None]) -> RequestEngine:
    """Load the model in `model_dir` into the engine that `options` names, or into the first that can run it.

    Raises:
        ModelLoadError: It cannot be loaded, or not by the engine that was asked for.
    """
    paged = read_facts(model_dir).paged
    require_agreement(model_dir)
    if options.engine == "paged" and not paged:
        raise ModelLoadError(
            f"{model_dir.name} has no paged attention, so onnx.engine cannot be paged. Build it with "
            "use_paged_attention=true for cuda, or set onnx.engine to auto."
        )
    if options.engine == "paged" or (options.engine == "auto" and paged):
        return _paged(model_dir, options, send)
    if options.engine == "genai":
        return Engine(Runtime(model_dir, options), options, send)
    try:
        return _batched(model_dir, options, send)
    except NotBatchableError as error:
        if options.engine == "batched":
            raise ModelLoadError(
                f"{model_dir.name} cannot run on the batched engine: {error.message}. Set onnx.engine to auto or genai."
            ) from error
        logger.warning("%s runs on genai's generators, since %s", model_dir.name, error.message)
    return Engine(Runtime(model_dir, options), options, send)


def _paged(model_dir: Path, options: OnnxEngineOptions, send: Callable[[Frame], None]) -> RequestEngine:
    if options.provider != "cuda":
        raise ModelLoadError(f"{model_dir.name} has paged attention, which runs on cuda and not on {options.provider}.")
    from service.backends.onnx.paged.engine import PagedEngine
    from service.backends.onnx.paged.genai import GenaiTurns

    return PagedEngine(GenaiTurns(model_dir, options), options, send)


def _batched(model_dir: Path, options: OnnxEngineOptions, send: Callable[[Frame], None]) -> RequestEngine:
    try:
        from service.backends.onnx.batched.engine import BatchedEngine
        from service.backends.onnx.batched.model import load_batched
    except (ImportError, OSError) as error:
        # The builds for GPUs come without plain onnxruntime for the CPU or without llguidance.
        raise NotBatchableError(f"it needs packages that are not installed ({error})") from error
    return BatchedEngine(load_batched(model_dir, options), options, send)
