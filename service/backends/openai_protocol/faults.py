"""An upstream's refusals in our words: the status decides the class, a code of the body may narrow it, prose never."""

from __future__ import annotations

import email.utils
import math
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import aiohttp
import orjson

from service.backends.openai_protocol.errors import (
    ContentFilterError,
    UpstreamMalformedError,
    UpstreamRefusedError,
    UpstreamRejectedError,
    UpstreamThrottledError,
    UpstreamTruncatedError,
    UpstreamUnavailableError,
)
from service.backends.openai_protocol.filters import found_in
from service.errors import ContextTooLongError, VaivenError, Violation

_LONGEST_RETRY_S: Final = 3600.0
_MS_PER_S: Final = 1000.0
_FIRST_ERROR: Final = 400
_FIRST_SERVER_ERROR: Final = 500
_LAST_STATUS: Final = 599

_FILTERED: Final = "content_filter"
"""Source: Microsoft Learn, "Content filtering", scenario details."""

_QUOTA_CODES: Final = frozenset({"insufficient_quota", "billing_hard_limit_reached"})
"""429 that waiting does not mend. Source: OpenAI, "Error codes" (guides/error-codes)."""


@dataclass(frozen=True, slots=True)
class _Details:
    """The codes of an error body, and what a content filter found, in our words."""

    codes: frozenset[str]
    filtered: tuple[str, ...]


def status_error(name: str, status: int, headers: Mapping[str, str], body: bytes) -> VaivenError:
    """Return the error of an answer with `status`; `name` is the model's name for people.

    Of `body` only the machine-readable code is looked at, and nothing of it is kept.
    """
    return _error_of(name, status, _details(_parsed(body)), retry_after_s(headers))


def event_error(name: str, error: object) -> VaivenError:
    """Return the error that an upstream sends as a body with status 200, or as an event amid a stream."""
    fields = error if isinstance(error, dict) else {}
    details = _details({"error": fields})
    if _FILTERED in details.codes:
        return _content_filtered(name, details)
    status = fields.get("code")
    if isinstance(status, int) and _FIRST_ERROR <= status <= _LAST_STATUS:
        # vLLM puts the status there.
        return _error_of(name, status, details, None)
    return UpstreamUnavailableError(f"{name} reported a failure amid its answer.", reason="UPSTREAM_FAILED")


def transport_error(name: str, error: Exception, *, answering: bool) -> VaivenError:
    """Return the error of a connection that failed before (`answering` False) or while the answer was read."""
    if isinstance(error, (ssl.CertificateError, aiohttp.ClientConnectorCertificateError)):
        return UpstreamRefusedError(
            f"{name}: the certificate of the upstream does not match its name or is of an unknown authority.",
            reason="UPSTREAM_CERTIFICATE",
        )
    if isinstance(error, (ssl.SSLError, aiohttp.ClientConnectorSSLError)):
        return UpstreamRefusedError(f"{name}: no secure connection could be agreed on.", reason="UPSTREAM_CERTIFICATE")
    if isinstance(error, aiohttp.ClientResponseError):
        return malformed(name, "an answer that is not HTTP as it should be")
    if answering:
        return truncated(name)
    return UpstreamUnavailableError(f"{name} cannot be reached.", reason="UPSTREAM_UNREACHABLE")


def truncated(name: str) -> UpstreamTruncatedError:
    """Return the error of an answer that ended without a finish reason."""
    return UpstreamTruncatedError(f"{name} stopped before its answer was complete.")


def stalled(name: str, silent_s: float) -> UpstreamUnavailableError:
    """Return the error of an upstream that has said nothing for `silent_s` seconds."""
    return UpstreamUnavailableError(f"{name} said nothing for {silent_s:g} s.", reason="UPSTREAM_STALLED")


def malformed(name: str, what: str) -> UpstreamMalformedError:
    """Return the error of an upstream that sent `what`, a phrase that quotes nothing."""
    return UpstreamMalformedError(f"{name} sent {what}.")


def too_large(name: str, limit_bytes: int) -> UpstreamMalformedError:
    """Return the error of an answer with more than `limit_bytes`, in one event or in all."""
    return UpstreamMalformedError(
        f"{name} sent more than the {limit_bytes} bytes that are taken.",
        reason="UPSTREAM_TOO_LARGE",
    )


def retry_after_s(headers: Mapping[str, str], now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> float | None:
    """Return the seconds to wait that `headers` (any case) ask for, at most an hour; None when they do not say.

    `retry-after-ms` goes before `Retry-After`, which is seconds or a date; a date is taken against the answer's own
    `Date`, because clocks differ.

    Source: RFC 9110, 10.2.3; openai 3.54, `_base_client.py`, for `retry-after-ms`.
    """
    lower = {name.lower(): value for name, value in headers.items()}
    wait = _number(lower.get("retry-after-ms"))
    if wait is not None:
        return _bounded(wait / _MS_PER_S)
    stated = lower.get("retry-after")
    wait = _number(stated)
    if wait is not None:
        return _bounded(wait)
    when = _date(stated)
    if when is None:
        return None
    return _bounded((when - (_date(lower.get("date")) or now())) / timedelta(seconds=1))


def _error_of(name: str, status: int, details: _Details, wait_s: float | None) -> VaivenError:
    if status == 429:
        return _throttled(name, details.codes, wait_s)
    if status == 402:
        return _quota_spent(name)
    if status in _TRANSIENT or status >= _FIRST_SERVER_ERROR:
        reason, words = _TRANSIENT.get(status, ("UPSTREAM_FAILED", "failed"))
        return UpstreamUnavailableError(f"{name} {words} (status {status}).", reason=reason, retry_after_s=wait_s)
    if status in _REFUSALS:
        reason, words = _REFUSALS[status]
        return UpstreamRefusedError(f"{name}: {words} (status {status}).", reason=reason)
    if status in _REJECTIONS:
        return _rejected(name, status, details)
    if status < _FIRST_ERROR:
        return UpstreamRefusedError(
            f"{name}: the upstream answers from another address; redirects are not followed (status {status}).",
            reason="UPSTREAM_REDIRECTED",
        )
    return UpstreamRefusedError(f"{name}: the upstream refuses requests of this kind (status {status}).")


_TRANSIENT: Final[Mapping[int, tuple[str, str]]] = {
    408: ("UPSTREAM_TIMEOUT", "took too long"),
    409: ("UPSTREAM_CONFLICT", "had a conflict with another request"),
}
_REFUSALS: Final[Mapping[int, tuple[str, str]]] = {
    401: ("UPSTREAM_CREDENTIALS", "its credentials are not accepted; an operator must renew them"),
    403: ("UPSTREAM_FORBIDDEN", "its credentials do not allow this; an operator must grant it"),
    404: ("UPSTREAM_NOT_FOUND", "there is no such model or deployment at the upstream; an operator must correct it"),
}
_REJECTIONS: Final = frozenset({400, 413, 422})


def _throttled(name: str, codes: frozenset[str], wait_s: float | None) -> UpstreamThrottledError:
    if codes & _QUOTA_CODES:
        return _quota_spent(name)
    return UpstreamThrottledError(f"{name} takes no more requests for now.", retry_after_s=wait_s)


def _quota_spent(name: str) -> UpstreamThrottledError:
    return UpstreamThrottledError(f"{name}: the quota at the upstream is spent.", reason="UPSTREAM_QUOTA_SPENT")


def _rejected(name: str, status: int, details: _Details) -> VaivenError:
    if _FILTERED in details.codes:
        return _content_filtered(name, details)
    if "context_length_exceeded" in details.codes:
        return ContextTooLongError(f"The prompt and the room for its answer do not fit the context of {name}.")
    if status == 413:
        return UpstreamRejectedError(f"The request is too large for {name}.", reason="UPSTREAM_REQUEST_TOO_LARGE")
    return UpstreamRejectedError(f"{name} found the request wrong (status {status}).")


def _content_filtered(name: str, details: _Details) -> ContentFilterError:
    return ContentFilterError(
        f"The content filter of {name} stopped this request; word it differently.",
        violations=[Violation("messages", f"The content filter found {words}.") for words in details.filtered],
    )


def _parsed(body: bytes) -> object:
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        return None


def _details(body: object) -> _Details:
    """Return what of an error body is no prose; Azure nests a second code, and what its filter found."""
    error: Any = body.get("error", body) if isinstance(body, dict) else None
    codes: set[str] = set()
    filtered: list[str] = []
    while isinstance(error, dict):
        if isinstance(code := error.get("code"), str):
            codes.add(code)
        if isinstance(results := error.get("content_filter_result"), dict):
            filtered += found_in(results)
        error = error.get("innererror")
    return _Details(frozenset(codes), tuple(filtered))


def _number(value: str | None) -> float | None:
    try:
        number = float(value or "")
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _date(value: str | None) -> datetime | None:
    try:
        when = email.utils.parsedate_to_datetime(value or "")
    except ValueError:
        return None
    return when if when.tzinfo else when.replace(tzinfo=UTC)


def _bounded(wait_s: float) -> float:
    return min(max(wait_s, 0.0), _LONGEST_RETRY_S)
