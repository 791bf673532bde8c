"""A worker that dies is started again after a pause that grows, and not for ever."""

from __future__ import annotations

import asyncio

import pytest

from service.backends.onnx import client
from service.backends.onnx.client import OnnxModel
from service.backends.onnx.options import OnnxEngineOptions
from service.errors import ModelLoadError, WorkerDiedError
from service.testing.tiny_model import FREE, tiny_model


async def test_pauses_double_up_to_the_longest_and_end(monkeypatch: pytest.MonkeyPatch) -> None:
    pauses: list[float] = []

    async def die(*_: object) -> None:
        raise WorkerDiedError("It died.")

    async def note(pause_s: float) -> None:
        pauses.append(pause_s)

    monkeypatch.setattr(client, "start_worker", die)
    monkeypatch.setattr(asyncio, "sleep", note)
    options = OnnxEngineOptions(restart_backoff_s=0.2, restart_backoff_max_s=1.0, max_restarts=5)
    model = OnnxModel(tiny_model(), options, price=FREE, inherited_environment={})
    model.start()
    with pytest.raises(ModelLoadError, match="It failed 6 times in a row"):
        await model.ready()
    await model.close()
    longest = [0.2, 0.4, 0.8, 1.0, 1.0]
    assert len(pauses) == len(longest)
    assert all(most / 2 <= pause <= most for pause, most in zip(pauses, longest, strict=True))
