"""Routing decisions: limits remove, price orders, each rejection has its reason."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.backends.base import ModelCard, Price
from service.backends.fake import FAKE_CARD
from service.errors import NoRouteError, UnavailableError
from service.routing.decision import MIN_ANSWER_TOKENS, Needs, answer_room, decide, limits_broken


def _card(model_id: str, **changes: Any) -> ModelCard:
    return replace(FAKE_CARD, model_id=model_id, display_name=model_id.title(), **changes)


LOCAL = _card("small", context_tokens=1000, max_output_tokens=200)
CLOUD = _card("large", locality="cloud", context_tokens=100_000, price=Price("USD", 1.0, 4.0, 0.5))
SHORT = {"small": 10, "large": 10}


def test_the_cheapest_that_fits_answers() -> None:
    decision = decide([CLOUD, LOCAL], Needs(), SHORT)
    assert decision.model == "small"
    assert decision.explanation == "Small (fake) answers: it is the cheapest of the 2 models that fit the request."
    assert [v.admitted for v in decision.verdicts] == [True, True]


def test_at_the_same_price_the_first_in_the_settings_answers() -> None:
    cards = [_card("b"), _card("a")]
    assert decide(cards, Needs(), {"a": 1, "b": 1}).model == "b"


@pytest.mark.parametrize(
    ("card", "needs", "reason"),
    [
        (LOCAL, Needs(model="large"), "the request asks for large"),
        (LOCAL, Needs(locality="cloud"), "the request asks for a cloud model and this one is local"),
        (_card("x", supports_tools=False), Needs(tools=True), "it cannot call functions"),
        (
            _card("x", supports_json_schema=False),
            Needs(json_schema=True),
            "its answers cannot be held to a JSON Schema",
        ),
        (_card("x", state="failed", state_message="no such file"), Needs(), "it is failed: no such file"),
    ],
)
def test_each_limit_has_its_reason(card: ModelCard, needs: Needs, reason: str) -> None:
    assert limits_broken(card, needs) == (reason,)


def test_a_long_prompt_moves_to_the_model_that_takes_it() -> None:
    decision = decide([LOCAL, CLOUD], Needs(), {"small": 990, "large": 990})
    assert decision.model == "large"
    assert decision.verdicts[0].reasons == ("the prompt takes 990 of its 1000 tokens and leaves too few for an answer",)
    assert "the only one of 2" in decision.explanation


def test_nothing_fits_names_every_candidate() -> None:
    with pytest.raises(NoRouteError) as refusal:
        decide([LOCAL, CLOUD], Needs(model="small"), {"small": 5000})
    assert [v.subject for v in refusal.value.violations] == ["models/small", "models/large"]
    assert all(v.description for v in refusal.value.violations)


def test_a_model_that_is_loading_may_be_asked_again() -> None:
    with pytest.raises(UnavailableError) as refusal:
        decide([replace(LOCAL, state="loading")], Needs(), {})
    assert refusal.value.reason == "MODEL_LOADING"
    assert refusal.value.retry_after_s is not None


def test_no_models_at_all_is_no_route() -> None:
    with pytest.raises(NoRouteError):
        decide([], Needs(), {})


@given(
    prompt=st.integers(0, 2000),
    asked=st.none() | st.integers(1, 2000),
    context=st.integers(1, 1500),
    most=st.integers(1, 1500),
)
def test_an_admitted_answer_always_fits(prompt: int, asked: int | None, context: int, most: int) -> None:
    card = _card("m", context_tokens=context, max_output_tokens=most)
    needs = Needs(max_output_tokens=asked)
    try:
        decision = decide([card], needs, {"m": prompt})
    except NoRouteError:
        assert answer_room(card, needs, prompt) < MIN_ANSWER_TOKENS
        return
    assert 1 <= decision.max_output_tokens <= min(most, asked or most)
    assert prompt + decision.max_output_tokens <= context


def test_a_model_of_unknown_price_comes_last_and_is_never_called_cheap() -> None:
    unknown = _card("unknown", price=None)
    two = decide([unknown, CLOUD], Needs(), {"unknown": 10, "large": 10})
    assert two.model == "large"
    alone = decide([unknown, _card("other", price=None)], Needs(), {"unknown": 10, "other": 10})
    assert alone.model == "unknown"
    assert "none of a known price" in alone.explanation
