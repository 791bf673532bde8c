"""The service's end of a worker: starts it, exchanges frames, ends it."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import logging
import os
import sys
from collections.abc import Mapping
from pathlib import Path

import service
from service.backends.onnx import wire
from service.backends.onnx.options import OnnxEngineOptions
from service.errors import InternalError, ModelLoadError, WorkerDiedError

logger = logging.getLogger(__name__)

_INHERITED = frozenset(
    {"PATH", "HOME", "USER", "LANG", "TZ", "TMPDIR", "TEMP", "TMP", "XDG_CACHE_HOME", "LD_LIBRARY_PATH", "VIRTUAL_ENV"}
    | {"SYSTEMROOT", "WINDIR", "USERPROFILE", "LOCALAPPDATA", "APPDATA", "DYLD_LIBRARY_PATH"}
    | {"PYTHONPATH", "PYTHONDONTWRITEBYTECODE"}
)
_INHERITED_BEGINNINGS = ("LC_", "CUDA_", "NVIDIA_")


def worker_environment(inherited: Mapping[str, str]) -> dict[str, str]:
    """Return what a worker gets of the service's environment: no secrets, and telemetry off."""
    kept = {
        name: value
        for name, value in inherited.items()
        if name.upper() in _INHERITED or name.upper().startswith(_INHERITED_BEGINNINGS)
    }
    root = str(Path(service.__file__).resolve().parent.parent)
    paths = [root, *filter(None, kept.get("PYTHONPATH", "").split(os.pathsep))]
    kept["PYTHONPATH"] = os.pathsep.join(dict.fromkeys(paths))
    kept["PYTHONIOENCODING"] = "utf-8"
    kept["ORT_DISABLE_TELEMETRY"] = "1"
    return kept


class WorkerProcess:
    """A running worker with its model loaded."""

    def __init__(self, process: asyncio.subprocess.Process, name: str) -> None:
        """Take over a started `process`; use `start_worker` instead."""
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        self._process = process
        self._name = name
        self._stdin = process.stdin
        self._stdout = process.stdout
        self._log = asyncio.create_task(self._copy_log(process.stderr), name=f"log of {name}")

    @property
    def pid(self) -> int:
        """Return the process id."""
        return self._process.pid

    def post(self, frame: wire.Frame) -> None:
        """Write `frame` without waiting; to a worker that is ending it is lost, which its end will tell."""
        if not self._stdin.is_closing():
            self._stdin.write(wire.encode(frame))

    async def receive(self) -> wire.Frame | None:
        """Return the next frame; None when the worker ended."""
        try:
            head = await self._stdout.readexactly(wire.LENGTH_BYTES)
            return wire.decode(await self._stdout.readexactly(int.from_bytes(head, "big")))
        except (asyncio.IncompleteReadError, ConnectionError):
            return None

    async def ended(self) -> str:
        """Wait for the end and return it in words."""
        code = await self._process.wait()
        await self._log
        return f"ended by signal {-code}" if code < 0 else f"ended with status {code}"

    async def close(self, timeout_s: float) -> None:
        """Close standard input, which ends the worker; after `timeout_s` seconds kill it."""
        self._stdin.close()
        try:
            async with asyncio.timeout(timeout_s):
                await self._process.wait()
        except TimeoutError:
            logger.warning("worker of %s did not end within %s s and is killed", self._name, timeout_s)
            self.kill()
            await self._process.wait()
        await self._log

    def kill(self) -> None:
        """End the worker at once."""
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()

    async def _copy_log(self, stream: asyncio.StreamReader) -> None:
        while True:
            try:
                line = await stream.readline()
            except ValueError:
                # The line was longer than the stream's buffer, which dropped it.
                continue
            if not line:
                return
            logger.warning("worker of %s: %s", self._name, line.decode(errors="replace").rstrip())


async def start_worker(
    model_dir: Path, options: OnnxEngineOptions, environment: Mapping[str, str], name: str
) -> tuple[WorkerProcess, wire.Frame]:
    """Start a worker, let it load `model_dir`, and return it with its `loaded` frame.

    Raises:
        ModelLoadError: The model cannot be loaded, or not within `options.load_timeout_s`.
        WorkerDiedError: The worker ended while it loaded.
    """
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "service.backends.onnx.worker",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=dict(environment),
    )
    worker = WorkerProcess(process, name)
    try:
        worker.post({"op": "load", "model_dir": str(model_dir), "options": dataclasses.asdict(options)})
        async with asyncio.timeout(options.load_timeout_s):
            frame = await worker.receive()
    except TimeoutError as error:
        await _abandon(worker)
        raise ModelLoadError(f"{name} did not load within {options.load_timeout_s} s.") from error
    except BaseException:
        await _abandon(worker)
        raise
    if frame is None:
        raise WorkerDiedError(f"The worker of {name} {await worker.ended()} while it loaded the model.")
    if frame["op"] == "failed":
        await worker.close(options.close_timeout_s)
        raise wire.parse_error(frame["error"])
    if frame["op"] != "loaded":
        await _abandon(worker)
        raise InternalError("The local model's worker speaks another protocol.")
    return worker, frame


async def _abandon(worker: WorkerProcess) -> None:
    worker.kill()
    await worker.ended()
