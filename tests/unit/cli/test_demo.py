"""The demonstration's frame, and the end of its child."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from google.rpc import code_pb2
from google.type.money_pb2 import Money
from rich.console import Console
from vaiven.v1.generation_pb2 import FINISH_REASON_STOP
from vaiven.v1.knowledge_pb2 import Document
from vaiven.v1.model_pb2 import Model
from vaiven.v1.run_event_pb2 import Citation, Completed, Failed, RoutingDecision, RunEvent, RunStarted, TextDelta
from vaiven.v1.usage_pb2 import Timing, Usage

from service.cli.demo import child, script
from service.cli.demo.child import ServiceProcess, service_process
from service.cli.demo.scene import SceneView
from service.cli.exits import CommandError
from service.cli.facts import Facts

FACTS = cast(
    Facts,
    SimpleNamespace(
        model=lambda _: Model(precision="int4", execution_provider="cpu"),
        document=lambda _: Document(file_name="shipping.md"),
    ),
)
DONE = RunEvent(
    completed=Completed(
        finish_reason=FINISH_REASON_STOP,
        usage=Usage(input_tokens=200, output_tokens=40),
        cost=Money(currency_code="USD"),
        timing=Timing(first_token_s=0.03, output_tokens_per_s=800),
    )
)
EVENTS = (
    RunEvent(routing_decision=RoutingDecision(model="models/colibri", backend="onnx")),
    RunEvent(run_started=RunStarted(function="plugins/code/functions/generate", how=RunStarted.HOW_CHOSEN)),
    RunEvent(text_delta=TextDelta(text="Here:\n```python\ndef f(x):\n    return [x]\n`")),
    RunEvent(text_delta=TextDelta(text="``\nThat is all [1].")),
    RunEvent(citation=Citation(number=1, document="collections/c/documents/d", location="Returns", quote="30 days")),
)


def _shown(view: SceneView) -> str:
    out = io.StringIO()
    Console(file=out, width=100, highlight=False).print(view)
    return out.getvalue()


def test_a_frame_fills_while_the_answer_comes() -> None:
    view = SceneView(2, script.Scene("Write a function", "write f"), FACTS)
    shown = [_shown(view)]
    for event in (*EVENTS, DONE):
        view.take(event)
        shown.append(_shown(view))
    assert "› write f" in shown[0]
    assert "```" not in shown[-1]
    words = ("def f(x):", "    return [x]", "That is all [1].", "[1] shipping.md › Returns “30 days”")
    assert [word for word in words if word not in shown[-1]] == []
    figures = ("code.generate (chosen)", "onnx/colibri (int4, cpu)", "first token 30 ms · 800 tokens/s", "$0")
    assert [figure for figure in figures if figure not in shown[-1]] == []
    assert {len(line) for line in shown[-1].splitlines()} == {80}
    assert view.completed


def test_a_failed_request_is_shown_as_one() -> None:
    view = SceneView(1, script.SCENES[0], FACTS)
    view.take(RunEvent(failed=Failed(code=code_pb2.UNAVAILABLE, reason="MODEL_WORKER_DIED", message="It ended.")))
    assert "It ended. (MODEL_WORKER_DIED, UNAVAILABLE)" in _shown(view)
    assert not view.completed


def test_the_documents_are_there() -> None:
    assert len(script.knowledge_files()) >= 3
    assert len(script.SCENES) == 3


def _scripted(monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    def command(_folder: Path, _config: Path) -> list[str]:
        return [sys.executable, "-c", code]

    monkeypatch.setattr(child, "_command", command)


ANSWERS = 'print(\'{"address": "x"}\', flush=True); import time; time.sleep(60)'


def _is_gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


@pytest.mark.parametrize("error", [None, KeyboardInterrupt, CommandError("no")])
def test_the_child_ends_with_the_demonstration(monkeypatch: pytest.MonkeyPatch, error: Any) -> None:
    _scripted(monkeypatch, ANSWERS)
    pids: list[int] = []

    def play() -> None:
        with service_process() as process:
            pids.append(process.pid)
            assert process.wait(lambda _: None) == {"address": "x"}
            if error is not None:
                raise error

    if error is None:
        play()
    else:
        with pytest.raises(error if isinstance(error, type) else type(error)):
            play()
    assert _is_gone(pids[0])


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals")
def test_a_signal_ends_the_child_too(monkeypatch: pytest.MonkeyPatch) -> None:
    _scripted(monkeypatch, ANSWERS)
    before = signal.getsignal(signal.SIGTERM)
    pids: list[int] = []

    def play() -> None:
        with service_process() as process:
            pids.append(process.pid)
            signal.raise_signal(signal.SIGTERM)

    with pytest.raises(SystemExit) as end:
        play()
    assert end.value.code == 128 + signal.SIGTERM
    assert _is_gone(pids[0])
    assert signal.getsignal(signal.SIGTERM) is before


def test_a_child_that_does_not_listen_is_killed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(child, "STOP_LIMIT_S", 0.1)
    code = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('{}', flush=True); signal.pause()"
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    running = ServiceProcess(process, tmp_path / "log")
    running.wait(lambda _: None)
    running.stop()
    assert process.returncode == -signal.SIGKILL


def test_a_service_that_ends_at_once_is_told_with_its_log(monkeypatch: pytest.MonkeyPatch) -> None:
    _scripted(monkeypatch, "import sys; sys.exit('no model')")
    with pytest.raises(CommandError, match="ended before it answered") as error, service_process() as process:
        process.wait(lambda _: None)
    assert "no model" in error.value.message


def test_a_service_that_never_answers_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(child, "START_LIMIT_S", 0.0)
    _scripted(monkeypatch, "import time; time.sleep(60)")
    with pytest.raises(CommandError, match="did not answer within"), service_process() as process:
        process.wait(lambda _: None)


def test_the_child_gets_no_settings_of_whoever_runs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VAIVEN_RUNS__MAX_CONCURRENT", "1")
    _scripted(monkeypatch, "import json, os; print(json.dumps([n for n in os.environ if n.startswith('VAIVEN_')]))")
    with service_process() as process:
        assert cast(object, process.wait(lambda _: None)) == []
