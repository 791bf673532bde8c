"""The weights in the repository fit the code around them."""

from __future__ import annotations

import json
from pathlib import Path

from models.colibri import prompts
from models.colibri.corpus.example import Message
from models.colibri.layout import SPECIAL, TEMPLATE, render
from service.backends.onnx.integrity import verify

WEIGHTS = Path(prompts.__file__).parent / "weights"


def test_the_model_was_trained_on_the_prompts_that_the_plugins_send() -> None:
    assert prompts.RECORD.read_text().strip() == prompts.digest(), "the prompts changed: train colibri again"


def test_the_weights_are_those_that_were_exported() -> None:
    assert verify(WEIGHTS)


def test_the_weights_stay_small() -> None:
    assert sum(p.stat().st_size for p in WEIGHTS.iterdir()) <= 10_000_000


def test_the_chat_template_and_its_tokens_are_those_of_the_training() -> None:
    config = json.loads((WEIGHTS / "tokenizer_config.json").read_text())
    assert config["chat_template"] == TEMPLATE
    added = {t["content"] for t in json.loads((WEIGHTS / "tokenizer.json").read_text())["added_tokens"] if t["special"]}
    assert added == set(SPECIAL)


def test_a_chat_is_laid_out_with_the_assistants_turn_open() -> None:
    chat = [Message("system", "Be kind."), Message("user", "Hi")]
    assert render(chat) == "<|system|>Be kind.<|end|><|user|>Hi<|end|><|assistant|>"
