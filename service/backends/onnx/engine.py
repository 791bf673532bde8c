"""The scheduler of one model: several requests, one step each in turn. It runs on one thread and never waits."""

from __future__ import annotations

import logging
import time
from collections import deque
from collections.abc import Callable

from service.backends.onnx.adapter_desk import AdapterDesk
from service.backends.onnx.admission import need_place, needed_tokens
from service.backends.onnx.failures import error_frame
from service.backends.onnx.guidance import lark_grammar
from service.backends.onnx.job import Job, Ticket
from service.backends.onnx.model import LoadedModel
from service.backends.onnx.options import OnnxEngineOptions
from service.backends.onnx.prefixes import Idle, PrefixPool
from service.backends.onnx.sampling import Sampler
from service.backends.onnx.stops import StopScanner
from service.backends.onnx.wire import Frame, Submission, parse_messages, parse_submit
from service.errors import DeadlineExceededError, InvalidArgumentError

logger = logging.getLogger(__name__)

LENGTH_STEP = 256
"""Sequences are made for a multiple of so many tokens, so that a kept one fits the next request."""

_SERVICE_TIME_WEIGHT = 0.2
_RETRY_LEAST_S, _RETRY_MOST_S = 0.1, 60.0


class Engine:
    """Takes requests, works on them step by step, and hands frames to `send`."""

    def __init__(
        self,
        model: LoadedModel,
        options: OnnxEngineOptions,
        send: Callable[[Frame], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Work with `model`; `clock` is monotonic, in seconds."""
        self._model = model
        self._options = options
        self._send = send
        self._clock = clock
        self._queue: deque[Ticket] = deque()
        self._active: deque[Job] = deque()
        self._pool = PrefixPool(options.idle_generators)
        self._adapters: AdapterDesk[str] = AdapterDesk(model.adapters, send)
        self._kv_tokens = max(1, options.kv_memory_bytes // model.kv_bytes_per_token)
        self.context_tokens = min(model.context_tokens, self._kv_tokens)
        self._service_s = 1.0
        self._decode_steps = 0
        self._prefill_chunks = 0
        self._finished = 0

    @property
    def busy(self) -> bool:
        """Tell whether `step` has something to do."""
        return bool(self._active or self._queue)

    def handle(self, frame: Frame) -> None:
        """Do what a frame of the service asks; what it asks for is answered by frames."""
        try:
            match frame["op"]:
                case "submit":
                    self._submit(parse_submit(frame))
                case "cancel":
                    self._cancel(frame["id"])
                    self._settle()
                case "load_adapter":
                    self._adapters.load(frame)
                case "unload_adapter":
                    self._adapters.unload(frame)
                    self._settle()
                case "count":
                    tokens = len(self._model.prompt(parse_messages(frame)))
                    self._send({"op": "count", "id": frame["id"], "tokens": tokens})
                case "stats":
                    self._send({"op": "stats", "id": frame["id"], "stats": self.stats()})
                case other:
                    raise ValueError(f"unknown frame {other}")
        except Exception as error:  # noqa: BLE001 (one request must not end the others)
            self._fail(frame["id"], error)

    def stats(self) -> dict[str, int]:
        """Return counters since the start, and what is held now."""
        return {
            "decode_steps": self._decode_steps,
            "prefill_chunks": self._prefill_chunks,
            "finished": self._finished,
            "active": len(self._active),
            "queued": len(self._queue),
            "idle": len(self._pool),
            "kv_bytes": self._held_tokens() * self._model.kv_bytes_per_token,
        }

    def step(self) -> None:
        """Do one unit of work: a chunk of one prompt, or one token of one answer."""
        self._expire()
        self._admit()
        job = self._next()
        if job is not None:
            try:
                self._work(job)
            except Exception as error:  # noqa: BLE001 (as above)
                self._active.remove(job)
                self._fail(job.number, error)
        self._flush()
        if self._adapters.leaving:
            self._settle()

    def _settle(self) -> None:
        """Let adapters go that are to leave and are not used any more, and the sequences that were kept with them."""
        used = self._adapters_in_use()
        for name in self._adapters.leaving:
            if name not in used and (key := self._model.adapters.get(name)) is not None:
                self._pool.drop_adapter(key)
        self._adapters.settle(used)

    def _adapters_in_use(self) -> set[str]:
        return {ticket.submission.adapter for ticket in [*self._queue, *(job.ticket for job in self._active)]}

    def _submit(self, submission: Submission) -> None:
        now = self._clock()
        wait_s = min(max(self._service_s / self._options.max_active, _RETRY_LEAST_S), _RETRY_MOST_S)
        need_place(len(self._queue) + len(self._active), self._options, round(wait_s, 2))
        if submission.sampling.logprobs is not None:
            raise InvalidArgumentError("This model's engine has no log-probabilities. Set onnx.engine to batched.")
        grammar = lark_grammar(submission.guidance) if submission.guidance else ""
        prompt = self._model.prompt(submission.messages)
        needed = needed_tokens(len(prompt), submission.max_output_tokens, self.context_tokens)
        max_length = min(-(-needed // LENGTH_STEP) * LENGTH_STEP, self.context_tokens)
        deadline = None if submission.deadline_s is None else now + submission.deadline_s
        adapter = self._adapters.get(submission.adapter) or ""
        self._queue.append(Ticket(submission, prompt, grammar, max_length, now, deadline, adapter))

    def _cancel(self, number: int) -> None:
        self._queue = deque(ticket for ticket in self._queue if ticket.submission.number != number)
        for job in [job for job in self._active if job.number == number]:
            self._release(job)

    def _expire(self) -> None:
        now = self._clock()
        late = [job for job in self._active if job.ticket.deadline is not None and job.ticket.deadline <= now]
        waiting = [ticket for ticket in self._queue if ticket.deadline is not None and ticket.deadline <= now]
        for job in late:
            self._release(job)
        for ticket in waiting:
            self._queue.remove(ticket)
        for number in [job.number for job in late] + [ticket.submission.number for ticket in waiting]:
            self._fail(number, DeadlineExceededError("The deadline passed before the answer was complete."))

    def _admit(self) -> None:
        while self._queue and len(self._active) < self._options.max_active:
            ticket = self._queue[0]
            try:
                job = self._start(ticket)
            except Exception as error:  # noqa: BLE001 (as above)
                self._queue.popleft()
                self._fail(ticket.submission.number, error)
                continue
            if job is None:
                return
            self._queue.popleft()
            self._active.append(job)

    def _start(self, ticket: Ticket) -> Job | None:
        """Return the job of `ticket`; None while active requests hold the memory that it needs."""
        taken = self._take(ticket)
        if taken is not None:
            idle, cached = taken
            sequence, max_length = idle.sequence, idle.max_length
        else:
            if self._held_tokens() - self._pool.held_tokens + ticket.max_length > self._kv_tokens:
                return None
            while self._held_tokens() + ticket.max_length > self._kv_tokens:
                self._pool.drop_oldest()
            cached, max_length = 0, ticket.max_length
            sequence = self._model.sequence(max_length, ticket.grammar, ticket.adapter)
        sampling = ticket.submission.sampling
        return Job(
            ticket=ticket,
            sequence=sequence,
            max_length=max_length,
            cached=cached,
            started=self._clock(),
            stream=self._model.text_stream(),
            scanner=StopScanner(sampling.stop),
            sampler=Sampler(sampling, guided=bool(ticket.grammar)) if sampling.temperature > 0 else None,
            tokens=ticket.prompt[:cached],
        )

    def _take(self, ticket: Ticket) -> tuple[Idle, int] | None:
        """Return a kept sequence; a model with a sliding window may not go back, and then computes all again."""
        try:
            return self._pool.take(ticket.prompt, ticket.max_length, ticket.grammar, ticket.adapter)
        except RuntimeError:
            logger.warning("the model cannot go back to a shared prefix: the prompt is computed again")
            return None

    def _next(self) -> Job | None:
        """Return whose turn it is; of several prompts only the oldest goes on, so that answers flow meanwhile."""
        oldest = min((job for job in self._active if job.prefilling), key=lambda job: job.number, default=None)
        for _ in range(len(self._active)):
            job = self._active[0]
            self._active.rotate(-1)
            if not job.prefilling or job is oldest:
                return job
        return None

    def _work(self, job: Job) -> None:
        if job.prefilling:
            job.prefill(self._options.prefill_chunk_tokens)
            self._prefill_chunks += 1
            return
        job.decode(self._model.end_tokens, self._clock)
        self._decode_steps += 1

    def _flush(self) -> None:
        """Send the text that is due, of all requests in one frame, and end those that are finished."""
        now = self._clock()
        due = [job for job in self._active if job.text and self._is_due(job, now)]
        if due:
            self._send({"op": "pieces", "items": [[job.number, job.text] for job in due]})
        for job in due:
            job.text, job.flushed = "", now
        for job in [job for job in self._active if job.finish]:
            self._send(job.done_frame(now))
            self._finished += 1
            self._service_s += _SERVICE_TIME_WEIGHT * (now - job.started - self._service_s)
            self._release(job)

    def _is_due(self, job: Job, now: float) -> bool:
        first = job.flushed is None
        return first or job.finish is not None or now - (job.flushed or 0.0) >= self._options.flush_interval_s

    def _release(self, job: Job) -> None:
        """End `job` and keep its sequence for others."""
        self._active.remove(job)
        if job.tokens:
            self._pool.put(Idle(job.sequence, job.tokens, job.max_length, job.ticket.grammar, job.ticket.adapter))

    def _held_tokens(self) -> int:
        return sum(job.max_length for job in self._active) + self._pool.held_tokens

    def _fail(self, number: int, error: Exception) -> None:
        self._send(error_frame(number, error))
