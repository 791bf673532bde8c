"""Python plugins that came with other packages: loaded where the settings list them, and not otherwise."""

from __future__ import annotations

from pathlib import Path

import pytest

from plugins.manifest import ManifestError
from service.settings_sources import SettingsError
from service.testing.app import scripted_app
from tests.contract.registering import house

MANIFEST = """
name: {name}
version: 1.0.0
kind: python
description: Counts words.
class: {module}.counting:Words
functions:
  - name: count
    description: Count words.
    effect: none
    input_schema:
      type: object
      properties: {{text: {{type: string, description: The text., maxLength: 1000}}}}
      required: [text]
      additionalProperties: false
    output_schema:
      type: object
      properties: {{words: {{type: integer, description: How many., minimum: 0}}}}
      required: [words]
      additionalProperties: false
"""
CODE = """
from collections.abc import AsyncIterator
from semantic_kernel.functions import kernel_function
from plugins.output import FunctionOutput, FunctionResult

class Words:
    @kernel_function(name="count", description="Count words.")
    async def count(self, text: str) -> AsyncIterator[FunctionOutput]:
        words = len(text.split())
        yield FunctionResult(str(words), {"words": words})
"""


def install(directory: Path, module: str, entry_point: str, name: str) -> None:
    """Put a package in `directory` as an installer would."""
    package = directory / module
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "counting.py").write_text(CODE)
    (package / "plugin.yaml").write_text(MANIFEST.format(name=name, module=module))
    facts = directory / f"{module}-1.0.dist-info"
    facts.mkdir()
    (facts / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {module}\nVersion: 1.0\n")
    (facts / "entry_points.txt").write_text(f"[vaiven.plugins]\n{entry_point} = {module}\n")


async def test_a_listed_plugin_is_there_and_another_is_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install(tmp_path, "listed_words", "words", "words")
    install(tmp_path, "unlisted_words", "more_words", "more_words")
    monkeypatch.syspath_prepend(str(tmp_path))
    async with house(tmp_path, entry_points=("words",)) as service:
        done = await service.call("plugins/words/functions/count", text="one two three")
        names = await service.names()
    assert done.completed.text == "3"
    assert "plugins/words" in names
    assert "plugins/more_words" not in names


@pytest.mark.parametrize(
    ("entry_point", "name", "error", "message"),
    [
        ("none", "none", ManifestError, "no installed package has an entry point lost"),
        ("lost", "other", ManifestError, "must be lost, as its entry point"),
    ],
)
async def test_one_that_is_not_as_it_says_stops_the_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, entry_point: str, name: str, error: type[Exception], message: str
) -> None:
    module = f"wrong_{entry_point}"
    install(tmp_path, module, entry_point, name)
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(error, match=message):
        async with scripted_app(tmp_path, "", plugins={"entry_points": ("lost",)}):
            pass


async def test_a_name_that_is_taken_stops_the_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install(tmp_path, "second_email", "email", "email")
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(SettingsError, match="another plugin email"):
        async with scripted_app(tmp_path, "", plugins={"entry_points": ("email",)}):
            pass
