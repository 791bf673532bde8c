"""What can be asked of the models of this machine."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from service.backends.onnx.options import Provider


@dataclass(frozen=True, slots=True)
class KnownSource:
    """A model of the catalogue of known models."""

    known_model: str


@dataclass(frozen=True, slots=True)
class HubSource:
    """A folder of a repository of the hub; `revision` is a commit, branch or tag, empty: `main`."""

    repository: str
    revision: str = ""
    folder: str = ""


@dataclass(frozen=True, slots=True)
class PathSource:
    """A folder or archive on this machine; `sha256` is the archive's sum in hex, empty: not compared."""

    path: str
    sha256: str = ""


@dataclass(frozen=True, slots=True)
class PullOrder:
    """Fetch a model; `provider` None: as the settings say."""

    model_id: str
    source: KnownSource | HubSource | PathSource
    checkpoint: bool = False
    provider: Provider | None = None


Precision: TypeAlias = Literal["fp32", "fp16", "int8", "int4"]


@dataclass(frozen=True, slots=True)
class QuantizeOrder:
    """Build a model of a checkpoint: one that was pulled, by id, or at a path. `block_size` 0: 32.

    `adaptable`: make it ready for adapters.
    """

    model_id: str
    precision: Precision
    checkpoint: str = ""
    path: str = ""
    provider: Provider | None = None
    block_size: int = 0
    asymmetric: bool = False
    last_layer_int8: bool = False
    adaptable: bool = False


@dataclass(frozen=True, slots=True)
class BenchmarkOrder:
    """Measure a model: `repeats` times with each number of requests at once, `output_tokens` of answer each."""

    model_id: str
    concurrency: Sequence[int] = (1, 4, 8)
    output_tokens: int = 64
    prompt_words: int = 64
    repeats: int = 3
