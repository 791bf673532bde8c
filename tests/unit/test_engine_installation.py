"""How the local engine is installed and loaded: one build by one extra, the CPU's by default, in one module."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from service.backends.onnx.wheels import ADVICE, WHEELS

ROOT: Final = Path(__file__).resolve().parents[2]
PROJECT: Final[dict[str, Any]] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
HOME: Final = Path("service/backends/onnx")
PROVIDERS: Final = tuple(ADVICE)


def engines(requirements: list[str]) -> list[str]:
    """Return the builds of onnxruntime-genai among requirements."""
    names = [re.match(r"[A-Za-z0-9._-]+", requirement) for requirement in requirements]
    return [name[0] for name in names if name is not None and name[0] in WHEELS]


def test_without_an_extra_there_is_no_engine() -> None:
    assert engines(PROJECT["dependencies"]) == []


@pytest.mark.parametrize("provider", PROVIDERS)
def test_each_provider_has_an_extra_with_one_build_that_runs_it(provider: str) -> None:
    (engine,) = engines(PROJECT["optional-dependencies"][provider])
    assert provider in WHEELS[engine]


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-dev.lock"])
def test_what_is_locked_is_the_cpus_build_alone(lock: str) -> None:
    lines = (ROOT / lock).read_text(encoding="utf-8").splitlines()
    assert engines([line for line in lines if not line.startswith((" ", "#"))]) == ["onnxruntime-genai"]


@pytest.mark.parametrize("provider", PROVIDERS)
def test_the_page_on_local_models_tells_what_each_extra_needs(provider: str) -> None:
    page = (ROOT / "docs" / "local-models.md").read_text(encoding="utf-8")
    (row,) = [line for line in page.splitlines() if line.startswith(f"| `{provider}` |")]
    _, _, runs_on, needs, tried, _ = row.split("|")
    assert all(cell.strip() for cell in (runs_on, needs, tried))


def imported(module: Path) -> Iterator[str]:
    """Yield what a module imports, wherever in it."""
    for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module is not None:
            yield node.module
            yield from (f"{node.module}.{name.name}" for name in node.names)


def test_only_processes_of_their_own_bring_the_engines_in() -> None:
    """A worker silences onnxruntime before it imports what loads it; nobody else may bring that in."""
    programs = {HOME / name for name in ("worker.py", "scoring.py", "adapter_writer.py", "builder_child.py")}
    for program in programs:
        text = (ROOT / program).read_text(encoding="utf-8")
        assert 'os.environ["ORT_DISABLE_TELEMETRY"] = "1"' in text
        assert '__name__ == "__main__"' in text
    modules = {
        path.relative_to(ROOT): set(imported(path))
        for top in ("service", "plugins", "planners")
        for path in (ROOT / top).rglob("*.py")
    }
    tainted = {
        path for path, names in modules.items() if any(name.split(".")[0].startswith("onnxruntime") for name in names)
    } - programs
    assert HOME / "runtime.py" in tainted
    while True:
        names_of = {".".join(path.with_suffix("").parts) for path in tainted}
        more = {path for path, names in modules.items() if names & names_of} - tainted - programs
        if not more:
            break
        tainted |= more
    inside = {HOME / "batched", HOME / "paged"}
    assert {path for path in tainted if not inside & set(path.parents)} == {
        HOME / "runtime.py",
        HOME / "words.py",
        HOME / "choose.py",
        HOME / "genai_adapters.py",
        HOME / "adapter_format.py",
    }
