"""`vaiven route`: a table of who would answer, and the limits that it sends."""

from __future__ import annotations

from google.protobuf.json_format import Parse
from vaiven.v1 import routing_service_pb2

from service.economics.money import Money
from service.routing.policy import Privacy, RoutingPolicy
from tests.unit.cli.conftest import Service, Vaiven


def test_the_table_has_who_answers_first_and_why_others_do_not(vaiven: Vaiven, service: Service) -> None:
    outcome = vaiven("route", "hello", "there")
    assert outcome.code == 0, outcome.err
    words = " ".join((outcome.out + outcome.err).split())
    assert words.index("answers") < words.index("excludes")
    for expected in ("colibri", "€0.00000002", "not known", "2.0", "0.25", "gpt-a", "It answers."):
        assert expected in words
    (asked,) = service.domain.routes.asked
    assert asked.input == "hello there"
    assert asked.policy.limits_nothing()


def test_limits_are_sent(vaiven: Vaiven, service: Service) -> None:
    limits = ("--local-only", "--max-cost", "0.01 EUR", "--region", "eu-a", "--function", "email.draft")
    assert vaiven("route", *limits, "--model", "gpt", "--max-output-tokens", "9", "hello").code == 0
    (asked,) = service.domain.routes.asked
    assert asked.policy == RoutingPolicy(
        privacy=Privacy.LOCAL_ONLY, max_costs=(Money("EUR", 0, 10_000_000),), regions=frozenset({"eu-a"})
    )
    assert (asked.function, asked.model, asked.max_output_tokens) == (
        "plugins/email/functions/draft",
        "models/gpt",
        9,
    )


def test_json_is_the_response(vaiven: Vaiven, service: Service) -> None:
    outcome = vaiven("--json", "route", "hello")
    assert Parse(outcome.out, routing_service_pb2.ExplainRouteResponse()).decision.model == "models/colibri"
