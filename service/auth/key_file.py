"""The file of API keys: written by the command line, one change at a time, and read by services while it changes."""

from __future__ import annotations

import os
import stat
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Annotated, Final, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from service.auth.keys import KeyRecord

MAX_BYTES: Final = 16 * 1024 * 1024
"""Some forty thousand keys; a larger file is not one of keys."""

T = TypeVar("T")

if sys.platform == "win32":
    import msvcrt

    def _lock(descriptor: int) -> None:
        msvcrt.locking(descriptor, msvcrt.LK_LOCK, 1)
else:
    import fcntl

    def _lock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX)


class KeyFileError(ValueError):
    """The file cannot be used; the message says why, what to do, and nothing of what is in it."""


class _Contents(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    version: Literal[1] = 1
    keys: Annotated[tuple[KeyRecord, ...], Field(default_factory=tuple)]


def read_keys(path: Path) -> tuple[KeyRecord, ...]:
    """Return the keys, in the order in which they were made; a file that is missing has none.

    Raises:
        KeyFileError: It cannot be read, or is not one of keys.
    """
    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        return ()
    except OSError as error:
        raise KeyFileError(f"The keys in {path} cannot be read: {error.strerror}.") from error
    if len(content) > MAX_BYTES:
        raise KeyFileError(f"{path} is larger than {MAX_BYTES:,} bytes, so it is no file of keys.")
    try:
        keys = _Contents.model_validate_json(content).keys
    except ValidationError as error:
        places = ".".join(str(part) for part in error.errors()[0]["loc"])
        where = f" (at {places})" if places else ""
        raise KeyFileError(
            f"{path} is no file of keys that this version reads{where}. It is written by `vaiven keys` only: name the "
            "right file, or put a copy of the last good one back."
        ) from None
    if len({key.id for key in keys}) != len(keys):
        raise KeyFileError(f"{path} has two keys of one id. Put a copy of the last good file back.")
    return keys


def change_keys(path: Path, change: Callable[[tuple[KeyRecord, ...]], tuple[tuple[KeyRecord, ...], T]]) -> T:
    """Let `change` make new keys of the old ones, and return what else it says; other writers wait meanwhile.

    Readers see the old file or the new one, never a part. A new file is readable for its owner only, a changed one for
    whom it was before: whoever runs the command need not be the user of the service.

    Raises:
        KeyFileError: The file cannot be read or written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with _locked(path):
            keys, said = change(read_keys(path))
            _replace(path, _Contents(keys=keys).model_dump_json(indent=1).encode())
    except OSError as error:
        raise KeyFileError(f"The keys in {path} cannot be written: {error.strerror}.") from error
    return said


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    # Beside the file, which is replaced by every change.
    descriptor = os.open(path.with_name(path.name + ".lock"), os.O_RDWR | os.O_CREAT, 0o600)
    try:
        _lock(descriptor)
        yield
    finally:
        os.close(descriptor)


def _replace(path: Path, content: bytes) -> None:
    # `mkstemp` makes it for the owner alone.
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=path.name + ".")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        _keep_access(path, Path(name))
        Path(name).replace(path)
    except BaseException:
        with suppress(FileNotFoundError):
            Path(name).unlink()
        raise


def _keep_access(old: Path, new: Path) -> None:
    try:
        before = old.stat()
    except FileNotFoundError:
        return
    new.chmod(stat.S_IMODE(before.st_mode))
    if sys.platform != "win32":
        os.chown(new, before.st_uid, before.st_gid)
