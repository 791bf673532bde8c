"""`kill -9` while a model is fetched: nothing of it is in the catalogue, and the next pull goes on from what came."""

from __future__ import annotations

import asyncio
import signal
from pathlib import Path

import grpc
import pytest
from google.longrunning import operations_grpc_pb2, operations_proto_pb2
from google.protobuf.duration_pb2 import Duration
from vaiven.v1 import model_pb2, model_service_pb2
from vaiven.v1.model_operation_pb2 import HubSource

from tests.e2e.client import Client, connected
from tests.e2e.entries import stepped
from tests.e2e.processes import serving
from tests.unit.models.hub_server import COMMIT, hub_server
from tests.unit.models.test_pulling import tiny_files

pytestmark = pytest.mark.usefixtures("fork_server")

STALL_AT = 7000
PULL = model_service_pb2.PullModelRequest(
    name="models/own",
    hub=HubSource(repository="acme/own", revision=COMMIT),
    request_id="5c0e1a4e-9d1e-4c7c-8b52-00000000000a",
)


async def names(client: Client) -> list[str]:
    found = await client.models.ListModels(model_service_pb2.ListModelsRequest())
    return [model.name for model in found.models]


async def ended(client: Client, operation: operations_proto_pb2.Operation) -> operations_proto_pb2.Operation:
    operations = operations_grpc_pb2.OperationsStub(client.channel)  # type: ignore[no-untyped-call]
    wait = operations_proto_pb2.WaitOperationRequest(name=operation.name, timeout=Duration(seconds=50))
    found: operations_proto_pb2.Operation = await operations.WaitOperation(wait)
    return found


async def test_a_killed_pull_leaves_nothing_and_goes_on(tmp_path: Path) -> None:
    kept = tmp_path / "models"
    async with hub_server(tiny_files()) as hub:
        environment = {"VAIVEN_MODELS__DIRECTORY": str(kept), "VAIVEN_MODELS__HUB_URL": hub.url}
        hub.stall_after["model.onnx.data"] = STALL_AT
        async with (
            serving(tmp_path, stepped, 1, environment=environment) as service,
            connected(service.address) as client,
        ):
            begun = await client.models.PullModel(PULL)
            await hub.stalled.wait()
            part = await asyncio.to_thread(written, kept, STALL_AT)
            service.kill()
            assert await service.ended() == -signal.SIGKILL

        assert [path.name for path in kept.iterdir() if not path.name.startswith(".")] == []
        async with (
            serving(tmp_path, stepped, 1, environment=environment) as service,
            connected(service.address) as client,
        ):
            assert "models/own" not in await names(client)
            failed = await ended(client, begun)
            assert failed.error.code == grpc.StatusCode.UNAVAILABLE.value[0]
            assert "what was fetched before is kept" in failed.error.message
            # The same request is still the operation that failed; a new one goes on.
            assert (await client.models.PullModel(PULL)).name == begun.name
            fresh = model_service_pb2.PullModelRequest(name=PULL.name, hub=PULL.hub)
            done = await ended(client, await client.models.PullModel(fresh))
            model = model_pb2.Model()
            assert done.response.Unpack(model), done.error
            assert hub.ranges("model.onnx.data") == ["", f"bytes={STALL_AT}-"]
            assert "models/own" in await names(client)
    assert not part.exists()


def written(kept: Path, size_bytes: int) -> Path:
    """Return the part of the file when that much of it is on the disk."""
    while True:
        for part in kept.rglob("*.part"):
            if part.stat().st_size == size_bytes:
                return part
