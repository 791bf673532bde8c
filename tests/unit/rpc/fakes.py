"""The domain as the servicers see it, in memory, and the context of a call without gRPC."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, cast

import grpc
import grpc.aio
from google.protobuf.message import Message
from vaiven.v1 import agent_service_pb2

from service.economics.money import Money
from service.errors import NoRouteError, NotFoundError, StaleEtagError, VaivenError, Violation
from service.privacy.kinds import Finding, Kind
from service.routing.layers import Layer, Origin, held
from service.routing.policy import Privacy, RoutingPolicy
from service.rpc.interceptors.chain import Call
from service.rpc.ports import AppPorts
from service.runs.events import (
    CandidateVerdict,
    Prediction,
    RoutingDecision,
)
from service.runs.policies import PolicyChange, StoredPolicy
from service.runs.privacy import Anonymized, Restored
from service.runs.routes import ExplainedRoute, RouteQuery, ShownPolicy
from service.runs.spec import (
    Page,
    Principal,
    TicketRecord,
    TicketState,
)
from tests.unit.rpc.fakes_costs import FakeBudgets, FakeUsage
from tests.unit.rpc.fakes_knowledge import FakeLibrary
from tests.unit.rpc.fakes_models import FakeModels, FakeOperations
from tests.unit.rpc.fakes_plans import FakeApprovals, FakePlans
from tests.unit.rpc.fakes_plugins import FakePlugins, FakeRegistrations
from tests.unit.rpc.fakes_runs import DRAFT, NOW, FakeRuns, FakeSessions


class FakeRoutes:
    def __init__(self) -> None:
        self.asked: list[RouteQuery] = []
        self.changes: list[PolicyChange] = []

    async def explain(self, principal: Principal, query: RouteQuery) -> ExplainedRoute:
        self.asked.append(query)
        if query.locality == "cloud":
            raise NoRouteError("None.", violations=(Violation("models/colibri", "it is local"),))
        prediction = Prediction(10, 512, 256, Money("EUR", 0, 20), None, 0.5, 2.0, measured=True)
        verdict = CandidateVerdict("models/colibri", "onnx", True, (), "colibri", "", "basic", prediction, 0.25)
        why = ("the policy excludes it",)
        refused = CandidateVerdict("models/gpt", "openai", False, why, "gpt-a", "global", "high")
        decision = RoutingDecision("models/colibri", "onnx", (verdict, refused), "It answers.", "colibri")
        return ExplainedRoute(decision, held([Layer(Origin.REQUEST, "", query.policy)]))

    async def policy(self, principal: Principal, subject: str | None) -> ShownPolicy:
        if subject is not None and subject != DRAFT:
            raise NotFoundError(f"There is no function {subject}.")
        settings = Layer(Origin.SETTINGS, "", RoutingPolicy(max_latency_s=2.5, regions=frozenset({"a"})))
        stored = RoutingPolicy(privacy=Privacy.LOCAL_ONLY, max_latency_s=9.0, regions=frozenset({"b"}))
        layers = [settings, Layer(Origin.STORED, subject or "", stored)]
        return ShownPolicy(held(layers), StoredPolicy(subject or "", stored, "tag", NOW))

    async def update_policy(self, principal: Principal, change: PolicyChange) -> StoredPolicy:
        self.changes.append(change)
        if change.wanted.etag == "old":
            raise StaleEtagError("It changed.")
        return replace(change.wanted, etag="new", update_time=NOW)


TICKET = TicketRecord("tickets/t1", TicketState.OPEN, "Where is it?", "NO_PASSAGES", "runs/r1", NOW)


class FakeTickets:
    """One ticket, which can be closed."""

    def __init__(self) -> None:
        self.calls: list[tuple[Any, ...]] = []
        self.ticket = TICKET

    async def get(self, principal: Principal, name: str) -> TicketRecord:
        if name != TICKET.name:
            raise NotFoundError(f"There is no ticket {name}.")
        return self.ticket

    async def list(
        self, principal: Principal, page_size: int, page_token: str, state: TicketState | None
    ) -> Page[TicketRecord]:
        self.calls.append(("list", principal, page_size, page_token, state))
        return Page((self.ticket,), "more")

    async def close(self, principal: Principal, name: str, resolution: str, request_id: str | None) -> TicketRecord:
        self.calls.append(("close", principal, name, resolution, request_id))
        self.ticket = replace(TICKET, state=TicketState.CLOSED, close_time=NOW, resolution=resolution)
        return self.ticket


class FakePrivacy:
    """Finds one thing, whatever is asked."""

    def __init__(self) -> None:
        self.calls: list[tuple[Any, ...]] = []

    async def detect(self, principal: Principal, text: str) -> Sequence[Finding]:
        self.calls.append(("detect", principal, text))
        return (Finding(0, 3, Kind.PERSON),)

    async def anonymize(self, principal: Principal, texts: Sequence[str], session: str | None) -> Anonymized:
        self.calls.append(("anonymize", principal, tuple(texts), session))
        return Anonymized(tuple("‹PERSON_1›" for _ in texts), {Kind.PERSON: 1}, b"" if session else b"token")

    async def restore(
        self, principal: Principal, texts: Sequence[str], session: str | None, token: bytes, *, in_json: bool
    ) -> Restored:
        self.calls.append(("restore", principal, tuple(texts), session, token, in_json))
        return Restored(tuple("Ana" for _ in texts), 2, 1)


@dataclass
class FakeDomain:
    """All ports, with their own types, so that tests can look into them."""

    runs: FakeRuns = field(default_factory=FakeRuns)
    sessions: FakeSessions = field(default_factory=FakeSessions)
    models: FakeModels = field(default_factory=FakeModels)
    routes: FakeRoutes = field(default_factory=FakeRoutes)
    library: FakeLibrary = field(default_factory=FakeLibrary)
    plugins: FakePlugins = field(default_factory=FakePlugins)
    registrations: FakeRegistrations = field(default_factory=FakeRegistrations)
    budgets: FakeBudgets = field(default_factory=FakeBudgets)
    usage: FakeUsage = field(default_factory=FakeUsage)
    tickets: FakeTickets = field(default_factory=FakeTickets)
    plans: FakePlans = field(default_factory=FakePlans)
    approvals: FakeApprovals = field(default_factory=FakeApprovals)
    operations: FakeOperations = field(default_factory=FakeOperations)
    privacy: FakePrivacy = field(default_factory=FakePrivacy)

    def ports(self) -> AppPorts:
        return AppPorts(
            self.runs,
            self.sessions,
            self.plugins,
            self.registrations,
            self.models,
            self.routes,
            self.library,
            self.budgets,
            self.usage,
            self.tickets,
            self.plans,
            self.approvals,
            self.operations,
            self.privacy,
        )


class FakeContext:
    """What the guards use of a `ServicerContext`, with what they did to it."""

    def __init__(self, metadata: Sequence[tuple[str, str | bytes]] = (), remaining_s: float | None = None) -> None:
        self.metadata = metadata
        self.remaining_s = remaining_s
        self.initial: tuple[tuple[str, str | bytes], ...] = ()
        self.trailing: tuple[tuple[str, str | bytes], ...] = ()
        self.aborted: tuple[grpc.StatusCode, str] | None = None

    def invocation_metadata(self) -> Sequence[tuple[str, str | bytes]]:
        return self.metadata

    def set_trailing_metadata(self, metadata: Sequence[tuple[str, str | bytes]]) -> None:
        self.trailing = tuple(metadata)

    def trailing_metadata(self) -> Sequence[tuple[str, str | bytes]]:
        return self.trailing

    async def send_initial_metadata(self, metadata: Sequence[tuple[str, str | bytes]]) -> None:
        self.initial = tuple(metadata)

    def time_remaining(self) -> float | None:
        return self.remaining_s

    def code(self) -> int:
        return 0 if self.aborted is None else self.aborted[0].value[0]

    async def abort(
        self, code: grpc.StatusCode, details: str = "", trailing_metadata: Sequence[tuple[str, str | bytes]] = ()
    ) -> None:
        self.aborted = (code, details)
        self.trailing = tuple(trailing_metadata)
        raise grpc.aio.AbortError("aborted")


def call_with(context: FakeContext, request: Message | None = None, *, is_stream: bool = False) -> Call:
    """Return a call of `GetRun`, or of `Run` where it streams."""
    return Call(
        method=f"/vaiven.v1.AgentService/{'Run' if is_stream else 'GetRun'}",
        request=request or agent_service_pb2.GetRunRequest(name="runs/r1"),
        context=cast(Any, context),
        is_stream=is_stream,
    )


def subclasses(cls: type[VaivenError]) -> list[type[VaivenError]]:
    """Return `cls` and all classes below it."""
    return [cls, *(deeper for direct in cls.__subclasses__() for deeper in subclasses(direct))]
