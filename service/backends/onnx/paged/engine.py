"""The scheduler over an engine that batches by itself: who takes part, what is told, and when it ends."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from service.backends.base import FinishReason
from service.backends.onnx.admission import need_place, need_tokens_left, needed_tokens
from service.backends.onnx.batched.queue import FairQueue
from service.backends.onnx.batched.request import Ticket
from service.backends.onnx.failures import error_frame
from service.backends.onnx.guidance import lark_grammar
from service.backends.onnx.model import TextStream
from service.backends.onnx.options import OnnxEngineOptions
from service.backends.onnx.paged.turns import TurnEngine, TurnEvent, TurnRequest
from service.backends.onnx.stops import StopScanner
from service.backends.onnx.wire import Frame, Submission, parse_messages, parse_submit
from service.errors import (
    DeadlineExceededError,
    FailedPreconditionError,
    InternalError,
    InvalidArgumentError,
)

_RETRY_S = 1.0


@dataclass(slots=True, eq=False)
class _Turn:
    """A request that takes part; `text` is what is not sent yet."""

    ticket: Ticket
    stream: TextStream
    scanner: StopScanner
    started: float
    text: str = ""
    output: int = 0
    cached: int = 0
    first_token: float | None = None
    flushed: float | None = None
    finish: FinishReason | None = None


class PagedEngine:
    """Takes requests, lets as many take part as memory allows, and hands frames to `send`."""

    def __init__(
        self,
        turns: TurnEngine,
        options: OnnxEngineOptions,
        send: Callable[[Frame], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Work with `turns`; `clock` is monotonic, in seconds."""
        self._turns = turns
        self._options = options
        self._send = send
        self._clock = clock
        self._kv_tokens = max(1, options.kv_memory_bytes // turns.kv_bytes_per_token)
        self.context_tokens = min(turns.context_tokens, self._kv_tokens)
        self._queue = FairQueue()
        self._active: dict[int, _Turn] = {}
        self._steps = 0
        self._finished = 0

    @property
    def busy(self) -> bool:
        """Tell whether `step` has something to do."""
        return bool(self._active or len(self._queue))

    def handle(self, frame: Frame) -> None:
        """Do what a frame of the service asks; what it asks for is answered by frames."""
        try:
            match frame["op"]:
                case "submit":
                    self._submit(parse_submit(frame))
                case "cancel":
                    self._cancel(frame["id"])
                case "count":
                    tokens = len(self._turns.prompt(parse_messages(frame)))
                    self._send({"op": "count", "id": frame["id"], "tokens": tokens})
                case "stats":
                    self._send({"op": "stats", "id": frame["id"], "stats": self.stats()})
                case "load_adapter" | "unload_adapter":
                    raise FailedPreconditionError("The engine that runs this model takes no adapters.")
                case other:
                    raise ValueError(f"unknown frame {other}")
        except Exception as error:  # noqa: BLE001 (one request must not end the others)
            self._send(error_frame(frame["id"], error))

    def stats(self) -> dict[str, int]:
        """Return counters since the start, and what is held now."""
        return {
            "decode_steps": self._steps,
            "prefill_chunks": 0,
            "finished": self._finished,
            "active": len(self._active),
            "queued": len(self._queue),
            "idle": 0,
            "kv_bytes": self._held_tokens() * self._turns.kv_bytes_per_token,
        }

    def step(self) -> None:
        """Do one step of all that take part."""
        self._expire()
        self._admit()
        if self._active:
            try:
                events = self._turns.run()
            except Exception as error:  # noqa: BLE001 (as above)
                for number in list(self._active):
                    self._fail(number, error)
                return
            self._steps += 1
            for event in events:
                self._take(event)
        self._flush()

    def _submit(self, submission: Submission) -> None:
        now = self._clock()
        need_place(len(self._queue) + len(self._active), self._options, _RETRY_S)
        if submission.sampling.logprobs is not None:
            raise InvalidArgumentError("This model's engine has no log-probabilities.")
        prompt = self._turns.prompt(submission.messages)
        needed = needed_tokens(len(prompt), submission.max_output_tokens, self.context_tokens)
        need_tokens_left(self._queue.tokens, needed, self._options, _RETRY_S)
        deadline = None if submission.deadline_s is None else now + submission.deadline_s
        self._queue.put(Ticket(submission, prompt, needed, now, deadline, None))

    def _cancel(self, number: int) -> None:
        for ticket in [ticket for ticket in self._queue if ticket.number == number]:
            self._queue.remove(ticket)
        if number in self._active:
            self._release(number)

    def _expire(self) -> None:
        now = self._clock()
        error = DeadlineExceededError("The deadline passed before the answer was complete.")
        for ticket in [one for one in self._queue if one.deadline is not None and one.deadline <= now]:
            self._queue.remove(ticket)
            self._send(error_frame(ticket.number, error))
        late = [
            n for n, turn in self._active.items() if turn.ticket.deadline is not None and turn.ticket.deadline <= now
        ]
        for number in late:
            self._fail(number, error)

    def _admit(self) -> None:
        """Let those take part for whom there is memory; nobody overtakes who waits for it."""
        while len(self._active) < self._options.max_active:
            ticket = self._queue.first(lambda _: True)
            if ticket is None or self._held_tokens() + ticket.needed > self._kv_tokens:
                return
            self._queue.begin(ticket)
            submission = ticket.submission
            try:
                grammar = lark_grammar(submission.guidance) if submission.guidance else ""
                request = TurnRequest(
                    ticket.number, ticket.prompt, submission.max_output_tokens, submission.sampling, grammar
                )
                self._turns.begin(request)
            except Exception as error:  # noqa: BLE001 (as above)
                self._queue.end(ticket.tenant)
                self._send(error_frame(ticket.number, error))
                continue
            self._queue.serve(ticket.tenant, len(ticket.prompt))
            stream, scanner = self._turns.text_stream(), StopScanner(submission.sampling.stop)
            self._active[ticket.number] = _Turn(ticket, stream, scanner, self._clock())

    def _take(self, event: TurnEvent) -> None:
        turn = self._active.get(event.number)
        if turn is None or turn.finish is not None:
            return
        if event.failure:
            self._fail(event.number, InternalError(f"The model's engine gave the request up ({event.failure})."))
            return
        turn.cached = event.cached or turn.cached
        if event.token is not None:
            self._say(turn, event.token)
        if event.finish is not None and turn.finish is None:
            turn.text += turn.scanner.rest()
            turn.finish = event.finish

    def _say(self, turn: _Turn, token: int) -> None:
        turn.output += 1
        self._queue.serve(turn.ticket.tenant, 1)
        if turn.first_token is None:
            turn.first_token = self._clock()
        if token in self._turns.end_tokens:
            return
        text, stopped = turn.scanner.feed(turn.stream.decode(token))
        turn.text += text
        if stopped:
            turn.finish = "stop"

    def _flush(self) -> None:
        """Send the text that is due, of all requests in one frame, and end those that are finished."""
        now, interval_s = self._clock(), self._options.flush_interval_s
        items = []
        for number, turn in self._active.items():
            due = turn.flushed is None or now - turn.flushed >= interval_s
            if turn.text and turn.finish is None and due and turn.ticket.submission.streamed:
                items.append([number, turn.text])
                turn.text, turn.flushed = "", now
        if items:
            self._send({"op": "pieces", "items": items})
        for number, turn in [(number, turn) for number, turn in self._active.items() if turn.finish is not None]:
            self._send(_done(turn, now))
            self._finished += 1
            self._release(number)

    def _fail(self, number: int, error: Exception) -> None:
        self._send(error_frame(number, error))
        self._release(number)

    def _release(self, number: int) -> None:
        turn = self._active.pop(number)
        self._turns.end(number)
        self._queue.end(turn.ticket.tenant)

    def _held_tokens(self) -> int:
        return sum(turn.ticket.needed for turn in self._active.values())


_UNKNOWN = ("min_p", "presence_penalty", "logit_bias")


def _done(turn: _Turn, now: float) -> Frame:
    ticket, sampling = turn.ticket, turn.ticket.submission.sampling
    return {
        "op": "done",
        "id": ticket.number,
        "text": turn.text,
        "logprobs": [],
        "finish_reason": turn.finish,
        "ignored": [name for name in _UNKNOWN if getattr(sampling, name)],
        "usage": {
            "input_tokens": len(ticket.prompt),
            "cached_input_tokens": turn.cached,
            "output_tokens": turn.output,
        },
        "queued_s": turn.started - ticket.arrived,
        "first_token_s": (now if turn.first_token is None else turn.first_token) - ticket.arrived,
        "total_s": now - ticket.arrived,
    }
