"""Which build of onnxruntime-genai is installed; all of them fill the same import folder, so there may be one."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import metadata

from service.backends.onnx.options import Provider
from service.errors import ModelLoadError

WHEELS: Mapping[str, tuple[Provider, ...]] = {
    "onnxruntime-genai": ("cpu",),
    "onnxruntime-genai-cuda": ("cpu", "cuda"),
    "onnxruntime-genai-directml": ("cpu", "directml"),
    "onnxruntime-genai-winml": ("cpu",),
}
"""The builds by distribution name, with what this project runs on each."""

ADVICE: Mapping[Provider, str] = {
    "cpu": "Install the CPU build, vaiven[cpu]; docs/local-models.md says how.",
    "cuda": (
        "It needs Linux or Windows with an NVIDIA GPU, its driver and CUDA 13. Install the CUDA build, vaiven[cuda], "
        "into a new environment; docs/local-models.md says how."
    ),
    "directml": (
        "It needs Windows with a DirectX 12 GPU. Install the DirectML build, vaiven[directml], into a new "
        "environment; docs/local-models.md says how."
    ),
}
"""What to install for a provider."""


def installed_wheels() -> dict[str, str]:
    """Return the versions of the installed builds by distribution name."""
    found = {}
    for name in WHEELS:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found


def require_wheel(provider: Provider, installed: Mapping[str, str]) -> None:
    """Check that exactly one build is `installed`, and that it can run `provider`.

    Raises:
        ModelLoadError: None, two, or the wrong one; the message says what to install.
    """
    if not installed:
        raise ModelLoadError(f"onnxruntime-genai is not installed. {ADVICE[provider]}")
    if len(installed) > 1:
        raise ModelLoadError(
            f"{' and '.join(sorted(installed))} are both installed and overwrite each other's files. Make a new "
            f"environment with one of them. {ADVICE[provider]}"
        )
    (name,) = installed
    if provider not in WHEELS[name]:
        raise ModelLoadError(f"{name} {installed[name]} cannot run on {provider}. {ADVICE[provider]}")
