"""An engine with everything real but the model and the documents, which can be left and entered again."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from plugins.manifest import PluginManifest, load_installed
from service.backends.fake import FAKE_CARD, FakeGenerator, Script
from service.bootstrap_planning import Planning, PlanningNeeds, build_planning
from service.errors import NotFoundError
from service.routing.candidates import Candidate, Candidates
from service.routing.plan import RoutingPlan, RoutingPlans
from service.runs import events
from service.runs.engine import RunEngine, RunLimits
from service.runs.events import Payload, RunEvent
from service.runs.planning.approvals import DecidedRuns, Verdict
from service.runs.planning.desk import PlanRequest
from service.runs.planning.records import PlanRecord
from service.runs.plugins import PluginCatalogue
from service.runs.recovery import recover
from service.runs.spec import LOCAL_PRINCIPAL, RunRecord, RunSpec
from service.runs.tickets import TicketDesk
from service.settings import PlanningSettings
from service.store.store import Store
from tests.unit.runs.planning.tools import Bench, manifest

APPROVE = Verdict("approved")


def step(id: str, function: str, arguments: Mapping[str, Any] | None = None, **more: Any) -> dict[str, Any]:  # noqa: A002
    return {"id": id, "function": function, "arguments": dict(arguments or {}), **more}


class Documents:
    """No passage, and one collection."""

    async def search(self, tenant: str, query: str, collections: Any, limit: int) -> list[Any]:
        return []

    async def get_collection(self, tenant: str, name: str) -> object:
        if name != "collections/shop":
            raise NotFoundError(f"There is no collection {name}.")
        return name


class House:
    """One process on a store."""

    def __init__(
        self,
        store: Store,
        bench: Bench,
        script: Script | str = "",
        *,
        tools: PluginManifest | None = None,
        limits: RunLimits | None = None,
        card: Any = FAKE_CARD,
        **settings: Any,
    ) -> None:
        self.store = store
        self.bench = bench
        self.generator = FakeGenerator(script, card)
        documents = Documents()
        plugins = PluginCatalogue(
            [*load_installed(), tools or manifest()],
            {"support": {"search": documents, "tickets": TicketDesk(store)}, "tools": {"bench": bench}},
        )
        candidates = Candidates([Candidate(self.generator)])
        needs = PlanningNeeds(store, plugins, RoutingPlans(RoutingPlan(candidates)), documents, None)
        self.planning: Planning = build_planning(PlanningSettings(**settings), needs)
        self.engine = RunEngine(store, self.planning.agent, limits or RunLimits())
        self.decided = DecidedRuns(self.planning.approvals, self.engine)

    async def enter(self) -> None:
        """Go on with what an earlier process left behind."""
        for tenant, run_id in (await recover(self.store)).going_on:
            self.engine.wake(tenant, run_id)

    async def plan(self, *steps: Mapping[str, Any], **more: Any) -> PlanRecord:
        return await self.planning.plans.create(LOCAL_PRINCIPAL, PlanRequest(steps=steps, **more))

    async def execute(self, plan: PlanRecord, **more: Any) -> RunRecord:
        return await self.start(RunSpec(input=plan.goal, plan=plan.name, **more))

    async def start(self, spec: RunSpec) -> RunRecord:
        return await self.engine.start(LOCAL_PRINCIPAL, spec)

    async def get(self, run: RunRecord) -> RunRecord:
        return await self.engine.get(LOCAL_PRINCIPAL, run.name)

    async def decide(self, question: events.ApprovalRequired, verdict: Verdict = APPROVE) -> RunRecord:
        return await self.decided.decide(LOCAL_PRINCIPAL, question.name, verdict, None)

    async def follow(self, run: RunRecord, after: int = 0) -> list[RunEvent]:
        return [event async for event in self.engine.follow(LOCAL_PRINCIPAL, run.name, after)]

    async def until(self, run: RunRecord, kind: type[Payload], number: int = 1) -> list[RunEvent]:
        """Return the events up to the `number`-th of a kind."""
        found: list[RunEvent] = []
        async for event in self.engine.follow(LOCAL_PRINCIPAL, run.name, 0):
            found.append(event)
            number -= isinstance(event.payload, kind)
            if not number:
                return found
        raise AssertionError(f"no {kind.__name__} in {told(found)}")

    async def resting(self, run: RunRecord) -> None:
        """Return once a run that was woken is put aside again, or has ended."""
        for task in list(self.engine._resuming):
            await asyncio.wait([task])
        await self.waiting(run)

    async def waiting(self, run: RunRecord) -> RunRecord:
        """Return the run once nothing works on it."""
        key = (LOCAL_PRINCIPAL.tenant, run.name.removeprefix("runs/"))
        while (live := self.engine._live.get(key)) is not None:
            await live.done
        return await self.get(run)


def told(happened: Sequence[RunEvent]) -> list[str]:
    """Return the events in a word or two each."""
    words = []
    for event in happened:
        match event.payload:
            case events.StepStarted(step=name, attempt=attempt):
                words.append(f"{name} {attempt}")
            case events.StepFinished(step=name, state=state, replayed=replayed):
                words.append(f"{name} {state}" + (" again" if replayed else ""))
            case events.ApprovalRequired(step=name, why=why):
                words.append(f"{name} {why}?")
            case events.TextDelta(text=text):
                words.append(repr(text))
            case payload:
                words.append(type(payload).__name__)
    return words


def question_in(happened: Sequence[RunEvent]) -> events.ApprovalRequired:
    """Return the last question."""
    return [event.payload for event in happened if isinstance(event.payload, events.ApprovalRequired)][-1]
