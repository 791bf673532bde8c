"""A model of 600 million random weights in the Llama shape: its speed is that of any other, its words mean nothing.

python -m bench.local.peers.random_model TOKENIZER_OF OUT

`TOKENIZER_OF` is a model directory whose tokenizer is taken, with made-up words until the vocabulary has its size. The
onnxruntime-genai builder quantizes the weights to four bits, in blocks of 32. At most 6 GB of memory are needed.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import shutil
import string
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

import torch
from transformers import LlamaConfig, LlamaForCausalLM

VOCABULARY: Final = 32_000
_WORD: Final = 4
_KEPT: Final = ("model.onnx", "model.onnx.data", "genai_config.json")


def config() -> LlamaConfig:
    """Return the shape: 604 million parameters."""
    return LlamaConfig(
        vocab_size=VOCABULARY,
        hidden_size=1536,
        intermediate_size=4096,
        num_hidden_layers=22,
        num_attention_heads=24,
        num_key_value_heads=8,
        max_position_embeddings=1024,
        tie_word_embeddings=True,
        bos_token_id=None,
        eos_token_id=1,
        pad_token_id=0,
    )


def write_tokenizer(source: Path, target: Path) -> None:
    """Write the tokenizer with `VOCABULARY` tokens; the made-up ones are words of four letters."""
    tokenizer = json.loads((source / "tokenizer.json").read_text(encoding="utf-8"))
    vocabulary = tokenizer["model"]["vocab"]
    taken = {*vocabulary.values(), *(token["id"] for token in tokenizer["added_tokens"])}
    free = (number for number in range(VOCABULARY) if number not in taken)
    words = ("".join(letters) for letters in itertools.product(string.ascii_lowercase, repeat=_WORD))
    unused = (word for word in words if word not in vocabulary)
    vocabulary.update({next(unused): number for number in free})
    (target / "tokenizer.json").write_text(json.dumps(tokenizer, ensure_ascii=False), encoding="utf-8")
    shutil.copy(source / "tokenizer_config.json", target / "tokenizer_config.json")


def build(checkpoint: Path, out: Path, cache: Path) -> None:
    """Let the builder quantize `checkpoint`.

    Raises:
        SystemExit: It failed; what it printed is the message.
    """
    command = [sys.executable, "-m", "onnxruntime_genai.models.builder", "-i", str(checkpoint), "-o", str(out)]
    command += ["-p", "int4", "-e", "cpu", "-c", str(cache), "--extra_options", "block_size=32", "accuracy_level=4"]
    quiet = {**os.environ, "ORT_DISABLE_TELEMETRY": "1", "HF_HUB_OFFLINE": "1"}
    built = subprocess.run(command, env=quiet, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if built.returncode:
        raise SystemExit(f"{built.stdout}\nthe builder failed")


def main() -> None:
    """Make the model."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tokenizer_of", type=Path)
    parser.add_argument("out", type=Path)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=given.out.parent) as directory:
        checkpoint, built = Path(directory, "checkpoint"), Path(directory, "built")
        torch.manual_seed(1)
        model = LlamaForCausalLM(config())
        model.save_pretrained(checkpoint)
        del model
        write_tokenizer(given.tokenizer_of, checkpoint)
        build(checkpoint, built, Path(directory, "cache"))
        for path in built.iterdir():
            if path.name not in _KEPT:
                path.unlink()
        for name in ("tokenizer.json", "tokenizer_config.json"):
            shutil.copy(checkpoint / name, built / name)
        built.rename(given.out)
    print("{}", flush=True)


if __name__ == "__main__":
    main()
