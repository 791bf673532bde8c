"""One answer put together from its frames: text as it comes, whole calls at the end, and why it ended."""

from __future__ import annotations

import itertools
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import orjson

from service.backends.base import CallPiece, FinishReason, GenerationPiece, NoticePiece, TextPiece, ToolCall, Usage
from service.backends.openai_protocol.faults import event_error, malformed, truncated
from service.backends.openai_protocol.filters import answer_notices, prompt_notices

DONE: Final = b"[DONE]"
"""The last event of a stream. Source: OpenAI API reference, "Chat completions / streaming"."""

ANSWER_REFUSED: Final = "ANSWER_REFUSED"
"""The model declined, in words, to answer; its text is that refusal."""

CALLS_DROPPED: Final = "CALLS_DROPPED"
"""The model was calling functions when its answer was cut; none of those calls is made."""

_REASONS: Final[Mapping[str, FinishReason]] = {
    "stop": "stop",
    "length": "length",
    "tool_calls": "tool_calls",
    "content_filter": "content_filter",
    "function_call": "tool_calls",
    # What text-generation-inference says for a stop.
    "eos_token": "stop",
    "stop_sequence": "stop",
}


@dataclass(slots=True)
class _Call:
    call_id: str = ""
    name: str = ""
    arguments: list[str] = field(default_factory=list)


class Answer:
    """Takes the frames of a stream, or the one frame of a unary answer, and gives pieces.

    `begun` says that something came which is paid for, so that nothing is asked again; `done`, that the upstream said
    it has ended; `usage` is None as long as the upstream has not told it; `said` is all text and arguments so far.
    """

    def __init__(self, name: str) -> None:
        """Begin empty; `name` is the model's name in errors."""
        self._name = name
        self._calls: list[_Call] = []
        self._by_index: dict[int, _Call] = {}
        self._told: set[NoticePiece] = set()
        self._finish: FinishReason | None = None
        self._refused = False
        self.begun = False
        self.done = False
        self.usage: Usage | None = None
        self.said: list[str] = []

    def take(self, payload: bytes) -> Iterator[GenerationPiece]:
        """Yield what the frame adds; text comes as it is, calls only from `end`.

        Raises:
            VaivenError: The frame is an error of the upstream, or not of the protocol.
        """
        if payload.startswith(DONE):
            self.done = True
            return
        try:
            frame = orjson.loads(payload)
        except orjson.JSONDecodeError:
            raise malformed(self._name, "an event that is not JSON") from None
        if not isinstance(frame, dict):
            raise malformed(self._name, "an event that is not an object")
        try:
            yield from self._frame(frame)
        except (AttributeError, TypeError, ValueError, KeyError):
            raise malformed(self._name, "an event of an unknown form") from None

    def end(self) -> tuple[FinishReason, list[GenerationPiece]]:
        """Return why the model ended, and the calls that it asks for.

        Raises:
            VaivenError: No finish reason came, or a call is none.
        """
        if self._finish is None:
            raise truncated(self._name)
        if self._refused:
            return "content_filter", []
        if self._finish in ("length", "content_filter"):
            dropped = NoticePiece(CALLS_DROPPED, "The answer was cut while functions were called; none is called.")
            return self._finish, [dropped] if self._calls else []
        if self._finish == "tool_calls" and not self._calls:
            raise malformed(self._name, "a call without a function")
        # A forced call ends with `stop` at OpenAI.
        return "tool_calls" if self._calls else "stop", [CallPiece(self._whole(call)) for call in self._calls]

    def _frame(self, frame: dict[str, Any]) -> Iterator[GenerationPiece]:
        if frame.get("error") or frame.get("object") == "error":
            raise event_error(self._name, frame.get("error") or frame)
        if usage := frame.get("usage"):
            self.usage = _usage(usage)
        if "prompt_filter_results" in frame or "prompt_annotations" in frame:
            yield from self._new(prompt_notices(frame))
        for choice in frame.get("choices") or ():
            if choice.get("index", 0) == 0:
                yield from self._choice(choice)

    def _choice(self, choice: dict[str, Any]) -> Iterator[GenerationPiece]:
        said = choice.get("delta") or choice.get("message")
        if said:
            if said.get("reasoning_content") or said.get("reasoning"):
                # What a model thinks before it speaks is no part of the answer, and is paid for.
                self.begun = True
            if text := said.get("content"):
                yield self._text(text)
            if calls := said.get("tool_calls"):
                self.begun = True
                for position, call in enumerate(calls):
                    self._add_call(call, position)
            if refusal := said.get("refusal"):
                yield from self._refusal(refusal)
        if "content_filter_results" in choice or "content_filter_result" in choice:
            yield from self._new(answer_notices(choice))
        reason = choice.get("finish_reason")
        if reason is not None:
            self.begun = True
            if reason not in _REASONS:
                raise malformed(self._name, "a finish reason that is not known")
            if self._finish != "content_filter":
                self._finish = _REASONS[reason]

    def _text(self, text: str) -> TextPiece:
        if not isinstance(text, str):
            raise TypeError("text that is none")
        self.begun = True
        self.said.append(text)
        return TextPiece(text)

    def _refusal(self, text: str) -> Iterator[GenerationPiece]:
        if not self._refused:
            self._refused = True
            yield NoticePiece(ANSWER_REFUSED, "The model declined to answer; its text says so.")
        yield self._text(text)

    def _new(self, notices: Iterator[NoticePiece]) -> Iterator[NoticePiece]:
        """Yield the notices that have not been told yet: annotations overlap."""
        for notice in notices:
            if notice not in self._told:
                self._told.add(notice)
                yield notice

    def _add_call(self, part: dict[str, Any], position: int) -> None:
        index = part.get("index")
        function = part.get("function") or {}
        call = self._call(position if index is None else index, part.get("id") or "")
        # The first name stands: some servers repeat it with every part.
        call.name = call.name or function.get("name") or ""
        arguments = function.get("arguments")
        if isinstance(arguments, dict):
            # Some versions of text-generation-inference send the object itself.
            arguments = orjson.dumps(arguments).decode()
        if arguments:
            call.arguments.append(arguments)
            self.said.append(arguments)

    def _call(self, index: int, call_id: str) -> _Call:
        """Return the call at `index`; another id there is another call, for servers that count wrongly."""
        call = self._by_index.get(index)
        if call is None or (call_id and call.call_id and call_id != call.call_id):
            call = self._by_index[index] = _Call()
            self._calls.append(call)
        call.call_id = call.call_id or call_id
        return call

    def _whole(self, call: _Call) -> ToolCall:
        arguments = "".join(call.arguments) or "{}"
        try:
            is_object = isinstance(orjson.loads(arguments), dict)
        except orjson.JSONDecodeError:
            is_object = False
        if not (call.name and is_object):
            raise malformed(self._name, "a call whose arguments are not an object")
        return ToolCall(call.call_id or f"call_{uuid.uuid4().hex}", call.name, arguments)


def joined(pieces: Sequence[GenerationPiece]) -> list[GenerationPiece]:
    """Return `pieces` with neighbouring texts in one: what came in one packet is handed on at once."""
    joint: list[GenerationPiece] = []
    for is_text, group in itertools.groupby(pieces, lambda piece: isinstance(piece, TextPiece)):
        if is_text:
            joint.append(TextPiece("".join(piece.text for piece in group if isinstance(piece, TextPiece))))
        else:
            joint.extend(group)
    return joint


def _usage(fields: Mapping[str, Any]) -> Usage | None:
    """Return the token counts, if they are there; what the model reasoned is part of the output already."""
    prompt = fields.get("prompt_tokens")
    if prompt is None:
        return None
    cached = (fields.get("prompt_tokens_details") or {}).get("cached_tokens") or 0
    return Usage(int(prompt), int(cached), int(fields.get("completion_tokens") or 0))
