"""A model as the batched engine needs it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from service.backends.onnx.batched.grammar import Grammars
from service.backends.onnx.batched.session import ModelSession
from service.backends.onnx.facts import read_facts
from service.backends.onnx.model import NotBatchableError
from service.backends.onnx.options import OnnxEngineOptions
from service.backends.onnx.words import ModelWords


@dataclass(frozen=True, slots=True)
class BatchedModel:
    """The graph, the tokenizer and the grammars; `context_tokens` bounds a prompt and its answer together."""

    model_dir: Path
    session: ModelSession
    words: ModelWords
    grammars: Grammars
    context_tokens: int


def load_batched(model_dir: Path, options: OnnxEngineOptions) -> BatchedModel:
    """Load the model in `model_dir` for the batched engine.

    Raises:
        NotBatchableError: This engine cannot run it; another may.
        ModelLoadError: It cannot be loaded at all.
    """
    if options.provider != "cpu":
        raise NotBatchableError(f"this engine runs on cpu, not on {options.provider}")
    facts = read_facts(model_dir)
    session = ModelSession(model_dir, options)
    words = ModelWords(model_dir)
    return BatchedModel(
        model_dir=model_dir,
        session=session,
        words=words,
        grammars=Grammars(model_dir, session.vocabulary, sorted(words.end_tokens)),
        context_tokens=min(facts.context_tokens, options.context_tokens or facts.context_tokens),
    )
