"""The measurement of plans: its sentences, and how what came of one is judged."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bench.plans.__main__ import table
from bench.plans.asking import Made, sentences

ASKED = sentences()[0]
RIGHT = Made(ASKED.functions, {"number": ASKED.number}, "Subject: Order\n\nHi Ada,\n\nIt is STATE_SENT.")


def test_sentences_differ_and_name_the_order_that_is_meant() -> None:
    assert len({one.say for one in sentences()}) == len(sentences()) == 20
    assert all(str(one.number) in one.say for one in sentences())
    assert {one.functions[1] for one in sentences()} == {"email.draft"}


def test_what_is_right_is_taken_for_right() -> None:
    assert RIGHT.planned(ASKED)
    assert RIGHT.right(ASKED)


@pytest.mark.parametrize(
    ("made", "planned"),
    [
        (replace(RIGHT, functions=("orders.get_order",)), False),
        (replace(RIGHT, functions=RIGHT.functions[::-1]), False),
        (replace(RIGHT, arguments={"number": 1187}), False),
        (replace(RIGHT, arguments={"number": 1042, "reason": "order"}), False),
        (Made(failure="no plan"), False),
        (replace(RIGHT, mail=""), True),
        (replace(RIGHT, mail="Hi Ada, it is on its way"), True),
        (replace(RIGHT, mail="Hi Bo, it is STATE_SENT"), True),
        (replace(RIGHT, failure="incomplete"), True),
    ],
)
def test_what_is_wrong_is_taken_for_wrong(made: Made, planned: bool) -> None:
    assert made.planned(ASKED) is planned
    assert not made.right(ASKED)


def test_the_table_counts_what_the_rules_were_made_with_apart() -> None:
    counts = table([(one, RIGHT) for one in sentences()])
    seen, unseen = list(counts.columns[1].cells)[-2:]
    total = [sum(one.unseen is flag for one in sentences()) for flag in (False, True)]
    assert [seen, unseen] == [
        f"{sum(RIGHT.planned(one) for one in sentences() if one.unseen is flag)} of {count}"
        for flag, count in zip((False, True), total, strict=True)
    ]
