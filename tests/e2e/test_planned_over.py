"""A gRPC service on Node is registered, planned over by the embedded model, and called, as a person asks for it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from bench.plans.asking import Made, Sentence, planner, sentences
from bench.plans.orders import running

pytestmark = pytest.mark.timeout(180)

ASKED = {one.say: one for one in sentences()}
FIRST = "what is the state of order 1042, and draft an e-mail to the customer"
SAID_IN_WORDS = (
    FIRST,
    "look up order 1187 and write a mail to Ana Costa about it",
    "where is order 77? then draft an email to the buyer",
    "Check order 1042 and draft an e-mail to the customer about its state",
    "Show me order 1042. Then draft a mail to the customer about it.",
)
"""Sentences whose words say what to call at the registered service, so that other weights change nothing there."""


async def made_of(directory: Path, say: Sequence[str]) -> tuple[list[Made], list[str]]:
    """Return what came of each sentence, and the calls that the service on Node had."""
    async with running("node") as orders, planner(directory, orders) as asked:
        made = [await asked.make(one) for one in say]
    return made, orders.calls


async def test_a_service_on_node_is_planned_over_and_called(tmp_path: Path) -> None:
    made, calls = await made_of(tmp_path, SAID_IN_WORDS)
    assert calls == [f"GetOrder {ASKED[one].number}" for one in SAID_IN_WORDS]
    for asked, came in zip((ASKED[one] for one in SAID_IN_WORDS), made, strict=True):
        assert came.planned(asked), asked.say
        assert not came.failure, asked.say
        subject, _, body = came.mail.partition("\n")
        assert subject.startswith("Subject: ")
        assert str(asked.number) in body
        assert _told(asked, body), body


def _told(asked: Sentence, body: str) -> bool:
    """Return whether the mail says what the service answered, and greets the customer where nobody is named."""
    greeted = "the customer" not in asked.say or asked.greets in body
    return greeted and all(word in body for word in asked.says)


async def test_an_order_that_does_not_exist_ends_the_plan_before_a_mail_is_written(tmp_path: Path) -> None:
    (made,), calls = await made_of(tmp_path, ["look up order 8, and draft an e-mail to the customer"])
    assert made.functions == ("orders.get_order", "email.draft")
    assert (made.mail, made.failure) == ("", "STEP_FAILED")
    assert calls == ["GetOrder 8"]
