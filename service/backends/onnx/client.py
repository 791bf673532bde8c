"""A local model as the service sees it: a `Generator` whose work is done in a worker process, which is kept alive."""

from __future__ import annotations

import asyncio
import itertools
import logging
import random
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import replace
from typing import Any, Literal

from service.backends.base import (
    ChatMessage,
    Finished,
    GenerationPiece,
    GenerationRequest,
    Guidance,
    ModelCard,
    Price,
    TextPiece,
    TokenChance,
    TokenLogprob,
    ToolSpec,
    Usage,
    setting_ignored,
)
from service.backends.onnx import wire
from service.backends.onnx.adapter_desk import unknown_adapter
from service.backends.onnx.catalogue import ModelEntry, card_of
from service.backends.onnx.options import OnnxEngineOptions
from service.backends.onnx.process import WorkerProcess, start_worker, worker_environment
from service.backends.onnx.tools import answer_with_tools, as_words, choosing_prompt
from service.backends.onnx.validation import validate
from service.errors import DeadlineExceededError, ModelLoadError, UnavailableError, VaivenError, WorkerDiedError

logger = logging.getLogger(__name__)


class OnnxModel:
    """One model of the catalogue, loaded by `start` and served until `close`.

    A worker that dies is started again after a pause; what it held ends with `WorkerDiedError`. A model that cannot be
    loaded, or whose worker died too often in a row, is `failed` until it is started anew.
    """

    def __init__(
        self,
        entry: ModelEntry,
        options: OnnxEngineOptions,
        *,
        price: Price,
        inherited_environment: Mapping[str, str],
        backend: str = "onnx",
        adapters: Sequence[str] = (),
    ) -> None:
        """Prepare the model of `entry`; the worker gets the harmless part of `inherited_environment`.

        `adapters` are loaded with it, those that can be.
        """
        self._entry = entry
        self._options = options
        self._environment = worker_environment(inherited_environment)
        self._card = replace(card_of(entry, options, price, backend), adapters=tuple(sorted(adapters)))
        self._worker: WorkerProcess | None = None
        self._streams: dict[int, asyncio.Queue[wire.Frame | VaivenError]] = {}
        self._numbers = itertools.count(1)
        self._settled = asyncio.Event()
        self._served = False
        self._supervisor: asyncio.Task[None] | None = None

    @property
    def card(self) -> ModelCard:
        """Return the model's facts as they are now."""
        return self._card

    @property
    def worker_pid(self) -> int | None:
        """Return the process id of the worker; None while there is none."""
        return self._worker.pid if self._worker else None

    def start(self) -> None:
        """Start loading, in the background; a no-op while the model is loading or loaded."""
        if self._supervisor is None or self._supervisor.done():
            self._set_state("loading")
            self._supervisor = asyncio.create_task(self._supervise(), name=f"supervisor of {self._entry.model_id}")

    async def ready(self) -> None:
        """Wait until the model is loaded.

        Raises:
            ModelLoadError: It cannot be loaded.
        """
        await self._settled.wait()
        if self._card.state != "ready":
            raise ModelLoadError(self._card.state_message)

    async def generate(self, request: GenerationRequest) -> AsyncGenerator[GenerationPiece, None]:
        """Yield pieces and then one `Finished`; see `base.Generator.generate`."""
        validate(request, self._card.max_output_tokens)
        if request.adapter and request.adapter not in self._card.adapters:
            raise unknown_adapter(request.adapter, self._card.adapters)
        plain = replace(request, messages=as_words(request.messages))
        wants_tools = bool(request.tools) and request.tool_choice != "none"
        pieces = answer_with_tools(plain, self._answer) if wants_tools else self._answer(plain)
        async with aclosing(pieces):
            async for piece in pieces:
                yield piece

    async def count_tokens(
        self, messages: Sequence[ChatMessage], tools: Sequence[ToolSpec] = (), guidance: Guidance | None = None
    ) -> int:
        """Return how many tokens the messages take as a prompt; see `base.Generator.count_tokens`."""
        # A constraint is the grammar's business: the model is not told.
        frame = await self._ask({"op": "count", "messages": list(choosing_prompt(as_words(messages), tools))})
        return int(frame["tokens"])

    async def stats(self) -> dict[str, int]:
        """Return the worker's counters: decode_steps, prefill_chunks, finished, active, queued, idle, kv_bytes."""
        stats: dict[str, int] = (await self._ask({"op": "stats"}))["stats"]
        return stats

    async def load_adapter(self, name: str) -> None:
        """Load an adapter from beside the model, for requests that name it; a no-op where it is loaded.

        Raises:
            NotFoundError: There is none of that name.
            FailedPreconditionError: The model takes no adapters.
            ModelFilesError: It is damaged, or of another model.
            ModelMemoryError: There is no room for it.
        """
        self._set_adapters((await self._ask({"op": "load_adapter", "name": name}))["names"])

    async def unload_adapter(self, name: str) -> None:
        """Let go of an adapter: new requests do not find it, and those that are going on are answered first.

        Raises:
            NotFoundError: It is not loaded.
        """
        if name not in self._card.adapters:
            raise unknown_adapter(name, self._card.adapters)
        before = self._card.adapters
        self._set_adapters([one for one in before if one != name])
        self._set_adapters((await self._ask({"op": "unload_adapter", "name": name}))["names"])

    def _set_adapters(self, names: Sequence[str]) -> None:
        self._card = replace(self._card, adapters=tuple(sorted(names)))

    async def close(self) -> None:
        """End the worker; what it held ends with `UnavailableError`."""
        if self._supervisor is not None:
            self._supervisor.cancel()
            await asyncio.gather(self._supervisor, return_exceptions=True)
        self._set_state("failed", "The model was unloaded.")

    async def _answer(self, request: GenerationRequest) -> AsyncGenerator[GenerationPiece, None]:
        """Answer a request without tools."""
        loop = asyncio.get_running_loop()
        asked = loop.time()
        worker = await self._ready_worker(request.deadline)
        waited = loop.time() - asked
        left_s = None if request.deadline is None else request.deadline - loop.time()
        number, frames = self._open_stream()
        finished = False
        try:
            worker.post(wire.submit_frame(number, request, left_s))
            while not finished:
                for piece in await _next_pieces(frames, request.deadline):
                    finished = isinstance(piece, Finished)
                    yield _later(piece, waited) if isinstance(piece, Finished) else piece
        except VaivenError as error:
            # The worker forgot the request, but for a deadline that was noticed here first.
            finished = not isinstance(error, DeadlineExceededError)
            raise
        finally:
            del self._streams[number]
            if not finished:
                worker.post({"op": "cancel", "id": number})

    async def _ask(self, frame: wire.Frame) -> wire.Frame:
        worker = await self._ready_worker(None)
        number, frames = self._open_stream()
        try:
            worker.post({**frame, "id": number})
            answer = await frames.get()
            if isinstance(answer, VaivenError):
                raise answer
            return answer
        finally:
            del self._streams[number]

    def _open_stream(self) -> tuple[int, asyncio.Queue[wire.Frame | VaivenError]]:
        number = next(self._numbers)
        self._streams[number] = asyncio.Queue()
        return number, self._streams[number]

    async def _ready_worker(self, deadline: float | None) -> WorkerProcess:
        """Return the worker, waiting while it is (re)started, but neither long nor past the deadline."""
        if not self._settled.is_set():
            limit = asyncio.get_running_loop().time() + self._options.ready_timeout_s
            try:
                async with asyncio.timeout_at(limit if deadline is None else min(limit, deadline)):
                    await self._settled.wait()
            except TimeoutError as error:
                if deadline is not None and deadline < limit:
                    raise DeadlineExceededError("The deadline passed while the model was loading.") from error
                raise UnavailableError(f"{self._card.display_name} is still loading.", retry_after_s=1.0) from error
        if self._worker is None:
            raise UnavailableError(f"{self._card.display_name} cannot answer: {self._card.state_message}")
        return self._worker

    async def _supervise(self) -> None:
        """Keep a worker running until it fails for good or the model is closed."""
        failures = 0
        try:
            while True:
                self._served = False
                try:
                    await self._run_worker()
                except WorkerDiedError as error:
                    failures = 1 if self._served else failures + 1
                    logger.warning("%s", error.message)
                    if failures > self._options.max_restarts:
                        self._set_state("failed", f"{error.message} It failed {failures} times in a row.")
                        return
                await asyncio.sleep(self._pause_s(failures))
        except VaivenError as error:
            logger.error("model %s: %s", self._entry.model_id, error.message)
            self._set_state("failed", error.message)
        except asyncio.CancelledError:
            raise
        except Exception:
            logger.exception("the supervisor of %s failed", self._entry.model_id)
            self._set_state("failed", "The local engine failed; the service's log says why.")

    async def _run_worker(self) -> None:
        """Start a worker and pass on what it says until it ends.

        Raises:
            WorkerDiedError: It ended, while it loaded or later.
            ModelLoadError: The model cannot be loaded.
        """
        worker, loaded = await start_worker(self._entry.path, self._options, self._environment, self._entry.model_id)
        try:
            context = int(loaded["context_tokens"])
            self._card = replace(
                self._card,
                context_tokens=context,
                max_output_tokens=min(self._card.max_output_tokens, context - 1),
                execution_provider=loaded["provider"],
            )
            await self._load_again(worker)
            self._worker = worker
            self._set_state("ready")
            while (frame := await worker.receive()) is not None:
                self._dispatch(frame)
            self._worker = None
            self._set_state("loading", "The worker is being restarted.")
            died = WorkerDiedError(f"The worker of {self._entry.model_id} {await worker.ended()}.", retry_after_s=1.0)
            self._fail_streams(died)
            raise died
        finally:
            if self._worker is not None:
                self._worker = None
                self._fail_streams(UnavailableError("The model is being unloaded."))
                await worker.close(self._options.close_timeout_s)

    async def _load_again(self, worker: WorkerProcess) -> None:
        """Give a new worker the adapters of the settings, or those that its predecessor had.

        Nothing else is asked of it yet.
        """
        for name in self._card.adapters:
            worker.post({"op": "load_adapter", "name": name, "id": next(self._numbers)})
            answer = await worker.receive()
            if answer is not None and answer["op"] == "error":
                told = wire.parse_error(answer["error"]).message
                logger.warning("adapter %s of %s is not loaded: %s", name, self._entry.model_id, told)
                self._set_adapters([one for one in self._card.adapters if one != name])

    def _dispatch(self, frame: wire.Frame) -> None:
        """Hand a frame to the request that it is for; nobody waits for a cancelled one any more."""
        if frame["op"] == "pieces":
            for number, text, *logprobs in frame["items"]:
                if number in self._streams:
                    self._streams[number].put_nowait(_text(text, logprobs[0] if logprobs else ()))
            return
        self._served = self._served or frame["op"] == "done"
        if frame["id"] in self._streams:
            if frame.get("text") or frame.get("logprobs"):
                self._streams[frame["id"]].put_nowait(_text(frame["text"], frame["logprobs"]))
            is_error = frame["op"] == "error"
            self._streams[frame["id"]].put_nowait(wire.parse_error(frame["error"]) if is_error else frame)

    def _fail_streams(self, error: VaivenError) -> None:
        for frames in self._streams.values():
            frames.put_nowait(error)

    def _set_state(self, state: Literal["ready", "loading", "failed"], message: str = "") -> None:
        self._card = replace(self._card, state=state, state_message=message)
        if state == "loading":
            self._settled.clear()
        else:
            self._settled.set()

    def _pause_s(self, failures: int) -> float:
        longest = min(self._options.restart_backoff_s * 2.0 ** (failures - 1), self._options.restart_backoff_max_s)
        return longest * random.uniform(0.5, 1.0)


async def _next_pieces(
    frames: asyncio.Queue[wire.Frame | VaivenError], deadline: float | None
) -> list[GenerationPiece]:
    """Wait for the next frame and take all that are there, their text in one piece."""
    try:
        async with asyncio.timeout_at(deadline):
            frame = await frames.get()
    except TimeoutError as error:
        raise DeadlineExceededError("The deadline passed before the answer was complete.") from error
    text: list[str] = []
    logprobs: list[TokenLogprob] = []
    while not isinstance(frame, VaivenError) and frame["op"] == "text":
        text.append(frame["text"])
        logprobs += [_logprob(fields) for fields in frame["logprobs"]]
        if frames.empty():
            return [TextPiece("".join(text), tuple(logprobs))]
        frame = frames.get_nowait()
    ready: list[GenerationPiece] = [TextPiece("".join(text), tuple(logprobs))] if text else []
    if isinstance(frame, VaivenError):
        if ready:
            # The text was generated: it is handed on first, and the error comes with the next call.
            frames.put_nowait(frame)
            return ready
        raise frame
    return [*ready, *(setting_ignored(name) for name in frame.get("ignored", ())), _finished(frame)]


def _text(text: str, logprobs: Sequence[Any]) -> wire.Frame:
    return {"op": "text", "text": text, "logprobs": logprobs}


def _logprob(fields: Any) -> TokenLogprob:
    chosen, top = fields
    return TokenLogprob(TokenChance(*chosen), tuple(TokenChance(*other) for other in top))


def _finished(frame: wire.Frame) -> Finished:
    return Finished(
        finish_reason=frame["finish_reason"],
        usage=Usage(**frame["usage"]),
        queued_s=frame["queued_s"],
        first_token_s=frame["first_token_s"],
        total_s=frame["total_s"],
    )


def _later(finished: Finished, waited_s: float) -> Finished:
    """Return `finished` with the time that the request waited for a worker."""
    return replace(
        finished,
        queued_s=finished.queued_s + waited_s,
        first_token_s=finished.first_token_s + waited_s,
        total_s=finished.total_s + waited_s,
    )
