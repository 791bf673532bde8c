"""A loaded model: the only module that touches onnxruntime-genai. It is imported by the worker alone."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

# The package hands on all names of this extension module, which type checkers cannot look into.
import onnxruntime_genai.onnxruntime_genai as og

from service.backends.base import ChatMessage
from service.backends.onnx.facts import read_facts
from service.backends.onnx.genai_adapters import GenaiRack
from service.backends.onnx.options import OnnxEngineOptions
from service.backends.onnx.sampling import Logits
from service.backends.onnx.threads import default_threads
from service.backends.onnx.words import ModelWords, first_line
from service.errors import InvalidArgumentError, ModelLoadError

_PROVIDERS = {"cuda": "cuda", "directml": "dml"}
_DEVICES = {"cpu": "CPU", "cuda": "CUDA", "directml": "DirectML"}
_WARM_UP_TOKENS = 16


class GenaiSequence:
    """A `TokenSequence` that is one greedy generator of onnxruntime-genai."""

    def __init__(self, model: og.Model, max_length: int, grammar: str, adapters: GenaiRack, adapter: str) -> None:
        """Take memory for `max_length` tokens; `adapter` is a key of `adapters`, or empty.

        Raises:
            InvalidArgumentError: The grammar does not compile.
        """
        params = og.GeneratorParams(model)
        params.set_search_options(max_length=max_length, do_sample=False, num_beams=1)
        try:
            if grammar:
                params.set_guidance("lark_grammar", grammar)
            self._generator = og.Generator(model, params)
        except RuntimeError as error:
            if not grammar:
                raise
            raise InvalidArgumentError(f"The guidance cannot be used: {first_line(error)}.") from error
        adapters.activate(self._generator, adapter)

    def append(self, tokens: Sequence[int]) -> None:
        """Compute `tokens`; see `TokenSequence`."""
        self._generator.append_tokens(list(tokens))

    def rewind(self, length: int) -> None:
        """Forget what follows `length` tokens; see `TokenSequence`."""
        self._generator.rewind_to(length)

    def logits(self) -> Logits:
        """Return the logits of the next token."""
        logits: Logits = self._generator.get_logits()
        return logits

    def set_logits(self, logits: Logits) -> None:
        """Replace the logits of the next token."""
        self._generator.set_logits(logits)

    def next_token(self) -> int:
        """Generate and return one token."""
        self._generator.generate_next_token()
        return int(self._generator.get_next_tokens()[0])

    @property
    def done(self) -> bool:
        """Tell whether an end token came or the memory is full."""
        return bool(self._generator.is_done())


class Runtime:
    """A `LoadedModel` on onnxruntime-genai."""

    def __init__(self, model_dir: Path, options: OnnxEngineOptions) -> None:
        """Load the model on the provider that `options` names, and on no other.

        Raises:
            ModelLoadError: It cannot be loaded; the message says why.
        """
        facts = read_facts(model_dir)
        self.context_tokens = min(facts.context_tokens, options.context_tokens or facts.context_tokens)
        self.kv_bytes_per_token = facts.kv_bytes_per_token(options.provider)
        self._words = ModelWords(model_dir)
        self._model = load_model(model_dir, options)
        self.adapters = GenaiRack(self._model, model_dir, options.adapter_memory_bytes)
        self.end_tokens = self._words.end_tokens
        self._warm_up()

    def prompt(self, messages: Sequence[ChatMessage]) -> list[int]:
        """Return the tokens of a prompt; see `LoadedModel`."""
        return self._words.prompt(messages)

    def sequence(self, max_length: int, grammar: str, adapter: str) -> GenaiSequence:
        """Return a new, empty sequence; see `LoadedModel`."""
        return GenaiSequence(self._model, max_length, grammar, self.adapters, adapter)

    def _warm_up(self) -> None:
        """Do once what is slow the first time: the grammar engine reads the whole vocabulary then."""
        warm = self.sequence(min(_WARM_UP_TOKENS, self.context_tokens), 'start: "a"', "")
        warm.append([next(iter(self.end_tokens))])
        warm.next_token()

    def text_stream(self) -> og.TokenizerStream:
        """Return a decoder for one request; see `LoadedModel`."""
        return self._words.text_stream()


def load_model(model_dir: Path, options: OnnxEngineOptions) -> og.Model:
    """Return the model on the provider that `options` names, and on no other.

    Raises:
        ModelLoadError: It cannot be loaded; the message says why.
    """
    session: dict[str, Any] = {"intra_op_num_threads": options.intra_op_threads or default_threads(model_dir)}
    session["session.intra_op.allow_spinning"] = "1" if options.allow_spinning else "0"
    try:
        config = og.Config(str(model_dir))
        config.clear_providers()
        if options.provider in _PROVIDERS:
            config.append_provider(_PROVIDERS[options.provider])
        config.overlay(json.dumps({"model": {"decoder": {"session_options": session}}}))
        model = og.Model(config)
    except RuntimeError as error:
        raise ModelLoadError(f"{model_dir.name} does not load on {options.provider}: {first_line(error)}") from error
    device = str(model.device_type)
    if device != _DEVICES[options.provider]:
        raise ModelLoadError(f"{model_dir.name} was to run on {options.provider}, but would run on {device}.")
    return model
