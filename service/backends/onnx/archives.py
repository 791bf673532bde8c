"""Archives of models, unpacked with distrust: plain files only, none outside, no more bytes than there is room for."""

from __future__ import annotations

import hashlib
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import IO

from service.backends.onnx.files import CHUNK_BYTES, Told, disk, need_room
from service.errors import ModelFilesError

SUFFIXES = (".tar", ".tar.gz", ".tgz", ".zip")
MAX_FILES = 1000


def is_archive(path: Path) -> bool:
    """Return whether the name is that of an archive which can be unpacked."""
    return path.name.lower().endswith(SUFFIXES)


def check_archive_sum(path: Path, expected: str, told: Told) -> None:
    """Compare the archive with its SHA-256 sum in hex.

    Raises:
        ModelFilesError: They differ.
    """
    digest, done = hashlib.sha256(), 0
    with disk(path), path.open("rb") as stream:
        while chunk := stream.read(CHUNK_BYTES):
            digest.update(chunk)
            done += len(chunk)
            told(done)
    if digest.hexdigest() != expected:
        raise ModelFilesError("The archive does not match its SHA-256 sum: it is damaged or another one.")


def unpack(path: Path, target: Path, told: Told) -> None:
    """Unpack the archive into the new directory `target`; a single folder around all of it is taken off.

    Raises:
        ModelFilesError: It is damaged, or holds links, devices or names that lead out.
        DiskFullError: There is too little room.
    """
    try:
        with disk(target):
            _unpack(path, target, told)
    except (tarfile.TarError, zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError, ValueError) as error:
        raise ModelFilesError("The archive is damaged or of an unknown form. Copy it again.") from error
    # zlib's own error, which has no public base.
    except Exception as error:
        if type(error).__name__ != "error":
            raise
        raise ModelFilesError("The archive is damaged. Copy it again.") from error
    _take_off_folder(target)


def _unpack(path: Path, target: Path, told: Told) -> None:
    target.mkdir(parents=True, exist_ok=True)
    done = 0
    members = _zip_members(path) if path.name.lower().endswith(".zip") else _tar_members(path)
    for number, (name, size_bytes, stream) in enumerate(members):
        if number >= MAX_FILES:
            raise ModelFilesError(f"The archive has more than {MAX_FILES} files.")
        if any(part.startswith(".") for part in name.parts):
            continue
        need_room(target, size_bytes)
        place = target.joinpath(*name.parts)
        place.parent.mkdir(parents=True, exist_ok=True)
        with place.open("wb") as writing:
            left = size_bytes
            while chunk := stream.read(min(CHUNK_BYTES, left + 1)):
                left -= len(chunk)
                if left < 0:
                    raise ModelFilesError(f"{name} of the archive is longer than it says.")
                writing.write(chunk)
                done += len(chunk)
                told(done)
        if left:
            raise ModelFilesError(f"{name} of the archive is cut short.")


def _tar_members(path: Path) -> Iterator[tuple[PurePosixPath, int, IO[bytes]]]:
    with tarfile.open(path, "r|*") as archive:
        for member in archive:
            if member.isdir():
                continue
            stream = archive.extractfile(member) if member.isreg() else None
            if stream is None:
                raise ModelFilesError("The archive holds a link or a device. Pack plain files only.")
            yield _safe(member.name), member.size, stream


def _zip_members(path: Path) -> Iterator[tuple[PurePosixPath, int, IO[bytes]]]:
    with zipfile.ZipFile(path) as archive:
        for member in archive.infolist():
            if member.is_dir():
                continue
            if (member.external_attr >> 16) & 0o170000 not in (0, 0o100000):
                raise ModelFilesError("The archive holds a link or a device. Pack plain files only.")
            with archive.open(member) as stream:
                yield _safe(member.filename), member.file_size, stream


def _safe(name: str) -> PurePosixPath:
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or not path.parts or "\\" in name or ":" in name or "\0" in name:
        raise ModelFilesError("The archive holds a name that leads out of it. Pack the model's folder again.")
    return path


def _take_off_folder(target: Path) -> None:
    inside = list(target.iterdir())
    if len(inside) == 1 and inside[0].is_dir():
        folder = inside[0].rename(target.with_name(f"{target.name}.inner"))
        target.rmdir()
        folder.rename(target)
