"""Make `tests/data/tiny-model`: a random Llama of some 100,000 parameters, as the onnxruntime-genai builder writes it.

Run it with the packages of the `train` group and onnxruntime-genai installed:

    python tests/data/make_tiny_model.py

The weights are random (seed 7) but for one thing: their scale is high enough that greedy text depends on its context
instead of repeating one token, so that a wrong key-value cache shows in the output.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import torch
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

TARGET = Path(__file__).resolve().parent / "tiny-model"
SPECIAL = ["<|end|>", "<|system|>", "<|user|>", "<|assistant|>", "<|tool|>"]
TEMPLATE = (
    "{% for message in messages %}{{ '<|' + message['role'] + '|>' + message['content'] }}"
    "{{ '<|end|>' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|assistant|>' }}{% endif %}"
)
TEXT = [
    "You draft short e-mails for a company. Write a subject line and a polite body.",
    "Dear Ana, thank you for your message. The meeting is on Monday at ten. Kind regards, Luis",
    '{"name":"email.draft","arguments":{"recipient":"Ana","purpose":"meeting"}}',
    "def add(left, right):\n    return left + right\n",
    "¿Dónde está el niño? Mañana, señor. — “sí” … €",
]


def tokenizer() -> PreTrainedTokenizerFast:
    """Train a byte-level BPE of 320 tokens, special tokens first."""
    bpe = Tokenizer(models.BPE())
    bpe.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    bpe.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=320,
        special_tokens=[AddedToken(token, special=True, normalized=False) for token in SPECIAL],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    bpe.train_from_iterator(TEXT * 4, trainer)
    return PreTrainedTokenizerFast(
        tokenizer_object=bpe, eos_token="<|end|>", pad_token="<|end|>", clean_up_tokenization_spaces=False
    )


def untrained() -> tuple[LlamaForCausalLM, PreTrainedTokenizerFast]:
    """Return a small Llama with random weights, the same each time, and its tokenizer with a chat template."""
    torch.manual_seed(7)
    fast = tokenizer()
    fast.chat_template = TEMPLATE
    config = LlamaConfig(
        vocab_size=len(fast),
        hidden_size=64,
        intermediate_size=128,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=1024,
        tie_word_embeddings=True,
        initializer_range=0.25,
        bos_token_id=None,
        eos_token_id=0,
        pad_token_id=0,
    )
    return LlamaForCausalLM(config).eval(), fast


def main() -> None:
    """Build the model into `TARGET`, replacing what is there."""
    model, fast = untrained()
    with tempfile.TemporaryDirectory() as work:
        source, built = Path(work, "source"), Path(work, "built")
        model.save_pretrained(source)
        fast.save_pretrained(source)
        command = [sys.executable, "-m", "onnxruntime_genai.models.builder", "-i", str(source), "-o", str(built)]
        subprocess.run(
            [*command, "-p", "int4", "-e", "cpu", "-c", str(Path(work, "cache"))],
            check=True,
            env={**os.environ, "ORT_DISABLE_TELEMETRY": "1", "HF_HUB_OFFLINE": "1"},
        )
        shutil.rmtree(TARGET, ignore_errors=True)
        shutil.copytree(built, TARGET)
    card = {"display_name": "Tiny test model", "precision": "int4", "license": "MIT", "languages": ["en"]}
    (TARGET / "vaiven-model.json").write_text(json.dumps(card, indent=2) + "\n", encoding="utf-8")
    names = sorted(path.name for path in TARGET.iterdir())
    sums = (f"{hashlib.sha256((TARGET / name).read_bytes()).hexdigest()}  {name}\n" for name in names)
    (TARGET / "SHA256SUMS").write_text("".join(sums), encoding="utf-8")


if __name__ == "__main__":
    main()
