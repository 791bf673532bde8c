"""The `adapters/` folder beside a model: what was trained on top of it (LoRA), one file each, and where it fits.

`adapters/layout.json` is part of the model: it names the projections that an adapter may change. The adapters
themselves come later and one by one, so they have sums of their own, which are checked when one is loaded.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from service.backends.onnx.integrity import ADAPTER_SUFFIX, ADAPTERS_DIR, SUMS_FILE, read_sums, sum_of
from service.errors import FailedPreconditionError, ModelFilesError, ModelLoadError, NotFoundError

LAYOUT_FILE: Final = f"{ADAPTERS_DIR}/layout.json"
NAME: Final = re.compile(r"[a-z0-9][a-z0-9._-]{0,62}")
"""What an adapter may be called: it is part of a file's name."""


@dataclass(frozen=True, slots=True)
class Projection:
    """A matrix that an adapter may change, from `inputs` numbers to those of its `parts` side by side, by name."""

    inputs: int
    parts: tuple[tuple[str, int], ...]

    @property
    def outputs(self) -> int:
        """Return how many numbers come out."""
        return sum(size for _, size in self.parts)


@dataclass(frozen=True, slots=True)
class AdapterFile:
    """An adapter on disk."""

    name: str
    size_bytes: int


def is_adaptable(model_dir: Path) -> bool:
    """Tell whether the model was made ready for adapters."""
    return (model_dir / LAYOUT_FILE).is_file()


def read_layout(model_dir: Path) -> Mapping[str, Projection]:
    """Return the projections by name, e.g. `model.layers.0.self_attn.qkv_proj`.

    Raises:
        FailedPreconditionError: The model was not made ready for adapters.
        ModelFilesError: The layout cannot be read.
    """
    if not is_adaptable(model_dir):
        raise FailedPreconditionError(
            f"{model_dir.name} takes no adapters. Build it of its checkpoint by `vaiven models quantize --adaptable`."
        )
    try:
        found = json.loads((model_dir / LAYOUT_FILE).read_text(encoding="utf-8"))["projections"]
        return {
            str(name): Projection(int(one["inputs"]), tuple((str(part), int(size)) for part, size in one["parts"]))
            for name, one in found.items()
        }
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ModelFilesError(f"{LAYOUT_FILE} of {model_dir.name} cannot be read. Build the model again.") from error


def adapter_path(model_dir: Path, name: str) -> Path:
    """Return where the adapter `name` is, or would be."""
    return model_dir / ADAPTERS_DIR / f"{name}{ADAPTER_SUFFIX}"


def find_adapters(model_dir: Path) -> list[AdapterFile]:
    """Return the adapters beside the model, by name."""
    paths = sorted((model_dir / ADAPTERS_DIR).glob(f"*{ADAPTER_SUFFIX}"))
    named = ((path.name.removesuffix(ADAPTER_SUFFIX), path) for path in paths if path.is_file())
    return [AdapterFile(name, path.stat().st_size) for name, path in named if NAME.fullmatch(name)]


def verified_adapter(model_dir: Path, name: str) -> Path:
    """Return the file of an adapter whose sum holds.

    Raises:
        NotFoundError: There is none of that name; the message lists those there are.
        ModelFilesError: It has no sum, or was changed.
    """
    path = adapter_path(model_dir, name)
    if not NAME.fullmatch(name) or not path.is_file():
        there = ", ".join(one.name for one in find_adapters(model_dir)) or "none"
        raise NotFoundError(f"{model_dir.name} has no adapter {name!r}; there are: {there}.")
    stated = _sums(model_dir).get(path.name)
    if stated is None:
        raise ModelFilesError(f"{path.name} is not listed in {ADAPTERS_DIR}/{SUMS_FILE}. Import the adapter again.")
    if sum_of(path) != stated:
        raise ModelFilesError(f"{path.name} does not match its SHA-256 sum: it was changed. Import the adapter again.")
    return path


def keep_adapter(model_dir: Path, name: str, made: Path) -> AdapterFile:
    """Give the file `made`, which is on the same disk, its place and its sum; one of that name is replaced."""
    path = adapter_path(model_dir, name)
    # A stated sum whose file is missing says nothing wrong; a file without its sum could not be loaded.
    _write_sums(model_dir, {**_sums(model_dir), path.name: sum_of(made)})
    made.replace(path)
    return AdapterFile(name, path.stat().st_size)


def remove_adapter(model_dir: Path, name: str) -> None:
    """Remove the file of an adapter and its sum; a no-op where there is none.

    Raises:
        ModelFilesError: The sums cannot be read.
    """
    path = adapter_path(model_dir, name)
    sums = dict(_sums(model_dir))
    path.unlink(missing_ok=True)
    if sums.pop(path.name, None) is not None:
        _write_sums(model_dir, sums)


def _write_sums(model_dir: Path, sums: Mapping[str, str]) -> None:
    path = model_dir / ADAPTERS_DIR / SUMS_FILE
    if not sums:
        # An empty file is none that is understood.
        path.unlink(missing_ok=True)
        return
    staged = path.with_name(f".{SUMS_FILE}")
    staged.write_text(
        "".join(f"{value}  {key}\n" for key, value in sorted(sums.items())), encoding="utf-8", newline="\n"
    )
    staged.replace(path)


def _sums(model_dir: Path) -> dict[str, str]:
    path = model_dir / ADAPTERS_DIR / SUMS_FILE
    try:
        return read_sums(path) if path.is_file() else {}
    except ModelLoadError as error:
        raise ModelFilesError(f"{ADAPTERS_DIR}/{SUMS_FILE} cannot be read. Import the adapters again.") from error
