from __future__ import annotations

import pytest

from service.backends.onnx.options import Provider
from service.backends.onnx.wheels import installed_wheels, require_wheel
from service.errors import ModelLoadError


def test_one_build_is_installed_here() -> None:
    assert len(installed_wheels()) == 1


@pytest.mark.parametrize(
    ("provider", "installed", "message"),
    [
        ("cpu", {}, r"not installed.*vaiven\[cpu\]"),
        ("cuda", {"onnxruntime-genai": "0.18.0"}, r"cannot run on cuda.*vaiven\[cuda\]"),
        ("directml", {"onnxruntime-genai-cuda": "0.18.0"}, r"cannot run on directml.*vaiven\[directml\]"),
        ("cpu", {"onnxruntime-genai": "0.18.0", "onnxruntime-genai-cuda": "0.18.0"}, "are both installed"),
    ],
)
def test_wrong_builds_are_refused(provider: Provider, installed: dict[str, str], message: str) -> None:
    with pytest.raises(ModelLoadError, match=message):
        require_wheel(provider, installed)


@pytest.mark.parametrize(
    ("provider", "name"),
    [("cpu", "onnxruntime-genai"), ("cpu", "onnxruntime-genai-cuda"), ("cuda", "onnxruntime-genai-cuda")],
)
def test_right_builds_are_taken(provider: Provider, name: str) -> None:
    require_wheel(provider, {name: "0.18.0"})
