"""The models under `models.directory`: what is there, whether it is whole, and whether it could be loaded."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from service.backends.onnx import files
from service.backends.onnx.catalogue import ModelEntry
from service.backends.onnx.integrity import verify
from service.backends.onnx.memory import needed_bytes
from service.cli.doctor.finding import Finding
from service.cli.doctor.models import LESS_MEMORY, MORE_BUDGET, ServedModels, available_bytes, described
from service.cli.screen import bytes_size
from service.errors import ModelFilesError, ModelLoadError
from service.models.inventory import Inventory
from service.models.staging import STAGING_KEPT_S
from service.settings import OnnxSettings
from service.settings_models import ModelsSettings

AREA: Final = "kept models"


@dataclass(slots=True)
class KeptModels:
    """Looks into the models directory; those that could be loaded are in `loadable` then, by id."""

    settings: ModelsSettings
    onnx: OnnxSettings
    served: ServedModels
    loadable: dict[str, ModelEntry] = field(default_factory=dict)

    async def findings(self) -> AsyncIterator[Finding]:
        """Yield what is there, what is pinned and is not, and what was begun and never finished."""
        inventory = Inventory(self.settings.directory, {}, ())
        entries = await asyncio.to_thread(inventory.entries)
        checkpoints = await asyncio.to_thread(inventory.checkpoints)
        yield self._directory(entries, checkpoints)
        for name in self.settings.pinned:
            if name not in self.served.names and name not in entries:
                yield _finding(
                    name,
                    "models.pinned names it, and it is not there: the service starts without it.",
                    f"`vaiven models pull {name} …` fetches it; or take it out of models.pinned.",
                )
        for name, entry in entries.items():
            if name not in self.served.names:
                yield await asyncio.to_thread(self._model, name, entry)
        for name, path in checkpoints.items():
            yield await asyncio.to_thread(_checkpoint, name, path)
        for path in await asyncio.to_thread(_strangers, self.settings.directory, entries):
            told = f"{path} is no model: it has no genai_config.json."
            yield _finding(path.name, told, "Remove it, or complete it.")
        begun = await asyncio.to_thread(inventory.staging.begun)
        if begun:
            size = bytes_size(sum(files.size_of(path) for path in begun))
            days = round(STAGING_KEPT_S / 86_400)
            told = f"{size} were begun and are not whole. The same pull goes on with them; after {days} days they go."
            yield Finding(AREA, "unfinished", "absent", told)

    def _directory(self, entries: dict[str, ModelEntry], checkpoints: dict[str, Path]) -> Finding:
        place = self.settings.directory.absolute()
        if not place.is_dir():
            return Finding(AREA, "directory", "absent", f"{place} (made when the first model is pulled or built)")
        parts = [_counted(len(entries), "model")]
        if checkpoints:
            parts.append(_counted(len(checkpoints), "checkpoint"))
        size = sum(entry.size_bytes for entry in entries.values()) + sum(map(files.size_of, checkpoints.values()))
        free = bytes_size(shutil.disk_usage(place).free)
        told = f"{place}: {', '.join(parts)}, {bytes_size(size)}; {free} are free."
        if not os.access(place, os.W_OK):
            return _finding("directory", f"{told} This user may not write there.", "Check models.directory.")
        return Finding(AREA, "directory", "ok", told)

    def _model(self, name: str, entry: ModelEntry) -> Finding:
        again = f"Remove {entry.path} and pull or build it again; it cannot be loaded like this."
        if entry.problem:
            return _finding(name, f"incomplete: {entry.problem}", again)
        try:
            verified = verify(entry.path, allow_unverified=self.onnx.allow_unverified)
        except ModelLoadError as error:
            return _finding(name, f"incomplete: {error.message}", again)
        self.loadable[name] = entry
        said = f"{described(entry, self.onnx, verified=verified)}. `vaiven models load {name}` loads it."
        need = needed_bytes(entry, self.onnx.options())
        if need > (free := available_bytes()):
            return _finding(name, f"{said} Only {bytes_size(free)} of memory are free.", LESS_MEMORY)
        room = max(0, self.settings.memory_bytes - self.served.pinned_bytes)
        if self.settings.memory_bytes and need > room:
            told = f"{said} Only {bytes_size(room)} of models.memory_bytes can be had for it."
            return _finding(name, told, MORE_BUDGET)
        return Finding(AREA, name, "ok", said)


def _checkpoint(name: str, path: Path) -> Finding:
    size = bytes_size(files.size_of(path))
    try:
        files.check_safetensors_of(path)
    except ModelFilesError as error:
        return _finding(name, f"an incomplete checkpoint, {size}: {error.message}", f"Remove {path} and pull it again.")
    return Finding(AREA, name, "ok", f"a checkpoint, whole, {size}. `vaiven models quantize` builds models of it.")


def _strangers(directory: Path, entries: dict[str, ModelEntry]) -> list[Path]:
    if not directory.is_dir():
        return []
    paths = sorted(path for path in directory.iterdir() if path.is_dir() and not path.name.startswith("."))
    return [path for path in paths if path.name not in entries]


def _counted(count: int, what: str) -> str:
    return f"{count or 'no'} {what}{'' if count == 1 else 's'}"


def _finding(about: str, message: str, advice: str) -> Finding:
    return Finding(AREA, about, "warning", message, advice)
