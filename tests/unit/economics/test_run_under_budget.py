"""A run under a budget, from the request to the bill."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from plugins.manifest import load_installed
from service.backends.base import Price, Usage
from service.backends.fake import FAKE_CARD, FakeGenerator
from service.economics.budgets import Budget, Budgets
from service.economics.ledger import open_ledger
from service.economics.money import Money
from service.economics.scope import Period
from service.economics.usage import Dimension, UsageQuery, UsageReport
from service.routing.candidates import Candidate, Candidates
from service.routing.plan import RoutingPlan, RoutingPlans
from service.runs.agent import PluginAgent
from service.runs.engine import RunEngine, RunLimits
from service.runs.events import Completed, Failed
from service.runs.plugins import PluginCatalogue
from service.runs.spec import LOCAL_PRINCIPAL, RunSpec
from service.store import budgets
from service.store.store import open_store

CARD = replace(FAKE_CARD, price=Price("EUR", 1000.0, 2000.0, 0.0))
TENANT = LOCAL_PRINCIPAL.tenant


async def test_a_run_is_billed_and_the_next_is_refused(tmp_path: Path) -> None:
    async with open_store(tmp_path / "vaiven.db") as store, open_ledger(store) as ledger:
        generator = FakeGenerator("hello there friend", CARD)
        plans = RoutingPlans(RoutingPlan(Candidates([Candidate(generator)])))
        catalogue = PluginCatalogue([m for m in load_installed() if m.name == "chat"], {})
        agent = PluginAgent(store, catalogue, plans, None, ledger)  # type: ignore[arg-type] # it names no collection
        engine = RunEngine(store, agent, RunLimits())
        desk, report = Budgets(store, ledger), UsageReport(store, ledger)
        (function,) = [f.name for f in (await catalogue.of(LOCAL_PRINCIPAL)).allowed(())]

        async def run() -> Any:
            started = await engine.start(LOCAL_PRINCIPAL, RunSpec(function=function, arguments={"message": "hi"}))
            return [event async for event in engine.follow(LOCAL_PRINCIPAL, started.name, 0)][-1].payload

        await desk.set(TENANT, Budget("budgets/all", "", Period.DAY, Money("EUR", 5)))
        before = store.writer.commits
        done = await run()
        assert isinstance(done, Completed), done
        # One has the run, its first events and the reservation, before dispatch; one has the answer and the bill.
        assert store.writer.commits - before == 2
        (record,) = (await report.get(TENANT, UsageQuery(by=frozenset({Dimension.FUNCTION})))).items
        assert (record.usage, record.cost, record.plugin) == (done.usage, done.cost, "chat")

        await desk.set(TENANT, Budget("budgets/all", "", Period.DAY, Money("EUR", 0, 1)))
        refused = await run()
        assert isinstance(refused, Failed), refused
        assert (refused.code, refused.reason, refused.usage) == ("RESOURCE_EXHAUSTED", "BUDGET_TOO_SMALL", Usage())
        assert (refused.retryable, refused.retry_after_s) == (False, None)
        assert [violation.subject for violation in refused.violations] == ["budgets/all"]

        generator.change_card(replace(CARD, price=None))
        assert (await run()).reason == "PRICE_UNKNOWN"
        generator.change_card(replace(CARD, price=Price("USD", 0.0, 0.0, 0.0)))
        assert isinstance(await run(), Completed)
        await engine.drain(0)
        await ledger.close()
        assert await store.read(budgets.count_reservations) == 0
