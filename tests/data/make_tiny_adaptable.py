"""Make `tests/data/tiny-adaptable`: a random Llama that takes adapters, two adapters, and what merged models say.

Run it with the packages of the `train` group and onnxruntime-genai installed:

    python -m tests.data.make_tiny_adaptable

The model is that of `make_tiny_model.py` in fp32, so that a model into whose weights an adapter was merged computes the
same. What such merged models answer is written beside it by PyTorch, with which the engine has nothing in common.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file
from transformers import LlamaForCausalLM

from tests.data.make_tiny_model import untrained

HERE = Path(__file__).resolve().parent
MODEL, PEFT, EXPECTED = HERE / "tiny-adaptable", HERE / "tiny-adapters", HERE / "tiny-adapters" / "expected.json"
GRAPH = HERE.parent.parent / "service" / "backends" / "onnx" / "adapter_graph.py"
MESSAGES = [
    {"role": "system", "content": "You write short and polite e-mails for a company that sells garden tools."},
    {"role": "user", "content": "Write to Ana about Monday."},
]
ANSWER_TOKENS = 40


@dataclass(frozen=True)
class Recipe:
    """An adapter: the modules that it changes, its rank and scale."""

    modules: tuple[str, ...]
    rank: int
    alpha: int
    rank_stabilised: bool

    @property
    def scale(self) -> float:
        """Return what its product is multiplied by."""
        return self.alpha / (self.rank**0.5 if self.rank_stabilised else self.rank)


RECIPES = {
    "mail": Recipe(("self_attn.q_proj", "self_attn.v_proj", "self_attn.o_proj"), 4, 8, False),
    "code": Recipe(("self_attn.k_proj", "mlp.gate_proj", "mlp.up_proj", "mlp.down_proj"), 6, 6, True),
}


def main() -> None:
    """Build everything anew."""
    model, fast = untrained()
    for place in (MODEL, PEFT):
        shutil.rmtree(place, ignore_errors=True)
    build(model, fast)
    expected = {"": answer(model, fast)}
    for name, recipe in RECIPES.items():
        weights = matrices(model, recipe)
        save_peft(PEFT / name, recipe, weights)
        expected[name] = answer(merged(model, recipe, weights), fast)
    EXPECTED.write_text(json.dumps(expected) + "\n", encoding="utf-8")


def build(model: LlamaForCausalLM, fast: Any) -> None:
    """Write the model as the builder does, and make it ready for adapters."""
    with tempfile.TemporaryDirectory() as work:
        source = Path(work, "source")
        model.save_pretrained(source)
        fast.save_pretrained(source)
        command = [sys.executable, "-m", "onnxruntime_genai.models.builder", "-i", str(source), "-o", str(MODEL)]
        environment = {**os.environ, "ORT_DISABLE_TELEMETRY": "1", "HF_HUB_OFFLINE": "1"}
        subprocess.run(
            [*command, "-p", "fp32", "-e", "cpu", "-c", str(Path(work, "cache"))], check=True, env=environment
        )
    subprocess.run([sys.executable, str(GRAPH), str(MODEL)], check=True, env=environment)
    card = {"display_name": "Tiny model that takes adapters", "precision": "fp32", "license": "MIT"}
    (MODEL / "vaiven-model.json").write_text(json.dumps(card, indent=2) + "\n", encoding="utf-8")
    names = sorted(path.relative_to(MODEL).as_posix() for path in MODEL.rglob("*") if path.is_file())
    sums = (f"{hashlib.sha256((MODEL / name).read_bytes()).hexdigest()}  {name}\n" for name in names)
    (MODEL / "SHA256SUMS").write_text("".join(sums), encoding="utf-8")


def matrices(model: LlamaForCausalLM, recipe: Recipe) -> dict[str, torch.Tensor]:
    """Return random A and B under the names that PEFT gives them."""
    found = {}
    for name, module in model.named_modules():
        if name.endswith(recipe.modules):
            key = f"base_model.model.{name}"
            found[f"{key}.lora_A.weight"] = torch.randn(recipe.rank, module.in_features) * 0.15
            found[f"{key}.lora_B.weight"] = torch.randn(module.out_features, recipe.rank) * 0.15
    return found


def save_peft(folder: Path, recipe: Recipe, weights: dict[str, torch.Tensor]) -> None:
    """Write the adapter as PEFT does."""
    folder.mkdir(parents=True)
    config = {
        "peft_type": "LORA",
        "task_type": "CAUSAL_LM",
        "r": recipe.rank,
        "lora_alpha": recipe.alpha,
        "use_rslora": recipe.rank_stabilised,
        "bias": "none",
        "target_modules": sorted(name.split(".")[1] for name in recipe.modules),
    }
    (folder / "adapter_config.json").write_text(json.dumps(config, indent=2) + "\n", encoding="utf-8")
    save_file(weights, folder / "adapter_model.safetensors")


def merged(model: LlamaForCausalLM, recipe: Recipe, weights: dict[str, torch.Tensor]) -> LlamaForCausalLM:
    """Return the model with the adapter's product added to its weights."""
    other = LlamaForCausalLM(model.config).eval()
    other.load_state_dict(model.state_dict())
    with torch.no_grad():
        for name, module in other.named_modules():
            key = f"base_model.model.{name}"
            if f"{key}.lora_A.weight" in weights:
                product = weights[f"{key}.lora_B.weight"] @ weights[f"{key}.lora_A.weight"]
                module.weight += recipe.scale * product
    return other


def answer(model: LlamaForCausalLM, fast: Any) -> list[int]:
    """Return the tokens that the model says, greedily."""
    tokens = fast.apply_chat_template(MESSAGES, add_generation_prompt=True, return_tensors="pt", return_dict=True)
    with torch.no_grad():
        whole = model.generate(**tokens, max_new_tokens=ANSWER_TOKENS, do_sample=False)
    said: list[int] = whole[0, tokens["input_ids"].shape[1] :].tolist()
    return said


if __name__ == "__main__":
    main()
