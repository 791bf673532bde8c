"""What a caller sees of each fault of an upstream: the tests hold the backends to it, and the docs print it.

`python -m service.testing.fault_table > docs/faults.md` writes the page.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final, Literal

from service.testing.upstream_faults import FAULTS


@dataclass(frozen=True, slots=True)
class Outcome:
    """The end of one call. It is a success only with a `finish_reason`; else `code` and `reason` are the error's.

    `text` says how much of the answer came, `attempts` how often the request was sent.
    """

    text: Literal["all", "part", "none"] = "none"
    finish_reason: str = ""
    code: str = ""
    reason: str = ""
    retry_after_s: float | None = None
    notices: tuple[str, ...] = ()
    attempts: int = 1


@dataclass(frozen=True, slots=True)
class Row:
    """One fault, asked for as a stream and as an answer in one piece."""

    streaming: Outcome
    unary: Outcome


SITUATIONS: Final[Mapping[str, str]] = {
    "nobody-listens": "is not there: nothing listens at its address",
    "other-certificate": "shows a certificate for another name",
}
"""Faults that are not in an answer; the words complete "The upstream …"."""


def _answered(reason: str = "stop", *notices: str, attempts: int = 1, text: Literal["all", "none"] = "all") -> Row:
    both = Outcome(text, finish_reason=reason, notices=notices, attempts=attempts)
    return Row(both, both)


def _failed(code: str, reason: str, retry_after_s: float | None = None, *, attempts: int = 1) -> Row:
    both = Outcome(code=code, reason=reason, retry_after_s=retry_after_s, attempts=attempts)
    return Row(both, both)


def _unavailable(
    reason: str,
    *,
    attempts: int = 1,
    text: Literal["part", "none"] = "none",
    unary_text: Literal["part", "none"] = "none",
    unary_reason: str = "",
    retry_after_s: float = 1.0,
) -> Row:
    outcome = Outcome(text, code="UNAVAILABLE", reason=reason, retry_after_s=retry_after_s, attempts=attempts)
    return Row(outcome, replace(outcome, text=unary_text, reason=unary_reason or reason))


def _operator(reason: str) -> Row:
    return _failed("FAILED_PRECONDITION", reason)


def _caller(reason: str) -> Row:
    return _failed("INVALID_ARGUMENT", reason)


def _throttled(retry_after_s: float, *, attempts: int) -> Row:
    return _failed("RESOURCE_EXHAUSTED", "UPSTREAM_THROTTLED", retry_after_s, attempts=attempts)


ROWS: Final[Mapping[str, Row]] = {
    "none": _answered(),
    "small-packets": _answered(),
    "crlf": _answered(),
    "comments": _answered(),
    "gzip": _answered(),
    "no-done": _answered(),
    "no-usage": _answered("stop", "USAGE_ESTIMATED"),
    "status-503-once": _answered(attempts=2),
    "nothing": _unavailable("UPSTREAM_TRUNCATED", attempts=3),
    "cut": _unavailable("UPSTREAM_TRUNCATED", text="part"),
    "reset": _unavailable("UPSTREAM_TRUNCATED", text="part"),
    "reset-at-once": _unavailable("UPSTREAM_UNREACHABLE", attempts=3),
    "nobody-listens": _unavailable("UPSTREAM_UNREACHABLE", attempts=3),
    "clean-end": _unavailable("UPSTREAM_TRUNCATED", text="part", unary_text="part"),
    "unknown-reason": _unavailable("UPSTREAM_MALFORMED", text="part", unary_text="part"),
    "malformed-event": _unavailable("UPSTREAM_MALFORMED", text="part"),
    "half-character": _unavailable("UPSTREAM_MALFORMED", text="part"),
    "error-event": _unavailable("UPSTREAM_FAILED", text="part"),
    "stall-at-once": _unavailable("UPSTREAM_STALLED", unary_reason="UPSTREAM_TIMEOUT"),
    "stall": _unavailable("UPSTREAM_STALLED", text="part", unary_reason="UPSTREAM_TIMEOUT"),
    "slow-drip": _unavailable("UPSTREAM_STALLED", text="part", unary_reason="UPSTREAM_TIMEOUT"),
    "large-answer": _unavailable("UPSTREAM_TOO_LARGE", text="part"),
    "large-line": _unavailable("UPSTREAM_TOO_LARGE"),
    "html": _unavailable("UPSTREAM_MALFORMED"),
    "wrong-type": _unavailable("UPSTREAM_MALFORMED"),
    "broken-gzip": _unavailable("UPSTREAM_TRUNCATED", attempts=3),
    "redirect": _operator("UPSTREAM_REDIRECTED"),
    "other-certificate": _operator("UPSTREAM_CERTIFICATE"),
    "prompt-filtered": _caller("CONTENT_FILTERED"),
    "prompt-safe": _answered(),
    "prompt-flagged": _answered("stop", "PROMPT_FLAGGED"),
    "answer-flagged": _answered("stop", "ANSWER_FLAGGED"),
    "answer-filtered": _answered("content_filter", "ANSWER_FLAGGED"),
    "filter-down": _answered("stop", "FILTER_UNAVAILABLE"),
    "filter-event": Row(
        Outcome("part", code="INVALID_ARGUMENT", reason="CONTENT_FILTERED"),
        Outcome(code="INVALID_ARGUMENT", reason="CONTENT_FILTERED"),
    ),
    "refusal": _answered("content_filter", "ANSWER_REFUSED"),
    "arguments-cut": _answered("length", "CALLS_DROPPED", text="none"),
    "broken-arguments": _unavailable("UPSTREAM_MALFORMED"),
    "status-400": _caller("UPSTREAM_REJECTED"),
    "context-too-long": _caller("CONTEXT_TOO_LONG"),
    "status-401": _operator("UPSTREAM_CREDENTIALS"),
    "status-401-once": _operator("UPSTREAM_CREDENTIALS"),
    "status-402": _failed("RESOURCE_EXHAUSTED", "UPSTREAM_QUOTA_SPENT"),
    "status-403": _operator("UPSTREAM_FORBIDDEN"),
    "status-404": _operator("UPSTREAM_NOT_FOUND"),
    "status-408": _unavailable("UPSTREAM_TIMEOUT", attempts=3),
    "status-409": _unavailable("UPSTREAM_CONFLICT", attempts=3),
    "status-413": _caller("UPSTREAM_REQUEST_TOO_LARGE"),
    "status-422": _caller("UPSTREAM_REJECTED"),
    "status-429": _throttled(1.0, attempts=3),
    "status-429-ms": _throttled(0.002, attempts=3),
    "status-429-seconds": _throttled(7.0, attempts=1),
    "status-429-date": _throttled(7.0, attempts=1),
    "status-429-quota": _failed("RESOURCE_EXHAUSTED", "UPSTREAM_QUOTA_SPENT"),
    "status-500": _unavailable("UPSTREAM_FAILED", attempts=3),
    "status-503": _unavailable("UPSTREAM_FAILED", attempts=3),
    "status-503-seconds": _unavailable("UPSTREAM_FAILED", retry_after_s=7.0),
    "html-502": _unavailable("UPSTREAM_FAILED", attempts=3),
}

_HEAD: Final = """\
# What a caller sees when a model's server misbehaves

Written by `python -m service.testing.fault_table`; a test compares, and the contract tests hold every backend that is
called over the network to each row. The names are those of `service/testing/upstream.py`, which has these faults on a
loopback address: `python -m service.testing.upstream` starts it, and a request for the model `fault-NAME` gets one.

A call succeeds only when a finish reason was read. What is sent again is sent by one module, with pauses, up to three
times (`wire.attempts`) and only while nothing of an answer has come; an upstream that names a time is asked again
then, unless that is above `wire.retry_wait_max_s` or the deadline. "Part of the text" is what came before the failure.
With a token from Entra ID, a first 401 renews the token. A caller's deadline that ends sooner than a wait in this
table gives `DEADLINE_EXCEEDED`. Nothing of an upstream's error body is shown or logged.

| fault | the upstream … | streaming | unary |
| --- | --- | --- | --- |
"""


def page() -> str:
    """Return the page of the docs."""
    return _HEAD + "".join(f"{line}\n" for line in _lines())


def _lines() -> Iterator[str]:
    for name, row in ROWS.items():
        summary = SITUATIONS.get(name) or FAULTS[name].summary
        yield f"| `{name}` | {summary} | {_words(row.streaming)} | {_words(row.unary)} |"


def _words(outcome: Outcome) -> str:
    parts = [f"`{outcome.finish_reason}`"] if outcome.finish_reason else [f"`{outcome.code}` `{outcome.reason}`"]
    if outcome.text == "all":
        parts.insert(0, "the answer")
    elif outcome.text == "part":
        parts.insert(0, "part of the text")
    parts += [f"notice `{notice}`" for notice in outcome.notices]
    if outcome.attempts > 1:
        parts.append(f"sent {outcome.attempts} times")
    if outcome.retry_after_s is not None:
        parts.append(f"retry after {outcome.retry_after_s:g} s")
    return ", ".join(parts)


if __name__ == "__main__":
    print(page(), end="")  # noqa: T201 - the page is the output
