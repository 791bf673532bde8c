"""The example client in Python, as a process: it answers, and says in words what is wrong."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.unit.cli.conftest import Service

ROOT = Path(__file__).resolve().parents[3]
CLIENT = ROOT / "examples" / "clients" / "python_client.py"


def run(*arguments: str, address: str = "127.0.0.1:1") -> tuple[int, str, str]:
    """Return the exit status and what the client said on each output."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "protos" / "gen"), "VAIVEN_ADDRESS": address}
    done = subprocess.run(
        [sys.executable, str(CLIENT), *arguments], capture_output=True, text=True, env=environment, check=False
    )
    return done.returncode, done.stdout, done.stderr


def test_it_prints_the_answer_and_how_it_ended(service: Service) -> None:
    assert run("hello", "there", address=service.address) == (0, "Hello Ada\n-- completed, 2 tokens\n", "")
    assert [spec.input for spec in service.domain.runs.specs] == ["hello there"]


def test_without_words_it_says_what_it_takes() -> None:
    code, out, err = run()
    assert (code, out) == (2, "")
    assert err.startswith("Say what you want: python ")


def test_without_a_service_it_says_so_in_a_line() -> None:
    code, out, err = run("hello")
    assert (code, out) == (1, "")
    assert err.startswith("UNAVAILABLE: ")
    assert len(err.splitlines()) == 1
