"""`vaiven policy`: what is sent, and how what holds is shown."""

from __future__ import annotations

import json

import pytest

from service.economics.money import Money
from service.routing.policy import NO_POLICY, Privacy, RoutingPolicy
from tests.unit.cli.conftest import Service, Vaiven


def test_what_holds_is_shown_with_who_said_it_and_where_nothing_is_left(vaiven: Vaiven, service: Service) -> None:
    outcome = vaiven("policy", "show", "email.draft")
    assert outcome.code == 0, outcome.err
    words = " ".join(outcome.out.split())
    assert "privacy local_only you email.draft" in words
    assert "max-latency 2.5 s the operator all" in words
    assert "max-latency 9 s you email.draft another is stricter" in words
    assert "no region is allowed by all" in " ".join(outcome.err.split())


def test_limits_are_sent_and_only_those_that_are_named_change(vaiven: Vaiven, service: Service) -> None:
    limits = ("--privacy", "local-only", "--max-cost", "0.05 EUR", "--max-latency", "2.5", "--region", "eu-a")
    more = ("--capability", "json-schema", "--model", "gpt", "--exclude-backend", "openai", "--no-allow-continuation")
    outcome = vaiven("policy", "set", "email", *limits, *more, "--unset", "min-quality")
    assert outcome.code == 0, outcome.err
    (change,) = service.domain.routes.changes
    assert change.wanted.subject == "plugins/email"
    assert change.wanted.policy == RoutingPolicy(
        privacy=Privacy.LOCAL_ONLY,
        max_costs=(Money("EUR", 0, 50_000_000),),
        max_latency_s=2.5,
        regions=frozenset({"eu-a"}),
        capabilities=frozenset({"json_schema"}),
        models=frozenset({"gpt"}),
        excluded_backends=frozenset({"openai"}),
        allow_continuation=False,
    )
    expected = {"privacy", "max_costs", "max_latency_s", "regions", "capabilities", "models", "excluded_backends"}
    assert set(change.limits or ()) == expected | {"allow_continuation", "min_quality"}
    assert change.request_id is not None
    words = " ".join(outcome.out.split())
    for line in ("privacy local_only", "max-cost €0.05", "capabilities json_schema", "allow-continuation false"):
        assert line in words


def test_a_dry_run_and_clearing(vaiven: Vaiven, service: Service) -> None:
    dry = vaiven("policy", "set", "--min-quality", "high", "--dry-run")
    assert "would be your own limits for all requests" in dry.err
    cleared = vaiven("policy", "clear", "email.draft")
    assert "No limits of your own are left for email.draft." in cleared.err
    first, second = service.domain.routes.changes
    assert (first.validate_only, first.request_id, first.wanted.subject) == (True, None, "")
    assert (second.wanted.policy, second.limits) == (NO_POLICY, None)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ((), "Name a limit to set"),
        (("--privacy", "any", "--unset", "privacy"), "privacy is set and taken away at once"),
        (("--max-cost", "much"), "is no amount of money"),
        (("a b", "--privacy", "any"), "is not the name"),
        (("/policy.json",), "'/policy.json' is not the name"),
    ],
)
def test_what_means_nothing_is_said_before_anyone_is_asked(
    vaiven: Vaiven, service: Service, given: tuple[str, ...], words: str
) -> None:
    outcome = vaiven("policy", "set", *given)
    assert outcome.code == 2
    assert words in outcome.err
    assert not service.domain.routes.changes


def test_json_is_the_response(vaiven: Vaiven, service: Service) -> None:
    assert json.loads(vaiven("--json", "policy", "show", "email.draft").out)["stored"]["etag"] == "tag"
    assert json.loads(vaiven("--json", "policy", "set", "--privacy", "any").out)["etag"] == "new"


def test_route_shows_the_limits_of_the_request(vaiven: Vaiven, service: Service) -> None:
    outcome = vaiven("route", "--local-only", "hello")
    assert "privacy local_only the request all" in " ".join(outcome.out.split())
