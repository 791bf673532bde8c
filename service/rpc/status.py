"""The one place where an error becomes what the caller sees: a `google.rpc.Status` with its details."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from typing import Final

from google.protobuf import any_pb2, duration_pb2
from google.protobuf.message import Message
from google.rpc import code_pb2, error_details_pb2, status_pb2

from service.errors import Code, VaivenError, Violation

DOMAIN: Final = "vaiven"
"""`ErrorInfo.domain` of every error."""

MAX_DETAILS_BYTES: Final = 3500
MAX_MESSAGE_BYTES: Final = 512
"""Room for all details together and for the message: by default, clients refuse trailers above 8 KiB.

In the trailers the details take 4/3 of their bytes and the message up to three times its own.
Source: `GRPC_ARG_MAX_METADATA_SIZE` in grpc's `include/grpc/impl/channel_arg_names.h`.
"""

MAX_SUBJECT_BYTES: Final = 256
MAX_DESCRIPTION_BYTES: Final = 512

INTERNAL_MESSAGE: Final = "Something went wrong inside the service; its operator finds the cause by the correlation id."


def to_status(error: VaivenError) -> status_pb2.Status:
    """Return the status of a known error: its code, its message, and what its code carries.

    `ErrorInfo` comes always; `RetryInfo` where `retry_after_s` is set; the violations as `BadRequest`,
    `PreconditionFailure` or `QuotaFailure` by the code. Violations for which there is no room are only counted.
    """
    info = error_details_pb2.ErrorInfo(reason=error.reason, domain=DOMAIN)
    details: list[Message] = [info]
    if error.retry_after_s is not None:
        details.append(error_details_pb2.RetryInfo(retry_delay=_duration(error.retry_after_s)))
    if error.violations:
        room = MAX_DETAILS_BYTES - sum(d.ByteSize() for d in details)
        wrap = _WRAPPERS.get(error.code, _precondition_failure)
        details.append(_fitting(error.reason, error.violations, wrap, room))
    return _status(error.code, error.message, details)


def internal_status(correlation_id: str) -> status_pb2.Status:
    """Return the status of an error that nobody foresaw; it holds nothing of the cause."""
    info = error_details_pb2.ErrorInfo(reason="INTERNAL", domain=DOMAIN, metadata={"correlation_id": correlation_id})
    return _status(Code.INTERNAL, f"{INTERNAL_MESSAGE} ({correlation_id})", [info])


def new_correlation_id() -> str:
    """Return a fresh id under which an unforeseen error is logged."""
    return uuid.uuid4().hex


def _status(code: Code, message: str, details: Sequence[Message]) -> status_pb2.Status:
    packed = []
    for detail in details:
        box = any_pb2.Any()
        box.Pack(detail)
        packed.append(box)
    return status_pb2.Status(
        code=code_pb2.Code.Value(code.value), message=_cut(message, MAX_MESSAGE_BYTES), details=packed
    )


_Wrap = Callable[[str, Sequence[Violation]], Message]


def _fitting(reason: str, violations: Sequence[Violation], wrap: _Wrap, room_bytes: int) -> Message:
    """Return the detail with as many violations as fit, at least the first, and one more that counts the others."""
    kept = [
        Violation(_cut(v.subject, MAX_SUBJECT_BYTES), _cut(v.description, MAX_DESCRIPTION_BYTES)) for v in violations
    ]
    left_out = 0
    while True:
        shown = [*kept, Violation("", f"and {left_out} more")] if left_out else kept
        detail = wrap(reason, shown)
        if detail.ByteSize() <= room_bytes or len(kept) == 1:
            return detail
        kept.pop()
        left_out += 1


def _bad_request(reason: str, violations: Sequence[Violation]) -> Message:
    field = error_details_pb2.BadRequest.FieldViolation
    return error_details_pb2.BadRequest(
        field_violations=[field(field=v.subject, description=v.description, reason=reason) for v in violations]
    )


def _precondition_failure(reason: str, violations: Sequence[Violation]) -> Message:
    precondition = error_details_pb2.PreconditionFailure.Violation
    return error_details_pb2.PreconditionFailure(
        violations=[precondition(type=reason, subject=v.subject, description=v.description) for v in violations]
    )


def _quota_failure(_reason: str, violations: Sequence[Violation]) -> Message:
    quota = error_details_pb2.QuotaFailure.Violation
    return error_details_pb2.QuotaFailure(
        violations=[quota(subject=v.subject, description=v.description) for v in violations]
    )


_WRAPPERS: Final[dict[Code, _Wrap]] = {
    Code.INVALID_ARGUMENT: _bad_request,
    Code.RESOURCE_EXHAUSTED: _quota_failure,
}


def _duration(seconds: float) -> duration_pb2.Duration:
    duration = duration_pb2.Duration()
    duration.FromNanoseconds(round(max(seconds, 0.0) * 1e9))
    return duration


def _cut(text: str, limit_bytes: int) -> str:
    """Return `text` cut to whole characters within the limit, with a mark where something is gone."""
    encoded = text.encode()
    if len(encoded) <= limit_bytes:
        return text
    return encoded[: limit_bytes - len("…".encode())].decode(errors="ignore") + "…"
