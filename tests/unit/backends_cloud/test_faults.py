from __future__ import annotations

import ssl
from datetime import UTC, datetime

import aiohttp
import orjson
import pytest

from service.backends.openai_protocol.errors import (
    ContentFilterError,
    UpstreamRefusedError,
    UpstreamRejectedError,
    UpstreamThrottledError,
    UpstreamTruncatedError,
    UpstreamUnavailableError,
)
from service.backends.openai_protocol.faults import event_error, retry_after_s, status_error, transport_error
from service.errors import ContextTooLongError, VaivenError

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, None),
        ({"retry-after-ms": "1500"}, 1.5),
        ({"Retry-After-Ms": "20", "Retry-After": "60"}, 0.02),
        ({"Retry-After": "7"}, 7.0),
        ({"retry-after": "0.5"}, 0.5),
        ({"Retry-After": "-3"}, 0.0),
        ({"Retry-After": "999999"}, 3600.0),
        ({"Retry-After": "soon"}, None),
        ({"Retry-After": "nan"}, None),
        ({"Retry-After": "inf"}, None),
        ({"retry-after-ms": "soon", "Retry-After": "7"}, 7.0),
        ({"Retry-After": "Tue, 24 Nov 2026 12:00:30 GMT"}, 30.0),
        ({"Retry-After": "Tue, 24 Nov 2026 11:00:00 GMT"}, 0.0),
        # The upstream's clock is two hours ahead of ours: its own date counts.
        ({"Retry-After": "Tue, 24 Nov 2026 14:00:05 GMT", "Date": "Tue, 24 Nov 2026 14:00:00 GMT"}, 5.0),
        ({"Retry-After": "Tue, 24 Nov 2026 12:00:30 GMT", "Date": "yesterday"}, 30.0),
    ],
)
def test_retry_after(headers: dict[str, str], expected: float | None) -> None:
    assert retry_after_s(headers, lambda: NOON) == expected


def body(code: object, **more: object) -> bytes:
    return orjson.dumps({"error": {"message": "a maximum context length, quota, content_filter", "code": code, **more}})


@pytest.mark.parametrize(
    ("status", "sent", "kind", "reason"),
    [
        (400, b"", UpstreamRejectedError, "UPSTREAM_REJECTED"),
        # Prose decides nothing.
        (400, body(None), UpstreamRejectedError, "UPSTREAM_REJECTED"),
        (400, b'{"error": "content_filter"}', UpstreamRejectedError, "UPSTREAM_REJECTED"),
        (400, b"[1]", UpstreamRejectedError, "UPSTREAM_REJECTED"),
        (400, body("content_filter"), ContentFilterError, "CONTENT_FILTERED"),
        (400, body("x", innererror={"code": "content_filter"}), ContentFilterError, "CONTENT_FILTERED"),
        (400, body("context_length_exceeded"), ContextTooLongError, "CONTEXT_TOO_LONG"),
        # And neither does a code under another status.
        (500, body("content_filter"), UpstreamUnavailableError, "UPSTREAM_FAILED"),
        (402, body(None), UpstreamThrottledError, "UPSTREAM_QUOTA_SPENT"),
        (429, body("insufficient_quota"), UpstreamThrottledError, "UPSTREAM_QUOTA_SPENT"),
        (405, b"", UpstreamRefusedError, "UPSTREAM_REFUSED"),
        (410, b"", UpstreamRefusedError, "UPSTREAM_REFUSED"),
        (302, b"", UpstreamRefusedError, "UPSTREAM_REDIRECTED"),
        (101, b"", UpstreamRefusedError, "UPSTREAM_REDIRECTED"),
        (529, b"", UpstreamUnavailableError, "UPSTREAM_FAILED"),
        (599, b"", UpstreamUnavailableError, "UPSTREAM_FAILED"),
    ],
)
def test_the_status_decides_and_a_code_narrows(status: int, sent: bytes, kind: type[VaivenError], reason: str) -> None:
    error = status_error("Model", status, {}, sent)
    assert (type(error), error.reason) == (kind, reason)


@pytest.mark.parametrize(
    ("fields", "kind"),
    [
        (None, UpstreamUnavailableError),
        ("overloaded", UpstreamUnavailableError),
        ({"code": "server_error"}, UpstreamUnavailableError),
        ({"code": 429}, UpstreamThrottledError),
        ({"code": 400}, UpstreamRejectedError),
        ({"code": 7}, UpstreamUnavailableError),
        ({"code": "content_filter"}, ContentFilterError),
    ],
)
def test_an_error_amid_an_answer(fields: object, kind: type[VaivenError]) -> None:
    assert type(event_error("Model", fields)) is kind


@pytest.mark.parametrize(
    ("error", "answering", "kind", "reason"),
    [
        (aiohttp.ServerDisconnectedError(), False, UpstreamUnavailableError, "UPSTREAM_UNREACHABLE"),
        (aiohttp.ConnectionTimeoutError(), False, UpstreamUnavailableError, "UPSTREAM_UNREACHABLE"),
        (ConnectionResetError(), True, UpstreamTruncatedError, "UPSTREAM_TRUNCATED"),
        (aiohttp.ClientPayloadError(), True, UpstreamTruncatedError, "UPSTREAM_TRUNCATED"),
        (ssl.CertificateError(), False, UpstreamRefusedError, "UPSTREAM_CERTIFICATE"),
        (ssl.SSLError(), False, UpstreamRefusedError, "UPSTREAM_CERTIFICATE"),
    ],
)
def test_a_connection_that_fails(error: Exception, answering: bool, kind: type[VaivenError], reason: str) -> None:
    found = transport_error("Model", error, answering=answering)
    assert (type(found), found.reason) == (kind, reason)


def test_what_the_filter_found_is_said_in_our_words() -> None:
    results = {"hate": {"filtered": True, "severity": "high"}, "self_harm": {"filtered": False, "severity": "safe"}}
    inner = {"code": "ResponsibleAIPolicyViolation", "content_filter_result": {**results, "secret": {"filtered": True}}}
    error = status_error("Model", 400, {}, body("content_filter", innererror=inner))
    assert [violation.description for violation in error.violations] == ["The content filter found hate."]
