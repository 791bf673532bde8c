"""The scripted cloud model of the measurement of function calls, asked through a loopback upstream in both ways."""

from __future__ import annotations

import pytest

from bench.calls.__main__ import judge, local_ways, scripted_ways
from bench.calls.dataset import requests
from bench.calls.scoring import Judged
from bench.calls.scripted import Script
from service.testing.tiny_model import TINY_MODEL_DIR

ASKED = [one for one in requests() if one.number % 5 == 0]
"""Of the wrong ones every kind: the script errs in each tenth request."""

ERRS = Script(10)


@pytest.mark.parametrize("kind", ["one call", "tools"])
@pytest.mark.parametrize("title", ["scripted", "scripted, errs in 1 of 10"])
async def test_what_a_script_answers_rightly_arrives_and_what_it_answers_wrongly_is_found(
    title: str, kind: str
) -> None:
    async with scripted_ways(8) as ways:
        judged = await judge(ways[f"{title}, {kind}"], ASKED)
    wrong = [one.asked.number for one in judged if not one.right]
    assert wrong == [one.number for one in ASKED if "errs" in title and ERRS.errs(one)]
    assert not any(one.outcome.fault for one in judged)


async def test_the_script_errs_in_every_kind() -> None:
    async with scripted_ways(8) as ways:
        judged = await judge(ways["scripted, errs in 1 of 10, tools"], ASKED)
    assert {_kind(one) for one in judged} == {"right", "function", "argument", "no call", "a call where none fits"}


def _kind(one: Judged) -> str:
    if one.right:
        return "right"
    if one.asked.function is None:
        return "a call where none fits"
    if one.selected:
        return "argument"
    return "no call" if one.outcome.abstained else "function"


async def test_held_to_the_schemas_even_a_model_of_random_weights_makes_a_choice() -> None:
    async with local_ways(TINY_MODEL_DIR, 8) as ways:
        held = await judge(ways["local, one call, constrained"], ASKED[:4])
        free = await judge(ways["local, one call, free"], ASKED[:4])
        tools = await judge(ways["local, tools, free"], ASKED[:4])
    # Its texts go on until the tokens are used up, so that of the chosen functions few are called.
    assert all(one.outcome.function or one.outcome.abstained for one in held)
    assert {(one.outcome.function, one.outcome.fault) for one in free} == {(None, "unreadable")}
    assert {(one.outcome.function, one.outcome.fault) for one in tools} == {(None, "refused")}
