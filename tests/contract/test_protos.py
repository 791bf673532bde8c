"""The committed code of the contract is what its protos say."""

from __future__ import annotations

from pathlib import Path

import pytest

from protos import generate


def test_the_committed_code_is_fresh(tmp_path: Path) -> None:
    generate.generate(tmp_path)

    assert generate.stale_files(tmp_path, generate.GEN) == []


def test_what_differs_or_is_missing_on_either_side_is_stale(tmp_path: Path) -> None:
    fresh, committed = tmp_path / "fresh", tmp_path / "committed"
    for folder, names in ((fresh, ("same", "changed", "new")), (committed, ("same", "changed", "old"))):
        folder.mkdir()
        for name in names:
            (folder / name).write_text("same" if name == "same" else folder.name)
    (committed / "cache.pyc").write_text("never counts")

    assert generate.stale_files(fresh, committed) == ["changed", "new", "old"]


def test_the_check_names_stale_files_and_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(generate, "GEN", tmp_path)

    assert generate.main(["--check"]) == 1
    assert "stale: protos/gen/vaiven/v1/run_event_pb2.py" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
