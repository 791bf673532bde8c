"""A whole service in this process on the small random model in its own worker, whose counters a test can read."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from service.backends.onnx.client import OnnxModel
from service.backends.onnx.options import OnnxEngineOptions
from service.bootstrap import App, open_app
from service.testing.app import scratch_settings
from service.testing.tiny_model import FREE, tiny_model
from tests.e2e.client import Client, connected
from tests.e2e.processes import Throttle


@dataclass(frozen=True, slots=True)
class TinyService:
    """A service, its model, what slows that down, and a caller."""

    app: App
    model: OnnxModel
    throttle: Throttle
    client: Client


@asynccontextmanager
async def tiny_service(directory: Path, **engine: Any) -> AsyncIterator[TinyService]:
    """Run it with everything in `directory`; `engine` are options of the local engine."""
    model = OnnxModel(tiny_model(), OnnxEngineOptions(**engine), price=FREE, inherited_environment=dict(os.environ))
    model.start()
    try:
        await model.ready()
        assert model.worker_pid is not None
        throttle = Throttle(model.worker_pid)
        async with (
            open_app(scratch_settings(directory), generators=[model]) as app,
            connected(f"127.0.0.1:{app.port}") as client,
        ):
            yield TinyService(app, model, throttle, client)
    finally:
        await model.close()
