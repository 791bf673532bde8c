"""What a gRPC status means to whoever registered the service or called its function."""

from __future__ import annotations

import re
from typing import Final

import grpc

from plugins.sources.base import SourceError

_MAX_DETAILS: Final = 300
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]+")

_Code: Final = grpc.StatusCode

_REFUSALS: Final = frozenset(
    {
        _Code.INVALID_ARGUMENT, _Code.NOT_FOUND, _Code.ALREADY_EXISTS, _Code.FAILED_PRECONDITION, _Code.ABORTED,
        _Code.OUT_OF_RANGE, _Code.CANCELLED,
    }
)  # fmt: skip
"""The service's own answer, which says what to do about it."""


def read_failure(error: grpc.aio.AioRpcError) -> SourceError:
    """Return why the descriptors cannot be read."""
    code, said = error.code(), _said(error)
    if code == _Code.UNAVAILABLE:
        return SourceError("TARGET_UNREACHABLE", f"no connection: {said}", "target", retryable=True)
    if code in (_Code.UNAUTHENTICATED, _Code.PERMISSION_DENIED):
        return SourceError("TARGET_DENIED", f"reflection is refused: {said}", "bearer")
    if code == _Code.RESOURCE_EXHAUSTED:
        return SourceError("SOURCE_TOO_LARGE", f"its descriptors are too large: {said}", "services")
    return SourceError("REFLECTION_FAILED", f"{code.name}: {said}", "target")


def call_failure(error: grpc.aio.AioRpcError, *, max_response_bytes: int) -> SourceError:
    """Return why a call failed; only the service's own refusals carry its words."""
    code, said = error.code(), _said(error)
    if code in _REFUSALS:
        return SourceError("CALL_REFUSED", f"{code.name}: {said}", retryable=code == _Code.ABORTED)
    if code == _Code.UNAVAILABLE:
        return SourceError("TARGET_UNREACHABLE", "the service cannot be reached", retryable=True)
    if code == _Code.DEADLINE_EXCEEDED:
        return SourceError("CALL_TIMEOUT", "the service did not answer in time", retryable=True)
    if code in (_Code.UNAUTHENTICATED, _Code.PERMISSION_DENIED):
        return SourceError("TARGET_DENIED", f"{code.name}: the service refuses the plugin's credentials")
    if code == _Code.UNIMPLEMENTED:
        return SourceError("METHOD_GONE", "the service no longer has this method; refresh the plugin")
    if code == _Code.RESOURCE_EXHAUSTED:
        # gRPC says both with one code; which of them cannot be told from the status alone.
        return SourceError(
            "CALL_EXHAUSTED", f"the answer is larger than {max_response_bytes} bytes, or the service is overloaded"
        )
    return SourceError("CALL_FAILED", f"the service failed with {code.name}")


def _said(error: grpc.aio.AioRpcError) -> str:
    """Return the server's words on one line, bounded."""
    return _CONTROL.sub(" ", error.details() or "no reason given").strip()[:_MAX_DETAILS]
