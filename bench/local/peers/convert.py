"""The same weights for the peers: what the onnxruntime-genai builder quantized, as GGUF and as a checkpoint.

python -m bench.local.peers.convert MODEL OUT

Four bits of the one are four bits of the other, in blocks of 32 with a scale, which GGUF's Q4_0 keeps in 16 bits.
The checkpoint holds what these bits mean, in 32-bit floats.

Source: MatMulNBits and GatherBlockQuantized, onnxruntime's contrib operators; block_q4_0 in llama.cpp's ggml-common.h.
"""

from __future__ import annotations

import argparse
import json
import math
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import gguf
import numpy as np
import onnx
from onnx import numpy_helper
from safetensors.numpy import save_file

BLOCK: Final = 32
_ZERO: Final = 8
"""The four bits that mean 0."""
_LAYER: Final = "model.layers.{}.{}"
_PARTS: Final = {
    "attn.q_proj": ("attn_q", "self_attn.q_proj"),
    "attn.k_proj": ("attn_k", "self_attn.k_proj"),
    "attn.v_proj": ("attn_v", "self_attn.v_proj"),
    "attn.o_proj": ("attn_output", "self_attn.o_proj"),
    "mlp.gate_proj": ("ffn_gate", "mlp.gate_proj"),
    "mlp.up_proj": ("ffn_up", "mlp.up_proj"),
    "mlp.down_proj": ("ffn_down", "mlp.down_proj"),
}
_NORMS: Final = {
    "input_layernorm": ("attn_norm", "input_layernorm"),
    "post_attention_layernorm": ("ffn_norm", "post_attention_layernorm"),
}


class NotConvertibleError(RuntimeError):
    """The model is not of the form that is known here; the message says why."""


@dataclass(frozen=True, slots=True)
class Blocks:
    """A matrix in blocks of 32: `bits` (rows, blocks, 32) from 0 to 15, `scales` (rows, blocks)."""

    bits: Any
    scales: Any

    @property
    def values(self) -> Any:
        """Return the matrix, in 32-bit floats."""
        values = (self.bits.astype(np.float32) - _ZERO) * self.scales[..., None]
        return values.reshape(len(values), -1)

    def q4_0(self) -> Any:
        """Return the bytes of the rows as GGUF has them."""
        low, high = self.bits[..., : BLOCK // 2], self.bits[..., BLOCK // 2 :]
        scales = self.scales.astype(np.float16)[..., None].view(np.uint8)
        return np.concatenate([scales, low | high << 4], -1).reshape(len(low), -1)

    def rows(self, start: int, end: int) -> Blocks:
        """Return some of the rows."""
        return Blocks(self.bits[start:end], self.scales[start:end])

    def turned(self, heads: int) -> Blocks:
        """Return the rows in the order in which llama.cpp turns pairs: halves of a head become neighbours."""
        order = np.arange(len(self.bits)).reshape(heads, 2, -1).swapaxes(1, 2).reshape(-1)
        return Blocks(self.bits[order], self.scales[order])


class BuiltModel:
    """A model of the Llama shape as the builder wrote it."""

    def __init__(self, path: Path) -> None:
        """Read it.

        Raises:
            NotConvertibleError: It is of another shape.
        """
        config = json.loads((path / "genai_config.json").read_text(encoding="utf-8"))["model"]
        decoder = config["decoder"]
        self.vocabulary, self.end = int(config["vocab_size"]), int(np.ravel(config["eos_token_id"])[0])
        self.context = int(config["context_length"])
        self.layers, self.width = int(decoder["num_hidden_layers"]), int(decoder["hidden_size"])
        self.heads, self.kv_heads = int(decoder["num_attention_heads"]), int(decoder["num_key_value_heads"])
        self.head_size = int(decoder["head_size"])
        graph = onnx.load(str(path / decoder["filename"])).graph
        self._held = {tensor.name: tensor for tensor in graph.initializer}
        norms = [node for node in graph.node if node.op_type.endswith("SimplifiedLayerNormalization")]
        self.epsilon = next(float(a.f) for a in norms[0].attribute if a.name == "epsilon")
        sine, cosine = self.array("sin_cache")[1], self.array("cos_cache")[1]
        self.theta = round(math.atan2(float(sine[1]), float(cosine[1])) ** (-self.head_size / 2))
        if config["type"] != "llama" or any("zero_points" in name for name in self._held):
            raise NotConvertibleError("only symmetric models of the type llama are converted")

    def array(self, name: str) -> Any:
        """Return a tensor as it is."""
        if name not in self._held:
            raise NotConvertibleError(f"the graph has no tensor {name}")
        return numpy_helper.to_array(self._held[name])

    def blocks(self, name: str) -> Blocks:
        """Return a quantized matrix."""
        packed, scales = self.array(f"{name}.MatMul.weight_Q4"), self.array(f"{name}.MatMul.weight_scales")
        if packed.shape[-1] != BLOCK // 2:
            raise NotConvertibleError(f"{name} is not in blocks of {BLOCK}")
        bits = np.stack([packed & 15, packed >> 4], -1).reshape(*packed.shape[:-1], BLOCK)
        return Blocks(bits, scales.reshape(bits.shape[:-1]).astype(np.float32))

    def matrices(self, layer: int) -> Iterator[tuple[str, Blocks]]:
        """Yield the matrices of a layer; queries, keys and values are one in some graphs."""
        together = _LAYER.format(layer, "attn.qkv_proj")
        split = f"{together}.MatMul.weight_Q4" in self._held
        if split:
            whole, at = self.blocks(together), 0
            for part, heads in (("q", self.heads), ("k", self.kv_heads), ("v", self.kv_heads)):
                end = at + heads * self.head_size
                yield f"attn.{part}_proj", whole.rows(at, end)
                at = end
        for part in list(_PARTS)[3 if split else 0 :]:
            yield part, self.blocks(_LAYER.format(layer, part))


def write_gguf(model: BuiltModel, tokenizer: dict[str, Any], path: Path) -> None:
    """Write the GGUF file."""
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_context_length(model.context)
    writer.add_embedding_length(model.width)
    writer.add_block_count(model.layers)
    writer.add_head_count(model.heads)
    writer.add_head_count_kv(model.kv_heads)
    writer.add_key_length(model.head_size)
    writer.add_value_length(model.head_size)
    writer.add_rope_dimension_count(model.head_size)
    writer.add_rope_freq_base(model.theta)
    writer.add_layer_norm_rms_eps(model.epsilon)
    writer.add_vocab_size(model.vocabulary)
    writer.add_feed_forward_length(len(model.blocks(_LAYER.format(0, "mlp.gate_proj")).scales))
    _add_tokenizer(writer, model, tokenizer)

    def add(name: str, blocks: Blocks) -> None:
        writer.add_tensor(f"{name}.weight", blocks.q4_0(), raw_dtype=gguf.GGMLQuantizationType.Q4_0)

    add("token_embd", model.blocks("lm_head"))
    for layer in range(model.layers):
        for part, blocks in model.matrices(layer):
            heads = {"attn.q_proj": model.heads, "attn.k_proj": model.kv_heads}.get(part)
            add(f"blk.{layer}.{_PARTS[part][0]}", blocks.turned(heads) if heads else blocks)
        for norm, (name, _) in _NORMS.items():
            writer.add_tensor(f"blk.{layer}.{name}.weight", model.array(_LAYER.format(layer, f"{norm}.weight")))
    writer.add_tensor("output_norm.weight", model.array(_LAYER.format(model.layers, "final_norm_layernorm.weight")))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def _add_tokenizer(writer: gguf.GGUFWriter, model: BuiltModel, tokenizer: dict[str, Any]) -> None:
    added = {token["id"]: token["content"] for token in tokenizer["added_tokens"]}
    tokens = {number: text for text, number in tokenizer["model"]["vocab"].items()} | added
    merges = tokenizer["model"]["merges"]
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("qwen2")
    writer.add_token_list([tokens.get(number, f"[{number}]") for number in range(model.vocabulary)])
    control, normal = gguf.TokenType.CONTROL, gguf.TokenType.NORMAL
    writer.add_token_types([control if number in added else normal for number in range(model.vocabulary)])
    writer.add_token_merges([merge if isinstance(merge, str) else " ".join(merge) for merge in merges])
    writer.add_eos_token_id(model.end)
    writer.add_add_bos_token(False)


def write_checkpoint(model: BuiltModel, source: Path, directory: Path) -> None:
    """Write a checkpoint for transformers."""
    directory.mkdir(exist_ok=True)
    tensors = {
        "model.embed_tokens.weight": model.blocks("lm_head").values,
        "model.norm.weight": model.array(_LAYER.format(model.layers, "final_norm_layernorm.weight")),
    }
    for layer in range(model.layers):
        for part, blocks in model.matrices(layer):
            tensors[_LAYER.format(layer, f"{_PARTS[part][1]}.weight")] = blocks.values
        for norm, (_, name) in _NORMS.items():
            tensors[_LAYER.format(layer, f"{name}.weight")] = model.array(_LAYER.format(layer, f"{norm}.weight"))
    config = {
        "architectures": ["LlamaForCausalLM"],
        "model_type": "llama",
        "hidden_size": model.width,
        "intermediate_size": len(tensors[_LAYER.format(0, "mlp.gate_proj.weight")]),
        "num_hidden_layers": model.layers,
        "num_attention_heads": model.heads,
        "num_key_value_heads": model.kv_heads,
        "head_dim": model.head_size,
        "vocab_size": model.vocabulary,
        "max_position_embeddings": model.context,
        "rms_norm_eps": model.epsilon,
        "rope_theta": model.theta,
        "rope_parameters": {"rope_type": "default", "rope_theta": model.theta},
        "tie_word_embeddings": True,
        "bos_token_id": None,
        "eos_token_id": model.end,
        "dtype": "float32",
    }
    save_file(tensors, directory / "model.safetensors", metadata={"format": "pt"})
    (directory / "config.json").write_text(json.dumps(config, indent=1), encoding="utf-8")
    for name in ("tokenizer.json", "tokenizer_config.json"):
        shutil.copy(source / name, directory / name)


def main() -> None:
    """Write both."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=Path)
    parser.add_argument("out", type=Path)
    given = parser.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    model = BuiltModel(given.model)
    tokenizer = json.loads((given.model / "tokenizer.json").read_text(encoding="utf-8"))
    write_gguf(model, tokenizer, given.out / "model.gguf")
    write_checkpoint(model, given.model, given.out / "checkpoint")
    print("{}", flush=True)


if __name__ == "__main__":
    main()
