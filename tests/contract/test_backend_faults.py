"""Every fault of an upstream, on every backend that is called over the network, as a stream and in one piece."""

from __future__ import annotations

import logging
import socket
from collections.abc import Sequence
from pathlib import Path

import pytest

from service.backends.base import (
    CallPiece,
    ChatMessage,
    Finished,
    GenerationRequest,
    NoticePiece,
    TextPiece,
)
from service.backends.openai_protocol import ProtocolModel, WireOptions
from service.errors import VaivenError
from service.testing.fault_table import ROWS, SITUATIONS, Outcome, page
from service.testing.upstream import Upstream
from service.testing.upstream_faults import FAULTS, PROSE
from service.testing.upstream_frames import Reply
from tests.contract.backend_subjects import KEY, PATIENT, networked
from tests.contract.loopback_certificate import certificate_for

REPLY = Reply()
WHOLE = "".join(REPLY.text)
PROMPT = "a prompt that nobody may log"
# Only these are waited for: an upstream that is silent says nothing sooner or later.
HASTY = {
    "stall-at-once": {"first_token_timeout_s": 0.05, "total_timeout_s": 0.2},
    "stall": {"idle_timeout_s": 0.05, "total_timeout_s": 0.2},
    "slow-drip": {"idle_timeout_s": 0.05, "total_timeout_s": 0.2},
}

# The dated route of Azure differs by its address only.
everywhere = pytest.mark.parametrize("backend", ["azure_openai", "openai", "huggingface", "foundry"])
both_ways = pytest.mark.parametrize("streamed", [True, False], ids=["streamed", "whole"])


async def outcome_of(model: ProtocolModel, *, streamed: bool, attempts: Sequence[object]) -> tuple[Outcome, str]:
    """Return what a caller sees of one call, and its text."""
    text, notices, reason = "", [], ""
    request = GenerationRequest([ChatMessage("user", PROMPT)], 50, streamed=streamed)
    failure = {}
    try:
        async for piece in model.generate(request):
            match piece:
                case TextPiece(part):
                    text += part
                case NoticePiece(code):
                    notices.append(code)
                case CallPiece():
                    raise AssertionError("no fault makes a whole call")
                case Finished(reason):
                    pass
    except VaivenError as error:
        failure = {"code": error.code.value, "reason": error.reason, "retry_after_s": error.retry_after_s}
        assert_says_nothing(error.message, "".join(map(str, error.args)))
        assert_says_nothing(*map(str, shown_with(error)))
    amount = "part" if failure and text else "all" if text else "none"
    return (
        Outcome(amount, finish_reason=reason, notices=tuple(notices), attempts=len(attempts), **failure),  # type: ignore[arg-type]
        text,
    )


def shown_with(error: BaseException) -> list[BaseException]:
    """Return what a traceback of `error` would show beside it."""
    if error.__cause__ is not None:
        return [error.__cause__]
    return [] if error.__suppress_context__ or error.__context__ is None else [error.__context__]


def assert_says_nothing(*words: str) -> None:
    for word in words:
        assert PROSE not in word
        assert PROMPT not in word
        assert KEY not in word


def expected(fault: str, *, streamed: bool) -> Outcome:
    return ROWS[fault].streaming if streamed else ROWS[fault].unary


@both_ways
@pytest.mark.parametrize("fault", list(FAULTS))
@everywhere
async def test_fault(backend: str, fault: str, streamed: bool, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    wire = PATIENT.model_copy(update=HASTY.get(fault, {}))
    async with Upstream(REPLY, fault=fault) as upstream, networked(backend, upstream.url, wire) as model:
        seen, text = await outcome_of(model, streamed=streamed, attempts=upstream.requests)
    assert seen == expected(fault, streamed=streamed)
    if seen.text == "part":
        assert WHOLE.startswith(text) or fault == "large-answer"
    elif text and fault not in ("refusal", "answer-filtered"):
        assert text == WHOLE
    assert_says_nothing(caplog.text)


@both_ways
@everywhere
async def test_nobody_listens(backend: str, streamed: bool) -> None:
    with socket.socket() as taken:
        # Bound and not listening: connections are refused, and nobody else gets the port meanwhile.
        taken.bind(("127.0.0.1", 0))
        async with networked(backend, f"http://127.0.0.1:{taken.getsockname()[1]}", PATIENT) as model:
            seen, _ = await outcome_of(model, streamed=streamed, attempts=[None] * 3)
    assert seen == expected("nobody-listens", streamed=streamed)


@both_ways
@everywhere
async def test_a_certificate_for_another_name(backend: str, streamed: bool, tmp_path: Path) -> None:
    trusted, context = certificate_for("other.example", tmp_path)
    async with Upstream(REPLY, tls=context) as upstream:
        async with networked(backend, upstream.url, PATIENT.model_copy(update={"ca_file": trusted})) as model:
            seen, _ = await outcome_of(model, streamed=streamed, attempts=[None])
        assert not upstream.requests
    assert seen == expected("other-certificate", streamed=streamed)


@everywhere
async def test_a_certificate_of_nobody(backend: str, tmp_path: Path) -> None:
    _, context = certificate_for("127.0.0.1", tmp_path)
    async with Upstream(REPLY, tls=context) as upstream, networked(backend, upstream.url, PATIENT) as model:
        seen, _ = await outcome_of(model, streamed=True, attempts=[None])
    assert seen == expected("other-certificate", streamed=True)


async def test_what_is_taken_is_bounded() -> None:
    small = WireOptions(max_answer_bytes=200_000)
    async with Upstream(REPLY, fault="large-answer") as upstream, networked("openai", upstream.url, small) as model:
        seen, text = await outcome_of(model, streamed=True, attempts=upstream.requests)
    assert seen == expected("large-answer", streamed=True)
    assert len(text) <= 200_000


def test_every_fault_has_a_row() -> None:
    assert ROWS.keys() == FAULTS.keys() | SITUATIONS.keys()


@pytest.mark.parametrize("outcome", [o for row in ROWS.values() for o in (row.streaming, row.unary)], ids=str)
def test_no_row_is_a_success_without_a_finish_reason(outcome: Outcome) -> None:
    assert bool(outcome.finish_reason) != bool(outcome.code)
    assert outcome.text != "part" or outcome.code


def test_the_page_is_what_the_table_says() -> None:
    written = Path(__file__).resolve().parents[2] / "docs" / "faults.md"
    assert written.read_text(encoding="utf-8") == page()
