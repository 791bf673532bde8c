"""onnxruntime's own format of adapters, `NAME.onnx_adapter`; imported only where onnxruntime may be."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, TypeAlias

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray

from service.backends.onnx.adapters import Projection
from service.errors import ModelFilesError

Floats: TypeAlias = NDArray[np.float32]

VERSION: Final = 1


def write(parameters: Mapping[str, Floats], path: Path) -> None:
    """Write an adapter."""
    adapter: Any = ort.AdapterFormat()
    adapter.set_adapter_version(VERSION)
    adapter.set_model_version(VERSION)
    values = {name: ort.OrtValue.ortvalue_from_numpy(value) for name, value in parameters.items()}
    adapter.set_parameters(values)
    adapter.export_adapter(str(path))


def read(path: Path, layout: Mapping[str, Projection]) -> dict[str, Floats]:
    """Return the parameters of an adapter, which fit `layout`.

    Raises:
        ModelFilesError: It cannot be read, or is of another model.
    """
    try:
        # The values lie in the memory of this object: copied before it goes.
        form: Any = ort.AdapterFormat
        adapter = form.read_adapter(str(path))
        parameters = {str(name): np.array(value.numpy()) for name, value in adapter.get_parameters().items()}
    except Exception as error:
        raise ModelFilesError(f"{path.name} is no adapter of onnxruntime, or it is damaged.") from error
    if not parameters:
        raise ModelFilesError(f"{path.name} is empty.")
    for name, value in parameters.items():
        _check(name, value, parameters, layout)
    return parameters


def _check(name: str, value: Floats, parameters: Mapping[str, Floats], layout: Mapping[str, Projection]) -> None:
    base = name.removesuffix(".lora_A.weight").removesuffix(".lora_B.weight")
    projection = layout.get(base)
    if projection is None or base == name:
        raise ModelFilesError(f"The adapter changes {name[:100]}, for which the model was not made ready.")
    other = parameters.get(f"{base}.lora_A.weight")
    rank = other.shape[-1] if other is not None and other.ndim == 3 else -1
    first = name.endswith("_A.weight")
    wanted = (1, projection.inputs, rank) if first else (1, rank, projection.outputs)
    if value.dtype != np.float32 or value.shape != wanted or f"{base}.lora_B.weight" not in parameters:
        raise ModelFilesError(f"The adapter is of another model: {base} has other sizes there.")
