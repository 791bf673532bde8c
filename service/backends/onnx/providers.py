"""Which execution providers really load here: a model is loaded to find out.

Asking onnxruntime-genai is not enough: its `is_cuda_available` is true without a GPU.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from service.backends.onnx.options import OnnxEngineOptions, Provider
from service.backends.onnx.process import start_worker, worker_environment
from service.backends.onnx.wheels import ADVICE, installed_wheels
from service.errors import VaivenError


@dataclass(frozen=True, slots=True)
class ProbeResult:
    """What a trial load found: `message` says what happened, `advice` what to install if it failed (else empty)."""

    provider: Provider
    loads: bool
    message: str
    advice: str


async def probe(
    provider: Provider, model_dir: Path, options: OnnxEngineOptions, *, inherited_environment: Mapping[str, str]
) -> ProbeResult:
    """Load the model in `model_dir` on `provider` in a process of its own, and end it."""
    wanted = replace(options, provider=provider)
    try:
        worker, _ = await start_worker(model_dir, wanted, worker_environment(inherited_environment), model_dir.name)
    except VaivenError as error:
        advice = "" if ADVICE[provider] in error.message else ADVICE[provider]
        return ProbeResult(provider, False, error.message, advice)
    await worker.close(options.close_timeout_s)
    wheels = " and ".join(f"{name} {version}" for name, version in installed_wheels().items())
    return ProbeResult(provider, True, f"{model_dir.name} loads with {wheels}.", "")
