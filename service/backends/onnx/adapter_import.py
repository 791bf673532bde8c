"""Puts an adapter beside a model: it is turned into onnxruntime's format in a process of its own."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Mapping
from pathlib import Path

from service.backends.onnx.adapters import AdapterFile, keep_adapter, read_layout
from service.backends.onnx.files import disk
from service.backends.onnx.integrity import ADAPTERS_DIR
from service.backends.onnx.process import worker_environment
from service.errors import ModelFilesError


async def import_adapter(model_dir: Path, name: str, source: Path, inherited: Mapping[str, str]) -> AdapterFile:
    """Put the adapter at `source`, a folder of PEFT or a file of onnxruntime, beside the model under `name`.

    Raises:
        FailedPreconditionError: The model takes no adapters.
        ModelFilesError: It is none that can be used, or one of another model.
        DiskFullError: There is no room.
    """
    await asyncio.to_thread(read_layout, model_dir)
    # A point in front: what is not whole is neither a file of the model nor an adapter.
    made = model_dir / ADAPTERS_DIR / f".{name}.making"
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "service.backends.onnx.adapter_writer",
        str(model_dir),
        str(source),
        str(made),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env=worker_environment(inherited),
    )
    try:
        told, _ = await process.communicate()
        if process.returncode:
            raise ModelFilesError(_reason(told))
        with disk(made):
            return await asyncio.to_thread(keep_adapter, model_dir, name, made)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
        made.unlink(missing_ok=True)


def _reason(told: bytes) -> str:
    try:
        return str(json.loads(told)["error"])
    except (ValueError, KeyError, TypeError):
        return "The adapter could not be written. Is there room on the disk where the model is?"
