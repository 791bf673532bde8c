"""Which models are loaded: within a budget, the longest unused give way, pinned and busy ones never."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import cast

import pytest

from service.backends.base import Generator
from service.backends.fake import FakeGenerator
from service.backends.onnx.catalogue import ModelEntry
from service.backends.onnx.client import OnnxModel
from service.backends.onnx.memory import needed_bytes
from service.backends.onnx.options import OnnxEngineOptions
from service.errors import FailedPreconditionError, ModelFilesError, ModelLoadError, ModelMemoryError, NotFoundError
from service.models.inventory import Inventory
from service.models.shelf import Shelf, ShelfLimits
from service.routing.candidates import Candidate
from service.testing.tiny_model import TINY_MODEL_DIR, tiny_model

OPTIONS = OnnxEngineOptions()
NEED = needed_bytes(tiny_model(), OPTIONS)


class Loadable(FakeGenerator):
    """A model that loads unless its id says otherwise."""

    def __init__(self, entry: ModelEntry) -> None:
        super().__init__("hello")
        self._card = replace(self._card, model_id=entry.model_id)
        self.closed = False

    def start(self) -> None:
        """Loading takes no time."""

    async def ready(self) -> None:
        if self.card.model_id == "bad":
            raise ModelLoadError("It does not load.")

    async def close(self) -> None:
        self.closed = True


class Served:
    def __init__(self) -> None:
        self.candidates: list[Candidate] = []

    def local(self) -> Sequence[Candidate]:
        return tuple(self.candidates)

    def add(self, generator: Generator) -> None:
        self.candidates.append(Candidate(generator))

    async def remove(self, generator: Generator) -> None:
        self.candidates = [one for one in self.candidates if one.generator is not generator]

    def names(self) -> list[str]:
        return [one.card.model_id for one in self.candidates]


@pytest.fixture
def served() -> Served:
    return Served()


def shelf(served: Served, tmp_path: Path, *, room: int = 0, pinned: tuple[str, ...] = ()) -> Shelf:
    for name in ("a", "b", "c", "bad"):
        shutil.copytree(TINY_MODEL_DIR, tmp_path / name)
    inventory = Inventory(tmp_path, {}, ())
    limits = ShelfLimits(room * NEED, pinned)
    return Shelf(served, inventory, OPTIONS, lambda entry: cast(OnnxModel, Loadable(entry)), limits)


async def test_a_model_is_loaded_once_and_unloaded(served: Served, tmp_path: Path) -> None:
    kept = shelf(served, tmp_path)
    await kept.load("a")
    await kept.load("a")
    await kept.load("b")
    assert served.names() == ["a", "b"]
    gone = served.candidates[0].generator
    assert (await kept.unload("a")).state == "unloaded"
    assert served.names() == ["b"]
    assert isinstance(gone, Loadable)
    assert gone.closed
    with pytest.raises(NotFoundError):
        await kept.load("none")
    with pytest.raises(NotFoundError):
        await kept.unload("none")


async def test_the_longest_unused_gives_way(served: Served, tmp_path: Path) -> None:
    kept = shelf(served, tmp_path, room=2)
    await kept.load("a")
    await kept.load("b")
    served.candidates[0].condition.used_at = served.candidates[1].condition.used_at + 1
    await kept.load("c")
    assert served.names() == ["a", "c"]


async def test_pinned_and_busy_models_stay_and_then_there_is_no_room(served: Served, tmp_path: Path) -> None:
    kept = shelf(served, tmp_path, room=2, pinned=("a",))
    await kept.load("a")
    await kept.load("b")
    served.candidates[1].condition.active = 1
    with pytest.raises(ModelMemoryError) as raised:
        await kept.load("c")
    assert raised.value.retry_after_s is not None
    served.candidates[1].condition.active = 0
    await kept.load("c")
    assert served.names() == ["a", "c"]
    with pytest.raises(FailedPreconditionError, match="pinned"):
        await kept.unload("a")


async def test_a_model_that_is_too_large_drives_nobody_out(served: Served, tmp_path: Path) -> None:
    kept = shelf(served, tmp_path, room=1)
    await kept.load("a")
    kept._limits = ShelfLimits(NEED - 1)
    with pytest.raises(ModelMemoryError):
        await kept.load("b")
    assert served.names() == ["a"]


async def test_a_damaged_or_bad_model_takes_nobodys_place(served: Served, tmp_path: Path) -> None:
    kept = shelf(served, tmp_path, room=1)
    await kept.load("a")
    (tmp_path / "b" / "model.onnx.data").write_bytes(b"damaged")
    with pytest.raises(ModelFilesError, match="SHA-256"):
        await kept.load("b")
    assert served.names() == ["a"]
    await kept.unload("a")
    with pytest.raises(ModelLoadError):
        await kept.load("bad")
    assert served.names() == []
