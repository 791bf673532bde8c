"""The batched engine on the tiny model, driven step by step in the test's own process."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from service.backends.base import ChatMessage, GenerationRequest
from service.backends.onnx import wire
from service.backends.onnx.batched.engine import BatchedEngine
from service.backends.onnx.batched.model import BatchedModel, load_batched
from service.backends.onnx.options import OnnxEngineOptions
from service.testing.tiny_model import TINY_MODEL_DIR

SYSTEM = "You write short and polite e-mails for a company that sells garden tools."


@functools.cache
def model() -> BatchedModel:
    """Load the tiny model once: engines share the graph and have their own memory."""
    return load_batched(TINY_MODEL_DIR, OnnxEngineOptions(intra_op_threads=1))


class Bench:
    """An engine, what it sent, and what each request has said so far."""

    def __init__(
        self, clock: Callable[[], float] | None = None, *, loaded: BatchedModel | None = None, **options: Any
    ) -> None:
        self.frames: list[wire.Frame] = []
        fields = {"flush_interval_s": 0.0, **options}
        more = {} if clock is None else {"clock": clock}
        self.engine = BatchedEngine(loaded or model(), OnnxEngineOptions(**fields), self.frames.append, **more)
        self._number = 0

    def submit(
        self,
        text: str = "Write to Ana about Monday.",
        *,
        deadline_s: float | None = None,
        max_output_tokens: int = 12,
        **fields: Any,
    ) -> int:
        """Ask, and return the request's number."""
        self._number += 1
        messages = [ChatMessage("system", SYSTEM), ChatMessage("user", text)]
        request = GenerationRequest(messages=messages, max_output_tokens=max_output_tokens, **fields)
        frame = wire.encode(wire.submit_frame(self._number, request, deadline_s))
        self.engine.handle(wire.decode(frame[wire.LENGTH_BYTES :]))
        return self._number

    def ask(self, op: str, **fields: Any) -> int:
        """Send a frame that is answered by one, and return its number."""
        self._number += 1
        self.engine.handle({"op": op, "id": self._number, **fields})
        return self._number

    def answers(self, number: int) -> list[wire.Frame]:
        """Return what was answered to `ask`: one frame at most."""
        return [frame for frame in self.frames if frame.get("id") == number]

    def run(self) -> None:
        """Work until nothing is left."""
        while self.engine.busy:
            self.engine.step()

    def say(self, text: str = "Write to Ana about Monday.", **fields: Any) -> str:
        """Ask, work until all is done, and return the answer."""
        number = self.submit(text, **fields)
        self.run()
        return self.text(number)

    def text(self, number: int) -> str:
        """Return what request `number` said."""
        assert not self.errors(number), self.errors(number)
        pieces = [item[1] for f in self.frames if f["op"] == "pieces" for item in f["items"] if item[0] == number]
        return "".join([*pieces, *(frame["text"] for frame in self.done(number))])

    def done(self, number: int) -> list[wire.Frame]:
        """Return the frames that ended request `number` well: one at most."""
        return [frame for frame in self.frames if frame["op"] == "done" and frame["id"] == number]

    def usage(self, number: int) -> dict[str, int]:
        """Return the usage of request `number`, which is done."""
        usage: dict[str, int] = self.done(number)[0]["usage"]
        return usage

    def errors(self, number: int) -> list[dict[str, Any]]:
        """Return the errors that ended request `number`."""
        return [frame["error"] for frame in self.frames if frame["op"] == "error" and frame["id"] == number]

    def order(self) -> list[int]:
        """Return the requests that are done, in the order of their ends."""
        return [frame["id"] for frame in self.frames if frame["op"] == "done"]
