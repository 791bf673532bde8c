"""The faults that a loopback upstream has by name: each turns an answer into what goes over the wire instead."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final, Literal, TypeAlias

import orjson

from service.backends.base import ToolCall
from service.testing.upstream_frames import Reply, completion, event, frames

PROSE: Final = "the prose of an upstream with sk-secret-in-it"
"""In every error body; nobody may ever see it."""

Ending: TypeAlias = Literal["end", "cut", "reset", "hang", "drip"]

_SSE: Final = "text/event-stream; charset=utf-8"
_JSON: Final = "application/json"
_DONE: Final = b"data: [DONE]\n\n"
_LARGE_BYTES: Final = 100 * 1024 * 1024
_LARGE_PART: Final = b"x" * (64 * 1024)


@dataclass(frozen=True, slots=True)
class Wire:
    """What is sent: `chunks` one after the other, then an `ending`; `status` 0 is none at all, not even headers."""

    chunks: Iterable[bytes]
    content_type: str
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    ending: Ending = "end"


@dataclass(frozen=True, slots=True)
class Asked:
    """What a fault may look at: the reply it spoils, how it was asked for, and how often that was before."""

    reply: Reply
    model: str
    streamed: bool
    with_usage: bool
    times_before: int = 0


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault: `summary` completes the sentence "The upstream …"."""

    summary: str
    wire: Callable[[Asked], Wire]


def sound(asked: Asked) -> Wire:
    """Return the answer as it should be."""
    if asked.streamed:
        sent = [event(frame) for frame in frames(asked.reply, asked.model, with_usage=asked.with_usage)]
        return Wire([*sent, _DONE], _SSE)
    return Wire([orjson.dumps(completion(asked.reply, asked.model))], _JSON)


def _with(**changes: Any) -> Callable[[Asked], Wire]:
    """Return a fault that answers soundly, but with another reply."""
    return lambda asked: sound(replace(asked, reply=replace(asked.reply, **changes)))


def _broken_off(ending: Ending) -> Callable[[Asked], Wire]:
    """Return a fault that says the first words, half an event more, and then ends so."""

    def wire(asked: Asked) -> Wire:
        whole = sound(asked)
        chunks = list(whole.chunks)
        if asked.streamed:
            return replace(whole, chunks=[*chunks[:2], chunks[2][:40]], ending=ending)
        return replace(whole, chunks=[chunks[0][: len(chunks[0]) // 2]], ending=ending)

    return wire


def _after_first_words(data: bytes, ending: Ending = "end") -> Callable[[Asked], Wire]:
    """Return a fault that puts `data` after a stream's first words, or instead of a whole answer."""

    def wire(asked: Asked) -> Wire:
        whole = sound(asked)
        if asked.streamed:
            return replace(whole, chunks=[*list(whole.chunks)[:2], b"data: " + data + b"\n\n"], ending=ending)
        return replace(whole, chunks=[data], ending=ending)

    return wire


def _status(status: int, code: str | None = None, headers: Mapping[str, str] | None = None) -> Callable[[Asked], Wire]:
    """Return a fault that refuses with `status` and an error body with `code`."""
    error = {"message": PROSE, "type": "error", "param": None, "code": code, "innererror": {"code": "Inner"}}
    return lambda _: Wire([orjson.dumps({"error": error})], _JSON, status, headers or {})


def _without(marker: bytes) -> Callable[[Asked], Wire]:
    """Return a fault that leaves out the events with `marker`; an answer in one piece stays whole."""

    def wire(asked: Asked) -> Wire:
        whole = sound(asked)
        return replace(whole, chunks=[chunk for chunk in whole.chunks if marker not in chunk])

    return wire


def _small_packets(asked: Asked) -> Wire:
    whole = sound(asked)
    data = b"".join(whole.chunks)
    return replace(whole, chunks=[data[start : start + 5] for start in range(0, len(data), 5)])


def _comments(asked: Asked) -> Wire:
    whole = sound(asked)
    return replace(whole, chunks=[b": alive\n\n" + chunk for chunk in whole.chunks]) if asked.streamed else whole


def _carriage_returns(asked: Asked) -> Wire:
    whole = sound(asked)
    return replace(whole, chunks=[chunk.replace(b"\n", b"\r\n") for chunk in whole.chunks])


def _half_character(asked: Asked) -> Wire:
    data = orjson.dumps({"choices": [{"index": 0, "delta": {"content": "ñ"}}]}).replace("ñ".encode(), b"\xc3")
    return _after_first_words(data)(asked)


def _dripping(asked: Asked) -> Wire:
    # A comment that never ends its line, or the white space that may come before JSON.
    whole = sound(asked)
    chunks = [*list(whole.chunks)[:2], b":"] if asked.streamed else [b" "]
    return replace(whole, chunks=chunks, ending="drip")


def _large(asked: Asked) -> Wire:
    part = event({"choices": [{"index": 0, "delta": {"content": _LARGE_PART.decode()}}]})
    if not asked.streamed:
        part = _LARGE_PART

    def parts() -> Iterator[bytes]:
        if not asked.streamed:
            yield b'{"choices":"'
        for _ in range(_LARGE_BYTES // len(_LARGE_PART)):
            yield part

    return Wire(parts(), _SSE if asked.streamed else _JSON)


def _large_line(asked: Asked) -> Wire:
    return Wire((_LARGE_PART for _ in range(_LARGE_BYTES // len(_LARGE_PART))), _SSE if asked.streamed else _JSON)


def _compressed(asked: Asked) -> Wire:
    whole = sound(asked)
    return replace(whole, chunks=[gzip.compress(b"".join(whole.chunks))], headers={"Content-Encoding": "gzip"})


def _once(status: int) -> Callable[[Asked], Wire]:
    """Return a fault that refuses the first request with `status` and answers the next."""
    return lambda asked: sound(asked) if asked.times_before else _status(status)(asked)


_SAFE: Final = {"filtered": False, "severity": "safe"}
_FOUND: Final = {"filtered": False, "severity": "low"}
_ATTACK: Final = {"filtered": False, "detected": True}
_PROMPT_SAFE: Final = [{"prompt_index": 0, "content_filter_results": {"hate": _SAFE, "violence": _SAFE}}]
_PROMPT_FOUND: Final = [{"prompt_index": 0, "content_filter_results": {"hate": _SAFE, "jailbreak": _ATTACK}}]
_FILTER_DOWN: Final = {"error": {"code": "content_filter_error", "message": PROSE}}
_OFFSETS: Final = {"check_offset": 44, "start_offset": 44, "end_offset": 198}
_PROTECTED: Final = {"protected_material_text": {"detected": True, "filtered": True}}
_CALL: Final = ToolCall("call_1", "weather-tell", '{"city": "Cádiz", "day": "tomorrow"}')
_IN_SEVEN_S: Final = {"Date": "Tue, 24 Nov 2026 08:00:00 GMT", "Retry-After": "Tue, 24 Nov 2026 08:00:07 GMT"}

FAULTS: Final[Mapping[str, Fault]] = {
    "none": Fault("answers as it should", sound),
    # What must not disturb.
    "small-packets": Fault("sends its answer in packets of 5 bytes, which splits characters", _small_packets),
    "crlf": Fault("ends its lines with carriage return and newline", _carriage_returns),
    "comments": Fault("sends comments between the events of a stream", _comments),
    "gzip": Fault("compresses its answer, though it was not asked to", _compressed),
    "no-done": Fault("leaves out `[DONE]`, but not the finish reason", _without(b"[DONE]")),
    "no-usage": Fault("does not tell the usage", _with(usage=None)),
    "status-503-once": Fault("answers 503 once, and then as it should", _once(503)),
    # Answers that are none.
    "nothing": Fault("answers 200 with an empty body", lambda a: replace(sound(a), chunks=[])),
    "cut": Fault("closes the connection amid its answer", _broken_off("cut")),
    "reset": Fault("resets the connection amid its answer", _broken_off("reset")),
    "reset-at-once": Fault("resets the connection before it answers", lambda a: Wire([], _JSON, 0, ending="reset")),
    "clean-end": Fault("ends its answer properly, but without a finish reason", _with(finish_reason=None)),
    "unknown-reason": Fault("gives a finish reason that is not in the protocol", _with(finish_reason="weary")),
    "malformed-event": Fault("sends JSON that is none", _after_first_words(b'{"choices": [}')),
    "half-character": Fault("sends half a UTF-8 character", _half_character),
    "error-event": Fault(
        "reports an error amid its answer, with status 200",
        _after_first_words(orjson.dumps({"error": {"message": PROSE, "code": None}})),
    ),
    "stall-at-once": Fault("accepts the request and says nothing", lambda a: Wire([], _JSON, 0, ending="hang")),
    "stall": Fault("falls silent amid its answer", _broken_off("hang")),
    "slow-drip": Fault("sends bytes forever that never make a line, or an answer", _dripping),
    "large-answer": Fault("sends an answer of 100 MB", _large),
    "large-line": Fault("sends 100 MB without an end of line", _large_line),
    "html": Fault(
        "answers 200 with a web page", lambda _: Wire([f"<html>{PROSE}</html>".encode()], "text/html; charset=utf-8")
    ),
    "wrong-type": Fault("calls its answer `text/plain`", lambda a: replace(sound(a), content_type="text/plain")),
    "broken-gzip": Fault(
        "says that its answer is compressed, which it is not",
        lambda a: replace(sound(a), headers={"Content-Encoding": "gzip"}),
    ),
    "redirect": Fault(
        "redirects to another address", lambda _: Wire([], _JSON, 307, {"Location": "/elsewhere/chat/completions"})
    ),
    # Filters.
    "prompt-filtered": Fault("refuses the prompt by its content filter", _status(400, "content_filter")),
    "prompt-safe": Fault(
        "annotates the prompt as harmless, in a frame without choices",
        _with(notes={"prompt_filter_results": _PROMPT_SAFE}),
    ),
    "prompt-flagged": Fault(
        "annotates the prompt as an attack, and answers", _with(notes={"prompt_filter_results": _PROMPT_FOUND})
    ),
    "answer-flagged": Fault(
        "annotates the answer after its end, and leaves it",
        _with(choice_notes={"content_filter_results": {"violence": _FOUND}, "content_filter_offsets": _OFFSETS}),
    ),
    "answer-filtered": Fault(
        "withholds the rest of the answer by its content filter",
        _with(
            text=("Good ",),
            finish_reason="content_filter",
            choice_notes={
                "finish_reason": "content_filter",
                "content_filter_results": _PROTECTED,
                "content_filter_offsets": _OFFSETS,
            },
        ),
    ),
    "filter-down": Fault(
        "could not run its content filter, and answers", _with(choice_notes={"content_filter_results": _FILTER_DOWN})
    ),
    "filter-event": Fault(
        "reports its content filter as an error amid the answer",
        _after_first_words(orjson.dumps({"error": {"message": PROSE, "code": "content_filter"}})),
    ),
    "refusal": Fault("declines to answer, in words", _with(refusal="I cannot help with that.")),
    # Calls.
    "arguments-cut": Fault(
        "reaches the token limit amid the arguments of a call",
        _with(text=(), calls=(replace(_CALL, arguments=_CALL.arguments[:20]),), finish_reason="length"),
    ),
    "broken-arguments": Fault(
        "calls a function with arguments that are not JSON, and says it has finished",
        _with(text=(), calls=(replace(_CALL, arguments=_CALL.arguments[:20]),), finish_reason="tool_calls"),
    ),
    # Statuses.
    "status-400": Fault("answers 400", _status(400)),
    "context-too-long": Fault("answers 400, `context_length_exceeded`", _status(400, "context_length_exceeded")),
    "status-401": Fault("answers 401", _status(401)),
    "status-401-once": Fault("answers 401 once, and then as it should", _once(401)),
    "status-402": Fault("answers 402", _status(402)),
    "status-403": Fault("answers 403", _status(403)),
    "status-404": Fault("answers 404", _status(404, "DeploymentNotFound")),
    "status-408": Fault("answers 408", _status(408)),
    "status-409": Fault("answers 409", _status(409)),
    "status-413": Fault("answers 413", _status(413)),
    "status-422": Fault("answers 422", _status(422)),
    "status-429": Fault("answers 429", _status(429)),
    "status-429-ms": Fault("answers 429, `retry-after-ms: 2`", _status(429, headers={"retry-after-ms": "2"})),
    "status-429-seconds": Fault("answers 429, `Retry-After: 7`", _status(429, headers={"Retry-After": "7"})),
    "status-429-date": Fault("answers 429, `Retry-After` with a date in 7 s", _status(429, headers=_IN_SEVEN_S)),
    "status-429-quota": Fault("answers 429, `insufficient_quota`", _status(429, "insufficient_quota")),
    "status-500": Fault("answers 500", _status(500)),
    "status-503": Fault("answers 503", _status(503)),
    "status-503-seconds": Fault("answers 503, `Retry-After: 7`", _status(503, headers={"Retry-After": "7"})),
    "html-502": Fault("answers 502 with a web page", lambda _: Wire([PROSE.encode()], "text/html", 502)),
}
