"""Ctrl-C while a run answers, and streams that end in the middle."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from vaiven.v1.agent_service_pb2 import RunRequest
from vaiven.v1.run_event_pb2 import Completed, RunEvent, TextDelta

from service.cli.caller import Caller, Connection
from service.cli.exits import CommandError
from service.cli.run_stream import follow
from service.runs.events import TextDelta as StoredDelta
from tests.unit.cli.conftest import Service

HELLO = RunEvent(run="runs/r1", sequence=1, text_delta=TextDelta(text="Hello"))
END = RunEvent(run="runs/r1", sequence=2, completed=Completed())


class Answers:
    """A stream that may be interrupted after its events."""

    def __init__(self, events: Sequence[RunEvent], *, interrupted: bool = False) -> None:
        self._events = events
        self._interrupted = interrupted
        self.given_up = False

    def __iter__(self) -> Iterator[RunEvent]:
        yield from self._events
        if self._interrupted:
            raise KeyboardInterrupt

    def cancel(self) -> None:
        self.given_up = True


@pytest.fixture
def caller(service: Service) -> Iterator[Caller]:
    caller = Caller(Connection(service.address))
    with caller.guarded():
        yield caller


def test_it_cancels_the_run_and_says_so(service: Service, caller: Caller, capsys: pytest.CaptureFixture[str]) -> None:

    service.domain.runs.script = (StoredDelta("Hello"),)
    stream = caller.stream(caller.agents.Run, RunRequest(input="hello"))
    first = next(iter(stream))
    answers = Answers([first], interrupted=True)
    assert follow(caller, answers, cancel=True) == 130
    said = capsys.readouterr()
    assert said.out == "Hello\n"
    assert said.err == "Interrupted: runs/r1 is cancelled.\n"
    assert [name for name, _, _ in service.domain.runs.cancelled] == ["runs/r1"]
    assert answers.given_up
    stream.cancel()


def test_it_leaves_the_run_alone_where_asked_to(
    service: Service, caller: Caller, capsys: pytest.CaptureFixture[str]
) -> None:
    assert follow(caller, Answers([HELLO], interrupted=True), cancel=False) == 130
    assert "runs/r1 goes on without you; go on with `vaiven runs watch r1 --after 1`." in capsys.readouterr().err
    assert service.domain.runs.cancelled == []


def test_before_the_run_has_a_name_the_call_is_given_up(
    service: Service, caller: Caller, capsys: pytest.CaptureFixture[str]
) -> None:
    answers = Answers([], interrupted=True)
    assert follow(caller, answers, cancel=True) == 130
    assert answers.given_up
    assert "Interrupted before the run began" in capsys.readouterr().err


def test_a_stream_without_an_end_is_an_error(caller: Caller) -> None:
    with pytest.raises(CommandError, match="without saying how the run ended") as error:
        follow(caller, Answers([HELLO]), cancel=True)
    assert error.value.hint == "go on with `vaiven runs watch r1 --after 1`."
    assert follow(caller, Answers([HELLO, END]), cancel=True) == 0


ROOT = Path(__file__).resolve().parents[3]
INTERRUPTED_AT = """
import os, signal, sys

signal.signal(signal.SIGINT, signal.default_int_handler)  # also where whoever runs the tests ignores it
loading = sys.argv.pop(1)

class Interrupting:
    def find_spec(self, name, path=None, target=None):
        if name == loading:
            os.kill(os.getpid(), signal.SIGINT)

sys.meta_path.insert(0, Interrupting())
from service.cli.app import main
main()
"""


@pytest.mark.parametrize("loading", ["service.cli.tree", "typer", "service.cli.commands.usage", "grpc", "google.rpc"])
def test_it_ends_quietly_whatever_is_being_loaded(loading: str) -> None:
    path = os.pathsep.join((str(ROOT), str(ROOT / "protos" / "gen")))
    ended = subprocess.run(
        [sys.executable, "-c", INTERRUPTED_AT, loading, "--address", "127.0.0.1:9", "runs", "list"],
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ended.returncode, ended.stdout) == (130, "")
    assert ended.stderr in ("", "Interrupted.\n")
