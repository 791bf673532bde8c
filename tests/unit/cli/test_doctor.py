"""`vaiven doctor`: each thing that may be wrong is found, and what to do is said."""

from __future__ import annotations

import json
import re
import socket
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from service.backends.onnx.catalogue import ModelEntry
from service.backends.onnx.options import OnnxEngineOptions, Provider
from service.backends.onnx.providers import ProbeResult
from service.cli.doctor import machine, models
from service.cli.doctor.finding import Finding
from service.settings import OnnxSettings, ServerSettings, SidePortSettings, StoreSettings
from service.testing.tiny_model import TINY_MODEL_DIR, copy_tiny_model, tiny_model
from tests.unit.cli.conftest import Service, Vaiven

TINY = OnnxSettings(embedded=False, models={"tiny": TINY_MODEL_DIR})


async def _all(findings: AsyncIterator[Finding]) -> list[Finding]:
    return [finding async for finding in findings]


def _states(findings: Iterator[Finding]) -> dict[str, str]:
    return {finding.about: finding.state for finding in findings}


@pytest.fixture
def probed(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Provider, Path]]:
    """Make trial loads succeed at once, and keep what was tried."""
    tried: list[tuple[Provider, Path]] = []

    async def probe(
        provider: Provider, model_dir: Path, _options: OnnxEngineOptions, *, inherited_environment: Mapping[str, str]
    ) -> ProbeResult:
        tried.append((provider, model_dir))
        return ProbeResult(provider, True, "It loads.", "")

    monkeypatch.setattr(models, "probe", probe)
    return tried


async def test_a_model_whose_sums_hold() -> None:
    usable: dict[str, ModelEntry] = {}
    (found,) = await _all(models.models(TINY, usable))
    assert (found.state, list(usable)) == ("ok", ["tiny"])
    assert "checksums hold" in found.message


async def test_a_damaged_default_model_is_a_failure_and_another_a_warning(tmp_path: Path) -> None:
    damaged = copy_tiny_model(tmp_path / "damaged").path
    (damaged / "model.onnx.data").write_bytes(b"x")
    usable: dict[str, ModelEntry] = {}
    settings = OnnxSettings(embedded=False, models={"damaged": damaged, "tiny": TINY_MODEL_DIR})
    states = [(f.about, f.state) for f in await _all(models.models(settings, usable))]
    assert states == [("damaged", "failed"), ("tiny", "ok")]
    settings = OnnxSettings(embedded=False, models={"tiny": TINY_MODEL_DIR, "damaged": damaged})
    found = await _all(models.models(settings, usable))
    assert [f.state for f in found] == ["ok", "warning"]
    assert "SHA-256" in found[1].message


async def test_no_model_and_models_that_are_not_there() -> None:
    assert [f.state for f in await _all(models.models(OnnxSettings(embedded=False), {}))] == ["failed"]
    nowhere = OnnxSettings(embedded=False, models={"x": Path("/nowhere")})
    assert "/nowhere" in (await _all(models.models(nowhere, {})))[0].message


async def test_a_further_model_that_cannot_be_read_stops_the_start_and_so_is_a_failure() -> None:
    settings = OnnxSettings(embedded=False, models={"tiny": TINY_MODEL_DIR, "x": Path("/nowhere")})
    assert [f.state for f in await _all(models.models(settings, {}))] == ["ok", "failed"]


@pytest.mark.parametrize(("free", "state"), [(0, "failed"), (models.BASE_BYTES + 2_000_000, "warning"), (10**12, "ok")])
def test_memory_against_need(monkeypatch: pytest.MonkeyPatch, free: int, state: str) -> None:
    monkeypatch.setattr(models, "available_bytes", lambda: free)
    entry = replace(tiny_model(), size_bytes=1_000_000, kv_values_per_token=10_000)
    assert _states(models.memory(TINY, {"tiny": entry})) == {"need": state}
    assert list(models.memory(TINY, {})) == []


def test_the_bound_of_a_container_counts(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(models, "CGROUP", tmp_path)
    free = models.available_bytes()
    assert free > 5000
    (tmp_path / "memory.max").write_text("6000\n")
    (tmp_path / "memory.current").write_text("1000\n")
    assert models.available_bytes() == 5000
    (tmp_path / "memory.max").write_text("max\n")
    assert models.available_bytes() > 5000


async def test_providers_are_tried_and_the_wanted_one_must_load(probed: list[tuple[Provider, Path]]) -> None:
    found = await _all(models.providers(TINY, {"tiny": tiny_model()}))
    assert [(f.about, f.state) for f in found] == [("cpu", "ok"), ("cuda", "absent"), ("directml", "absent")]
    assert "vaiven[cuda], into a new environment" in found[1].message
    assert probed == [("cpu", TINY_MODEL_DIR)]
    cuda = TINY.model_copy(update={"provider": "cuda"})
    states = {f.about: f.state for f in await _all(models.providers(cuda, {"tiny": tiny_model()}))}
    assert states["cuda"] == "failed"
    nothing = await _all(models.providers(TINY, {}))
    assert nothing[0].state == "failed"


def test_the_store_must_be_writable(tmp_path: Path) -> None:
    assert _states(machine.data(StoreSettings(path=tmp_path / "new" / "vaiven.db"))) == {"store": "ok", "room": "ok"}
    (tmp_path / "file").write_text("")
    (found,) = machine.data(StoreSettings(path=tmp_path / "file" / "vaiven.db"))
    assert found.state == "failed"
    assert "--store" in found.advice


def test_ports(tmp_path: Path, service: Service) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        address = f"127.0.0.1:{port}"
        found = list(machine.ports(ServerSettings(address=address), SidePortSettings(port=port), authenticated=False))
        assert [(f.about, f.state) for f in found] == [("gRPC", "failed"), ("HTTP", "warning")]
        assert "--listen" in found[0].advice
    assert _states(
        machine.ports(ServerSettings(address=address), SidePortSettings(port=port), authenticated=False)
    ) == {
        "gRPC": "ok",
        "HTTP": "ok",
    }
    (running,) = machine.ports(ServerSettings(address=service.address), SidePortSettings(), authenticated=False)
    assert running.state == "ok"
    assert "answers there already" in running.message
    (open_to_all,) = machine.ports(ServerSettings(address="0.0.0.0:0"), SidePortSettings(), authenticated=False)
    assert open_to_all.state == "failed"
    assert re.search("needs TLS.* needs callers who show credentials", open_to_all.message)
    socket_file = ServerSettings(address=f"unix:{tmp_path}/v.sock")
    assert _states(machine.ports(socket_file, SidePortSettings(), authenticated=False)) == {"gRPC": "ok"}


def test_tls_files_must_be_readable() -> None:
    server = ServerSettings(
        address="127.0.0.1:0", tls_certificate=Path("/nowhere/c.pem"), tls_key=Path("/nowhere/k.pem")
    )
    states = _states(machine.ports(server, SidePortSettings(), authenticated=False))
    assert states == {"TLS certificate": "failed", "TLS key": "failed", "gRPC": "ok"}


@pytest.mark.usefixtures("probed")
def test_the_report_and_its_exit_status(vaiven: Vaiven, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    flags = [
        "--set",
        "onnx.embedded=false",
        "--set",
        f"store.path={tmp_path / 'v.db'}",
        "--set",
        "server.address=127.0.0.1:0",
    ]
    tiny = ["--set", f"onnx.models={{tiny = '{TINY_MODEL_DIR}'}}"]
    outcome = vaiven("doctor", *flags, *tiny)
    assert outcome.code == 0
    assert outcome.out.splitlines()[-1] == "Ready: `vaiven serve`."
    assert "✓ tiny" in outcome.out
    told = json.loads(vaiven("doctor", "--json", *flags, *tiny).out)
    assert told["ready"]
    assert {finding["area"] for finding in told["findings"]} == {
        "versions",
        "models",
        "memory",
        "providers",
        "data",
        "ports",
    }
    without = vaiven("doctor", *flags)
    assert without.code == 1
    assert "The service cannot run like this." in without.out
    assert vaiven("doctor", "--set", "x").code == 2
