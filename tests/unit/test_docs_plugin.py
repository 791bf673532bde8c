"""The plugin that the tutorial builds works as it stands there."""

from __future__ import annotations

import importlib.util
import re
import sys
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pytest

import plugins
from plugins import prompt_file
from plugins.manifest import build_class, load_manifest

PAGE = Path(__file__).resolve().parents[2] / "docs" / "writing-a-plugin.md"
FILE = re.compile(r"^`(?P<path>\S+)`:\n\n```\w*\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Write the tutorial's files, and let their folder be a part of the package `plugins`."""
    for found in FILE.finditer(PAGE.read_text(encoding="utf-8")):
        path = tmp_path / found["path"]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(found["text"], encoding="utf-8")
    (tmp_path / "plugins" / "headline" / "__init__.py").touch()
    monkeypatch.setattr(plugins, "__path__", [*plugins.__path__, str(tmp_path / "plugins")])
    monkeypatch.setattr(prompt_file, "_ROOT", tmp_path / "plugins")
    yield tmp_path
    for name in [name for name in sys.modules if name.startswith("plugins.headline")]:
        del sys.modules[name]


def test_the_class_implements_the_manifest(root: Path) -> None:
    manifest = load_manifest(root / "plugins" / "headline" / "plugin.yaml")
    assert build_class(manifest).__name__ == "HeadlinePlugin"


async def test_the_tutorials_own_test_passes(root: Path) -> None:
    spec = importlib.util.spec_from_file_location("tutorial", root / "tests/unit/plugins/test_headline.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    test: Callable[[Path], Awaitable[None]] = module.test_a_headline_is_streamed_and_counted
    await test(root / "store")
