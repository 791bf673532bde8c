"""What a model directory says of itself, read without any engine."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from service.errors import ModelLoadError


@dataclass(frozen=True, slots=True)
class ModelFacts:
    """From `genai_config.json`; `kv_values_per_token` numbers are kept of each token as keys and values.

    `paged`: its attention reads keys and values in pages, for an engine that batches.
    """

    context_tokens: int
    kv_values_per_token: int
    provider: str
    paged: bool = False

    def kv_bytes_per_token(self, provider: str) -> int:
        """Return the key-value memory of one token: 32-bit floats on a CPU, 16-bit ones elsewhere."""
        return self.kv_values_per_token * (4 if provider == "cpu" else 2)


def read_facts(model_dir: Path) -> ModelFacts:
    """Return the facts of the model in `model_dir`.

    Raises:
        ModelLoadError: `genai_config.json` is missing or not of the known form.
    """
    try:
        model = json.loads((model_dir / "genai_config.json").read_text(encoding="utf-8"))["model"]
        decoder = model["decoder"]
        heads = decoder.get("num_key_value_heads") or decoder["num_attention_heads"]
        providers = decoder.get("session_options", {}).get("provider_options", [])
        return ModelFacts(
            context_tokens=int(model["context_length"]),
            kv_values_per_token=2 * int(decoder["num_hidden_layers"]) * int(heads) * int(decoder["head_size"]),
            provider=next(iter(providers[0]), "cpu").lower() if providers else "cpu",
            # Source: `make_genai_config` of the builder.
            paged="block_table" in decoder.get("inputs", {}),
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ModelLoadError(
            f"genai_config.json in {model_dir} cannot be read ({type(error).__name__}: {error}). The directory must "
            "hold a model in the form that the onnxruntime-genai builder writes."
        ) from error
