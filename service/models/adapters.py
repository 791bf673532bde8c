"""The adapters beside the models of this machine: what there is, what is loaded, and how they get there."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from service.backends.onnx.adapter_import import import_adapter
from service.backends.onnx.adapters import NAME, AdapterFile, find_adapters, remove_adapter
from service.backends.onnx.client import OnnxModel
from service.errors import FailedPreconditionError, InvalidArgumentError, NotFoundError, Violation
from service.models.inventory import Inventory
from service.models.shelf import Shelf


@dataclass(frozen=True, slots=True)
class AdapterRecord:
    """An adapter beside a model, as it is now."""

    model_id: str
    adapter_id: str
    state: Literal["loaded", "unloaded"]
    size_bytes: int

    @property
    def name(self) -> str:
        """Return `models/{model}/adapters/{adapter}`."""
        return f"models/{self.model_id}/adapters/{self.adapter_id}"


class AdapterShelf:
    """Loads and unloads adapters, and takes new ones; see `service.rpc.model_ports.Models`."""

    def __init__(self, inventory: Inventory, shelf: Shelf, inherited: Mapping[str, str]) -> None:
        """Look beside the models of `inventory`; processes get the harmless part of the `inherited` environment."""
        self._inventory = inventory
        self._shelf = shelf
        self._inherited = inherited
        self._lock = asyncio.Lock()

    async def records(self, model_id: str) -> list[AdapterRecord]:
        """Return the adapters beside a model.

        Raises:
            NotFoundError: There is no such model on this machine.
        """
        files = await asyncio.to_thread(lambda: find_adapters(self._path(model_id)))
        return [self._record(model_id, file) for file in files]

    async def add(self, model_id: str, adapter_id: str, path: str) -> AdapterRecord:
        """Put an adapter beside a model, in the place of one of that name that is not loaded.

        Raises:
            NotFoundError: There is no such model, or nothing at `path`.
            PermissionDeniedError: The path is not in an allowed directory.
            FailedPreconditionError: The model takes no adapters, or one of that name is loaded.
            ModelFilesError: It is none that can be used, or one of another model.
            DiskFullError: There is no room.
        """
        if not NAME.fullmatch(adapter_id):
            words = "must be lower case, digits, points, dashes and underscores"
            raise InvalidArgumentError(f"name: {words}.", violations=(Violation("name", words),))
        async with self._lock:
            directory = await asyncio.to_thread(self._path, model_id)
            source = await asyncio.to_thread(self._inventory.importable, path)
            if adapter_id in self._loaded(model_id):
                raise FailedPreconditionError(
                    f"The adapter {adapter_id} of models/{model_id} is loaded. Unload it first, or choose another name."
                )
            return self._record(model_id, await import_adapter(directory, adapter_id, source, self._inherited))

    async def load(self, model_id: str, adapter_id: str) -> AdapterRecord:
        """Load an adapter beside a loaded model.

        Raises:
            NotFoundError: There is no such model or adapter; the message lists those there are.
            FailedPreconditionError: The model is not loaded, or takes no adapters.
            ModelFilesError: It is damaged, or of another model.
            ModelMemoryError: There is no room for it.
        """
        model = await self._model(model_id)
        async with self._lock:
            await model.load_adapter(adapter_id)
        return await self._one(model_id, adapter_id)

    async def unload(self, model_id: str, adapter_id: str) -> AdapterRecord:
        """Unload an adapter; requests that have it are answered first. A no-op where it is not loaded.

        Raises:
            NotFoundError: There is no such model or adapter.
            FailedPreconditionError: The model is not loaded.
        """
        model = await self._model(model_id)
        found = await self._one(model_id, adapter_id)
        if found.state == "loaded":
            await model.unload_adapter(adapter_id)
        return await self._one(model_id, adapter_id)

    async def remove(self, model_id: str, adapter_id: str) -> None:
        """Remove the file of an adapter.

        Raises:
            NotFoundError: There is no such model or adapter.
            FailedPreconditionError: It is loaded.
        """
        async with self._lock:
            found = await self._one(model_id, adapter_id)
            if found.state == "loaded":
                raise FailedPreconditionError(f"{found.name} is loaded, and requests may name it. Unload it first.")
            await asyncio.to_thread(lambda: remove_adapter(self._path(model_id), adapter_id))

    def _path(self, model_id: str) -> Path:
        return self._inventory.entry(model_id).path

    def _loaded(self, model_id: str) -> tuple[str, ...]:
        one = self._shelf.loaded(model_id)
        return () if one is None else one.card.adapters

    async def _model(self, model_id: str) -> OnnxModel:
        one = self._shelf.loaded(model_id)
        if one is not None and isinstance(one.generator, OnnxModel):
            return one.generator
        await asyncio.to_thread(self._path, model_id)
        raise FailedPreconditionError(f"models/{model_id} is not loaded; LoadModel loads it.")

    async def _one(self, model_id: str, adapter_id: str) -> AdapterRecord:
        records = await self.records(model_id)
        for record in records:
            if record.adapter_id == adapter_id:
                return record
        there = ", ".join(record.adapter_id for record in records) or "none"
        raise NotFoundError(f"models/{model_id} has no adapter {adapter_id!r}; there are: {there}.")

    def _record(self, model_id: str, file: AdapterFile) -> AdapterRecord:
        state: Literal["loaded", "unloaded"] = "loaded" if file.name in self._loaded(model_id) else "unloaded"
        return AdapterRecord(model_id, file.name, state, file.size_bytes)
