"""Help is quick, whole, and shows an example for every command."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer.main

from service.cli.command import ORDER
from service.cli.tree import app
from tests.unit.cli.conftest import Vaiven

ROOT = Path(__file__).resolve().parents[3]
HEAVY = (
    *("asyncio", "grpc", "google.protobuf", "vaiven.v1", "semantic_kernel", "onnxruntime", "onnxruntime_genai"),
    *("rich.console", "rich.markdown", "rich.text", "pydantic_settings", "service.bootstrap", "service.settings"),
)
LOADED = """
import sys
from service.cli.app import main
try:
    main()
except SystemExit as end:
    assert end.code in (0, None), end.code
print("LOADED", *sorted(sys.modules))
"""


def _commands(group: Any = None, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    group = group or typer.main.get_command(app)
    yield path, group
    for name, command in getattr(group, "commands", {}).items():
        yield from _commands(command, (*path, name))


COMMANDS = dict(_commands())


@pytest.mark.parametrize("path", [path for path in COMMANDS if path], ids=" ".join)
def test_every_command_says_what_it_does_with_an_example(path: tuple[str, ...]) -> None:
    command = COMMANDS[path]
    assert command.help
    assert command.epilog.startswith("\b\nExample:\n  ")
    assert "vaiven " in command.epilog
    assert all(parameter.help for parameter in command.params if not getattr(parameter, "hidden", False))


def test_the_commands_have_their_order_and_first_lines_that_are_not_cut(vaiven: Vaiven) -> None:
    assert set(COMMANDS[()].commands) == set(ORDER)
    outcome = vaiven("--help")
    assert outcome.code == 0
    listed = outcome.out.split("Commands:\n")[1].split("\n\n")[0].splitlines()
    assert [line.split()[0] for line in listed] == list(ORDER)
    assert not [line for line in listed if line.endswith("...")]


@pytest.mark.parametrize("arguments", [(), ("ask",), ("email", "draft"), ("serve",), ("demo",), ("doctor",)])
def test_help_imports_nothing_that_takes_time(arguments: tuple[str, ...]) -> None:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "protos" / "gen")])}
    done = subprocess.run(
        [sys.executable, "-c", LOADED, *arguments, "--help"],
        capture_output=True,
        text=True,
        env=environment,
        check=True,
    )
    loaded = set(done.stdout.split("LOADED", 1)[1].split())
    assert loaded.isdisjoint(HEAVY)


def test_without_a_command_it_shows_help(vaiven: Vaiven) -> None:
    assert "Usage: vaiven" in vaiven().err


def test_arguments_are_shown_without_the_names_of_types(vaiven: Vaiven) -> None:
    for path, command in COMMANDS.items():
        if any(parameter.param_type_name == "argument" for parameter in command.params):
            listed = vaiven(*path, "--help").out.split("Arguments:\n")[1].split("\n\n")[0]
            assert "<" not in listed
            assert listed.split()[0].strip("[]{}.").isupper()


def test_a_wrong_command_line_is_said_with_status_2(vaiven: Vaiven) -> None:
    outcome = vaiven("runz")
    assert outcome.code == 2
    assert "Did you mean 'runs'" in outcome.err
    assert vaiven("runs", "list", "--limit", "0").code == 2


def test_the_version(vaiven: Vaiven) -> None:
    outcome = vaiven("--version")
    assert outcome.code == 0
    assert outcome.out.startswith("vaiven")
