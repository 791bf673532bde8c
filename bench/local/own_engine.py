"""This project's engine without the service around it, in the same harness as its peers."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from bench.local.asks import Ask, Reckoning
from bench.local.peers.threaded import Progress
from service.backends.base import ChatMessage, GenerationRequest, Sampling
from service.backends.onnx import wire
from service.backends.onnx.choose import engine_of
from service.backends.onnx.options import OnnxEngineOptions


class OwnEngine:
    """See `StepEngine`. Pieces are text; until an answer's end their tokens are reckoned from the answers before."""

    def __init__(self, path: Path, threads: int, most: int, *, guesses: bool) -> None:
        """Load the model."""
        options = OnnxEngineOptions(intra_op_threads=threads, max_active=most, max_queued=4 * most, speculate=guesses)
        self._frames: list[wire.Frame] = []
        self._engine = engine_of(path, options, self._frames.append)
        self._counted: dict[int, tuple[float, int]] = {}
        self._reckoning = Reckoning()

    @property
    def busy(self) -> bool:
        """See `StepEngine`."""
        return self._engine.busy

    def add(self, number: int, ask: Ask) -> None:
        """See `StepEngine`."""
        request = GenerationRequest(
            messages=(ChatMessage(role="system", content=ask.system), ChatMessage(role="user", content=ask.user)),
            max_output_tokens=ask.max_tokens,
            sampling=Sampling(temperature=0.0),
        )
        self._counted[number] = (0.0, 0)
        self._handle(wire.submit_frame(number, request, None))

    def clear(self) -> None:
        """See `StepEngine`."""
        for number in self._counted:
            self._handle({"op": "cancel", "id": number})
        self._counted.clear()
        self._frames.clear()

    def step(self) -> Iterable[Progress]:
        """Do one round of the engine's work."""
        self._engine.step()
        frames, self._frames[:] = list(self._frames), []
        for frame in frames:
            match frame["op"]:
                case "pieces":
                    for number, text, *_ in frame["items"]:
                        yield self._came(number, text)
                case "done":
                    yield self._done(frame)
                case "error":
                    raise RuntimeError(frame["error"]["message"])

    def _handle(self, frame: wire.Frame) -> None:
        # As it comes out of the pipe, where it is plain values.
        self._engine.handle(wire.decode(wire.encode(frame)[wire.LENGTH_BYTES :]))

    def _came(self, number: int, text: str) -> Progress:
        counted, chars = self._counted[number]
        amount = self._reckoning.tokens(text)
        self._counted[number] = (counted + amount, chars + len(text))
        return number, amount, False

    def _done(self, frame: dict[str, Any]) -> Progress:
        number, tokens = frame["id"], frame["usage"]["output_tokens"]
        counted, chars = self._counted.pop(number)
        self._reckoning.learn(tokens, chars + len(frame["text"]))
        return number, tokens - counted, True
