"""Plans and decisions for tests of the edge."""

from __future__ import annotations

from service.economics.money import Money
from service.errors import NotFoundError
from service.runs.planning.approvals import Verdict
from service.runs.planning.desk import PlanRequest
from service.runs.planning.records import PlanBoundsRecord, PlanRecord, PlanStepRecord, StepEffectRecord
from service.runs.spec import (
    Page,
    Principal,
    RunRecord,
    RunState,
)
from tests.unit.rpc.fakes_runs import NOW

PLAN = PlanRecord(
    name="plans/p1",
    goal="Tell Ada",
    planner="recipe",
    recipe="answer_and_email",
    steps=(
        PlanStepRecord("answer", "plugins/support/functions/answer", {"question": "When?"}, approval="always"),
        PlanStepRecord("all", "", {"text": "${steps.answer.text}"}, ("answer",), "Both.", 2.5, idempotent=False),
    ),
    answer_step="all",
    bounds=PlanBoundsRecord(
        2, 1, 62.5, (StepEffectRecord("answer", "write", needs_approval=True),), Money("EUR", 0, 12_340_001)
    ),
    create_time=NOW,
    last_run="runs/r1",
)


class FakePlans:
    def __init__(self) -> None:
        self.requests: list[PlanRequest] = []
        self.listed: list[tuple[int, str]] = []

    async def create(self, principal: Principal, request: PlanRequest) -> PlanRecord:
        self.requests.append(request)
        return PLAN

    async def get(self, principal: Principal, name: str) -> PlanRecord:
        if name != PLAN.name:
            raise NotFoundError(f"There is no plan {name}.")
        return PLAN

    async def list(self, principal: Principal, page_size: int, page_token: str) -> Page[PlanRecord]:
        self.listed.append((page_size, page_token))
        return Page((PLAN,), "more")


class FakeApprovals:
    def __init__(self) -> None:
        self.decided: list[tuple[str, Verdict, str | None]] = []

    async def decide(self, principal: Principal, name: str, verdict: Verdict, request_id: str | None) -> RunRecord:
        if not name.startswith("runs/r1/"):
            raise NotFoundError(f"{name} was not asked.")
        self.decided.append((name, verdict, request_id))
        return RunRecord("runs/r1", RunState.WAITING, "Hi", None, None, None, NOW)
