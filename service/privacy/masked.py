"""Requests as they may leave, with pseudonyms, and their answers as they come back, with the values."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Iterable, Mapping
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import Final, TypeVar

from service.backends.base import (
    CallPiece,
    ChatMessage,
    Finished,
    GenerationPiece,
    GenerationRequest,
    Generator,
    NoticePiece,
    TextPiece,
)
from service.errors import VaivenError
from service.privacy.detect import Detector
from service.privacy.kinds import Kind
from service.privacy.masking import TextMasking, loosened, texts_of, with_note, with_texts
from service.privacy.names import is_name
from service.privacy.pseudonyms import MaskingError, Pseudonyms
from service.privacy.restore import Restorer, restored
from service.privacy.vaults import Vaults

logger = logging.getLogger(__name__)

_Result = TypeVar("_Result")

UNKNOWN: Final = NoticePiece(
    "PSEUDONYM_UNKNOWN",
    "The answer holds a pseudonym that stands for nothing; the model made it up. It was left as it is.",
)
ALTERED: Final = NoticePiece(
    "PSEUDONYM_ALTERED",
    "The answer holds words that look like a pseudonym without its brackets; the model changed it. They were left as "
    "they are.",
)

_STRING_OR_MARK: Final = re.compile(r'"(?:[^"\\]|\\.)*"|‹[A-Z_0-9]+›', re.DOTALL)


@dataclass(frozen=True, slots=True)
class MaskedRequest:
    """A request as it may leave, and how many different values of each kind were replaced in it."""

    request: GenerationRequest
    counts: Mapping[Kind, int]
    pseudonyms: Pseudonyms

    async def answer(self, generator: Generator) -> AsyncGenerator[GenerationPiece, None]:
        """Yield what `generator` answers, with the values; see `backends.base.Generator`."""
        guidance = self.request.guidance
        in_json = guidance is not None and guidance.kind == "json_schema"
        pieces = generator.generate(self.request)
        try:
            async with aclosing(_restored(pieces, self.pseudonyms, in_json=in_json)) as stream:
                async for piece in stream:
                    yield piece
        finally:
            if isinstance(pieces, AsyncGenerator):
                await pieces.aclose()


class Masking:
    """Masks for all runs of the service."""

    def __init__(self, detector: Detector, vaults: Vaults) -> None:
        """Find with `detector`, remember in `vaults`."""
        self.detector = detector
        self.vaults = vaults

    def begin(self, tenant: str, session_id: str | None) -> RunMasking:
        """Return what masks the requests of one run; nothing is read or opened yet."""
        return RunMasking(self.detector, self.vaults, tenant, session_id)


class RunMasking:
    """Masks the requests of one run, and remembers in its session what stands for whom."""

    def __init__(self, detector: Detector, vaults: Vaults, tenant: str, session_id: str | None) -> None:
        """Belong to the session, or to none."""
        self._detector = detector
        self._vaults = vaults
        self._place = (tenant, session_id)
        self._texts: TextMasking | None = None
        self._names: set[str] = set()

    def know(self, names: Iterable[str]) -> None:
        """Look for these names of people, whatever the words around them."""
        self._names.update(name.strip() for name in names if is_name(name))

    async def previewed(self, request: GenerationRequest) -> MaskedRequest:
        """Return the request as it would leave; what stands for whom is not stored yet (`keep`).

        Raises:
            MaskingError: It could not be done, so that the request must not leave.
            VaultLockedError: The session's pseudonyms cannot be read.
        """
        return await self._guarded(self._previewed(request))

    async def keep(self) -> None:
        """Store what stands for whom; nothing may leave before.

        Raises:
            MaskingError: It could not be done.
        """
        if self._texts is not None:
            await self._guarded(self._vaults.keep(*self._place, self._texts.pseudonyms))

    async def masked(self, request: GenerationRequest) -> MaskedRequest:
        """Return the request with pseudonyms, which are stored by then; raises as `previewed` and `keep`."""
        masked = await self.previewed(request)
        await self.keep()
        return masked

    async def _guarded(self, work: Awaitable[_Result]) -> _Result:
        try:
            return await work
        except VaivenError as error:
            if isinstance(error, MaskingError) or error.reason == "VAULT_LOCKED":
                raise
            raise _failed(error) from None
        except Exception as error:  # noqa: BLE001 - whatever it is, and whatever its text holds: nothing may leave
            raise _failed(error) from None

    async def _previewed(self, request: GenerationRequest) -> MaskedRequest:
        if self._texts is None:
            opened = await self._vaults.open(*self._place)
            self._texts = self._texts or TextMasking(self._detector, opened)
        masking = self._texts
        if self._names:
            masking.know(sorted(self._names))
            self._names.clear()
        texts = texts_of(request)
        await masking.read(texts)
        masked = masking.mask(texts)
        if list(masked.texts) == texts:
            return MaskedRequest(request, {}, masking.pseudonyms)
        following = iter(masked.texts)
        changed = loosened(with_texts(request, lambda _: next(following)))
        messages = tuple(map(_with_valid_calls, with_note(changed.messages)))
        return MaskedRequest(replace(changed, messages=messages), masked.counts, masking.pseudonyms)


async def _restored(
    pieces: AsyncIterator[GenerationPiece], pseudonyms: Pseudonyms, *, in_json: bool
) -> AsyncGenerator[GenerationPiece, None]:
    text = Restorer(pseudonyms, in_json=in_json)
    unknown = altered = 0
    async for piece in pieces:
        match piece:
            case TextPiece():
                if (words := text.feed(piece.text)) or piece.logprobs:
                    yield TextPiece(words, piece.logprobs)
            case CallPiece(call):
                if words := text.end():
                    yield TextPiece(words)
                arguments, more, others = restored(call.arguments, pseudonyms, in_json=True)
                unknown, altered = unknown + more, altered + others
                yield CallPiece(replace(call, arguments=arguments))
            case Finished():
                if words := text.end():
                    yield TextPiece(words)
                if text.unknown + unknown:
                    yield UNKNOWN
                if text.altered + altered:
                    yield ALTERED
                yield piece
            case _:
                yield piece


def _with_valid_calls(message: ChatMessage) -> ChatMessage:
    """Return the message with marks as strings where they came in the place of numbers."""
    if not message.tool_calls:
        return message
    calls = [replace(call, arguments=_with_strings(call.arguments)) for call in message.tool_calls]
    return replace(message, tool_calls=tuple(calls))


def _with_strings(arguments: str) -> str:
    try:
        json.loads(arguments)
    except ValueError:
        return _STRING_OR_MARK.sub(lambda match: match[0] if match[0][0] == '"' else f'"{match[0]}"', arguments)
    return arguments


def _failed(error: Exception) -> MaskingError:
    # Not the error's text: it may hold what was to be masked.
    logger.error("masking failed: %s", type(error).__name__)
    return MaskingError(
        "Personal data could not be replaced by pseudonyms, so nothing was sent. Try again, or ask for a local model."
    )
