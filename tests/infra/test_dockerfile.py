"""The image's recipe: clean under hadolint, copies what exists, runs without rights. It is not built here."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from service.settings import ENV_PREFIX
from service.settings_sources import setting_facts

ROOT = Path(__file__).resolve().parents[2]
DOCKERFILE = ROOT / "infra" / "Dockerfile"


def instructions() -> list[tuple[str, str]]:
    """Return each instruction with its arguments, continued lines joined and comments left out."""
    lines = [line for line in DOCKERFILE.read_text(encoding="utf-8").splitlines() if not line.lstrip().startswith("#")]
    joined = re.sub(r"\\\n\s*", " ", "\n".join(lines))
    return [(word, rest.strip()) for line in joined.splitlines() if line for word, _, rest in [line.partition(" ")]]


def of(word: str) -> list[str]:
    return [rest for name, rest in instructions() if name == word]


def copied_from_context() -> list[str]:
    return [path for rest in of("COPY") if not rest.startswith("--from") for path in shlex.split(rest)[:-1]]


def environment() -> dict[str, str]:
    return dict(pair.split("=", 1) for rest in of("ENV") for pair in shlex.split(rest))


def allowed_in_context() -> list[str]:
    lines = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert next(line for line in lines if line and not line.startswith("#")) == "*"
    return [line.removeprefix("!") for line in lines if line.startswith("!")]


def test_hadolint_finds_nothing() -> None:
    hadolint = Path(sys.executable).with_name("hadolint")
    done = subprocess.run([hadolint, DOCKERFILE], capture_output=True, text=True, timeout=30, check=False)
    assert (done.stdout + done.stderr, done.returncode) == ("", 0)


@pytest.mark.parametrize("path", copied_from_context())
def test_what_is_copied_exists_and_enters_the_context(path: str) -> None:
    assert (ROOT / path).exists()
    assert path in allowed_in_context()


def test_nothing_else_enters_the_context() -> None:
    assert set(allowed_in_context()) == set(copied_from_context())


def test_it_runs_as_a_numeric_user_that_is_not_root() -> None:
    (user,) = of("USER")
    match = re.fullmatch(r"(\d+):(\d+)", user)
    assert match is not None
    assert min(map(int, match.groups())) > 0
    names = [name for name, _ in instructions()]
    assert names.index("USER") > max(index for index, name in enumerate(names) if name in ("RUN", "COPY", "FROM"))


def test_both_stages_start_from_a_tag() -> None:
    bases = [rest.split()[0] for rest in of("FROM")]
    assert len(bases) == 2
    assert all(re.fullmatch(r"python:3\.11-slim-bookworm(@sha256:[0-9a-f]{64})?", base) for base in bases)


def test_whatever_is_installed_from_an_index_is_verified() -> None:
    for command in re.split(r"&&", " && ".join(of("RUN"))):
        if "pip" in command and re.search(r"\b(install|wheel)\b", command):
            assert "--require-hashes" in command or "--no-deps" in command


def test_every_setting_in_it_exists_and_none_is_a_secret() -> None:
    known = {fact.environment for fact in setting_facts()}
    given = environment()
    assert {name for name in given if name.startswith(ENV_PREFIX)} <= known
    # The name of a file is no secret.
    told = [name for name in given if not name.endswith("_FILE")]
    assert not [name for name in told if re.search("key|secret|token|password", name, re.IGNORECASE)]
    assert not of("ARG")


def test_the_store_is_on_the_volume_that_the_user_owns() -> None:
    (volume,) = json.loads(of("VOLUME")[0])
    assert Path(environment()["VAIVEN_STORE__PATH"]).parent == Path(volume)
    assert Path(environment()["VAIVEN_AUTH__KEYS_FILE"]).parent == Path(volume)
    assert any(f"--owner=10001 --group=10001 --mode=0700 {volume}" in rest for rest in of("RUN"))


def test_both_ports_are_exposed_and_health_is_asked_of_the_command_line() -> None:
    given = environment()
    grpc_port = given["VAIVEN_SERVER__ADDRESS"].rpartition(":")[2]
    assert of("EXPOSE")[0].split() == [grpc_port, given["VAIVEN_SIDE_PORT__PORT"]]
    assert of("HEALTHCHECK")[0].endswith('CMD ["vaiven", "health"]')
    assert json.loads(of("ENTRYPOINT")[0]) == ["vaiven"]
