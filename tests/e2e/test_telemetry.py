"""No process of the service that holds onnxruntime may call home."""

from __future__ import annotations

import signal
import sys
from pathlib import Path

import psutil
import pytest
from vaiven.v1 import knowledge_service_pb2

from tests.e2e.client import Client, connected, hello
from tests.e2e.entries import command
from tests.e2e.processes import TINY_MODEL, serving

pytestmark = [
    pytest.mark.usefixtures("fork_server"),
    pytest.mark.skipif(sys.platform != "linux", reason="reads /proc"),
]


async def use(client: Client) -> None:
    """Bring every kind of process to life."""
    assert [event async for event in client.agents.Run(hello())][-1].WhichOneof("payload") == "incomplete"
    await client.knowledge.CreateCollection(knowledge_service_pb2.CreateCollectionRequest(collection_id="faq"))
    file = knowledge_service_pb2.DocumentFile(file_name="a.txt", content=b"Returns are free.")
    request = knowledge_service_pb2.IngestDocumentsRequest(parent="collections/faq", files=[file])
    await client.knowledge.IngestDocuments(request)


def names(directory: Path) -> list[str]:
    return sorted(path.name for path in directory.iterdir())


def telemetry(pid: int) -> tuple[bool, str | None]:
    """Return whether the process has onnxruntime in memory, and what it was started with to silence it."""
    maps = Path(f"/proc/{pid}/maps").read_text(encoding="utf-8")
    started_with = Path(f"/proc/{pid}/environ").read_bytes().decode().split("\0")
    values = dict(line.partition("=")[::2] for line in started_with if line)
    return "onnxruntime" in maps, values.get("ORT_DISABLE_TELEMETRY")


async def test_telemetry_is_off_in_every_process(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    environment = {**TINY_MODEL, "HOME": str(home), "XDG_CACHE_HOME": str(home)}
    serve = (command, "serve", "--json", "--listen", "127.0.0.1:0")
    async with serving(tmp_path, *serve, environment=environment) as service, connected(service.address) as client:
        await use(client)
        children = [telemetry(child.pid) for child in psutil.Process(service.pid).children(recursive=True)]
        own = telemetry(service.pid)
        service.tell(signal.SIGTERM)
        assert await service.ended() == 0
    assert (True, "1") in children
    assert all(silenced == "1" for loaded, silenced in [*children, own] if loaded)
    assert names(home) == []
