"""The models directory: what is in the catalogue, and the places beside it where models are made ready.

A model is made ready under `.staging` and gets its name by one rename, so that what has a name is whole. Names that
begin with a point are never looked into when models are searched for.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from service.backends.onnx.catalogue import ModelEntry, read_entry
from service.backends.onnx.files import disk, sync_tree
from service.errors import AlreadyExistsError, FailedPreconditionError, NotFoundError, PermissionDeniedError
from service.models.staging import Staging


class Inventory:
    """The models on this machine: those that the settings name and those in `directory`; blocking, for threads."""

    def __init__(self, directory: Path, named: Mapping[str, Path], import_directories: tuple[Path, ...]) -> None:
        """Look at `directory`, which need not exist yet; `named` are models elsewhere, by id."""
        self._directory = directory
        self._named = dict(named)
        self._import_directories = import_directories

    def entries(self) -> dict[str, ModelEntry]:
        """Return the models that could be loaded, by id."""
        found = {model_id: replace(read_entry(path), model_id=model_id) for model_id, path in self._named.items()}
        if self._directory.is_dir():
            for path in sorted(self._directory.iterdir()):
                if not path.name.startswith(".") and (path / "genai_config.json").is_file():
                    found.setdefault(path.name, replace(read_entry(path), model_id=path.name))
        return found

    def entry(self, model_id: str) -> ModelEntry:
        """Return one model.

        Raises:
            NotFoundError: There is none of that id.
            FailedPreconditionError: It is there and cannot be read, or is a checkpoint.
        """
        path = self._named.get(model_id, self._directory / model_id)
        if model_id.startswith(".") or not (path / "genai_config.json").is_file():
            if model_id in self.checkpoints():
                raise FailedPreconditionError(f"models/{model_id} is a checkpoint; QuantizeModel builds models of it.")
            raise NotFoundError(f"There is no model models/{model_id} on this machine; PullModel fetches one.")
        entry = replace(read_entry(path), model_id=model_id)
        if entry.problem:
            raise FailedPreconditionError(f"models/{model_id} cannot be read: {entry.problem}")
        return entry

    def folder(self, path: str) -> ModelEntry:
        """Return a model in a folder that the operator allows.

        Raises:
            PermissionDeniedError: It is in none of the directories that the operator allows.
            NotFoundError: There is none.
            FailedPreconditionError: It is there and cannot be read.
        """
        place = self.importable(path)
        if not (place / "genai_config.json").is_file():
            raise NotFoundError("There is no model in that folder: it has no genai_config.json.")
        entry = read_entry(place)
        if entry.problem:
            raise FailedPreconditionError(f"{place.name} cannot be read: {entry.problem}")
        return entry

    def built_from(self, checkpoint: str) -> list[ModelEntry]:
        """Return the models that were built of the checkpoint of that id, the largest first."""
        built = [entry for entry in self.entries().values() if entry.built_from == checkpoint and not entry.problem]
        return sorted(built, key=lambda entry: (-entry.size_bytes, entry.model_id))

    def checkpoint(self, model_id: str) -> Path:
        """Return the directory of a checkpoint that was pulled.

        Raises:
            NotFoundError: There is none of that id.
        """
        path = self._checkpoint_path(model_id)
        if model_id.startswith(".") or not path.is_dir():
            raise NotFoundError(f"There is no checkpoint models/{model_id}; PullModel with `checkpoint` fetches one.")
        return path

    def checkpoints(self) -> dict[str, Path]:
        """Return the directories of the checkpoints that were pulled, by id."""
        place = self._checkpoint_path("")
        found = sorted(place.iterdir()) if place.is_dir() else []
        return {path.name: path for path in found if path.is_dir() and not path.name.startswith(".")}

    def must_be_new(self, model_id: str) -> None:
        """Check that nothing has that id.

        Raises:
            AlreadyExistsError: Something has.
        """
        # One name for one thing, be it a model or a checkpoint: `models/{model}` says no more.
        places = (self._checkpoint_path(model_id), self._directory / model_id)
        if model_id in self._named or any(place.exists() for place in places):
            raise AlreadyExistsError(f"There is a models/{model_id} already. Choose another name.")

    def importable(self, path: str) -> Path:
        """Return the path of a folder or archive from which models may be taken.

        Raises:
            PermissionDeniedError: It is in none of the directories that the operator allows.
            NotFoundError: It is not there.
        """
        wanted = Path(path)
        resolved = Path(os.path.realpath(wanted))
        roots = [Path(os.path.realpath(root)) for root in self._import_directories]
        if not wanted.is_absolute() or not any(resolved.is_relative_to(root) for root in roots):
            raise PermissionDeniedError(
                "Models are taken only from the directories that models.import_directories names, by absolute path."
            )
        if not resolved.exists():
            raise NotFoundError("There is no such folder or archive in models.import_directories.")
        return resolved

    @property
    def staging(self) -> Staging:
        """Return the places where models are made ready."""
        return Staging(self._directory / ".staging")

    @contextmanager
    def making(self, model_id: str) -> Iterator[None]:
        """Let nobody else, in this process or another, make a model of that id until the end of the block.

        Raises:
            AlreadyExistsError: Somebody is making one, or has made it.
            DiskFullError: The disk is full.
            ModelFilesError: The models directory cannot be written.
        """
        with self.staging.claimed(f"name-{model_id}") as free:
            if not free:
                raise AlreadyExistsError(
                    f"Another operation is making models/{model_id}. Wait for its end, or choose another name."
                )
            self.must_be_new(model_id)
            yield

    def install(self, staged: Path, model_id: str, *, checkpoint: bool) -> Path:
        """Give what is ready at `staged` its name, all at once.

        Raises:
            AlreadyExistsError: Something has got that name meanwhile.
        """
        place = self._checkpoint_path(model_id) if checkpoint else self._directory / model_id
        self.must_be_new(model_id)
        with disk(place):
            sync_tree(staged)
            place.parent.mkdir(parents=True, exist_ok=True)
            staged.rename(place)
        return place

    def _checkpoint_path(self, model_id: str) -> Path:
        # A point in front: a checkpoint is no model that could be loaded.
        return self._directory / ".checkpoints" / model_id
