"""SHA-256 sums of a model's files, checked before any other library reads them: damaged weights load silently."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

from service.errors import ModelLoadError

SUMS_FILE = "SHA256SUMS"
ADAPTERS_DIR = "adapters"
ADAPTER_SUFFIX = ".onnx_adapter"
_LINE = re.compile(r"(?P<sum>[0-9a-f]{64})  (?P<name>[^\0]+)")


def model_files(model_dir: Path) -> list[str]:
    """Return the files that a model is made of, as sorted relative names.

    Hidden ones and documents are none of them, nor are adapters, which come and go and have sums of their own.
    """
    names = []
    for path in sorted(model_dir.rglob("*")):
        name = path.relative_to(model_dir)
        hidden = any(part.startswith(".") for part in name.parts)
        document = path.suffix.lower() in (".md", ".txt") or path.name.upper().startswith(("LICENSE", "NOTICE"))
        adapter = name.parts[0] == ADAPTERS_DIR and (path.name == SUMS_FILE or path.suffix == ADAPTER_SUFFIX)
        if path.is_file() and not hidden and not document and not adapter and name.as_posix() != SUMS_FILE:
            names.append(name.as_posix())
    return names


def write_sums(model_dir: Path) -> Path:
    """Write `SHA256SUMS` over the files of `model_dir` and return its path."""
    lines = [f"{sum_of(model_dir / name)}  {name}\n" for name in model_files(model_dir)]
    path = model_dir / SUMS_FILE
    path.write_text("".join(lines), encoding="utf-8", newline="\n")
    return path


def verify(model_dir: Path, *, allow_unverified: bool = False) -> bool:
    """Check every file of the model; False means that there are no sums and that this was allowed.

    Raises:
        ModelLoadError: There are no sums, they are unreadable, or a file is missing, changed or not among them.
    """
    if not model_dir.is_dir():
        raise ModelLoadError(f"There is no model directory {model_dir}. Check the path in the settings.")
    path = model_dir / SUMS_FILE
    if not path.is_file():
        if allow_unverified:
            return False
        raise ModelLoadError(
            f"{model_dir} has no {SUMS_FILE} file, so its weights cannot be verified. Write one with "
            "`sha256sum * > SHA256SUMS` in a copy that you trust, or set allow_unverified."
        )
    sums = read_sums(path)
    for name in sums:
        if not (model_dir / name).is_file():
            raise ModelLoadError(f"{name} of the model in {model_dir} is missing. Copy the model again.")
    unknown = [name for name in model_files(model_dir) if name not in sums]
    if unknown:
        raise ModelLoadError(
            f"{unknown[0]} in {model_dir} is not listed in {SUMS_FILE}. Remove it, or write the sums again."
        )
    for name, expected in sums.items():
        if sum_of(model_dir / name) != expected:
            raise ModelLoadError(
                f"{name} of the model in {model_dir} does not match its SHA-256 sum: it is damaged or was changed. "
                "Copy the model again."
            )
    return True


def read_sums(path: Path) -> dict[str, str]:
    """Return sums by relative name; a name never leads out of the directory."""
    sums: dict[str, str] = {}
    for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
        match = _LINE.fullmatch(line)
        name = match["name"].removeprefix("./") if match else ""
        if match is None or Path(name).is_absolute() or ".." in Path(name).parts:
            raise ModelLoadError(f"{path} has a line that is not `sha256  filename`. Write the sums again.")
        sums[name] = match["sum"]
    if not sums:
        raise ModelLoadError(f"{path} is empty. Write the sums again.")
    return sums


def sum_of(path: Path) -> str:
    """Return the SHA-256 sum of a file, in hex."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
