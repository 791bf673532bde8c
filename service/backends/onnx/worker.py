"""The process of one model: `python -m service.backends.onnx.worker`, which the service starts and talks to by pipes.

The first frame on standard input says what to load. The process ends when its standard input closes, so it never
outlives the service.
"""

from __future__ import annotations

import ctypes
import logging
import os
import queue
import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from service.backends.onnx import integrity, wire
from service.backends.onnx.model import RequestEngine
from service.backends.onnx.options import OnnxEngineOptions
from service.backends.onnx.wheels import ADVICE, installed_wheels, require_wheel
from service.errors import ModelLoadError, VaivenError

_PR_SET_PDEATHSIG = 1
"""Source: linux/prctl.h."""

_GIL_SWITCH_S = 0.0005

NICENESS = 5
"""By how much a worker gives way: where cores are short, what the service has to do goes before the next token."""


def main() -> None:
    """Load the model that the first frame names and serve it until standard input closes."""
    # Before the first import of onnxruntime: its telemetry is on otherwise.
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    _follow_parent()
    _give_way()
    # A cancellation must get through while the engine's thread computes.
    sys.setswitchinterval(_GIL_SWITCH_S)
    source, sink = _take_pipes()

    sending = threading.Lock()

    def send(frame: wire.Frame) -> None:
        encoded = wire.encode(frame)
        with sending:
            sink.write(encoded)
            sink.flush()

    try:
        first = wire.read_frame(source)
        if first is not None:
            serve(first, source, send)
    except BrokenPipeError:
        # The service is gone and nobody is left to tell.
        sys.exit(1)


def serve(first: wire.Frame, source: BinaryIO, send: Callable[[wire.Frame], None]) -> None:
    """Load what `first` names, say so, and answer the frames of `source` until it closes."""
    options = OnnxEngineOptions(**first["options"])
    try:
        engine = _load(Path(first["model_dir"]), options, send)
    except VaivenError as error:
        send({"op": "failed", "error": wire.error_fields(error)})
        return
    send({"op": "loaded", "provider": options.provider, "context_tokens": engine.context_tokens})
    inbox: queue.SimpleQueue[wire.Frame | None] = queue.SimpleQueue()
    threading.Thread(target=_read, args=(source, inbox, engine), name="frames", daemon=True).start()
    while True:
        try:
            frame = inbox.get(block=not engine.busy)
        except queue.Empty:
            engine.step()
            continue
        if frame is None:
            return
        engine.handle(frame)


def _load(model_dir: Path, options: OnnxEngineOptions, send: Callable[[wire.Frame], None]) -> RequestEngine:
    """Return the engine of a model whose files were checked before onnxruntime sees them."""
    require_wheel(options.provider, installed_wheels())
    integrity.verify(model_dir, allow_unverified=options.allow_unverified)
    try:
        from service.backends.onnx.choose import engine_of
    except (ImportError, OSError) as error:
        raise ModelLoadError(f"onnxruntime-genai cannot be imported: {error}. {ADVICE[options.provider]}") from error
    return engine_of(model_dir, options, send)


def _read(source: BinaryIO, inbox: queue.SimpleQueue[wire.Frame | None], engine: RequestEngine) -> None:
    """Hand on what comes. Tokens are counted here, beside a step: who asks has not even decided who is to answer."""
    try:
        while (frame := wire.read_frame(source)) is not None:
            if frame["op"] == "count":
                engine.handle(frame)
            else:
                inbox.put(frame)
    except BrokenPipeError:
        # The service is gone, which ends the other thread as well.
        pass
    finally:
        inbox.put(None)


def _take_pipes() -> tuple[BinaryIO, BinaryIO]:
    """Keep the pipes for frames: whatever a library prints goes to standard error from now on."""
    source = os.fdopen(os.dup(0), "rb")
    sink = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    return source, sink


def _give_way() -> None:
    """Let the service be waited for less than the model: its loop serves every connection, probe and stream."""
    if sys.platform != "win32":
        os.nice(NICENESS)


def _follow_parent() -> None:
    """Leave the ending to the service: signals to the whole group must not end a model whose runs still drain."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


if __name__ == "__main__":
    main()
