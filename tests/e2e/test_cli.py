"""The command line as a person has it: processes, signals, pipes, and a real server."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import psutil
import pytest

from service.testing.tiny_model import TINY_MODEL_DIR

ROOT = Path(__file__).resolve().parents[2]
VAIVEN = (sys.executable, "-m", "service.cli")
LIMIT_S = 120
pytestmark = pytest.mark.timeout(2 * LIMIT_S)


def _environment(folder: Path, **more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("VAIVEN_")}
    paths = os.pathsep.join([str(ROOT), str(ROOT / "protos" / "gen")])
    return {**kept, "PYTHONPATH": paths, "XDG_DATA_HOME": str(folder / "data"), "COLUMNS": "100", **more}


@contextmanager
def _process(folder: Path, *command: str, **more: str) -> Iterator[subprocess.Popen[str]]:
    """Run a command in an empty folder; it is killed if the test does not see it end."""
    process = subprocess.Popen(
        command,
        cwd=folder,
        env=_environment(folder, **more),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        try:
            yield process
        finally:
            if process.poll() is None:
                process.kill()


def _vaiven(folder: Path, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*VAIVEN, *arguments],
        cwd=folder,
        env=_environment(folder, **more),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
        check=False,
    )


def _first_line(process: subprocess.Popen[str]) -> dict[str, Any]:
    output: IO[str] | None = process.stdout
    assert output is not None
    line = output.readline()
    assert line, process.communicate()[1]
    found: dict[str, Any] = json.loads(line)
    return found


@pytest.fixture
def counting(tmp_path: Path) -> Iterator[str]:
    """The address of a service whose model counts without an end in sight."""
    folder = tmp_path / "server"
    folder.mkdir()
    with _process(folder, sys.executable, "-m", "service.testing", str(folder), "100000", "0.2") as server:
        yield f"127.0.0.1:{_first_line(server)['port']}"
        server.terminate()
        server.communicate(timeout=LIMIT_S)


def _only_run(folder: Path, environment: Mapping[str, str]) -> dict[str, Any]:
    (run,) = json.loads(_vaiven(folder, "runs", "list", "--json", **environment).stdout)["runs"]
    return dict(run)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals")
def test_ctrl_c_cancels_the_run(tmp_path: Path, counting: str) -> None:
    environment = {"VAIVEN_ADDRESS": counting, "PYTHONUNBUFFERED": "1"}
    with _process(tmp_path, *VAIVEN, "ask", "--function", "code.generate", "count", **environment) as asking:
        assert asking.stdout is not None
        begin = asking.stdout.read(8)
        asking.send_signal(signal.SIGINT)
        rest, said = asking.communicate(timeout=LIMIT_S)
    words = (begin + rest).split()
    assert words == [f"w{number}" for number in range(1, len(words) + 1)]
    assert rest.endswith("\n")
    assert asking.returncode == 130
    run = _only_run(tmp_path, environment)
    assert said.splitlines()[-1] == f"Interrupted: {run['name']} is cancelled."
    assert run["state"] == "RUN_STATE_CANCELLED"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals")
def test_a_run_may_outlive_its_command_and_be_watched_and_cancelled(tmp_path: Path, counting: str) -> None:
    environment = {"VAIVEN_ADDRESS": counting, "PYTHONUNBUFFERED": "1"}
    ask = ("ask", "--function", "code.generate", "--keep-running", "count")
    with _process(tmp_path, *VAIVEN, *ask, **environment) as asking:
        assert asking.stdout is not None
        asking.stdout.read(8)
        asking.send_signal(signal.SIGINT)
        asking.communicate(timeout=LIMIT_S)
    assert asking.returncode == 130
    run = _only_run(tmp_path, environment)
    assert run["state"] == "RUN_STATE_RUNNING"
    with _process(tmp_path, *VAIVEN, "runs", "watch", run["name"], **environment) as watching:
        assert watching.stdout is not None
        assert watching.stdout.read(6) == "w1 w2 "
        assert _vaiven(tmp_path, "runs", "cancel", run["name"], **environment).returncode == 0
        _, said = watching.communicate(timeout=LIMIT_S)
    assert watching.returncode == 1
    assert "was cancelled (CANCELLED_BY_CALLER)" in said


def test_a_reader_that_stops_reading_gets_no_traceback(tmp_path: Path, counting: str) -> None:
    environment = {"VAIVEN_ADDRESS": counting}
    with _process(tmp_path, *VAIVEN, "plugins", "functions", **environment) as listing:
        assert listing.stdout is not None
        listing.stdout.close()
        assert listing.stderr is not None
        assert "Traceback" not in listing.stderr.read()


def test_serve_answers_and_drains(tmp_path: Path) -> None:
    tiny = ["--set", "onnx.embedded=false", "--set", f"onnx.models={{tiny = '{TINY_MODEL_DIR}'}}"]
    flags = ["--listen", "127.0.0.1:0", "--side-port", "0", "--store", str(tmp_path / "v.db")]
    with _process(tmp_path, *VAIVEN, "serve", "--json", *flags, *tiny) as server:
        found = _first_line(server)
        assert [model["name"] for model in found["models"]] == ["tiny"]
        environment = {"VAIVEN_ADDRESS": found["address"]}
        assert _vaiven(tmp_path, "health", **environment).returncode == 0
        listed = json.loads(_vaiven(tmp_path, "--json", "models", "list", **environment).stdout)
        assert listed["models"][0]["state"] == "MODEL_STATE_READY"
        # A random model says nothing of use, but to the end: the run is Incomplete or Completed, never nothing.
        asked = _vaiven(tmp_path, "code", "explain", str(ROOT / "protos" / "generate.py"), "--json", **environment)
        assert "Traceback" not in asked.stderr
        server.send_signal(signal.SIGTERM)
        _, log = server.communicate(timeout=LIMIT_S)
    assert server.returncode == 0
    assert "Traceback" not in log
    assert _vaiven(tmp_path, "health", **environment).returncode == 3


def test_doctor_loads_to_find_out(tmp_path: Path) -> None:
    tiny = ["--set", "onnx.embedded=false", "--set", f"onnx.models={{tiny = '{TINY_MODEL_DIR}'}}"]
    done = _vaiven(tmp_path, "--json", "doctor", "--set", "server.address=127.0.0.1:0", *tiny)
    found = json.loads(done.stdout)
    assert found["ready"], found
    assert done.returncode == 0
    assert {f["about"]: f["state"] for f in found["findings"] if f["area"] == "providers"}["cpu"] == "ok"
    assert not (tmp_path / "data").exists()


def test_the_demonstration_completes_and_leaves_nothing(tmp_path: Path) -> None:
    scratch = tmp_path / "tmp"
    scratch.mkdir()
    done = _vaiven(tmp_path, "demo", TMPDIR=str(scratch))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "3 of 3 requests completed" in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 100
    assert list(scratch.iterdir()) == []
    assert not (tmp_path / "data").exists()
    assert [p.pid for p in psutil.Process().children(recursive=True) if "serve" in p.cmdline()] == []
