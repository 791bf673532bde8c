"""One request in the batched engine: as it waits, and as it is worked on."""

from __future__ import annotations

from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from service.backends.base import FinishReason
from service.backends.onnx.batched.choice import Chooser
from service.backends.onnx.batched.drafts import Drafter
from service.backends.onnx.model import TextStream
from service.backends.onnx.stops import StopScanner
from service.backends.onnx.wire import Frame, Submission

if TYPE_CHECKING:
    import llguidance

    from service.backends.onnx.batched.adapters import Adapter
    from service.backends.onnx.batched.grammar import Matcher

ChanceFields: TypeAlias = tuple[int, str, float]
"""A token, its text, and its log-probability, as they go through the pipe."""


@dataclass(slots=True, eq=False)
class Ticket:
    """A request that waits. `needed` is the tokens of its prompt and longest answer; times are of a monotonic clock.

    `adapter` None: the model as it is. `uncached` is how much of the prompt was to be computed when it came.
    """

    submission: Submission
    prompt: list[int]
    needed: int
    arrived: float
    deadline: float | None
    grammar: Future[llguidance.LLMatcher] | None
    adapter: Adapter | None = None
    uncached: int = 0

    @property
    def number(self) -> int:
        """Return the request's number."""
        return self.submission.number

    @property
    def scope(self) -> str:
        """Return with whom it shares what is kept of prompts: its tenant's requests of the same adapter."""
        return self.tenant if self.adapter is None else f"{self.tenant}\0{self.adapter.number}"

    @property
    def tenant(self) -> str:
        """Return whose request it is."""
        return self.submission.tenant

    @property
    def priority(self) -> int:
        """Return how urgent it is; more is more urgent."""
        return self.submission.priority


@dataclass(slots=True, eq=False)
class Row:
    """A request that is worked on. `tokens` are those of prompt and answer; of the first `computed` there are keys.

    `chooser` None: the largest logit is taken. `text` and `logprobs` are what is not sent yet, `sent` is when some was.
    `kept`: its prompt is in the prefix cache.
    """

    ticket: Ticket
    cached: int
    started: float
    stream: TextStream
    scanner: StopScanner
    chooser: Chooser | None
    matcher: Matcher | None
    drafter: Drafter | None
    tokens: list[int]
    computed: int
    text: str = ""
    logprobs: list[tuple[ChanceFields, list[ChanceFields]]] = field(default_factory=list)
    output: int = 0
    first_token: float | None = None
    sent: float | None = None
    kept: bool = False
    finish: FinishReason | None = None
    failure: Exception | None = None

    @property
    def left(self) -> int:
        """Return how many tokens the answer may still have."""
        return self.ticket.submission.max_output_tokens - self.output

    @property
    def masked(self) -> Matcher | None:
        """Return the matcher that must say what may follow before the next token is chosen."""
        if self.matcher is None or (self.chooser is None and self.matcher.trusts):
            return None
        return self.matcher

    def take(self, token: int, end_tokens: frozenset[int], now: float) -> None:
        """Go on with `token`, which was chosen and which the matcher knows of; sets `finish` when it was the last."""
        self.tokens.append(token)
        self.output += 1
        if self.first_token is None:
            self.first_token = now
        if token in end_tokens:
            self._end("stop")
            return
        text, stopped = self.scanner.feed(self.stream.decode(token))
        self.text += text
        if stopped:
            self.finish = "stop"
        elif self.matcher is not None and self.matcher.complete:
            self._end("stop")
        elif self.left <= 0:
            self._end("length")

    def _end(self, reason: FinishReason) -> None:
        self.text += self.scanner.rest()
        self.finish = reason

    def done_frame(self, now: float) -> Frame:
        """Return the frame that ends the request well, with what is not sent yet."""
        arrived = self.ticket.arrived
        return {
            "op": "done",
            "id": self.ticket.number,
            "text": self.text,
            "logprobs": self.logprobs,
            "finish_reason": self.finish,
            "usage": {
                "input_tokens": len(self.ticket.prompt),
                "cached_input_tokens": self.cached,
                "output_tokens": self.output,
            },
            "queued_s": self.started - arrived,
            "first_token_s": (now if self.first_token is None else self.first_token) - arrived,
            "total_s": now - arrived,
        }
