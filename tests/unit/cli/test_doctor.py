"""`vaiven doctor`: each thing that may be wrong is found, and what to do is said."""

from __future__ import annotations

import json
import re
import socket
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from service.backends.onnx.memory import WORKER_BYTES
from service.backends.onnx.options import OnnxEngineOptions, Provider
from service.backends.onnx.providers import ProbeResult
from service.bootstrap_models import _model_paths
from service.cli.doctor import kept as kept_models
from service.cli.doctor import machine, models
from service.cli.doctor.finding import Finding
from service.cli.doctor.kept import KeptModels
from service.cli.doctor.models import ServedModels
from service.settings import OnnxSettings, ServerSettings, Settings, SidePortSettings, StoreSettings
from service.settings_models import ModelsSettings
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


def _served(settings: OnnxSettings, **kept: Any) -> ServedModels:
    return ServedModels(settings, ModelsSettings(**{"directory": Path("/nowhere"), **kept}))


async def test_a_model_whose_sums_hold() -> None:
    served = _served(TINY)
    (found,) = await _all(served.findings(0))
    assert (found.state, list(served.usable)) == ("ok", ["tiny"])
    assert "checksums hold" in found.message
    assert "MB of memory" in found.message


async def test_a_damaged_default_model_is_a_failure_and_another_a_warning(tmp_path: Path) -> None:
    damaged = copy_tiny_model(tmp_path / "damaged").path
    (damaged / "model.onnx.data").write_bytes(b"x")
    first = _served(OnnxSettings(embedded=False, models={"damaged": damaged, "tiny": TINY_MODEL_DIR}))
    assert [(f.about, f.state) for f in await _all(first.findings(0))] == [("damaged", "failed"), ("tiny", "ok")]
    assert [f.state for f in await _all(first.findings(1))] == ["warning", "ok"], "the others answer"
    second = _served(OnnxSettings(embedded=False, models={"tiny": TINY_MODEL_DIR, "damaged": damaged}))
    found = await _all(second.findings(0))
    assert [f.state for f in found] == ["ok", "warning"]
    assert "SHA-256" in found[1].message


async def test_no_model_and_models_that_are_not_there() -> None:
    nothing = _served(OnnxSettings(embedded=False))
    assert [f.state for f in await _all(nothing.findings(0))] == ["failed"]
    (elsewhere,) = await _all(nothing.findings(2))
    assert (elsewhere.state, "name 2 elsewhere" in elsewhere.message) == ("absent", True)
    nowhere = _served(OnnxSettings(embedded=False, models={"x": Path("/nowhere")}))
    assert "/nowhere" in (await _all(nowhere.findings(0)))[0].message


async def test_a_further_model_that_cannot_be_read_stops_the_start_and_so_is_a_failure() -> None:
    served = _served(OnnxSettings(embedded=False, models={"tiny": TINY_MODEL_DIR, "x": Path("/nowhere")}))
    assert [f.state for f in await _all(served.findings(0))] == ["ok", "failed"]


@pytest.mark.parametrize(
    ("free", "state"),
    [
        (0, "failed"),
        (models.SERVICE_BYTES + WORKER_BYTES + 2_000_000, "warning"),
        (10**12, "ok"),
    ],
)
def test_memory_against_need(monkeypatch: pytest.MonkeyPatch, free: int, state: str) -> None:
    monkeypatch.setattr(models, "available_bytes", lambda: free)
    served = _served(TINY)
    assert list(models.memory(served)) == []
    served.usable["tiny"] = replace(tiny_model(), size_bytes=1_000_000, kv_values_per_token=10_000)
    assert _states(models.memory(served)) == {"need": state}


# --- what is kept under models.directory


class Cellar:
    """A models directory, and what the doctor says of it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.usable: list[str] = []
        self.loadable: list[str] = []

    def put(self, name: str) -> Path:
        return copy_tiny_model(self.root / name).path

    async def look(self, onnx: OnnxSettings = TINY, **settings: Any) -> dict[str, Finding]:
        kept = ModelsSettings(directory=self.root, **settings)
        served = ServedModels(onnx, kept)
        found = await _all(served.findings(0))
        self.usable = list(served.usable)
        looked = KeptModels(kept, onnx, served)
        found += await _all(looked.findings())
        self.loadable = list(looked.loadable)
        found += models.memory(served)
        assert len({finding.about for finding in found}) == len(found), "each thing is told of once"
        return {finding.about: finding for finding in found}


@pytest.fixture
def cellar(tmp_path: Path) -> Cellar:
    return Cellar(tmp_path / "models")


async def test_a_directory_that_is_not_there_yet_is_no_trouble(cellar: Cellar) -> None:
    found = await cellar.look()
    assert found["directory"].state == "absent"
    assert {finding.state for about, finding in found.items() if about != "directory"} == {"ok"}


async def test_kept_models_are_listed_with_their_size_and_their_need(cellar: Cellar) -> None:
    cellar.put("phi")
    (cellar.put("cut") / "model.onnx.data").unlink()
    (cellar.put("vague") / "genai_config.json").write_text("{")
    (cellar.root / "stray").mkdir()
    found = await cellar.look()
    assert found["phi"].state == "ok"
    assert re.search("kB, checksums hold.* up to .* of memory.*vaiven models load phi", found["phi"].message)
    assert (found["cut"].state, found["vague"].state, found["stray"].state) == ("warning",) * 3
    assert "incomplete: model.onnx.data" in found["cut"].message
    assert found["vague"].message.startswith("incomplete: genai_config.json")
    assert str(cellar.root / "cut") in found["cut"].advice
    assert "no genai_config.json" in found["stray"].message
    assert re.search("3 models, .* are free", found["directory"].message)
    assert cellar.loadable == ["phi"]
    assert cellar.usable == ["tiny"], "what is not pinned is not loaded at the start"


async def test_pinned_models_count_as_loaded_and_those_that_are_missing_are_told(cellar: Cellar) -> None:
    cellar.put("phi")
    alone = (await cellar.look())["need"].message
    found = await cellar.look(pinned=("phi", "tiny", "gone"))
    assert cellar.usable == ["phi", "tiny"]
    assert found["phi"].message.endswith(", pinned")
    assert found["tiny"].message.endswith(", pinned")
    assert (found["gone"].state, "vaiven models pull gone" in found["gone"].advice) == ("warning", True)
    assert found["need"].message != alone
    (cellar.root / "phi" / "model.onnx").write_bytes(b"x")
    damaged = (await cellar.look(pinned=("phi",)))["phi"]
    assert damaged.message.endswith("It is pinned.")


async def test_the_order_of_what_is_loaded_is_the_services(cellar: Cellar) -> None:
    cellar.put("phi")
    onnx, kept = OnnxSettings(models=TINY.models), ModelsSettings(directory=cellar.root, pinned=("phi", "gone"))
    served = _model_paths(Settings(onnx=onnx, models=kept), needed=True)
    assert list(ServedModels(onnx, kept).paths.values()) == list(served.values())


async def test_what_is_kept_against_memory_and_budget(cellar: Cellar, monkeypatch: pytest.MonkeyPatch) -> None:
    cellar.put("phi")
    cellar.put("pin")
    fits = await cellar.look(pinned=("pin",), memory_bytes=10**12)
    assert (fits["phi"].state, fits["budget"].state) == ("ok", "ok")
    tight = await cellar.look(pinned=("pin",), memory_bytes=WORKER_BYTES)
    assert (tight["phi"].state, tight["budget"].state) == ("warning", "warning")
    assert "models.memory_bytes can be had" in tight["phi"].message
    monkeypatch.setattr(kept_models, "available_bytes", lambda: 1000)
    assert "Only 1.0 kB of memory are free" in (await cellar.look())["phi"].message


async def test_checkpoints_and_what_was_begun(cellar: Cellar) -> None:
    whole, cut = cellar.root / ".checkpoints" / "whole", cellar.root / ".checkpoints" / "cut"
    for place in (whole, cut):
        place.mkdir(parents=True)
        (place / "config.json").write_text('{"architectures": ["LlamaForCausalLM"]}')
        (place / "tokenizer.json").write_text("{}")
    (whole / "model.safetensors").write_bytes((2).to_bytes(8, "little") + b"{}")
    begun = cellar.root / ".staging" / "hub-1" / "parts"
    begun.mkdir(parents=True)
    (begun / "model.onnx.data.part").write_bytes(b"x" * 2000)
    found = await cellar.look()
    assert found["whole"].message.startswith("a checkpoint, whole")
    assert found["cut"].message.startswith("an incomplete checkpoint")
    assert found["unfinished"].message.startswith("2.0 kB were begun")
    assert "no models, 2 checkpoints" in found["directory"].message


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
    assert {f.state for f in await _all(models.providers(TINY, {}, needed=False))} == {"absent"}


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
        "--set",
        f"models.directory={tmp_path / 'models'}",
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
        "kept models",
        "memory",
        "providers",
        "data",
        "ports",
    }
    without = vaiven("doctor", *flags)
    assert without.code == 1
    assert "The service cannot run like this." in without.out
    assert vaiven("doctor", "--set", "x").code == 2
