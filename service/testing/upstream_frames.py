"""What a loopback upstream says: the frames of a stream, or a whole completion, in OpenAI's words."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import orjson

from service.backends.base import ToolCall, Usage

_ID: Final = "chatcmpl-loopback"
_CREATED: Final = 1_764_000_000

USAGE: Final = Usage(input_tokens=21, cached_input_tokens=16, output_tokens=7)


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer: `text` in parts, or `calls`, whose arguments come in parts by turns; `usage` None is not told.

    `notes` are further fields of the whole answer, or of a frame of its own before the text, e.g. Azure's
    `prompt_filter_results`; `choice_notes` further fields of the choice, or of a frame of its own after the finish
    reason; `refusal` is said instead of text.
    """

    text: tuple[str, ...] = ("Good ", "morning, ", "Cádiz ☀.")
    calls: tuple[ToolCall, ...] = ()
    finish_reason: str | None = "stop"
    usage: Usage | None = USAGE
    refusal: str = ""
    notes: dict[str, Any] | None = None
    choice_notes: dict[str, Any] | None = None


def frames(reply: Reply, model: str, *, with_usage: bool) -> list[dict[str, Any]]:
    """Return the frames of a stream, without its `[DONE]`."""
    said = [_choice({"role": "assistant", "content": "", "refusal": None})]
    said += [_choice({"content": part}) for part in reply.text if not reply.refusal]
    if reply.refusal:
        said.append(_choice({"refusal": reply.refusal}))
    said += [_choice({"tool_calls": [part]}) for part in _call_parts(reply.calls)]
    if reply.finish_reason is not None:
        said.append(_choice({}, reply.finish_reason))
    if reply.choice_notes is not None:
        # Annotations come late, and have neither text nor a delta.
        said.append({"index": 0, "finish_reason": None, **reply.choice_notes})
    # With `include_usage`, every frame but the last has a usage of null.
    usage = {"usage": None} if with_usage else {}
    sent = [_frame(model, {"choices": [choice], **usage}) for choice in said]
    if reply.notes is not None:
        sent.insert(0, _frame("", {"choices": [], **reply.notes}))
    if with_usage and reply.usage is not None:
        sent.append(_frame(model, {"choices": [], "usage": _usage(reply.usage)}))
    return sent


def completion(reply: Reply, model: str) -> dict[str, Any]:
    """Return the whole answer of a call that is not streamed."""
    message: dict[str, Any] = {"role": "assistant", "content": "".join(reply.text) or None, "refusal": None}
    if reply.refusal:
        message |= {"content": None, "refusal": reply.refusal}
    if reply.calls:
        message |= {"content": None, "tool_calls": [_call(call) for call in reply.calls]}
    choice = {"index": 0, "message": message, "finish_reason": reply.finish_reason, "logprobs": None}
    body: dict[str, Any] = {"choices": [{**choice, **(reply.choice_notes or {})}], **(reply.notes or {})}
    if reply.usage is not None:
        body["usage"] = _usage(reply.usage)
    return {"id": _ID, "object": "chat.completion", "created": _CREATED, "model": model, **body}


def event(frame: dict[str, Any]) -> bytes:
    """Return `frame` as a server-sent event."""
    return b"data: " + orjson.dumps(frame) + b"\n\n"


def _frame(model: str, fields: dict[str, Any]) -> dict[str, Any]:
    return {"id": _ID, "object": "chat.completion.chunk", "created": _CREATED, "model": model, **fields}


def _choice(delta: dict[str, Any], finish_reason: str | None = None) -> dict[str, Any]:
    return {"index": 0, "delta": delta, "finish_reason": finish_reason, "logprobs": None}


def _call(call: ToolCall) -> dict[str, Any]:
    return {"id": call.call_id, "type": "function", "function": {"name": call.name, "arguments": call.arguments}}


def _call_parts(calls: tuple[ToolCall, ...]) -> Iterator[dict[str, Any]]:
    """Yield the calls in parts, those of different calls by turns."""
    for index, call in enumerate(calls):
        function = {"name": call.name, "arguments": ""}
        yield {"index": index, "id": call.call_id, "type": "function", "function": function}
    parts = [_thirds(call.arguments) for call in calls]
    for turn in itertools.zip_longest(*parts, fillvalue=""):
        for index, part in enumerate(turn):
            if part:
                yield {"index": index, "function": {"arguments": part}}


def _thirds(text: str) -> list[str]:
    size = max(1, -(-len(text) // 3))
    return [text[start : start + size] for start in range(0, len(text), size)]


def _usage(usage: Usage) -> dict[str, Any]:
    return {
        "prompt_tokens": usage.input_tokens,
        "completion_tokens": usage.output_tokens,
        "total_tokens": usage.input_tokens + usage.output_tokens,
        "prompt_tokens_details": {"cached_tokens": usage.cached_input_tokens, "audio_tokens": 0},
        "completion_tokens_details": {"reasoning_tokens": 0, "audio_tokens": 0},
    }
