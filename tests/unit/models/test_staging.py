"""Places where models are made ready have one owner at a time, and none is lost with its owner."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from service.models.staging import STAGING_KEPT_S, Staging
from service.store.lock import lock


def test_what_was_begun_long_ago_is_cleaned_away(tmp_path: Path) -> None:
    staging = Staging(tmp_path)
    old, new = staging.place("old"), staging.place("new")
    with staging.held("slow") as slow:
        long_ago = time.time() - STAGING_KEPT_S - 60
        for place in (old, slow):
            os.utime(place, (long_ago, long_ago))
        staging.clean()
        assert (old.exists(), new.exists(), slow.exists()) == (False, True, True)
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == [], "no lock is left behind"


def test_a_place_has_one_owner_and_the_next_one_goes_on_where_it_was_left(tmp_path: Path) -> None:
    one, other = Staging(tmp_path), Staging(tmp_path)
    with one.held("hub") as first, other.held("hub") as second, other.held("hub") as third:
        assert len({first, second, third}) == 3
        (first / "part").write_text("half")
    with other.held("hub") as again:
        assert (again, (again / "part").read_text()) == (first, "half")


def test_who_waited_for_a_lock_that_was_removed_takes_a_new_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    staging = Staging(tmp_path)
    taken: list[int] = []

    def lock_late(descriptor: int, *, shared: bool) -> None:
        if not taken:  # the owner ends between the opening of the file and the locking of it
            taken.append(descriptor)
            (tmp_path / "hub.lock").unlink()
        lock(descriptor, shared=shared)

    monkeypatch.setattr("service.models.staging.lock", lock_late)
    with staging.held("hub"):
        assert (tmp_path / "hub.lock").exists()
        with staging.held("hub") as second:
            assert second.name == "hub-2"
