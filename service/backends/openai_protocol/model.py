"""A model behind OpenAI's chat completions as a `base.Generator`; providers differ in connection and dialect only."""

from __future__ import annotations

import asyncio
import logging
import math
import re
from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import aclosing, contextmanager
from dataclasses import replace
from typing import Final

from service.backends.base import (
    ChatMessage,
    Finished,
    GenerationPiece,
    GenerationRequest,
    Guidance,
    ModelCard,
    NoticePiece,
    ToolSpec,
    Usage,
)
from service.backends.openai_protocol.connection import Connection
from service.backends.openai_protocol.errors import UpstreamUnavailableError
from service.backends.openai_protocol.options import ModelOptions
from service.backends.openai_protocol.quota import RateLimits, rate_limits
from service.backends.openai_protocol.reading import Limits, Reading
from service.backends.openai_protocol.request import body_of
from service.backends.openai_protocol.retry import RetryPolicy, retried
from service.backends.openai_protocol.tokens import prompt_tokens, text_tokens
from service.errors import Code, DeadlineExceededError, QueueFullError, UnavailableError, VaivenError

logger = logging.getLogger(__name__)

USAGE_ESTIMATED: Final = "USAGE_ESTIMATED"
"""The upstream did not say what the answer took, so that tokens and cost are estimates."""

RETRY_S: Final = 1.0
"""When to ask again, in seconds, if the upstream does not say."""

_REQUEST_ID: Final = re.compile(r"^[A-Za-z0-9_.:-]{1,80}$")
_REQUEST_ID_HEADERS: Final = ("apim-request-id", "x-request-id")


class ProtocolModel:
    """One deployment; see `base.Generator`.

    Requests are sent again, by `retry`, only while nothing of an answer has come. Closing the iterator closes the
    connection, which stops the upstream.
    """

    def __init__(self, options: ModelOptions, backend: str, upstream_name: str, connection: Connection) -> None:
        """Ask for `upstream_name` over `connection`; `backend` is the provider's name on the card."""
        self._options = options
        self._upstream_name = upstream_name
        self._connection = connection
        self._card = options.card(backend)
        self._retry = RetryPolicy(options.wire.attempts, options.wire.retry_wait_s, options.wire.retry_wait_max_s)
        self._active = 0
        self._rate_limits: RateLimits | None = None

    @property
    def card(self) -> ModelCard:
        """Return the facts of the model."""
        return self._card

    @property
    def rate_limits(self) -> RateLimits | None:
        """Return what the newest answer told of the deployment's rate limits; None if it told nothing."""
        return self._rate_limits

    async def generate(self, request: GenerationRequest) -> AsyncGenerator[GenerationPiece, None]:
        """Yield pieces and then one `Finished`; see `base.Generator`.

        Raises:
            VaivenError: Beside those of `base.Generator`, those of `openai_protocol.errors`.
        """
        clock = asyncio.get_running_loop().time
        started = clock()
        body, notices = body_of(request, self._upstream_name, self._card, self._options.dialect)
        limits = self._limits(request, started)
        with self._place(), _with_retry_hint():
            reading, pieces = await retried(lambda: self._begin(limits, body), self._retry, limits.end_at)
            first = clock()
            async with aclosing(reading):
                for piece in [*notices, *pieces]:
                    yield piece
                with self._logged(reading):
                    while not reading.ended:
                        for piece in await reading.more():
                            yield piece
                    reason, last = reading.end()
            usage, estimated = self._usage(request, reading)
        for piece in [*last, *estimated]:
            yield piece
        yield Finished(reason, usage, first_token_s=first - started, total_s=clock() - started)

    async def count_tokens(
        self, messages: Sequence[ChatMessage], tools: Sequence[ToolSpec] = (), guidance: Guidance | None = None
    ) -> int:
        """Return an estimate of the prompt's length, rather too many than too few; see `tokens`."""
        return prompt_tokens(messages, self._options.tokens, tools, guidance, self._options.image_tokens)

    async def close(self) -> None:
        """Close the connections; the model answers no more."""
        self._card = replace(self._card, state="failed", state_message="closed")
        await self._connection.close()

    async def _begin(self, limits: Limits, body: bytes) -> tuple[Reading, list[GenerationPiece]]:
        """Return an answer of which something has come, with the pieces so far; what fails before may be repeated."""
        reading = Reading(self._card.display_name, limits)
        pieces: list[GenerationPiece] = []
        try:
            with self._logged(reading):
                try:
                    await reading.open(self._connection, body)
                finally:
                    seen = rate_limits(reading.headers, asyncio.get_running_loop().time())
                    self._rate_limits = seen or self._rate_limits
                while not reading.answer.begun:
                    pieces += await reading.more()
                    if reading.ended and not reading.answer.begun:
                        reading.end()  # raises: nothing came
        except BaseException:
            await reading.aclose()
            raise
        return reading, pieces

    def _limits(self, request: GenerationRequest, started: float) -> Limits:
        options = self._options.wire
        end_at = started + options.total_timeout_s
        late: VaivenError = UpstreamUnavailableError(
            f"{self._card.display_name} took more than {options.total_timeout_s:g} s.", reason="UPSTREAM_TIMEOUT"
        )
        if request.deadline is not None and request.deadline <= end_at:
            end_at = request.deadline
            late = DeadlineExceededError("The deadline passed before the answer was complete.")
        return Limits(end_at, late, options, request.streamed)

    @contextmanager
    def _place(self) -> Iterator[None]:
        """Hold one of the places for requests."""
        if self._card.state != "ready":
            raise UnavailableError(f"{self._card.display_name} is {self._card.state_message}.")
        if self._active >= self._options.wire.max_concurrent:
            raise QueueFullError(f"{self._card.display_name} is answering all it may.", retry_after_s=RETRY_S)
        self._active += 1
        try:
            yield
        finally:
            self._active -= 1

    @contextmanager
    def _logged(self, reading: Reading) -> Iterator[None]:
        """Log a failure by what identifies it at the upstream, and nothing that anyone wrote."""
        try:
            yield
        except VaivenError as error:
            found = [reading.headers.get(name, "") for name in _REQUEST_ID_HEADERS]
            request_id = next((value for value in found if _REQUEST_ID.match(value)), "-")
            logger.warning("%s: %s, upstream's request %s", self._card.model_id, error.reason, request_id)
            raise

    def _usage(self, request: GenerationRequest, reading: Reading) -> tuple[Usage, list[NoticePiece]]:
        """Return the usage as the upstream told it, or else an estimate that says so: no answer is free by silence."""
        if reading.answer.usage is not None:
            return reading.answer.usage, []
        family = self._options.tokens
        said = text_tokens("".join(reading.answer.said), family)
        asked = prompt_tokens(request.messages, family, request.tools, request.guidance, self._options.image_tokens)
        usage = Usage(input_tokens=asked, output_tokens=math.ceil(said))
        return usage, [NoticePiece(USAGE_ESTIMATED, "The upstream did not tell the usage; it is estimated.")]


@contextmanager
def _with_retry_hint() -> Iterator[None]:
    """Say when to ask again, where that makes sense and the upstream did not say."""
    try:
        yield
    except VaivenError as error:
        transient = error.code in (Code.UNAVAILABLE, Code.RESOURCE_EXHAUSTED)
        if transient and error.retry_after_s is None and error.reason != "UPSTREAM_QUOTA_SPENT":
            error.retry_after_s = RETRY_S
        raise
