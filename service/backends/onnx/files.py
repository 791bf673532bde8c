"""The files of a model, judged before it is kept: all that it names is there, nothing leads out, the sums hold."""

from __future__ import annotations

import errno
import json
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from service.backends.onnx.catalogue import MODEL_FILE, read_entry
from service.backends.onnx.integrity import SUMS_FILE, verify, write_sums
from service.errors import DiskFullError, ModelFilesError, ModelLoadError

CHUNK_BYTES = 1024 * 1024
"""How much is copied between two looks at whether to stop."""

Told = Callable[[int], None]
"""Is told how many bytes are done in all; what it raises stops the work."""


def check_model(directory: Path) -> None:
    """Check that `directory` holds a whole model in the builder's form, and write its sums where it has none.

    Raises:
        ModelFilesError: A file is missing, empty, changed, or not what it should be.
    """
    entry = read_entry(directory)
    if entry.problem:
        said = entry.problem.replace(f" in {directory}", "").replace(f"{directory}/", "")
        raise ModelFilesError(f"This is no model in the form of the onnxruntime-genai builder: {_short(said)}")
    for name in _named_files(directory):
        path = directory / name
        if Path(name).name != name or not path.is_file():
            raise ModelFilesError(
                f"The model's genai_config.json names {name}, which is not there. Copy the model again."
            )
        if path.stat().st_size == 0:
            raise ModelFilesError(f"{name} is empty. Copy the model again.")
    if not any((directory / name).is_file() for name in ("tokenizer.json", "tokenizer.model", "vocab.json")):
        raise ModelFilesError("The model has no tokenizer.json. Copy the model again.")
    check_sums(directory)


def check_checkpoint(directory: Path) -> None:
    """Check that `directory` holds a whole checkpoint in the layout of Hugging Face, and write its sums.

    Raises:
        ModelFilesError: A file is missing, cut short, or not what it should be.
    """
    check_safetensors_of(directory)
    check_sums(directory)


def check_safetensors_of(directory: Path) -> None:
    """Check that a checkpoint is whole, without writing into it.

    Raises:
        ModelFilesError: A file is missing, cut short, or not what it should be.
    """
    config = _json(directory / "config.json")
    if not config.get("architectures"):
        raise ModelFilesError("config.json of the checkpoint names no architecture.")
    index = directory / "model.safetensors.index.json"
    names = set(_json(index).get("weight_map", {}).values()) if index.is_file() else {"model.safetensors"}
    for name in sorted(map(str, names)):
        _check_safetensors(directory, name)
    if not (directory / "tokenizer.json").is_file() and not (directory / "tokenizer.model").is_file():
        raise ModelFilesError("The checkpoint has no tokenizer.json. Copy it again.")


def check_sums(directory: Path) -> None:
    """Compare the files with their sums, or write the sums where there are none.

    Raises:
        ModelFilesError: They differ.
    """
    if not (directory / SUMS_FILE).is_file():
        write_sums(directory)
        return
    try:
        verify(directory)
    except ModelLoadError as error:
        raise ModelFilesError(
            _short(error.message.replace(f"{directory}/", "").replace(str(directory), "it"))
        ) from error


def write_words(directory: Path, words: Mapping[str, object]) -> None:
    """Add to what the model says of itself, without replacing what it says already, and bring its sums up to date."""
    path = directory / MODEL_FILE
    known = _json(path) if path.is_file() else {}
    path.write_text(json.dumps({**words, **known, "id": words["id"]}, indent=2, ensure_ascii=False) + "\n", "utf-8")
    write_sums(directory)


def copy_tree(source: Path, target: Path, told: Told) -> None:
    """Copy the plain files of `source`, hidden ones left out, into the new directory `target`.

    Raises:
        ModelFilesError: There is a link in it, which could lead anywhere.
        DiskFullError: The disk is full.
    """
    done = 0
    with disk(target):
        for path in sorted(source.rglob("*")):
            name = path.relative_to(source)
            if any(part.startswith(".") for part in name.parts):
                continue
            if path.is_symlink():
                raise ModelFilesError(f"{name} is a link. Copy the file itself into the folder.")
            if path.is_dir():
                (target / name).mkdir(parents=True, exist_ok=True)
            elif path.is_file():
                (target / name).parent.mkdir(parents=True, exist_ok=True)
                with path.open("rb") as reading, (target / name).open("wb") as writing:
                    while chunk := reading.read(CHUNK_BYTES):
                        writing.write(chunk)
                        done += len(chunk)
                        told(done)


def size_of(directory: Path) -> int:
    """Return the bytes of all plain files below `directory`, hidden ones left out."""
    hidden = (
        path for path in directory.rglob("*") if not any(p.startswith(".") for p in path.relative_to(directory).parts)
    )
    return sum(path.stat().st_size for path in hidden if path.is_file() and not path.is_symlink())


def need_room(directory: Path, size_bytes: int) -> None:
    """Check that `size_bytes` more fit where `directory` is.

    Raises:
        DiskFullError: They do not.
    """
    free = shutil.disk_usage(directory).free
    if free < size_bytes:
        raise DiskFullError(
            f"{size_bytes:,} bytes are needed and {free:,} are free where models are kept. Make room, or set "
            "models.directory to another disk."
        )


@contextmanager
def disk(target: Path) -> Iterator[None]:
    """Turn a disk that is full, or that cannot be written, into words.

    Raises:
        DiskFullError: The disk, or the user's share of it, is full.
        ModelFilesError: It cannot be read or written.
    """
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise DiskFullError(
                "The disk where models are kept is full. Make room and ask again; what was fetched is kept."
            ) from error
        name = Path(str(error.filename or target)).name
        raise ModelFilesError(f"{name} cannot be read or written: {error.strerror or 'it failed'}.") from error


def sync_tree(directory: Path) -> None:
    """Bring the files of `directory` to the disk, so that a name never leads to what was not written."""
    for path in directory.rglob("*"):
        if path.is_file():
            with path.open("rb") as stream:
                os.fsync(stream.fileno())


def _named_files(directory: Path) -> list[str]:
    decoder = _json(directory / "genai_config.json")["model"]["decoder"]
    name = str(decoder.get("filename", "model.onnx"))
    # Its weights lie in a file beside it where they do not fit into it; its own bytes name that file.
    beside = directory / name
    stated = [f"{name}.data"] if beside.is_file() and f"{name}.data".encode() in beside.read_bytes() else []
    return [name, *stated]


def _check_safetensors(directory: Path, name: str) -> None:
    """Compare a file's length with what its header says.

    Source: the format's description in the README of huggingface/safetensors: 8 bytes of the header's length, the
    header as JSON with `data_offsets` into what follows.
    """
    path = directory / name
    if Path(name).name != name or not path.is_file():
        raise ModelFilesError(f"The checkpoint's {name} is missing. Copy it again.")
    with path.open("rb") as stream:
        length = int.from_bytes(stream.read(8), "little")
        if length > path.stat().st_size:
            raise ModelFilesError(f"{name} is cut short or no safetensors file. Copy the checkpoint again.")
        try:
            header = json.loads(stream.read(length))
            end = max((int(t["data_offsets"][1]) for key, t in header.items() if key != "__metadata__"), default=0)
        except (ValueError, KeyError, TypeError, AttributeError, IndexError) as error:
            raise ModelFilesError(f"{name} is no safetensors file. Copy the checkpoint again.") from error
    if path.stat().st_size != 8 + length + end:
        raise ModelFilesError(f"{name} is cut short or has been added to. Copy the checkpoint again.")


def _json(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ModelFilesError(f"{path.name} is missing or cannot be read. Copy the model again.") from error
    if not isinstance(found, dict):
        raise ModelFilesError(f"{path.name} is not a JSON object. Copy the model again.")
    return found


def _short(text: str) -> str:
    return text if len(text) <= 300 else f"{text[:299]}…"
