"""The models that are loaded: within a budget of memory those that answered longest ago give way, pinned ones never."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import structlog

from service.backends.base import Generator, ModelCard
from service.backends.onnx.catalogue import ModelEntry
from service.backends.onnx.client import OnnxModel
from service.backends.onnx.integrity import verify
from service.backends.onnx.memory import needed_bytes
from service.backends.onnx.options import OnnxEngineOptions
from service.errors import FailedPreconditionError, ModelFilesError, ModelLoadError, ModelMemoryError
from service.models.inventory import Inventory
from service.routing.candidates import Candidate

_log = structlog.get_logger(__name__)


class Served(Protocol):
    """The models that routing finds."""

    def local(self) -> Sequence[Candidate]:
        """Return the local ones."""
        ...

    def add(self, generator: Generator) -> None:
        """Let new runs find a model."""
        ...

    async def remove(self, generator: Generator) -> None:
        """Let new runs find it no more, and wait for those that are going on."""
        ...


@dataclass(frozen=True, slots=True)
class ShelfLimits:
    """`memory_bytes` is what all loaded models together may need, 0: any; `pinned` are ids that never give way."""

    memory_bytes: int = 0
    pinned: Collection[str] = ()


class Shelf:
    """Loads and unloads models, one at a time."""

    def __init__(
        self,
        served: Served,
        inventory: Inventory,
        options: OnnxEngineOptions,
        make: Callable[[ModelEntry], OnnxModel],
        limits: ShelfLimits,
    ) -> None:
        """Take over the local models that are `served`; `make` prepares one of the `inventory`."""
        self._served = served
        self._inventory = inventory
        self._options = options
        self._make = make
        self._limits = limits
        self._lock = asyncio.Lock()

    def loaded(self, model_id: str) -> Candidate | None:
        """Return the model as routing sees it, or None where it is not loaded."""
        return next((one for one in self._served.local() if one.card.model_id == model_id), None)

    async def load(self, model_id: str) -> ModelCard:
        """Load a model, if it is not loaded, and return its facts.

        Raises:
            NotFoundError: There is none of that id on this machine.
            ModelFilesError: Its files are damaged.
            ModelLoadError: It does not load.
            ModelMemoryError: There is no room, and none can be made.
        """
        async with self._lock:
            return await self._load(model_id)

    async def unload(self, model_id: str) -> ModelCard:
        """Unload a model and return its facts; runs that are going on with it are answered first.

        Raises:
            NotFoundError: There is none of that id on this machine.
            FailedPreconditionError: It is pinned.
        """
        if model_id in self._limits.pinned:
            raise FailedPreconditionError(f"models/{model_id} is pinned. Take it out of models.pinned to unload it.")
        async with self._lock:
            if (one := self.loaded(model_id)) is not None:
                await self._remove(one)
        entry = await asyncio.to_thread(self._inventory.entry, model_id)
        return self.unloaded(entry)

    def unloaded(self, entry: ModelEntry) -> ModelCard:
        """Return the facts of a model that is on this machine and not loaded."""
        return replace(self._make(entry).card, state="unloaded")

    async def close(self) -> None:
        """End what was loaded; nothing is asked any more."""
        for one in self._served.local():
            await one.generator.close()

    async def _load(self, model_id: str) -> ModelCard:
        present = self.loaded(model_id)
        if present is not None and present.card.state == "ready":
            return present.card
        entry = await asyncio.to_thread(self._inventory.entry, model_id)
        # Before another model gives way: a damaged one shall not cost a good one its place.
        try:
            await asyncio.to_thread(verify, entry.path, allow_unverified=self._options.allow_unverified)
        except ModelLoadError as error:
            raise ModelFilesError(error.message) from error
        if present is not None:
            await self._remove(present)
        await self._make_room(entry)
        model = self._make(entry)
        model.start()
        try:
            await model.ready()
            self._served.add(model)
        except BaseException:
            await model.close()
            raise
        _log.info("model_loaded", model=model_id)
        return model.card

    async def _make_room(self, entry: ModelEntry) -> None:
        if not self._limits.memory_bytes:
            return
        sizes = {one.card.model_id: self._size(one) for one in self._served.local()}
        fixed = {name for name in sizes if name in self._limits.pinned or self._is_busy(name)}
        need = needed_bytes(entry, self._options)
        room = self._limits.memory_bytes - sum(size for name, size in sizes.items() if name in fixed)
        if need > room:
            raise ModelMemoryError(
                f"models/{entry.model_id} needs {need:,} bytes and {max(room, 0):,} of models.memory_bytes can be had: "
                "the rest is taken by models that are pinned or at work. Unload one, or raise the limit.",
                retry_after_s=10.0 if fixed - set(self._limits.pinned) else None,
            )
        going = sorted((one for one in self._served.local() if one.card.model_id not in fixed), key=_last_used)
        while going and sum(sizes.values()) + need > self._limits.memory_bytes:
            one = going.pop(0)
            _log.info("model_evicted", model=one.card.model_id, room_for=entry.model_id)
            del sizes[one.card.model_id]
            await self._remove(one)

    async def _remove(self, one: Candidate) -> None:
        await self._served.remove(one.generator)
        await one.generator.close()
        _log.info("model_unloaded", model=one.card.model_id)

    def _is_busy(self, model_id: str) -> bool:
        one = self.loaded(model_id)
        return one is not None and one.condition.active > 0

    def _size(self, one: Candidate) -> int:
        entries = self._inventory.entries()
        entry = entries.get(one.card.model_id)
        return one.card.size_bytes if entry is None else needed_bytes(entry, self._options)


def _last_used(one: Candidate) -> float:
    return one.condition.used_at
