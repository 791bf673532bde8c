"""The models that are served: verified before they load, where they were told to run, each in a worker of its own."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path
from typing import Final

import psutil
import pytest
from vaiven.v1 import model_pb2, model_service_pb2

from service.testing.tiny_model import copy_tiny_model
from tests.e2e.client import Client, connected, hello, until
from tests.e2e.entries import command
from tests.e2e.processes import TINY_MODEL, Service, Throttle, refused_start, serving

pytestmark = pytest.mark.usefixtures("fork_server")

SERVE: Final = (command, "serve", "--json", "--listen", "127.0.0.1:0")


def models(**paths: Path) -> dict[str, str]:
    """Return settings that serve these models and no other."""
    return {**TINY_MODEL, "VAIVEN_ONNX__MODELS": json.dumps({name: str(path) for name, path in paths.items()})}


def damaged(directory: Path) -> Path:
    """Return a copy of the small model with one bit of its weights turned."""
    path = copy_tiny_model(directory).path
    weights = bytearray((path / "model.onnx.data").read_bytes())
    weights[1000] ^= 1
    (path / "model.onnx.data").write_bytes(weights)
    return path


async def test_a_model_with_a_changed_bit_is_not_served(tmp_path: Path) -> None:
    said = await refused_start(tmp_path, *SERVE, environment=models(bad=damaged(tmp_path / "bad")))
    assert "model.onnx.data" in said
    assert "does not match its SHA-256 sum" in said


@pytest.mark.parametrize(("provider", "needed"), [("cuda", "CUDA 13"), ("directml", "DirectX 12")])
async def test_a_provider_that_does_not_load_stops_the_start(tmp_path: Path, provider: str, needed: str) -> None:
    said = await refused_start(tmp_path, *SERVE, environment={**TINY_MODEL, "VAIVEN_ONNX__PROVIDER": provider})
    assert f"cannot run on {provider}" in said
    assert needed in said
    assert f"vaiven[{provider}]" in said


def workers(service: Service) -> list[int]:
    """Return the process ids of the workers."""
    children = psutil.Process(service.pid).children()
    return [child.pid for child in children if "service.backends.onnx.worker" in child.cmdline()]


async def states(client: Client) -> dict[str, tuple[int, str]]:
    found = (await client.models.ListModels(model_service_pb2.ListModelsRequest())).models
    return {model.name: (model.state, model.execution_provider) for model in found}


async def test_each_model_has_a_worker_of_its_own(tmp_path: Path) -> None:
    """What happens to one model is nothing to the other; one that cannot be loaded is shown as such."""
    good = copy_tiny_model(tmp_path / "good").path
    environment = models(one=good, two=good, bad=damaged(tmp_path / "bad"))
    async with serving(tmp_path, *SERVE, environment=environment) as service, connected(service.address) as client:
        ready, failed = (model_pb2.MODEL_STATE_READY, "cpu"), (model_pb2.MODEL_STATE_FAILED, "cpu")
        assert await states(client) == {"models/one": ready, "models/two": ready, "models/bad": failed}
        assert len(workers(service)) == 2
        for worker in workers(service):
            Throttle(worker)
        streams = [aiter(client.agents.Run(hello("Speak.", model=f"models/{name}"))) for name in ("one", "two")]
        for stream in streams:
            decisions = await until(stream, "routing_decision")
            assert decisions[-1].routing_decision.model in ("models/one", "models/two")
            await until(stream, "text_delta")
        os.kill(workers(service)[0], signal.SIGKILL)
        ends = [[event async for event in stream][-1] for stream in streams]
        assert sorted(str(end.WhichOneof("payload")) for end in ends) == ["failed", "incomplete"]
        refused = [event async for event in client.agents.Run(hello("Speak.", model="models/bad"))][-1].failed
        (why,) = [violation.description for violation in refused.violations if violation.subject == "models/bad"]
        assert "does not match its SHA-256 sum" in why
