"""What the service and a model's worker say to each other: frames of JSON, each after its length in 4 bytes.

To the worker: `load`, `submit`, `cancel`, `count`, `stats`, `load_adapter`, `unload_adapter`. From the worker: `loaded`
or `failed`, then `pieces` (text of several requests at once), `done`, `error`, `count`, `stats`, `adapters`. A request
is known by a number that the service chooses and never uses twice.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, BinaryIO, TypeAlias

import orjson

from service.backends.base import ChatMessage, GenerationRequest, Guidance, Sampling
from service.errors import (
    ContextTooLongError,
    DeadlineExceededError,
    FailedPreconditionError,
    InternalError,
    InvalidArgumentError,
    ModelFilesError,
    ModelLoadError,
    ModelMemoryError,
    NotFoundError,
    QueueFullError,
    VaivenError,
    Violation,
)

LENGTH_BYTES = 4
MAX_FRAME_BYTES = 64 * 1024 * 1024

Frame: TypeAlias = dict[str, Any]

_ERRORS: Mapping[str, type[VaivenError]] = {
    kind.__name__: kind
    for kind in (
        ContextTooLongError,
        DeadlineExceededError,
        FailedPreconditionError,
        InternalError,
        InvalidArgumentError,
        ModelFilesError,
        ModelLoadError,
        ModelMemoryError,
        NotFoundError,
        QueueFullError,
    )
}


@dataclass(frozen=True, slots=True)
class Submission:
    """One generation as the worker gets it: tools are already words, `deadline_s` is seconds from now."""

    number: int
    messages: tuple[ChatMessage, ...]
    max_output_tokens: int
    sampling: Sampling
    guidance: Guidance | None
    deadline_s: float | None
    streamed: bool = True
    tenant: str = ""
    priority: int = 0
    adapter: str = ""


def encode(frame: Frame) -> bytes:
    """Return the frame's bytes, its length first.

    Raises:
        InvalidArgumentError: A text holds half of a surrogate pair, or the frame is too long.
    """
    try:
        body = orjson.dumps(frame)
    except orjson.JSONEncodeError as error:
        raise InvalidArgumentError("A text of the request is not valid Unicode.") from error
    if len(body) > MAX_FRAME_BYTES:
        raise InvalidArgumentError(f"The request is larger than {MAX_FRAME_BYTES} bytes.")
    return len(body).to_bytes(LENGTH_BYTES, "big") + body


def decode(body: bytes) -> Frame:
    """Return the frame in `body`, which comes without its length."""
    frame: Frame = orjson.loads(body)
    return frame


def read_frame(stream: BinaryIO) -> Frame | None:
    """Block until the next frame came; None when the other side closed the pipe."""
    head = stream.read(LENGTH_BYTES)
    if len(head) < LENGTH_BYTES:
        return None
    length = int.from_bytes(head, "big")
    body = stream.read(length)
    return decode(body) if len(body) == length else None


def submit_frame(number: int, request: GenerationRequest, deadline_s: float | None) -> Frame:
    """Return the frame that asks the worker for `request`, whose tools are already part of its messages."""
    return {
        "op": "submit",
        "id": number,
        "messages": list(request.messages),
        "max_output_tokens": request.max_output_tokens,
        "sampling": request.sampling,
        "guidance": request.guidance,
        "deadline_s": deadline_s,
        "streamed": request.streamed,
        "tenant": request.tenant,
        "priority": request.priority,
        "adapter": request.adapter,
    }


def parse_messages(frame: Frame) -> tuple[ChatMessage, ...]:
    """Return the messages of a `submit` or `count` frame; calls were turned into words before."""
    return tuple(ChatMessage(role=item["role"], content=item["content"]) for item in frame["messages"])


def parse_submit(frame: Frame) -> Submission:
    """Return what a `submit` frame asks for."""
    sampling = frame["sampling"]
    guidance = frame["guidance"]
    bias = tuple((int(token), float(value)) for token, value in sampling.get("logit_bias", ()))
    return Submission(
        number=frame["id"],
        messages=parse_messages(frame),
        max_output_tokens=frame["max_output_tokens"],
        sampling=Sampling(**{**sampling, "stop": tuple(sampling["stop"]), "logit_bias": bias}),
        guidance=Guidance(**guidance) if guidance else None,
        deadline_s=frame["deadline_s"],
        streamed=frame.get("streamed", True),
        tenant=frame.get("tenant", ""),
        priority=frame.get("priority", 0),
        adapter=frame.get("adapter", ""),
    )


def error_fields(error: VaivenError) -> Frame:
    """Return `error` as plain values."""
    return {
        "type": type(error).__name__,
        "message": error.message,
        "reason": error.reason,
        "retry_after_s": error.retry_after_s,
        "violations": [dataclasses.asdict(violation) for violation in error.violations],
    }


def parse_error(fields: Frame) -> VaivenError:
    """Return the error that `error_fields` made plain."""
    kind = _ERRORS.get(fields["type"], InternalError)
    return kind(
        fields["message"],
        reason=fields["reason"],
        retry_after_s=fields["retry_after_s"],
        violations=[Violation(**violation) for violation in fields["violations"]],
    )
