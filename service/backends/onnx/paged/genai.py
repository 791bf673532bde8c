"""`TurnEngine` on `og.Engine`. With paged attention it batches continuously; without, in fixed groups.

Source: the package's own `Engine`, `Request` and `TurnOptions` (onnxruntime-genai 0.18). An engine belongs to the
thread that made it, which is the worker's only one that computes.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import onnxruntime_genai.onnxruntime_genai as og

from service.backends.base import ChatMessage, FinishReason, Sampling
from service.backends.onnx.facts import read_facts
from service.backends.onnx.options import OnnxEngineOptions
from service.backends.onnx.paged.turns import TurnEvent, TurnRequest
from service.backends.onnx.runtime import load_model
from service.backends.onnx.sampling import DEFAULT_TOP_K
from service.backends.onnx.words import ModelWords, first_line
from service.errors import InvalidArgumentError

_EVENTS: Final = 64
"""Events that are taken at once; what is more comes with the next run."""

_REASONS: Final[dict[str, FinishReason]] = {
    "EOS": "stop",
    "STOP_STRING": "stop",
    "CANCELLED": "stop",
    "MAX_GENERATED_TOKENS": "length",
    "MAX_SESSION_TOKENS": "length",
}


class GenaiTurns:
    """Turns by number; each is the only one of a request of og's."""

    def __init__(self, model_dir: Path, options: OnnxEngineOptions) -> None:
        """Load the model.

        Raises:
            ModelLoadError: It cannot be loaded.
        """
        facts = read_facts(model_dir)
        self.context_tokens = min(facts.context_tokens, options.context_tokens or facts.context_tokens)
        self.kv_bytes_per_token = facts.kv_bytes_per_token(options.provider)
        self._words = ModelWords(model_dir)
        self.end_tokens = self._words.end_tokens
        self._engine = og.Engine(load_model(model_dir, options))
        self._buffer = self._engine.create_event_buffer(_EVENTS)
        self._requests: dict[int, tuple[Any, int]] = {}

    def prompt(self, messages: Sequence[ChatMessage]) -> list[int]:
        """Return the tokens of a prompt; see `TurnEngine`, also for what follows."""
        return self._words.prompt(messages)

    def text_stream(self) -> og.TokenizerStream:
        """Return a decoder for one request."""
        return self._words.text_stream()

    def begin(self, request: TurnRequest) -> None:
        """Let a turn take part."""
        session = og.RequestOptions()
        session.set_max_session_tokens(len(request.prompt) + request.max_output_tokens)
        made = self._engine.create_request(options=session)
        try:
            turn = og.TurnOptions(made)
            turn.set_max_generated_tokens(request.max_output_tokens)
            _sample(turn, request.sampling)
            if request.grammar:
                turn.set_guidance("lark_grammar", request.grammar)
            number = made.begin_turn(np.asarray(request.prompt, np.int32), turn)
        except RuntimeError as error:
            made.close()
            raise InvalidArgumentError(f"The model's engine cannot do what is asked: {first_line(error)}.") from error
        self._requests[request.number] = (made, number)

    def run(self) -> list[TurnEvent]:
        """Compute one step."""
        numbers = {id(made): number for number, (made, _) in self._requests.items()}
        events = self._engine.run(self._buffer)
        return [_event(numbers[id(event.request)], event) for event in events if id(event.request) in numbers]

    def end(self, number: int) -> None:
        """Let a turn go."""
        made, turn = self._requests.pop(number)
        made.cancel_turn(turn)
        made.close()


def _sample(turn: Any, sampling: Sampling) -> None:
    if sampling.repetition_penalty != 1:
        turn.set_repetition_penalty(sampling.repetition_penalty)
    if sampling.temperature == 0:
        turn.set_do_sample(False)
        return
    turn.set_do_sample(True)
    turn.set_temperature(sampling.temperature)
    turn.set_top_k(sampling.top_k or DEFAULT_TOP_K)
    if sampling.top_p < 1:
        turn.set_top_p(sampling.top_p)
    if sampling.seed is not None:
        turn.set_seed(sampling.seed)


def _event(number: int, event: Any) -> TurnEvent:
    flags = int(event.flags)
    token = int(event.token) if flags & int(og.EngineEventFlags.TOKEN) else None
    if flags & int(og.EngineEventFlags.FAILED) and not flags & int(og.EngineEventFlags.RETRYABLE):
        return TurnEvent(number, failure=str(event.error_code.name))
    if not flags & int(og.EngineEventFlags.TURN_FINISHED):
        return TurnEvent(number, token)
    reason = str(event.finish_reason.name)
    if reason not in _REASONS:
        return TurnEvent(number, failure=str(event.error_code.name))
    return TurnEvent(number, token, _REASONS[reason], cached=int(event.usage.cached_prompt_tokens))
