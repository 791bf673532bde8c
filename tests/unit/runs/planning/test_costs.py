"""What plans may cost at most, by the models that may answer their steps."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from planners.costs import NOTHING, Cost
from plugins.manifest import ModelUse
from service.backends.base import ModelCard, Price
from service.backends.fake import FAKE_CARD, FakeGenerator
from service.economics.budgets import Budget, Budgets
from service.economics.ledger import open_ledger
from service.economics.money import Money
from service.economics.scope import Period
from service.errors import FailedPreconditionError, InvalidArgumentError
from service.routing.candidates import Candidate, Candidates
from service.routing.plan import RoutingPlan, RoutingPlans
from service.routing.policy import RoutingPolicy
from service.runs.planning.costs import ANY_ROUTE, PlanCosts, Route
from service.runs.planning.desk import PlanRequest
from service.runs.spec import LOCAL_PRINCIPAL, RunSpec
from service.store.store import Store, open_store
from tests.unit.runs.planning.house import House, step
from tests.unit.runs.planning.tools import Bench

DEAR = replace(FAKE_CARD, price=Price("EUR", 1.0, 10.0, 0.5))
"""A millionth of a euro for each token of a prompt, ten for one of an answer."""

DRAFT = step("mail", "email.draft", {"purpose": "lunch"})
REVISE = step("again", "email.revise", {"instruction": "shorter", "draft": "${steps.mail.text}"})
TENANT = "acme"


def card(model_id: str, price: Price | None, **more: Any) -> ModelCard:
    return replace(FAKE_CARD, model_id=model_id, price=price, **more)


def routing(*cards: ModelCard) -> RoutingPlans:
    generators = [FakeGenerator("", one) for one in cards]
    candidates = Candidates([Candidate(one) for one in generators])
    return RoutingPlans(RoutingPlan(candidates))


async def called(
    cards: tuple[ModelCard, ...], use: ModelUse, argument_bytes: int | None, route: Route = ANY_ROUTE
) -> Cost | None:
    costs = await PlanCosts(routing(*cards), None).of(TENANT, route)
    return costs.call("email.draft", use)(argument_bytes)


def euros(millionths: float) -> Cost:
    return Cost(Decimal(str(millionths)) / 1_000_000, "EUR")


async def test_a_generation_costs_its_longest_prompt_and_answer() -> None:
    use = ModelUse(output_tokens=100, prompt_bytes=36)
    assert await called((DEAR,), use, 100) == euros(36 + 100 + 64 + 1000)
    assert await called((DEAR,), use, 100, Route(max_output_tokens=10)) == euros(200 + 100)
    assert await called((DEAR,), use, None) == euros(4096 + 1000)
    assert await called((DEAR,), replace_use(use, prompt_bytes=None), 100) == euros(4096 + 1000)
    assert await called((DEAR,), replace_use(use, argument_copies=3), 100) == euros(36 + 300 + 64 + 1000)


async def test_what_is_mended_has_the_answer_before_in_its_prompt() -> None:
    use = ModelUse(generations=2, output_tokens=100, prompt_bytes=36)
    assert await called((DEAR,), use, 0) == euros(2 * (36 + 64 + 200 + 1000))


async def test_what_asks_no_model_costs_nothing_and_what_is_not_said_is_not_known() -> None:
    assert await called((card("m", None),), ModelUse(generations=0), None) == NOTHING
    costs = await PlanCosts(routing(DEAR), None).of(TENANT, ANY_ROUTE)
    assert costs.call("email.draft", None)(10) is None


async def test_the_dearest_model_counts_that_may_answer_also_one_that_is_not_loaded() -> None:
    use = ModelUse(output_tokens=100, prompt_bytes=0)
    cheap = card("cheap", Price("EUR", 0.5, 1.0, 0.5))
    dear = card("dear", Price("EUR", 2.0, 20.0, 1.0), state="loading")
    assert await called((cheap, dear), use, 36) == euros(2 * 100 + 20 * 100)
    assert await called((cheap, dear), use, 36, Route(model="models/cheap")) == euros(50 + 100)
    only = RoutingPolicy(excluded_models=frozenset({"dear"}))
    assert await called((cheap, dear), use, 36, Route(policy=only)) == euros(50 + 100)
    both = RoutingPolicy(allow_continuation=True)
    assert await called((cheap, dear), use, 36, Route(policy=both)) == euros(2200 + 150)


async def test_one_price_that_is_not_known_or_in_another_currency_leaves_the_cost_open() -> None:
    use = ModelUse(output_tokens=100, prompt_bytes=0)
    assert await called((DEAR, card("m", None)), use, 0) is None
    assert await called((DEAR, card("m", Price("USD", 1.0, 1.0, 1.0))), use, 0) is None
    assert await called((DEAR, card("m", None)), use, 0, Route(model="models/fake")) is not None
    assert await called((DEAR, card("free", Price("USD", 0.0, 0.0, 0.0))), use, 0) == euros(64 + 1000)


async def test_the_policy_s_limit_of_one_generation_bounds_it() -> None:
    use = ModelUse(output_tokens=100)
    cent = RoutingPolicy(max_costs=(Money.from_decimal("EUR", Decimal("0.001")),))
    assert await called((DEAR,), use, None, Route(policy=cent)) == euros(1000)
    cloud = replace(DEAR, locality="cloud")
    assert await called((cloud,), use, None, Route(policy=cent)) == euros(1500)


async def test_a_plan_is_shown_with_its_cost_and_refused_where_it_may_cost_more(store: Store, bench: Bench) -> None:
    house = House(store, bench, "Subject: Hi\n\nLunch?", card=DEAR)
    plan = await house.plan(DRAFT, REVISE)
    assert plan.bounds is not None
    assert plan.bounds.cost is not None
    assert plan.bounds.call_count == 6
    assert (await house.planning.plans.get(LOCAL_PRINCIPAL, plan.name)).bounds == plan.bounds

    dearest = plan.bounds.cost
    assert (await house.plan(DRAFT, REVISE, max_cost=dearest)).bounds == plan.bounds
    less = Money.from_nanos(dearest.currency, dearest.total_nanos - 1)
    with pytest.raises(InvalidArgumentError) as refused:
        await house.plan(DRAFT, REVISE, max_cost=less)
    (violation,) = refused.value.violations
    assert violation.subject == "steps"
    assert str(dearest) in violation.description

    with pytest.raises(FailedPreconditionError, match="may not run"):
        await house.start(RunSpec(plan=plan.name, max_cost=less))
    assert (await house.follow(await house.start(RunSpec(plan=plan.name, max_cost=dearest))))[-1].is_terminal


async def test_a_tool_that_does_not_say_what_it_asks_of_models_has_no_known_cost(house: House) -> None:
    look = step("a", "tools.look", {"item": "order"})
    plan = await house.plan(look)
    assert plan.bounds is not None
    assert plan.bounds.cost is None
    with pytest.raises(InvalidArgumentError) as refused:
        await house.plan(look, max_cost=Money("EUR", 1))
    assert [one.subject for one in refused.value.violations] == ["steps.a.function"]


async def test_agents_cost_as_many_turns_and_calls_as_they_may_have(store: Store, bench: Bench) -> None:
    house = House(store, bench, card=DEAR)
    request = PlanRequest(input="lunch", recipe="agents_in_turn", validate_only=True)
    bounds = (await house.planning.plans.create(LOCAL_PRINCIPAL, request)).bounds
    assert bounds is not None
    assert bounds.cost is not None
    one_turn = 4096 + 10 * 512
    assert bounds.cost.amount > Decimal(8 * one_turn) / 1_000_000


@pytest.mark.parametrize("fewer", [{"max_turns": 2}, {"max_calls": 2}])
async def test_the_settings_of_a_loop_are_those_of_agents(store: Store, bench: Bench, fewer: dict[str, Any]) -> None:
    request = PlanRequest(input="lunch", recipe="agents_in_turn", validate_only=True)
    costs = []
    for house in (House(store, bench, card=DEAR), House(store, bench, card=DEAR, **fewer)):
        bounds = (await house.planning.plans.create(LOCAL_PRINCIPAL, request)).bounds
        assert bounds is not None
        assert bounds.cost is not None
        costs.append(bounds.cost.amount)
    assert costs[1] < costs[0]


@pytest.fixture
async def books(tmp_path: Path) -> AsyncIterator[tuple[Budgets, Any]]:
    async with open_store(tmp_path / "books.db") as opened, open_ledger(opened) as ledger:
        yield Budgets(opened, ledger), ledger


async def test_budgets_say_in_which_currencies_a_cost_must_be_known(books: tuple[Budgets, Any]) -> None:
    budgets, ledger = books
    await budgets.set(TENANT, Budget("budgets/all", "", Period.DAY, Money("EUR", 1)))
    await budgets.set(TENANT, Budget("budgets/mail", "plugins/email", Period.DAY, Money("USD", 1)))
    await budgets.set(TENANT, Budget("budgets/tokens", "plugins/code", Period.DAY, tokens=10))
    await budgets.set("other", Budget("budgets/all", "", Period.DAY, Money("CHF", 1)))

    costs = await PlanCosts(routing(DEAR), ledger).of(TENANT, ANY_ROUTE)
    assert costs.budgeted("email") == {"EUR", "USD"}
    assert costs.budgeted("code") == {"EUR"}


async def test_under_a_budget_that_lets_another_answer_a_price_that_is_not_known_does_not_count(
    books: tuple[Budgets, Any],
) -> None:
    budgets, ledger = books
    await budgets.set(TENANT, Budget("budgets/all", "", Period.DAY, Money("EUR", 1)))
    plans = PlanCosts(routing(DEAR, card("m", None)), ledger)
    use = ModelUse(output_tokens=100, prompt_bytes=0)
    assert (await plans.of(TENANT, ANY_ROUTE)).call("email.draft", use)(0) is None
    degrading = Route(policy=RoutingPolicy(degrade_to_local=True))
    assert (await plans.of(TENANT, degrading)).call("email.draft", use)(0) == euros(64 + 1000)


def replace_use(use: ModelUse, **more: Any) -> ModelUse:
    return use.model_copy(update=more)
