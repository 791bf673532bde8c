"""onnxruntime-genai: its `Generator`, one answer after the other or in batches, and its `Engine`."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime_genai as og

from bench.local.asks import Ask
from bench.local.peers.threaded import Progress

_EVENTS = 64


class _Model:
    """The model and the tokens that end an answer."""

    def __init__(self, path: Path, threads: int) -> None:
        config = og.Config(str(path))
        config.clear_providers()
        config.overlay(json.dumps({"model": {"decoder": {"session_options": {"intra_op_num_threads": threads}}}}))
        self.model = og.Model(config)
        self.tokenizer = og.Tokenizer(self.model)
        self.ends = frozenset(int(token) for token in self.tokenizer.eos_token_ids)
        self.pad = int(self.tokenizer.pad_token_id)

    def generator(self, prompts: Sequence[Sequence[int]], new_tokens: int) -> og.Generator:
        """Return a greedy generator that has computed the prompts, which are filled up on the right."""
        width = max(map(len, prompts))
        params = og.GeneratorParams(self.model)
        params.set_search_options(max_length=width + new_tokens, do_sample=False, batch_size=len(prompts))
        made = og.Generator(self.model, params)
        rows = [[*prompt, *[self.pad] * (width - len(prompt))] for prompt in prompts]
        made.append_tokens(np.array(rows, np.int32))
        return made


class Batches:
    """A generator for all who wait, at most `most`; the next batch begins when the last answer has ended."""

    def __init__(self, path: Path, threads: int, most: int) -> None:
        """Load the model; `most` 1 is one answer after the other."""
        self._model = _Model(path, threads)
        self._most = most
        self._waiting: deque[tuple[int, Ask]] = deque()
        self._rows: list[tuple[int, Ask]] = []
        self._made: list[int] = []
        self._streams: list[Any] = []
        self._generator: og.Generator | None = None

    @property
    def busy(self) -> bool:
        """See `StepEngine`."""
        return bool(self._waiting or self._generator)

    def add(self, number: int, ask: Ask) -> None:
        """See `StepEngine`."""
        self._waiting.append((number, ask))

    def clear(self) -> None:
        """See `StepEngine`."""
        self._waiting.clear()
        self._generator = None

    def step(self) -> Iterable[Progress]:
        """Compute a token of every answer of the batch."""
        if self._generator is None:
            self._begin()
        assert self._generator is not None
        self._generator.generate_next_token()
        tokens = [int(token) for token in self._generator.get_next_tokens()]
        progress = list(self._taken(tokens))
        if not any(self._made[at] >= 0 for at in range(len(self._rows))):
            self._generator = None
        return progress

    def _begin(self) -> None:
        self._rows = [self._waiting.popleft() for _ in range(min(self._most, len(self._waiting)))]
        self._made = [0] * len(self._rows)
        self._streams = [self._model.tokenizer.create_stream() for _ in self._rows]
        longest = max(ask.max_tokens for _, ask in self._rows)
        self._generator = self._model.generator([ask.prompt for _, ask in self._rows], longest)

    def _taken(self, tokens: Sequence[int]) -> Iterable[Progress]:
        for at, ((number, ask), token) in enumerate(zip(self._rows, tokens, strict=True)):
            if self._made[at] < 0:
                continue
            self._made[at] += 1
            ended = token in self._model.ends
            if not ended:
                self._streams[at].decode(token)
            over = ended or self._made[at] >= ask.max_tokens
            if over:
                self._made[at] = -1
            yield number, 1, over


class Engine:
    """`og.Engine`, which schedules by itself."""

    def __init__(self, path: Path, threads: int) -> None:
        """Load the model."""
        self._model = _Model(path, threads)
        self._engine = og.Engine(self._model.model)
        self._buffer = self._engine.create_event_buffer(_EVENTS)
        self._requests: dict[int, tuple[og.Request, Any]] = {}

    @property
    def busy(self) -> bool:
        """See `StepEngine`."""
        return bool(self._requests)

    def add(self, number: int, ask: Ask) -> None:
        """See `StepEngine`."""
        request = self._engine.create_request()
        options = og.TurnOptions(request)
        options.set_max_generated_tokens(ask.max_tokens)
        options.set_do_sample(False)
        request.begin_turn(np.array(ask.prompt, np.int32), options)
        self._requests[number] = (request, self._model.tokenizer.create_stream())

    def clear(self) -> None:
        """See `StepEngine`."""
        for request, _ in self._requests.values():
            request.close()
        self._requests.clear()

    def step(self) -> Iterable[Progress]:
        """Run the engine once."""
        for event in self._engine.run(self._buffer):
            number = next(number for number, (request, _) in self._requests.items() if request == event.request)
            request, stream = self._requests[number]
            if event.flags & og.EngineEventFlags.FAILED:
                raise RuntimeError(f"og.Engine failed: {event.error_code}")
            token = bool(event.flags & og.EngineEventFlags.TOKEN)
            if token and event.token not in self._model.ends:
                stream.decode(event.token)
            over = bool(event.flags & og.EngineEventFlags.TURN_FINISHED)
            if over:
                request.close()
                del self._requests[number]
            yield number, int(token), over
