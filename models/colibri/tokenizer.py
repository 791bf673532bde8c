"""The tokenizer: byte-level BPE trained on the corpus."""

from __future__ import annotations

import json
import random
import re
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, pre_tokenizers, trainers

from models.colibri.corpus.example import Example, Message
from models.colibri.corpus.mixture import examples
from models.colibri.corpus.strange_words import Exchange, common_words, pieces_of
from models.colibri.layout import END, PAD, ROLES, SPECIAL, TEMPLATE

IGNORED = -100
"""The target of a token that is not learned. Source: the default `ignore_index` of PyTorch's cross-entropy."""

SPACE = "Ġ"
"""How the byte-level alphabet spells a space."""

PATTERN = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
"""How text is cut before merging; a digit is a token of its own, so that any number can be copied.

Source: the pattern of Qwen2's published tokenizer, which onnxruntime-extensions implements.
"""

MERGED_PATTERN = r"\p{L}+|\p{N}| (?=\S)|[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
"""What merges are learned within: a word never holds the character before it.

A name is then the same tokens after a space, at the start of a line, in quotes and in brackets, and copying it from one
place to another is copying tokens. Only words that always follow a space are joined with it afterwards.
"""

JOINED_WORDS = 320
JOINED_AT_LEAST = 0.97
"""How many frequent words are joined with the space before them, and how often they must follow one for that."""

EXCHANGE_SAMPLES = 4000
"""How many examples are read to know the common words."""


def train(vocab: int, seed: int, samples: int) -> Tokenizer:
    """Train a tokenizer of at most `vocab` entries on `samples` training examples."""
    texts = list(_texts(seed, samples))
    learned = Tokenizer(models.BPE())
    learned.pre_tokenizer = _cut(MERGED_PATTERN)
    trainer = trainers.BpeTrainer(
        vocab_size=vocab - JOINED_WORDS,
        special_tokens=[AddedToken(t, special=True, normalized=False) for t in SPECIAL],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    learned.train_from_iterator(texts, trainer)
    model = json.loads(learned.to_str())["model"]
    entries: dict[str, int] = model["vocab"]
    merges = [tuple(m) for m in model["merges"]]
    for word in _joined(texts, learned):
        entries[SPACE + word] = len(entries)
        merges.append((SPACE, word))
    tokenizer = Tokenizer(models.BPE(vocab=entries, merges=merges))
    tokenizer.add_special_tokens([AddedToken(t, special=True, normalized=False) for t in SPECIAL])
    tokenizer.pre_tokenizer = _cut(PATTERN)
    tokenizer.decoder = decoders.ByteLevel()
    return tokenizer


def _cut(pattern: str) -> pre_tokenizers.PreTokenizer:
    return pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(pattern), behavior="isolated", invert=False),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )


def _joined(texts: list[str], learned: Tokenizer) -> list[str]:
    """Return the most frequent words of one token that (nearly) always follow a space, as the alphabet spells them.

    A word that also begins longer words (which are cut) counts as bare there: joined, it would cut those two ways.
    """
    spaced: Counter[str] = Counter()
    bare: Counter[str] = Counter()
    words: Counter[tuple[str, str]] = Counter(re.findall(r"(\W|^|_|\d)([^\W\d_]+)", "\n".join(texts)))
    for (before, word), count in words.items():
        first, *more = learned.encode(word).tokens
        (spaced if before == " " and not more else bare)[first] += count
    frequent = (w for w, count in spaced.most_common() if count >= JOINED_AT_LEAST * (count + bare[w]))
    return list(islice(frequent, JOINED_WORDS))


def _texts(seed: int, samples: int) -> Iterator[str]:
    for example in islice(examples(random.Random(seed), "train"), samples):
        yield from (m.content for m in example.prompt)
        yield example.answer


def encode(tokenizer: Tokenizer, example: Example) -> tuple[list[int], list[int]]:
    """Return the token ids of prompt and answer, and the ids to learn: the answer's with its end and the notes'.

    Where nothing is to be learned stands `IGNORED`.
    """
    ids: list[int] = []
    targets: list[int] = []
    messages = (*example.prompt, Message("assistant", example.answer))
    for i, message in enumerate(messages, 1):
        role = tokenizer.encode(ROLES[message.role]).ids
        encoded = tokenizer.encode(message.content + END)
        text = encoded.ids
        learned = i == len(messages) or (example.turns_taught and message.role == "assistant")
        taught = text if learned else [IGNORED] * len(text)
        for at, note in message.notes:
            token = next(i for i, (_, end) in enumerate(encoded.offsets) if end > at)
            # A target belongs to the token after the one that predicts it.
            taught[token + 1] = tokenizer.encode(note).ids[0]
        ids += role + text
        targets += [IGNORED] * len(role) + taught
    return ids, targets


def exchange(tokenizer: Tokenizer, seed: int) -> Exchange:
    """Return what exchanges copied words for strange ones, made of the pieces of `tokenizer`."""
    vocabulary = {tokenizer.decode([i]).strip() for i in range(tokenizer.get_vocab_size())}
    drawn = islice(examples(random.Random(f"common words {seed}"), "train"), EXCHANGE_SAMPLES)
    return Exchange(pieces_of(vocabulary), common_words(drawn))


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
