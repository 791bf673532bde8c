"""One request in the worker, from its prompt's tokens to its last one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from service.backends.base import FinishReason
from service.backends.onnx.model import TextStream, TokenSequence
from service.backends.onnx.sampling import Sampler, unknown_knobs
from service.backends.onnx.stops import StopScanner
from service.backends.onnx.wire import Frame, Submission


@dataclass(slots=True, eq=False)
class Ticket:
    """A request that waits: what is needed to start it, and when it came (all times on one monotonic clock).

    `adapter` is the key of one, empty: the model as it is.
    """

    submission: Submission
    prompt: list[int]
    grammar: str
    max_length: int
    arrived: float
    deadline: float | None
    adapter: str = ""


@dataclass(slots=True, eq=False)
class Job:
    """A request that is being worked on. `tokens` is what the sequence holds, `text` what is not sent yet."""

    ticket: Ticket
    sequence: TokenSequence
    max_length: int
    cached: int
    started: float
    stream: TextStream
    scanner: StopScanner
    sampler: Sampler | None
    tokens: list[int] = field(default_factory=list)
    text: str = ""
    output: int = 0
    first_token: float | None = None
    flushed: float | None = None
    finish: FinishReason | None = None

    @property
    def number(self) -> int:
        """Return the request's number."""
        return self.ticket.submission.number

    @property
    def prefilling(self) -> bool:
        """Tell whether a part of the prompt is still to be computed."""
        return len(self.tokens) < len(self.ticket.prompt)

    def prefill(self, count: int) -> None:
        """Compute up to `count` more tokens of the prompt."""
        at = len(self.tokens)
        chunk = self.ticket.prompt[at : at + count]
        self.sequence.append(chunk)
        self.tokens.extend(chunk)

    def decode(self, end_tokens: frozenset[int], clock: Callable[[], float]) -> None:
        """Generate one token; sets `finish` when it was the last."""
        if self.sampler is not None:
            self.sequence.set_logits(self.sampler.perturb(self.sequence.logits()))
        token = self.sequence.next_token()
        self.tokens.append(token)
        self.output += 1
        if self.first_token is None:
            self.first_token = clock()
        if token in end_tokens:
            self._end("stop")
            return
        text, stopped = self.scanner.feed(self.stream.decode(token))
        self.text += text
        if stopped:
            self.finish = "stop"
        elif self.output >= self.ticket.submission.max_output_tokens or self.sequence.done:
            self._end("length")

    def _end(self, reason: FinishReason) -> None:
        self.text += self.scanner.rest()
        self.finish = reason

    def done_frame(self, now: float) -> Frame:
        """Return the frame that ends the request well."""
        arrived = self.ticket.arrived
        return {
            "op": "done",
            "id": self.number,
            "finish_reason": self.finish,
            "ignored": unknown_knobs(self.ticket.submission.sampling, self.ticket.submission.priority),
            "usage": {
                "input_tokens": len(self.ticket.prompt),
                "cached_input_tokens": self.cached,
                "output_tokens": self.output,
            },
            "queued_s": self.started - arrived,
            "first_token_s": (now if self.first_token is None else self.first_token) - arrived,
            "total_s": now - arrived,
        }
