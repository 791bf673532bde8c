"""The page on errors names every reason, every warning and why runs are cancelled, and nothing that does not exist."""

from __future__ import annotations

import ast
import importlib
import pkgutil
import re
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest

import service
from planners.call import PlanCode
from plugins.sources.base import SourceError
from service.errors import VaivenError
from service.knowledge.errors import DocumentError, DocumentReason
from service.registrations.failures import worded_source
from service.runs import engine

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "errors.md").read_text(encoding="utf-8")
NOT_IMPORTED = ("service.cli", "service.store.migrations.env", "service.backends.onnx.runtime")


def table(heading: str) -> dict[str, str]:
    """Return the first two columns of the tables below a heading of the second level."""
    section = re.split(r"^## ", PAGE, flags=re.MULTILINE)
    (body,) = [part for part in section if part.startswith(f"{heading}\n")]
    rows = re.findall(r"^\| `([A-Z_]+)` \| (.+?) \|", body, re.MULTILINE)
    return {reason: cell.strip("`") for reason, cell in rows}


def error_classes(root: type[VaivenError] = VaivenError) -> Iterator[type[VaivenError]]:
    yield root
    for kind in root.__subclasses__():
        yield from error_classes(kind)


def all_classes() -> list[type[VaivenError]]:
    """Return every error of the service but those of single files, which docs/knowledge.md tells."""
    for module in pkgutil.walk_packages(service.__path__, "service."):
        if not module.name.startswith(NOT_IMPORTED):
            importlib.import_module(module.name)
    own = [kind for kind in error_classes() if kind.__module__.startswith("service.")]
    return [kind for kind in own if not issubclass(kind, DocumentError)]


def nodes(folder: str) -> Iterator[ast.AST]:
    for path in (ROOT / folder).rglob("*.py"):
        yield from ast.walk(ast.parse(path.read_text(encoding="utf-8")))


def calls(folder: str) -> Iterator[ast.Call]:
    return (node for node in nodes(folder) if isinstance(node, ast.Call))


def literal(node: ast.expr) -> str:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def narrowed_reasons() -> set[str]:
    """Return the reasons that are written where an error is raised, or in a table of them, besides those of classes."""
    found = {literal(k.value) for call in calls("service") for k in call.keywords if k.arg == "reason"}
    listed = {literal(node) for node in nodes("service/backends") if isinstance(node, ast.Constant)}
    upstream = {text for text in listed if text.startswith("UPSTREAM_") and text.isupper()}
    return {reason for reason in found if reason.isupper()} | upstream | set(get_args(PlanCode))


def said_codes(name: str, folders: tuple[str, ...]) -> set[str]:
    """Return the first argument of every call of `name` or `….name`."""
    found = (
        literal(call.args[0])
        for folder in folders
        for call in calls(folder)
        if call.args and name in (getattr(call.func, "id", ""), getattr(call.func, "attr", ""))
    )
    return set(filter(None, found))


@pytest.mark.parametrize("kind", all_classes(), ids=lambda kind: kind.__name__)
def test_each_error_has_its_reason_and_code_on_the_page(kind: type[VaivenError]) -> None:
    assert table("Reasons")[kind.default_reason] == kind.code.value


def test_the_page_has_all_reasons_and_no_other() -> None:
    own = {kind.default_reason for kind in all_classes()}
    assert set(table("Reasons")) == own | narrowed_reasons()


def source_codes() -> set[str]:
    """Return the codes of sources, where one is raised and where a table of them is kept."""
    folders = ("plugins/sources", "service/registrations")
    written = {literal(node) for folder in folders for node in nodes(folder) if isinstance(node, ast.Constant)}
    raised = said_codes("SourceError", folders)
    tabled = {text for text in written if re.fullmatch(r"(CALL|METHOD|REFLECTION|RESPONSE|TARGET)_[A-Z_]+", text)}
    # A pattern of the operator's own settings is told at the start, as a wrong setting.
    return (raised | tabled) - {"TARGET_PATTERN_INVALID"}


def test_the_page_has_each_code_of_a_source_and_how_callers_see_it() -> None:
    told = table("Reasons of sources")
    assert set(told) == source_codes()
    passing = {"RESULT_INVALID"}  # never raised but as one that may pass
    expected = {code: worded_source(SourceError(code, "", retryable=code in passing)).code.value for code in told}
    assert told == expected


def test_the_page_has_all_reasons_of_a_cancelled_run_and_no_other() -> None:
    reasons = {engine.CANCELLED_BY_CALLER, engine.CLIENT_DISCONNECTED, engine.SERVICE_DRAINING}
    assert set(table("Why a run was cancelled")) == reasons


def test_the_page_has_all_warnings_and_no_other() -> None:
    warnings = said_codes("Warning", ("service/runs",)) | said_codes("Note", ("plugins", "planners"))
    warnings |= said_codes("NoticePiece", ("service/privacy", "service/routing"))
    assert set(table("Warnings")) == warnings


def test_the_page_on_knowledge_has_every_reason_of_a_file() -> None:
    page = (ROOT / "docs" / "knowledge.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^\| `([A-Z_]+)` \|", page, re.MULTILINE)) == {reason.value for reason in DocumentReason}
