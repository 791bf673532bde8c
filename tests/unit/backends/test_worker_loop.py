"""The worker's loop: what is done beside a step, and how it ends."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

import pytest

from service.backends.onnx import wire, worker

LOAD: dict[str, Any] = {"op": "load", "model_dir": "somewhere", "options": {}}
LIMIT_S = 20.0


class StubbornEngine:
    """Has a step that does not end until tokens were counted."""

    context_tokens = 8

    def __init__(self, failure: Exception | None = None) -> None:
        self.busy = False
        self.in_step = threading.Event()
        self.counted = threading.Event()
        self.late = False
        self._failure = failure

    def handle(self, frame: wire.Frame) -> None:
        if frame["op"] == "count":
            if self._failure is not None:
                raise self._failure
            self.counted.set()
        else:
            self.busy = True

    def step(self) -> None:
        self.in_step.set()
        self.late = not self.counted.wait(LIMIT_S)
        self.busy = False


@contextmanager
def pipe() -> Iterator[tuple[BinaryIO, BinaryIO]]:
    """Give both ends of a pipe."""
    source, sink = os.pipe()
    with os.fdopen(source, "rb") as read, os.fdopen(sink, "wb", buffering=0) as write:
        yield read, write


def loaded(monkeypatch: pytest.MonkeyPatch, engine: StubbornEngine) -> None:
    def load(_model_dir: Path, _options: object, _send: object) -> StubbornEngine:
        return engine

    monkeypatch.setattr(worker, "_load", load)


def test_tokens_are_counted_while_a_step_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    engine = StubbornEngine()
    loaded(monkeypatch, engine)
    with pipe() as (source, sink):
        serving = threading.Thread(target=worker.serve, args=(LOAD, source, lambda frame: None))
        serving.start()
        sink.write(wire.encode({"op": "submit", "id": 1}))
        assert engine.in_step.wait(LIMIT_S)
        sink.write(wire.encode({"op": "count", "id": 2}))
        assert engine.counted.wait(LIMIT_S)
        sink.close()
        serving.join(LIMIT_S)
    assert not serving.is_alive()
    assert not engine.late


def test_a_service_that_is_gone_ends_the_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    loaded(monkeypatch, StubbornEngine(BrokenPipeError()))
    with pipe() as (source, sink):
        sink.write(wire.encode({"op": "count", "id": 1}))
        # It returns although its input is still open.
        worker.serve(LOAD, source, lambda frame: None)
