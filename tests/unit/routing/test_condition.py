"""How deployments do: the breaker's states, a minute's requests and tokens, averages of time, strictest policies."""

from __future__ import annotations

from service.backends.base import Finished, Usage
from service.backends.openai_protocol.quota import RateLimits
from service.economics.money import Money
from service.routing.breaker import Breaker, BreakerOptions, BreakerState
from service.routing.estimate import PaceMeter
from service.routing.plan import PolicyBook
from service.routing.policy import NO_POLICY, Privacy, RoutingPolicy, strictest
from service.routing.rate import RateWindow


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_a_breaker_opens_after_failures_in_a_row_and_closes_after_a_probe() -> None:
    clock = Clock()
    breaker = Breaker(BreakerOptions(failures=2, open_s=30.0), clock)
    for outcome in (breaker.failed, breaker.succeeded, breaker.failed):
        assert breaker.begin()
        outcome()
    assert breaker.state is BreakerState.CLOSED
    assert breaker.begin()
    breaker.failed()
    assert (breaker.state, breaker.wait_s, breaker.begin()) == (BreakerState.OPEN, 30.0, False)
    clock.now += 30.0
    assert breaker.state.value == "half-open"
    assert breaker.begin()
    assert not breaker.begin(), "one probe at a time"
    breaker.succeeded()
    assert (breaker.state, breaker.begin()) == (BreakerState.CLOSED, True)


def test_a_probe_that_fails_opens_at_once_and_one_that_tells_nothing_leaves_room_for_another() -> None:
    clock = Clock()
    breaker = Breaker(BreakerOptions(failures=1, open_s=10.0), clock)
    assert breaker.begin()
    breaker.failed()
    clock.now += 10.0
    assert breaker.begin()
    breaker.undecided()
    assert breaker.begin()
    breaker.failed()
    assert (breaker.state, breaker.wait_s) == (BreakerState.OPEN, 10.0)


def test_a_minute_has_so_many_requests_and_tokens() -> None:
    clock = Clock()
    window = RateWindow(clock, requests_per_minute=2, tokens_per_minute=100)
    assert window.objection(100, None, 0.0) == ""
    assert window.objection(101, None, 0.0) == "this may take 101 tokens and 100 are left of a minute's"
    window.sent(60)
    assert window.objection(50, None, 0.0) == "this may take 50 tokens and 40 are left of a minute's"
    clock.now += 1.0
    window.sent(1)
    assert window.objection(1, None, 0.0) == "it was sent 2 requests in a minute, as many as it may"
    clock.now += 59.0
    assert window.objection(99, None, 0.0) == ""


def test_what_a_deployment_says_of_its_limits_holds_for_a_minute() -> None:
    clock = Clock()
    window = RateWindow(clock)
    assert "no more requests" in window.objection(1, RateLimits(0.0, remaining_requests=0), 1.0)
    assert "takes 5 in this minute" in window.objection(6, RateLimits(0.0, remaining_tokens=5), 1.0)
    assert window.objection(5, RateLimits(0.0, remaining_tokens=5), 1.0) == ""
    assert window.objection(6, RateLimits(0.0, remaining_tokens=5), 60.0) == ""
    window.throttled(7.0)
    assert window.objection(1, None, 0.0) == "it takes no requests for another 7 s"
    clock.now += 7.0
    assert window.objection(1, None, 0.0) == ""


def test_times_are_assumed_until_measured_and_then_follow_the_newest() -> None:
    meter = PaceMeter("cloud")
    assert not meter.pace(busy=True).measured
    meter.add(Finished("stop", Usage(10, 0, 21), queued_s=1.0, first_token_s=3.0, total_s=5.0))
    pace = meter.pace(busy=True)
    assert (pace.queue_s, pace.first_token_s, pace.tokens_per_s, pace.output_tokens) == (1.0, 2.0, 10.0, 21.0)
    assert meter.pace(busy=False).total_s(20) == 4.0
    meter.add(Finished("stop", Usage(10, 0, 1), first_token_s=12.0, total_s=12.0))
    pace = meter.pace(busy=True)
    assert (pace.first_token_s, pace.tokens_per_s, pace.measured) == (4.0, 10.0, True)


def test_of_each_limit_the_strictest_holds() -> None:
    one = RoutingPolicy(
        privacy=Privacy.PSEUDONYMISED,
        max_costs=(Money("EUR", 2), Money("USD", 1)),
        max_latency_s=5.0,
        regions=frozenset({"a", "b"}),
        min_quality="basic",
        capabilities=frozenset({"tools"}),
        min_context_tokens=10,
        models=frozenset({"m"}),
        excluded_models=frozenset({"x"}),
        allow_continuation=True,
        degrade_to_local=True,
    )
    other = RoutingPolicy(
        privacy=Privacy.LOCAL_ONLY,
        max_costs=(Money("EUR", 1),),
        max_latency_s=3.0,
        regions=frozenset({"b", "c"}),
        min_quality="high",
        capabilities=frozenset({"vision"}),
        backends=frozenset({"onnx"}),
        excluded_models=frozenset({"y"}),
        excluded_backends=frozenset({"z"}),
        allow_continuation=False,
    )
    both = RoutingPolicy(
        privacy=Privacy.LOCAL_ONLY,
        max_costs=(Money("EUR", 1), Money("USD", 1)),
        max_latency_s=3.0,
        regions=frozenset({"b"}),
        min_quality="high",
        capabilities=frozenset({"tools", "vision"}),
        min_context_tokens=10,
        models=frozenset({"m"}),
        backends=frozenset({"onnx"}),
        excluded_models=frozenset({"x", "y"}),
        excluded_backends=frozenset({"z"}),
        allow_continuation=False,
        degrade_to_local=True,
    )
    assert strictest([one, other]) == both == strictest([other, one])
    assert strictest([]) == NO_POLICY == strictest([NO_POLICY])
    assert NO_POLICY.limits_nothing()
    assert not one.limits_nothing()


def test_regions_without_one_in_common_leave_none_and_not_any() -> None:
    both = strictest([RoutingPolicy(regions=frozenset({"a"})), RoutingPolicy(regions=frozenset({"b"}))])
    assert both.regions == frozenset()


def test_the_operators_policies_hold_together() -> None:
    book = PolicyBook(
        RoutingPolicy(max_latency_s=9.0),
        {"shop": RoutingPolicy(min_quality="high")},
        {
            "plugins/email": RoutingPolicy(privacy=Privacy.LOCAL_ONLY),
            "plugins/email/functions/draft": RoutingPolicy(max_latency_s=2.0),
        },
    )
    assert book.held("other", None).policy == RoutingPolicy(max_latency_s=9.0)
    assert book.held("shop", "plugins/email/functions/draft").policy == RoutingPolicy(
        privacy=Privacy.LOCAL_ONLY, max_latency_s=2.0, min_quality="high"
    )
