"""The scheduler of one model: all answers advance together, and prompts in chunks between. It runs on one thread."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, wait
from functools import partial

from service.backends.onnx.adapter_desk import AdapterDesk
from service.backends.onnx.admission import need_place, need_tokens_left, needed_tokens
from service.backends.onnx.batched.adapters import Adapter, AdapterRack
from service.backends.onnx.batched.arena import Arena
from service.backends.onnx.batched.batch import Batch
from service.backends.onnx.batched.blocks import BLOCK_TOKENS, PrefixCache
from service.backends.onnx.batched.choice import Chooser, is_plain
from service.backends.onnx.batched.counted import CountedPrompts
from service.backends.onnx.batched.decoding import Decoder
from service.backends.onnx.batched.drafts import LOOK_BACK, Drafter, Memory
from service.backends.onnx.batched.model import BatchedModel
from service.backends.onnx.batched.pace import Pace
from service.backends.onnx.batched.queue import FairQueue
from service.backends.onnx.batched.request import Row, Ticket
from service.backends.onnx.failures import error_frame
from service.backends.onnx.guidance import lark_grammar
from service.backends.onnx.model import NotBatchableError
from service.backends.onnx.options import OnnxEngineOptions
from service.backends.onnx.stops import StopScanner
from service.backends.onnx.wire import Frame, Submission, parse_messages, parse_submit
from service.errors import DeadlineExceededError

_COMPILING_S = 0.002
"""How long a step waits for a grammar when there is nothing else to do."""

_WARM_UP_TOKENS = 16

_SENT_AT_ONCE = 4
"""So many requests are sent text in one flush interval, by turns: each piece costs the service and its clients as much
as several tokens cost the model, and the pieces of all at once would keep the service's loop from all else."""

_PREFIX_SHARE = 4
"""Of the key-value memory, one part in so many is the prefix cache's."""


class BatchedEngine:
    """Takes requests, works on all of them in each step, and hands frames to `send`."""

    def __init__(
        self,
        model: BatchedModel,
        options: OnnxEngineOptions,
        send: Callable[[Frame], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Work with `model`; `clock` is monotonic, in seconds."""
        self._model = model
        self._options = options
        self._send = send
        self._clock = clock
        self._kv_bytes = model.session.kv.bytes_per_token
        tokens = max(1, options.kv_memory_bytes // self._kv_bytes)
        prefix = min(tokens // _PREFIX_SHARE, options.prefix_memory_bytes // self._kv_bytes)
        self.context_tokens = min(model.context_tokens, tokens - prefix)
        self._arena = Arena(
            model.session.kv,
            min(tokens - prefix, options.max_active * self.context_tokens),
            options.max_active,
            self.context_tokens,
        )
        rack = AdapterRack(model.model_dir, options.max_active, options.adapter_memory_bytes)
        self._adapters: AdapterDesk[Adapter] = AdapterDesk(rack, send)
        self._batch = Batch(model.session, self._arena, rack, options.max_active, self.context_tokens)
        self._pace = Pace()
        self._decoder = Decoder(model, self._batch, self._pace, clock)
        self._prefixes = PrefixCache(model.session.kv, prefix)
        self._memory = Memory()
        self._counted = CountedPrompts(model.words)
        self._queue = FairQueue()
        self._rows: list[Row] = []
        self._filling: Row | None = None
        self._flushed = 0.0
        self._prefill_chunks = 0
        self._finished = 0
        self._warm_up()

    @property
    def busy(self) -> bool:
        """Tell whether `step` has something to do."""
        return bool(self._rows or self._filling or len(self._queue))

    def handle(self, frame: Frame) -> None:
        """Do what a frame of the service asks; what it asks for is answered by frames."""
        try:
            match frame["op"]:
                case "submit":
                    self._submit(parse_submit(frame))
                case "cancel":
                    self._cancel(frame["id"])
                    self._adapters.settle(self._adapters_in_use())
                case "count":
                    tokens = self._counted.count(parse_messages(frame))
                    self._send({"op": "count", "id": frame["id"], "tokens": tokens})
                case "load_adapter":
                    self._adapters.load(frame)
                case "unload_adapter":
                    self._adapters.unload(frame)
                    self._adapters.settle(self._adapters_in_use())
                case "stats":
                    self._send({"op": "stats", "id": frame["id"], "stats": self.stats()})
                case other:
                    raise ValueError(f"unknown frame {other}")
        except Exception as error:  # noqa: BLE001 (one request must not end the others)
            self._send(error_frame(frame["id"], error))

    def stats(self) -> dict[str, int]:
        """Return counters since the start, and what is held now."""
        held = self._active * self._arena.row_tokens + self._prefixes.tokens
        return {
            "decode_steps": self._decoder.steps,
            "prefill_chunks": self._prefill_chunks,
            "finished": self._finished,
            "active": self._active,
            "queued": len(self._queue),
            "idle": self._prefixes.tokens,
            "kv_bytes": held * self._kv_bytes,
            "guessed": self._decoder.guessed,
            "guessed_right": self._decoder.guessed_right,
        }

    def step(self) -> None:
        """Do one round of work: a chunk of one prompt or several short prompts, and one token of every answer."""
        self._expire()
        self._fill()
        if self._rows:
            self._decode()
        elif self._filling is None:
            self._await_grammar()
        self._flush()
        if self._adapters.leaving:
            self._adapters.settle(self._adapters_in_use())

    @property
    def _active(self) -> int:
        return len(self._rows) + (self._filling is not None)

    def _submit(self, submission: Submission) -> None:
        now = self._clock()
        options = self._options
        retry_after_s = self._pace.retry_after_s(options.max_active)
        need_place(len(self._queue) + self._active, options, retry_after_s)
        prompt = self._counted.take(submission.messages)
        needed = needed_tokens(len(prompt), submission.max_output_tokens, self.context_tokens)
        need_tokens_left(self._queue.tokens, needed, options, retry_after_s)
        deadline = None if submission.deadline_s is None else now + submission.deadline_s
        ticket = Ticket(submission, prompt, needed, now, deadline, None, self._adapters.get(submission.adapter))
        self._share(ticket)
        ticket.uncached = len(prompt) - self._prefixes.known(ticket.scope, prompt, len(prompt) - 1)
        if submission.deadline_s is not None:
            self._check_deadline(ticket, submission.deadline_s)
        if submission.guidance:
            ticket.grammar = self._model.grammars.compile(lark_grammar(submission.guidance))
        self._queue.put(ticket)

    def _check_deadline(self, ticket: Ticket, deadline_s: float) -> None:
        """Refuse what cannot even begin its answer in time, at the speed that was measured here.

        Raises:
            DeadlineExceededError: The prompts and answers before it, and its own prompt, take longer.
        """
        ahead = list(self._queue.ahead(ticket.priority, ticket.tenant))
        prompts = ticket.uncached + sum(one.uncached for one in ahead)
        prompts += 0 if self._filling is None else len(self._filling.ticket.prompt) - self._filling.computed
        least_s = self._pace.least_s(prompts, self._answers_before(ahead))
        if deadline_s < least_s:
            told = f"{len(ahead) + self._active} requests are before it, and its first token is" if ahead else ""
            raise DeadlineExceededError(
                f"The deadline is in {max(deadline_s, 0):.2f} s; {told or 'the prompt alone takes'} about "
                f"{least_s:.2f} s{' away' if told else ''}. Give more time or a shorter prompt."
            )

    def _answers_before(self, ahead: Sequence[Ticket]) -> float:
        """Return how many tokens of others' answers come before a row is free for who comes after `ahead`, at least."""
        over = len(ahead) + self._active - self._options.max_active + 1
        if over <= 0:
            return 0.0
        pace = self._pace
        left = [pace.expected(row.left, row.output) for row in self._working()]
        left += [pace.expected(ticket.submission.max_output_tokens) for ticket in ahead]
        return sum(sorted(left)[:over])

    def _cancel(self, number: int) -> None:
        for ticket in [ticket for ticket in self._queue if ticket.number == number]:
            self._queue.remove(ticket)
        for row in [row for row in self._working() if row.ticket.number == number]:
            self._release(row)

    def _adapters_in_use(self) -> set[str]:
        tickets = [*self._queue, *(row.ticket for row in self._working())]
        return {ticket.adapter.name for ticket in tickets if ticket.adapter is not None}

    def _working(self) -> list[Row]:
        return [*self._rows, self._filling] if self._filling else list(self._rows)

    def _expire(self) -> None:
        now = self._clock()
        late = [row for row in self._working() if row.ticket.deadline is not None and row.ticket.deadline <= now]
        waiting = [ticket for ticket in self._queue if ticket.deadline is not None and ticket.deadline <= now]
        for row in late:
            self._release(row)
        for ticket in waiting:
            self._queue.remove(ticket)
        for number in [row.ticket.number for row in late] + [ticket.number for ticket in waiting]:
            error = DeadlineExceededError("The deadline passed before the answer was complete.")
            self._send(error_frame(number, error))

    def _admit(self) -> None:
        """Give the next request its row, if there is one; nobody overtakes who waits for room."""
        if self._filling is not None or not len(self._queue):
            return
        ticket = self._queue.first(_is_ready)
        if ticket is None:
            return
        count = len(self._rows) + 1
        longest = max(ticket.needed, *(row.ticket.needed for row in self._rows), 0)
        if not self._arena.fits(count, longest):
            return
        used = int(self._batch.lengths[: count - 1].max()) if self._rows else 0
        self._arena.fit(count, longest, count - 1, used)
        self._queue.begin(ticket)
        try:
            self._filling = self._start(ticket)
        except Exception as error:  # noqa: BLE001 (as above)
            self._queue.end(ticket.tenant)
            self._send(error_frame(ticket.number, error))

    def _start(self, ticket: Ticket) -> Row:
        sampling, prompt = ticket.submission.sampling, ticket.prompt
        matcher = self._model.grammars.matcher(ticket.grammar) if ticket.grammar else None
        plain = is_plain(sampling)
        self._share(ticket)
        # At least one token of the prompt is computed, since the logits come from there.
        cached = self._batch.fill(len(self._rows), self._prefixes.find(ticket.scope, prompt, len(prompt) - 1))
        guesses = plain and matcher is None and sampling.logprobs is None
        return Row(
            ticket=ticket,
            cached=cached,
            started=self._clock(),
            stream=self._model.words.text_stream(),
            scanner=StopScanner(sampling.stop),
            chooser=None if plain else Chooser(sampling, self._model.session.vocabulary, prompt),
            matcher=matcher,
            drafter=Drafter(prompt, self._memory.of(ticket.scope)) if guesses and self._options.speculate else None,
            tokens=list(prompt),
            computed=cached,
        )

    def _share(self, ticket: Ticket) -> None:
        """Keep the prompts of those rows that `ticket` may begin alike with; all others are kept at their ends.

        So nobody's first token waits for the copy, which may take milliseconds while the cache is new.
        """
        for place, row in enumerate(self._rows):
            own = row.ticket
            alike = own.scope == ticket.scope and own.prompt[:BLOCK_TOKENS] == ticket.prompt[:BLOCK_TOKENS]
            if alike and not row.kept:
                self._prefixes.store(own.scope, own.prompt, partial(self._arena.read, place))
                row.kept = True

    def _fill(self) -> None:
        """Compute prompts, as many as are no more work together than one chunk.

        A prompt is cut into the same chunks whoever else is there: that decides the last bits of its logits.
        """
        room = self._options.prefill_chunk_tokens
        self._admit()
        while self._filling is not None:
            row = self._filling
            size = min(len(row.ticket.prompt) - row.computed, self._options.prefill_chunk_tokens)
            if size > room:
                return
            room -= size
            self._prefill(row)
            if self._filling is None:
                self._admit()

    def _await_grammar(self) -> None:
        """Let a grammar be compiled when there is nothing else to do."""
        compiling = [ticket.grammar for ticket in self._queue if ticket.grammar is not None]
        if compiling:
            wait(compiling, _COMPILING_S, FIRST_COMPLETED)

    def _prefill(self, row: Row) -> None:
        """Compute a chunk of a prompt; after the last one the row takes part in the steps."""
        place, prompt = len(self._rows), row.ticket.prompt
        chunk = prompt[row.computed : row.computed + self._options.prefill_chunk_tokens]
        last = row.computed + len(chunk) == len(prompt)
        try:
            masked = last and row.masked is not None
            masks = self._model.grammars.begin([row.masked] if last and row.masked else [])
            start = self._clock()
            logits = self._batch.extend(place, chunk, row.ticket.adapter)
            row.computed += len(chunk)
            self._prefill_chunks += 1
            self._pace.prefilled(len(chunk), self._clock() - start)
            self._queue.serve(row.ticket.tenant, len(chunk))
            if not last:
                return
            if masks is not None:
                masks.result()
            self._decoder.choose(row, logits[-1], int(logits[-1].argmax()), masked=masked)
        except Exception as error:  # noqa: BLE001 (as above)
            self._release(row)
            self._send(error_frame(row.ticket.number, error))
            return
        self._rows.append(row)
        self._filling = None

    def _decode(self) -> None:
        """Compute the next token of every row."""
        try:
            self._decoder.advance(self._rows, alone=self._filling is None)
        except Exception as error:  # noqa: BLE001 (as above)
            for row in self._rows:
                row.failure = error
            return
        for row in self._rows:
            self._queue.serve(row.ticket.tenant, 1)

    def _flush(self) -> None:
        """Send the text that is due in one frame, and end those that are finished."""
        now = self._clock()
        waiting = [row for row in self._rows if row.text and row.finish is None and row.ticket.submission.streamed]
        chosen = [row for row in waiting if row.sent is None]
        if now - self._flushed >= self._options.flush_interval_s:
            self._flushed = now
            again = sorted((row for row in waiting if row.sent is not None), key=lambda row: row.sent or 0.0)
            chosen += again[:_SENT_AT_ONCE]
        if chosen:
            items = [[row.ticket.number, row.text, row.logprobs] for row in chosen]
            for row in chosen:
                row.text, row.logprobs, row.sent = "", [], now
            self._send({"op": "pieces", "items": items})
        for row in [row for row in self._rows if row.failure is not None or row.finish is not None]:
            if row.failure is not None:
                self._send(error_frame(row.ticket.number, row.failure))
            else:
                self._send(row.done_frame(now))
                self._finished += 1
                self._pace.served(now - row.started)
                self._pace.answered(row.output)
                if row.drafter is not None:
                    self._memory.of(row.ticket.scope).learn(row.tokens[-row.output - LOOK_BACK :])
            self._release(row)

    def _release(self, row: Row) -> None:
        """End `row`, keep what it computed for others, and close the gap that it leaves."""
        last = len(self._rows)
        if row is self._filling:
            place, self._filling = last, None
        else:
            place = self._rows.index(row)
        if row.failure is None:
            known = row.tokens[: row.computed]
            self._prefixes.store(row.ticket.scope, known, partial(self._arena.read, place))
        self._batch.cut(place, 0)
        self._queue.end(row.ticket.tenant)
        if place == last:
            return
        self._rows.pop(place)
        if place != last - 1:
            self._batch.move(last - 1, place)
            self._rows.insert(place, self._rows.pop())
        if self._filling is not None:
            self._batch.move(last, last - 1)

    def _warm_up(self) -> None:
        """Do once what is slow the first time, and see that the graph runs as this engine runs graphs.

        Raises:
            NotBatchableError: It does not.
        """
        token = next(iter(self._model.words.end_tokens))
        count = max(1, min(_WARM_UP_TOKENS, self.context_tokens // 2))
        try:
            for _ in range(2):
                self._batch.cut(0, 0)
                start = self._clock()
                self._batch.extend(0, [token] * count)
                self._pace.prefilled(count, self._clock() - start)
                start = self._clock()
                self._batch.step([token])
                self._pace.stepped(self._clock() - start)
        except Exception as error:
            raise NotBatchableError(f"its graph does not run in place ({type(error).__name__})") from error
        self._batch.cut(0, 0)


def _is_ready(ticket: Ticket) -> bool:
    return ticket.grammar is None or ticket.grammar.done()
