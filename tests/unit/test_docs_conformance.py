"""Each source of plugins has a page with a table of what it can, and each row names tests and samples that exist."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

from tests.unit.sources.openapi.documents import QUIRKS

ROOT = Path(__file__).resolve().parents[2]
SOURCES = ROOT / "plugins" / "sources"
TESTS = ROOT / "tests" / "unit" / "sources"
CONTRACT = ROOT / "tests" / "contract"
PAGES = {
    "grpc_reflection": ROOT / "docs" / "sources-grpc.md",
    "mcp": ROOT / "docs" / "sources-mcp.md",
    "openapi": ROOT / "docs" / "sources-openapi.md",
    "prompt": ROOT / "docs" / "sources-prompt.md",
}
ABSENT = ("no", "not read")
"""What the second column begins with where there is nothing to test."""


def rows(source: str) -> list[tuple[str, str, list[str]]]:
    """Return feature, word on its support, and the names of its tests, for each row of the table."""
    page = PAGES[source].read_text(encoding="utf-8")
    section = re.split(r"^##+ Conformance$", page, flags=re.MULTILINE)[1]
    lines = re.split(r"^##+ ", section, flags=re.MULTILINE)[0].splitlines()
    table = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("|")]
    assert table[0] == ["feature", "supported", "test"]
    return [(feature, supported, re.findall(r"`([^`]+)`", tests)) for feature, supported, tests in table[2:]]


@cache
def known(source: str) -> frozenset[str]:
    """Return the test functions and test files of the source, and the samples of documents that its tests read."""
    # Some tests are of what all sources share, others call the RPCs.
    shared = (TESTS, TESTS / "network", CONTRACT)
    files = [file for folder in (TESTS / source, *shared) for file in folder.glob("test_*.py")]
    functions = [
        node.name
        for file in files
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_")
    ]
    samples = [quirk.name for quirk in QUIRKS] if source == "openapi" else []
    return frozenset([*functions, *(file.name for file in files), *samples])


def test_each_source_has_a_page() -> None:
    folders = {folder.name for folder in SOURCES.iterdir() if (folder / "__init__.py").is_file()}
    assert folders == set(PAGES)
    assert {page.name for page in (ROOT / "docs").glob("sources-*.md")} == {page.name for page in PAGES.values()}


@pytest.mark.parametrize("source", PAGES)
def test_each_row_of_a_table_names_tests_that_exist(source: str) -> None:
    unknown = {feature: [name for name in names if name not in known(source)] for feature, _, names in rows(source)}
    assert {feature: names for feature, names in unknown.items() if names} == {}


@pytest.mark.parametrize("source", PAGES)
def test_what_is_supported_left_out_or_refused_has_a_test(source: str) -> None:
    found = rows(source)
    assert len(found) >= 10
    untested = [feature for feature, supported, names in found if not names and not supported.startswith(ABSENT)]
    assert untested == []


def test_each_sample_of_a_document_stands_in_the_table_of_openapi() -> None:
    named = {name for _, _, names in rows("openapi") for name in names}
    assert sorted({quirk.name for quirk in QUIRKS} - named) == []
