"""`vaiven serve`: which settings it takes, what it says when it answers, and what when it cannot."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from service import bootstrap
from service.bootstrap import App
from service.cli.commands.serve import read_settings
from service.cli.exits import CommandError
from service.errors import ModelLoadError
from service.settings import Settings
from service.testing.app import scripted_app
from tests.unit.cli.conftest import Vaiven


@pytest.fixture(autouse=True)
def _alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    # The log is the whole process's, here that of all tests.
    monkeypatch.setattr("service.telemetry.logging.configure_logging", lambda *_: None)


def test_options_go_before_the_environment_before_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "my.toml"
    file.write_text("[server]\naddress = '127.0.0.1:1'\nreflection = true\n[runs]\nmax_concurrent = 1\n")
    monkeypatch.setenv("VAIVEN_RUNS__MAX_CONCURRENT", "2")
    assignments = ["runs.max_duration_s=7.5", "onnx.models={tiny = '/models/tiny'}", "server.address=127.0.0.1:2"]
    read = read_settings(assignments, file, {"server": {"address": "127.0.0.1:3"}, "store": {}})
    assert (read.server.address, read.server.reflection) == ("127.0.0.1:3", True)
    assert (read.runs.max_concurrent, read.runs.max_duration_s) == (2, 7.5)
    assert read.onnx.models == {"tiny": Path("/models/tiny")}


@pytest.mark.parametrize(
    ("assignment", "message"),
    [
        ("runs", "--set takes AREA.KEY=VALUE, not 'runs'."),
        ("runs=3", "--set takes AREA.KEY=VALUE, not 'runs=3'."),
        ("runs.max_concurrent=none", "runs.max_concurrent (the command line): Input should be a valid integer"),
        ("runs.maxconcurrent=3", "did you mean runs.max_concurrent?"),
    ],
)
def test_a_wrong_setting_is_a_usage_error(assignment: str, message: str) -> None:
    with pytest.raises(CommandError) as error:
        read_settings([assignment], None, {})
    assert message in error.value.message
    assert error.value.exit_code == 2


Started = Callable[[App], None]


async def _answer(settings: Settings, started: Started, directory: Path, areas: Sequence[str]) -> None:
    side_port = {"port": 0} if "side_port" in areas else {}
    async with scripted_app(directory, "hello", side_port=side_port) as app:
        started(replace(app, settings=settings.model_copy(update={"side_port": app.settings.side_port})))


@pytest.mark.parametrize("side_port", ["", "side_port"])
def test_it_says_where_it_answers_and_what_with(
    vaiven: Vaiven, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, side_port: str
) -> None:
    async def serve(settings: Settings, started: Started, **_reread: object) -> None:
        await _answer(settings, started, tmp_path, [side_port])

    monkeypatch.setattr(bootstrap, "serve", serve)
    outcome = vaiven("serve", "--listen", "127.0.0.1:0", "--store", str(tmp_path / "s.db"))
    assert outcome.code == 0
    lines = dict(line.split(maxsplit=1) for line in outcome.out.splitlines())
    assert lines["gRPC"].startswith("127.0.0.1:")
    assert not lines["gRPC"].startswith("127.0.0.1:0")
    assert lines["gRPC"].endswith("(this machine only)")
    assert lines["Store"] == str(tmp_path / "s.db")
    assert lines["Model"].endswith("ready")
    assert ("HTTP" in lines) == bool(side_port)
    told = json.loads(vaiven("serve", "--json").out)
    assert told["side_port"].startswith("http://127.0.0.1:" if side_port else "")
    assert [model["state"] for model in told["models"]] == ["ready"]


def test_why_it_cannot_is_told_in_words(vaiven: Vaiven, monkeypatch: pytest.MonkeyPatch) -> None:
    async def serve(_settings: Settings, _started: Started, **_reread: object) -> None:
        raise ModelLoadError("model.onnx is damaged.")

    monkeypatch.setattr(bootstrap, "serve", serve)
    outcome = vaiven("serve")
    assert (outcome.code, outcome.out) == (1, "")
    assert outcome.err.splitlines() == ["✗ model.onnx is damaged.", "  `vaiven doctor` looks into it."]
