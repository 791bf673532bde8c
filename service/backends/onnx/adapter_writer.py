"""The process that writes an adapter's file: `python -m service.backends.onnx.adapter_writer MODEL_DIR SOURCE OUT`.

Only onnxruntime knows the format, and it is kept out of the service's own process. What went wrong is told on standard
output as JSON, the error's message in `error`.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

from service.backends.onnx.adapters import read_layout
from service.backends.onnx.peft import parameters_of
from service.errors import VaivenError


def main() -> None:
    """Write the adapter."""
    # Before the first import of onnxruntime: its telemetry is on otherwise.
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"
    model_dir, source, out = (Path(argument) for argument in sys.argv[1:4])
    try:
        write(model_dir, source, out)
    except VaivenError as error:
        sys.stdout.write(json.dumps({"error": error.message}))
        sys.exit(1)


def write(model_dir: Path, source: Path, out: Path) -> None:
    """Write the adapter at `source`, a folder of PEFT or a file of onnxruntime, for the model in `model_dir`.

    Raises:
        FailedPreconditionError: The model takes no adapters.
        ModelFilesError: It is none, or one of another model.
    """
    layout = read_layout(model_dir)
    from service.backends.onnx import adapter_format

    parameters = adapter_format.read(source, layout) if source.is_file() else parameters_of(source, layout)
    adapter_format.write(parameters, out)


if __name__ == "__main__":
    main()
