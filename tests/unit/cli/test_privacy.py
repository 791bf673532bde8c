"""Personal data on the command line: what is found, what stands for it, and what a run says of it."""

from __future__ import annotations

import stat
from pathlib import Path

from service.privacy.kinds import Kind
from service.runs.events import MaskedKind, PrivacyAction, TextDelta
from tests.unit.cli.conftest import Service, Vaiven
from tests.unit.rpc.fakes_runs import DONE


def test_detect_shows_kind_and_value(vaiven: Vaiven, service: Service) -> None:
    outcome = vaiven("privacy", "detect", "Ana", "Costa")
    assert outcome.code == 0
    assert [line.split() for line in outcome.out.splitlines()][-1] == ["person", "Ana", "0"]


def test_a_text_is_masked_and_restored_by_a_file_that_only_its_owner_reads(
    vaiven: Vaiven, service: Service, tmp_path: Path
) -> None:
    token = tmp_path / "t.bin"
    masked = vaiven("privacy", "anonymize", "--token", str(token), "Ana")
    assert (masked.code, masked.out.strip(), masked.err.strip()) == (0, "‹PERSON_1›", "Replaced: 1 person.")
    assert stat.S_IMODE(token.stat().st_mode) == 0o600
    again = vaiven("privacy", "anonymize", "--token", str(token), "Ana")
    assert again.code == 2
    assert "File exists" in again.err
    restored = vaiven("privacy", "restore", "--token", str(token), "--in-json", "‹PERSON_1›")
    assert (restored.code, restored.out.strip()) == (0, "Ana")
    assert "left as they are: 2" in restored.err
    assert service.domain.privacy.calls[-1][2:] == (("‹PERSON_1›",), None, b"token", True)


def test_where_the_values_are_is_said_once(vaiven: Vaiven, tmp_path: Path) -> None:
    assert vaiven("privacy", "restore", "x").code == 2
    both = ("--session", "s1", "--token", str(tmp_path / "t"))
    assert vaiven("privacy", "restore", *both, "x").code == 2
    assert vaiven("privacy", "anonymize", *both, "x").code == 2


def test_a_run_says_what_was_masked(vaiven: Vaiven, service: Service) -> None:
    action = PrivacyAction("models/gpt", "openai", "gpt-a", (MaskedKind(Kind.PERSON, 2), MaskedKind(Kind.URL_LOGIN, 1)))
    service.domain.runs.script = (action, TextDelta("Hello"), DONE)
    outcome = vaiven("ask", "hello")
    assert outcome.code == 0
    assert "masked 2 person, 1 url login, for gpt-a" in outcome.err
