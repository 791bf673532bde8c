"""Who said which limit, and where policies that hold together leave nothing over."""

from __future__ import annotations

import pytest

from service.economics.money import Money
from service.errors import NoRouteError
from service.routing.decision import decide
from service.routing.facts import Needs
from service.routing.layers import HeldPolicy, Layer, Origin, held
from service.routing.plan import PolicyBook, StoredPolicies
from service.routing.policy import NO_POLICY, Privacy, RoutingPolicy
from tests.unit.routing.test_decision import CLOUD

EMAIL = "plugins/email"
DRAFT = "plugins/email/functions/draft"


def of(*policies: RoutingPolicy) -> HeldPolicy:
    origins = (Origin.SETTINGS, Origin.STORED, Origin.REQUEST)
    return held([Layer(origin, "", policy) for origin, policy in zip(origins, policies, strict=False)])


def test_each_limit_is_told_with_who_said_it_and_whether_it_holds() -> None:
    whole = of(
        RoutingPolicy(max_costs=(Money("EUR", 1),), excluded_models=frozenset({"x"})),
        RoutingPolicy(max_costs=(Money("EUR", 2),), excluded_models=frozenset({"y"}), allow_continuation=False),
        RoutingPolicy(privacy=Privacy.LOCAL_ONLY, allow_continuation=True),
    )
    assert [(limit.field, limit.value, limit.layer.origin, limit.holds) for limit in whole.limits] == [
        ("privacy", "local_only", Origin.REQUEST, True),
        ("max_cost", "1 EUR", Origin.SETTINGS, True),
        ("max_cost", "2 EUR", Origin.STORED, False),
        ("excluded_models", "x", Origin.SETTINGS, True),
        ("excluded_models", "y", Origin.STORED, True),
        ("allow_continuation", "false", Origin.STORED, True),
        ("allow_continuation", "true", Origin.REQUEST, False),
    ]
    assert whole.policy.excluded_models == frozenset({"x", "y"})
    assert not whole.conflicts
    assert of(NO_POLICY, RoutingPolicy()) == HeldPolicy()


@pytest.mark.parametrize(
    ("one", "other", "subject", "words"),
    [
        (
            RoutingPolicy(regions=frozenset({"b", "a"})),
            RoutingPolicy(regions=frozenset({"c"})),
            "policy.regions",
            "no region is allowed by all: routing.policy says a, b; the stored policy of the tenant says c",
        ),
        (
            RoutingPolicy(models=frozenset({"gpt"})),
            RoutingPolicy(models=frozenset({"phi"})),
            "policy.models",
            "no model is allowed by all: routing.policy says gpt; the stored policy of the tenant says phi",
        ),
        (
            RoutingPolicy(backends=frozenset({"onnx"})),
            RoutingPolicy(excluded_backends=frozenset({"onnx", "openai"})),
            "policy.backends",
            "each backend that is allowed (onnx) is excluded: the stored policy of the tenant says onnx, openai",
        ),
        (
            RoutingPolicy(max_costs=(Money("EUR", 1),)),
            RoutingPolicy(max_costs=(Money("USD", 1),)),
            "policy.max_cost",
            "only what is free keeps to limits in several currencies: routing.policy says 1 EUR; "
            "the stored policy of the tenant says 1 USD",
        ),
    ],
)
def test_what_leaves_nothing_over_is_said_with_who_said_it(
    one: RoutingPolicy, other: RoutingPolicy, subject: str, words: str
) -> None:
    (conflict,) = of(one, other).conflicts
    assert (conflict.subject, conflict.description) == (subject, words)


def test_a_refusal_names_the_policies_that_clash() -> None:
    clash = of(RoutingPolicy(regions=frozenset({"a"})), RoutingPolicy(regions=frozenset({"b"})))
    with pytest.raises(NoRouteError, match="policies that hold together leave none over") as refused:
        decide([CLOUD], Needs(policy=clash.policy, conflicts=clash.conflicts), {})
    model, conflict = refused.value.violations
    assert "the policies that hold have no region in common" in model.description
    assert conflict == clash.conflicts[0]


class Stored:
    """What a tenant has stored, changed at will."""

    def __init__(self) -> None:
        self.number = self.known = 0
        self.of_shop: dict[str, RoutingPolicy] = {}

    def is_current(self, tenant: str) -> bool:
        return self.known == self.number

    async def policies(self, tenant: str) -> dict[str, RoutingPolicy]:
        self.known = self.number
        return dict(self.of_shop) if tenant == "shop" else {}


async def test_a_book_holds_settings_stored_policies_and_the_request_together() -> None:
    stored, source = StoredPolicies(), Stored()
    stored.come_from(source)
    book = PolicyBook(
        RoutingPolicy(max_latency_s=9.0), {"shop": RoutingPolicy(min_quality="high")}, {EMAIL: NO_POLICY}, stored
    )
    assert book.held("shop", None).policy == RoutingPolicy(max_latency_s=9.0, min_quality="high")
    source.of_shop = {
        "": RoutingPolicy(max_latency_s=5.0),
        EMAIL: RoutingPolicy(privacy=Privacy.LOCAL_ONLY),
        DRAFT: RoutingPolicy(max_latency_s=7.0),
    }
    await stored.catch_up("shop")
    assert book.held("shop", DRAFT).policy == RoutingPolicy(max_latency_s=9.0, min_quality="high")  # nothing was said
    source.number += 1
    await stored.catch_up("shop")
    of_draft = book.held("shop", DRAFT, RoutingPolicy(min_quality="basic"))
    assert of_draft.policy == RoutingPolicy(privacy=Privacy.LOCAL_ONLY, max_latency_s=5.0, min_quality="high")
    said = [(limit.field, limit.layer.words, limit.holds) for limit in of_draft.limits]
    assert ("max_latency", "the stored policy of plugins/email/functions/draft", False) in said
    assert ("min_quality", "routing.tenants.shop", True) in said
    assert ("min_quality", "the request", False) in said
    assert book.held("shop", EMAIL).policy.privacy is Privacy.LOCAL_ONLY
    assert book.held("shop", None).policy.privacy is Privacy.ANY
    assert book.held("other", DRAFT).policy == RoutingPolicy(max_latency_s=9.0)
