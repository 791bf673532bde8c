"""The tokenizer: byte-level BPE trained on the corpus."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, pre_tokenizers, trainers

from models.colibri.corpus.example import Example
from models.colibri.corpus.mixture import examples
from models.colibri.layout import END, PAD, ROLES, SPECIAL, TEMPLATE, render

PATTERN = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
"""How text is cut before merging; a digit is a token of its own, so that any number can be copied.

Source: the pattern of Qwen2's published tokenizer, which onnxruntime-extensions implements.
"""


def train(vocab: int, seed: int, samples: int) -> Tokenizer:
    """Train a tokenizer of `vocab` entries on `samples` training examples."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(PATTERN), behavior="isolated", invert=False),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=vocab,
        special_tokens=[AddedToken(t, special=True, normalized=False) for t in SPECIAL],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(_texts(seed, samples), trainer)
    return tokenizer


def _texts(seed: int, samples: int) -> Iterator[str]:
    for example in islice(examples(random.Random(seed), "train"), samples):
        yield from (m.content for m in example.prompt)
        yield example.answer


def encode(tokenizer: Tokenizer, example: Example) -> tuple[list[int], int]:
    """Return the token ids of prompt and answer with its end, and where the answer starts."""
    prompt = tokenizer.encode(render(example.prompt)).ids
    answer = tokenizer.encode(example.answer + END).ids
    return prompt + answer, len(prompt)


def save(tokenizer: Tokenizer, folder: Path, context: int) -> None:
    """Write `tokenizer.json` and the two files that Hugging Face and onnxruntime-genai read beside it."""
    tokenizer.save(str(folder / "tokenizer.json"))
    config: dict[str, Any] = {
        "tokenizer_class": "Qwen2Tokenizer",
        "model_max_length": context,
        "add_prefix_space": False,
        "bos_token": None,
        "eos_token": END,
        "pad_token": PAD,
        "additional_special_tokens": list(ROLES.values()),
        "clean_up_tokenization_spaces": False,
        "chat_template": TEMPLATE,
    }
    (folder / "tokenizer_config.json").write_text(json.dumps(config, indent=2) + "\n")
