"""How hard a request looks, and that simple ones go to the cheapest model where the operator wants it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from service.backends.base import ChatMessage, Price
from service.backends.fake import FAKE_CARD, FakeGenerator
from service.routing.candidates import Candidate, Candidates, Placement
from service.routing.decision import Weights
from service.routing.difficulty import difficulty_of
from service.routing.facts import Needs
from service.routing.router import Router

HARD = "Why? It must, without loss, never fail, exactly once, at least twice, unless it is only partial.\n" * 40


def score(text: str, *, formed: bool = False) -> float:
    return difficulty_of([ChatMessage("system", HARD), ChatMessage("user", text)], formed=formed).score


@pytest.mark.parametrize(
    ("easier", "harder"),
    [
        ("Hello.", "word " * 200),
        ("Sort a list.", "Sort a list, without a library; it must be stable and never recurse."),
        ("Sort a list.", "Ordena una lista, sin biblioteca; debe ser estable."),
        ("Mend this.", "Mend this.\n```\nx = 1\ny = 2\nz = 3\n```"),
        ("Mend this: x", "Mend this: if (x) { return y; }"),
        ("Hello", "Привет"),
    ],
)
def test_more_of_anything_is_harder(easier: str, harder: str) -> None:
    assert 0 <= score(easier) < score(harder) <= 1


def test_the_score_is_bounded_and_says_what_it_was_made_of() -> None:
    assert score("") == 0
    everything = HARD + "Ω\n```\n" + "x = 1\n" * 100 + "```"
    found = difficulty_of([ChatMessage("user", everything)], formed=True)
    assert found.score == pytest.approx(1.0)
    assert found.words.endswith("lines of code, another script, an answer of fixed form")


async def test_simple_work_goes_to_the_cheapest_and_hard_work_to_the_best() -> None:
    def candidate(model_id: str, price: float, placement: Placement) -> Candidate:
        card = replace(FAKE_CARD, model_id=model_id, price=Price("EUR", price, price, price), context_tokens=100_000)
        generator = FakeGenerator("x", card)
        return Candidate(generator, placement)

    pair = [candidate("cheap", 0.0, Placement()), candidate("best", 1.0, Placement(quality="high"))]
    weights = Weights(cost=0.3, latency=0.0, quality=0.7, by_difficulty=True)
    router = Router(Candidates(pair), weights)
    simple = (await router.route([ChatMessage("user", "Hello.")], Needs())).decision
    assert simple.model == "cheap"
    assert "Its difficulty is 0.00 of 1 (1 words, 0 demands, 0 lines of code)" in simple.explanation
    assert (await router.route([ChatMessage("user", HARD)], Needs())).decision.model == "best"
    plain = Router(Candidates(pair), replace(weights, by_difficulty=False))
    assert (await plain.route([ChatMessage("user", "Hello.")], Needs())).decision.model == "best"
