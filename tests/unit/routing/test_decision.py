"""Routing decisions: limits remove, a score orders, each rejection has its reason."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.backends.base import ModelCard, Price
from service.backends.fake import FAKE_CARD
from service.economics.money import Money
from service.errors import NoRouteError, UnavailableError
from service.routing.decision import MIN_ANSWER_TOKENS, Weights, decide
from service.routing.estimate import Pace
from service.routing.facts import Facts, Needs, answer_room, limits_broken, predict
from service.routing.policy import Privacy, RoutingPolicy

PACE = Pace(0.0, 0.5, 50.0)


def _card(model_id: str, **changes: Any) -> ModelCard:
    return replace(FAKE_CARD, model_id=model_id, display_name=model_id.title(), **changes)


def _facts(card: ModelCard, **changes: Any) -> Facts:
    return Facts(card, **{"pace": PACE, "deployment": card.model_id, **changes})


LOCAL = _facts(_card("small", context_tokens=1000, max_output_tokens=200))
CLOUD_CARD = _card("large", locality="cloud", context_tokens=100_000, price=Price("USD", 1.0, 4.0, 0.5))
CLOUD = _facts(CLOUD_CARD, region="swedencentral", quality="high")
SHORT = {"small": 10, "large": 10}


def test_the_cheapest_answers_unless_quality_weighs_more() -> None:
    decision = decide([CLOUD, LOCAL], Needs(), SHORT)
    assert decision.model == "small"
    assert decision.explanation.startswith("Small (fake) answers: of 2 that fit the request")
    assert [v.admitted for v in decision.verdicts] == [True, True]
    assert [v.model for v in decision.order] == ["small", "large"]
    assert decide([CLOUD, LOCAL], Needs(), SHORT, Weights(cost=0.1, latency=0.0, quality=0.9)).model == "large"


def test_the_fastest_answers_where_time_alone_counts() -> None:
    slow = replace(LOCAL, pace=Pace(5.0, 2.0, 10.0, measured=True))
    assert decide([slow, CLOUD], Needs(), SHORT, Weights(cost=0.0, latency=1.0, quality=0.0)).model == "large"


def test_at_the_same_score_the_first_in_the_settings_answers() -> None:
    facts = [_facts(_card("b")), _facts(_card("a"))]
    assert decide(facts, Needs(), {"a": 1, "b": 1}).model == "b"


CHEAP = RoutingPolicy(max_costs=(Money.from_nanos("USD", 1_000_000),))


@pytest.mark.parametrize(
    ("facts", "needs", "reason"),
    [
        (LOCAL, Needs(model="large"), "the request asks for large"),
        (LOCAL, Needs(locality="cloud"), "the request asks for a cloud model and this one is local"),
        (_facts(_card("x", supports_tools=False)), Needs(tools=True), "it cannot call functions"),
        (
            _facts(_card("x", supports_json_schema=False)),
            Needs(json_schema=True),
            "its answers cannot be held to a JSON Schema",
        ),
        (LOCAL, Needs(policy=RoutingPolicy(capabilities=frozenset({"vision"}))), "it cannot see images"),
        (LOCAL, Needs(adapter="mail"), "the adapter mail is not loaded beside it (loaded: none)"),
        (_facts(_card("x", state="failed", state_message="no such file")), Needs(), "it is failed: no such file"),
        (replace(LOCAL, blocked="it failed too often"), Needs(), "it failed too often"),
        (
            CLOUD,
            Needs(policy=RoutingPolicy(privacy=Privacy.LOCAL_ONLY)),
            "the policy keeps the request on this machine",
        ),
        (
            CLOUD,
            Needs(policy=RoutingPolicy(privacy=Privacy.PSEUDONYMISED)),
            "the policy asks for pseudonyms, and making them is switched off (privacy.masking)",
        ),
        (
            replace(CLOUD, card=replace(CLOUD.card, supports_vision=True)),
            Needs(policy=RoutingPolicy(privacy=Privacy.PSEUDONYMISED), masking=True, vision=True),
            "the policy asks for pseudonyms, and there can be none in images",
        ),
        (
            CLOUD,
            Needs(policy=RoutingPolicy(regions=frozenset({"westeurope"}))),
            "it computes in swedencentral, which the policy does not allow",
        ),
        (
            LOCAL,
            Needs(policy=RoutingPolicy(min_quality="high")),
            "its quality is basic and the policy asks for high",
        ),
        (
            LOCAL,
            Needs(policy=RoutingPolicy(min_context_tokens=2000)),
            "its context has 1000 tokens and the policy asks for 2000",
        ),
        (
            LOCAL,
            Needs(policy=RoutingPolicy(models=frozenset({"large"}))),
            "it is not among the models that the policy names",
        ),
        (
            LOCAL,
            Needs(policy=RoutingPolicy(backends=frozenset({"onnx"}))),
            "its backend is not among those that the policy names",
        ),
        (LOCAL, Needs(policy=RoutingPolicy(backends=frozenset())), "the policies that hold have no backend in common"),
        (LOCAL, Needs(policy=RoutingPolicy(models=frozenset())), "the policies that hold have no model in common"),
        (CLOUD, Needs(policy=RoutingPolicy(regions=frozenset())), "the policies that hold have no region in common"),
        (LOCAL, Needs(policy=RoutingPolicy(excluded_models=frozenset({"small"}))), "the policy excludes it"),
        (LOCAL, Needs(policy=RoutingPolicy(excluded_backends=frozenset({"fake"}))), "the policy excludes its backend"),
    ],
)
def test_each_limit_has_its_reason(facts: Facts, needs: Needs, reason: str) -> None:
    assert limits_broken(facts, needs) == (reason,)


def test_a_model_elsewhere_may_answer_what_can_be_masked() -> None:
    policy = RoutingPolicy(privacy=Privacy.PSEUDONYMISED)
    assert limits_broken(CLOUD, Needs(policy=policy, masking=True)) == ()
    assert limits_broken(CLOUD, Needs(policy=RoutingPolicy(privacy=Privacy.LOCAL_ONLY), masking=True)) != ()


@pytest.mark.parametrize("privacy", [Privacy.LOCAL_ONLY, Privacy.PSEUDONYMISED])
def test_a_local_model_keeps_every_privacy(privacy: Privacy) -> None:
    policy = RoutingPolicy(privacy=privacy, regions=frozenset())
    assert limits_broken(LOCAL, Needs(policy=policy)) == ()


@pytest.mark.parametrize(
    ("facts", "policy", "reason"),
    [
        (CLOUD, CHEAP, "it may cost 0.002058 USD and the policy allows 0.001 USD"),
        (
            CLOUD,
            RoutingPolicy(max_costs=(Money("EUR", 1),)),
            "its price is in USD and the policy limits the cost in EUR",
        ),
        (
            _facts(_card("large", price=None)),
            CHEAP,
            "its price is not known and the policy limits the cost",
        ),
        (
            replace(CLOUD, pace=Pace(1.0, 2.0, 64.0, measured=True)),
            RoutingPolicy(max_latency_s=3.0),
            "it would take about 7.0 s and the policy allows 3 s",
        ),
    ],
)
def test_a_prediction_above_a_limit_is_a_reason(facts: Facts, policy: RoutingPolicy, reason: str) -> None:
    decision = decide([facts, LOCAL], Needs(policy=policy), SHORT | {"large": 10})
    assert decision.model == "small"
    assert decision.verdicts[0].reasons == (reason,)
    assert decision.verdicts[0].prediction is not None


def test_an_assumed_time_breaks_no_limit() -> None:
    assert decide([CLOUD], Needs(policy=RoutingPolicy(max_latency_s=0.001)), SHORT).model == "large"


def test_an_objection_of_the_moment_is_a_reason() -> None:
    decision = decide([LOCAL, CLOUD], Needs(), SHORT, objections={"small": "it takes no requests for another 3 s"})
    assert decision.model == "large"
    assert decision.verdicts[0].reasons == ("it takes no requests for another 3 s",)


def test_where_all_are_at_their_limits_one_may_ask_again() -> None:
    with pytest.raises(UnavailableError) as refusal:
        decide([LOCAL, CLOUD], Needs(model="large"), SHORT, objections={"large": "it was sent 9 requests"})
    assert (refusal.value.reason, refusal.value.retry_after_s) == ("BACKENDS_RESTING", 1.0)
    assert refusal.value.violations[1].description == "it was sent 9 requests"


def test_a_prediction_is_for_the_longest_and_the_usual_answer() -> None:
    pace = Pace(1.0, 0.5, 50.0, output_tokens=100.0, measured=True)
    prediction = predict(replace(CLOUD, pace=pace), Needs(max_output_tokens=1000), 500)
    assert (prediction.max_output_tokens, prediction.expected_tokens) == (1000, 100)
    assert (str(prediction.worst_cost), str(prediction.expected_cost)) == ("0.0045 USD", "0.0009 USD")
    assert (prediction.first_token_s, prediction.total_s) == (1.5, 3.5)


def test_among_deployments_of_one_model_the_least_busy_for_its_weight_answers() -> None:
    one = replace(CLOUD, deployment="one", active=2, weight=1.0)
    two = replace(CLOUD, deployment="two", active=3, weight=4.0)
    counts = {"one": 10, "two": 10}
    decision = decide([one, two], Needs(), counts)
    assert decision.chosen.deployment == "two"
    assert "the least busy of 2 deployments" in decision.explanation
    idle = [replace(one, active=0, weight=1.0, dispatched=1), replace(two, active=0, weight=1.0, dispatched=0)]
    assert decide(idle, Needs(), counts).chosen.deployment == "two"


def test_what_the_prompt_asks_for_comes_first_and_the_others_follow() -> None:
    facts = [LOCAL, CLOUD, _facts(_card("third"), deployment="near")]
    counts = {"small": 10, "large": 10, "near": 10}
    decision = decide(facts, Needs(preferred=("gone", "near", "large")), counts)
    assert [v.model for v in decision.order] == ["third", "large", "small"]
    assert decision.explanation == "Third (fake) answers because the prompt asks for it."
    assert not decision.unmet


def test_a_wish_of_the_prompt_is_no_limit() -> None:
    needs = Needs(preferred=("gone", "large"), policy=RoutingPolicy(privacy=Privacy.LOCAL_ONLY))
    decision = decide([LOCAL, CLOUD], needs, SHORT)
    assert decision.model == "small"
    assert decision.unmet.startswith("The prompt asks for gone (there is no such model), or large (")
    assert decision.unmet.endswith("another one answers.")
    assert decision.explanation.endswith(f" {decision.unmet}")
    assert not decide([LOCAL, CLOUD], Needs(), SHORT).unmet


def test_deployments_left_alone_may_be_asked_again() -> None:
    resting = [replace(CLOUD, blocked="left alone", wait_s=12.0)]
    with pytest.raises(UnavailableError) as refusal:
        decide(resting, Needs(), {})
    assert (refusal.value.reason, refusal.value.retry_after_s) == ("BACKENDS_RESTING", 12.0)


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
        decide([replace(LOCAL, card=replace(LOCAL.card, state="loading"))], Needs(), {})
    assert refusal.value.reason == "MODEL_LOADING"
    assert refusal.value.retry_after_s is not None


def test_no_models_at_all_is_no_route() -> None:
    with pytest.raises(NoRouteError, match=r"No model is loaded; .* ModelService\.LoadModel loads one\."):
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
        decision = decide([_facts(card)], needs, {"m": prompt})
    except NoRouteError:
        assert answer_room(card, needs, prompt) < MIN_ANSWER_TOKENS
        return
    assert decision.chosen.prediction is not None
    room = decision.chosen.prediction.max_output_tokens
    assert 1 <= room <= min(most, asked or most)
    assert prompt + room <= context


def test_a_model_of_unknown_price_is_never_called_cheap() -> None:
    unknown = _facts(_card("unknown", price=None))
    assert decide([unknown, replace(CLOUD, quality="basic"), LOCAL], Needs(), SHORT | {"unknown": 10}).model == "small"
    two = decide([unknown, LOCAL], Needs(), {"unknown": 10, "small": 10})
    assert two.verdicts[0].prediction is not None
    assert two.verdicts[0].prediction.worst_cost is None
    assert two.model == "small"
