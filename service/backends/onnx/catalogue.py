"""The model directories that are present, and what each says of itself."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from service.backends.base import ModelCard, Price
from service.backends.onnx.adapters import is_adaptable
from service.backends.onnx.facts import read_facts
from service.backends.onnx.integrity import SUMS_FILE, model_files
from service.backends.onnx.options import OnnxEngineOptions
from service.errors import ModelLoadError

MODEL_FILE = "vaiven-model.json"
"""Optional beside the model: id, display_name, precision, license, languages, max_output_tokens, supports_tools,
small.
"""

SMALL_BYTES = 64 * 1024 * 1024
"""A model of fewer bytes is small unless it says otherwise: it has less than 130 million parameters of four bits."""

_DEPTH = 4


@dataclass(frozen=True, slots=True)
class ModelEntry:
    """One model on disk. `problem` says why it cannot be read; all numbers are 0 then.

    `size_bytes` is all its files, `provider` what it was built for, `kv_values_per_token` what is kept of each token,
    `built_from` the checkpoint that it was built of.
    """

    model_id: str
    path: Path
    display_name: str
    size_bytes: int = 0
    context_tokens: int = 0
    max_output_tokens: int = 0
    kv_values_per_token: int = 0
    precision: str = ""
    provider: str = "cpu"
    license: str = ""
    languages: tuple[str, ...] = ()
    supports_tools: bool = True
    small: bool = False
    supports_adapters: bool = False
    has_sums: bool = False
    built_from: str = ""
    problem: str = ""


def find_models(roots: Iterable[Path]) -> list[ModelEntry]:
    """Return the models in `roots` and up to 4 folders below, by id; a root may itself be a model."""
    found: dict[Path, ModelEntry] = {}
    for root in roots:
        for path in sorted(_model_dirs(root.resolve(), _DEPTH)):
            found[path] = read_entry(path)
    return sorted(found.values(), key=lambda entry: (entry.model_id, entry.path))


def read_entry(model_dir: Path) -> ModelEntry:
    """Return what `model_dir` says of itself; what cannot be read is told in `problem`."""
    try:
        facts = read_facts(model_dir)
        words = _read_words(model_dir / MODEL_FILE)
    except ModelLoadError as error:
        return ModelEntry(model_dir.name, model_dir, model_dir.name, problem=error.message)
    model_id = str(words.get("id", model_dir.name))
    size_bytes = sum((model_dir / name).stat().st_size for name in model_files(model_dir))
    return ModelEntry(
        model_id=model_id,
        path=model_dir,
        display_name=str(words.get("display_name", model_id)),
        size_bytes=size_bytes,
        context_tokens=facts.context_tokens,
        max_output_tokens=int(words.get("max_output_tokens", facts.context_tokens - 1)),
        kv_values_per_token=facts.kv_values_per_token,
        precision=str(words.get("precision", "")),
        provider=facts.provider,
        license=str(words.get("license", "")),
        languages=tuple(str(language) for language in words.get("languages", ())),
        supports_tools=bool(words.get("supports_tools", True)),
        small=bool(words.get("small", size_bytes < SMALL_BYTES)),
        supports_adapters=is_adaptable(model_dir),
        built_from=str(words.get("built_from", "")),
        has_sums=(model_dir / SUMS_FILE).is_file(),
    )


def card_of(entry: ModelEntry, options: OnnxEngineOptions, price: Price, backend: str) -> ModelCard:
    """Return the card of a model that is not loaded yet."""
    context = min(entry.context_tokens, options.context_tokens or entry.context_tokens)
    return ModelCard(
        model_id=entry.model_id,
        backend=backend,
        display_name=entry.display_name,
        locality="local",
        context_tokens=context,
        max_output_tokens=min(entry.max_output_tokens, context - 1),
        supports_tools=entry.supports_tools,
        supports_json_schema=True,
        supports_grammar=True,
        supports_vision=False,
        price=price,
        state="loading",
        precision=entry.precision,
        execution_provider=options.provider,
        size_bytes=entry.size_bytes,
        license=entry.license,
        languages=entry.languages,
        supports_adapters=entry.supports_adapters,
        # To choose no function costs a generation of its own; see `tools.answer_with_tools`.
        tool_generations=2,
        # What the generators of genai cannot give they refuse themselves, where `auto` led to them.
        supports_logprobs=options.provider == "cpu" and options.engine != "genai",
        small=entry.small,
    )


def _model_dirs(root: Path, depth: int) -> Iterable[Path]:
    if (root / "genai_config.json").is_file():
        yield root
        return
    if depth and root.is_dir():
        for child in root.iterdir():
            if child.is_dir() and not child.name.startswith("."):
                yield from _model_dirs(child, depth - 1)


def _read_words(path: Path) -> dict[str, Any]:
    if not path.is_file():
        return {}
    try:
        words = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ModelLoadError(f"{path} cannot be read: {error}. Mend or remove it.") from error
    if not isinstance(words, dict):
        raise ModelLoadError(f"{path} is not a JSON object. Mend or remove it.")
    return words
