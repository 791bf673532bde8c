"""The domain as the servicers see it, in memory, and the context of a call without gRPC."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, cast

import grpc
import grpc.aio
from google.protobuf.message import Message
from vaiven.v1 import agent_service_pb2

from service.backends.base import ModelCard, Price, Usage
from service.economics.budgets import Budget, BudgetStatus
from service.economics.money import Money
from service.economics.scope import Period
from service.economics.usage import UsageQuery, UsageRecord
from service.errors import NoRouteError, NotFoundError, StaleEtagError, VaivenError, Violation
from service.knowledge.records import Collection, Document, FileError, IngestOutcome, IngestState, SearchHit, SourceFile
from service.models.adapters import AdapterRecord
from service.models.benchmark_records import BenchmarkPoint, BenchmarkReport
from service.models.operation_records import OperationFailure, OperationRecord, Outcome, Progress
from service.models.requests import BenchmarkOrder, PullOrder, QuantizeOrder
from service.privacy.kinds import Finding, Kind
from service.registrations.desk import Change
from service.registrations.live import Held, PluginState
from service.registrations.spec import PromptSpec, Registration
from service.routing.layers import Layer, Origin, held
from service.routing.policy import Privacy, RoutingPolicy
from service.rpc.interceptors.chain import Call
from service.rpc.ports import AppPorts
from service.runs.engine import CANCELLED_BY_CALLER, SERVICE_DRAINING
from service.runs.events import (
    BackendSwitched,
    Cancelled,
    CandidateVerdict,
    Completed,
    GenerationOutcome,
    Payload,
    Prediction,
    RoutingDecision,
    RoutingOutcome,
    RunEvent,
    RunStarted,
    TextDelta,
    Timing,
)
from service.runs.planning.approvals import Verdict
from service.runs.planning.desk import PlanRequest
from service.runs.planning.records import PlanBoundsRecord, PlanRecord, PlanStepRecord, StepEffectRecord
from service.runs.plugin_records import FunctionRecord, PluginRecord
from service.runs.policies import PolicyChange, StoredPolicy
from service.runs.privacy import Anonymized, Restored
from service.runs.routes import ExplainedRoute, RouteQuery, ShownPolicy
from service.runs.spec import (
    LOCAL_PRINCIPAL,
    MessageRecord,
    Page,
    Principal,
    RunRecord,
    RunSpec,
    RunState,
    SessionRecord,
    TicketRecord,
    TicketState,
)
from service.store.registrations import RegistrationRow

NOW = datetime(2026, 11, 24, 12, 30, tzinfo=UTC)
FREE = Money("EUR")
DRAFT = "plugins/email/functions/draft"
PREDICTED = Prediction(3, 512, 4, None, None, 0.5, 2.0, measured=True)
DETAIL = GenerationOutcome("models/colibri", "onnx", "colibri", PREDICTED, Usage(3, 1, 2), FREE, 0.5, "stop")
ROUTING = RoutingOutcome(1, 4, 2, None, FREE, 2.0, 0.5, (DETAIL,))
DONE = Completed("stop", "Hello Ada", {"subject": "Hi"}, Usage(3, 1, 2), FREE, Timing(0.1, 0.2, 0.5, 40.0), ROUTING)
SCRIPT: tuple[Payload, ...] = (RunStarted(DRAFT, "named", {"to": "Ada"}), TextDelta("Hello "), TextDelta("Ada"), DONE)


class FakeRuns:
    """An engine whose runs do what `script` says; without a terminal event they stay open until told otherwise."""

    def __init__(self) -> None:
        self.script: Sequence[Payload] = SCRIPT
        self.refuse: Exception | None = None
        self.specs: list[RunSpec] = []
        self.principals: list[Principal] = []
        self.listed: list[tuple[int, str, str | None, RunState | None]] = []
        self.cancelled: list[tuple[str, str | None, str]] = []
        self.records: dict[str, RunRecord] = {}
        self.events: dict[str, list[RunEvent]] = {}
        self.following = asyncio.Event()
        self.was_cancelled = asyncio.Event()
        self.drained_with_s: float | None = None
        self._changed = asyncio.Condition()

    async def start(self, principal: Principal, spec: RunSpec) -> RunRecord:
        self.principals.append(principal)
        self.specs.append(spec)
        if self.refuse is not None:
            raise self.refuse
        name = f"runs/r{len(self.specs)}"
        self.events[name] = []
        self.records[name] = RunRecord(name, RunState.RUNNING, spec.input, spec.session, spec.function, spec.model, NOW)
        for payload in self.script:
            await self.emit(name, payload)
        return self.records[name]

    async def emit(self, name: str, payload: Payload) -> None:
        event = RunEvent(name, len(self.events[name]) + 1, NOW, payload)
        if isinstance(payload, Completed):
            self.records[name] = replace(self.records[name], state=RunState.COMPLETED, end_time=NOW, terminal=payload)
        elif isinstance(payload, Cancelled):
            self.records[name] = replace(self.records[name], state=RunState.CANCELLED, end_time=NOW, terminal=payload)
        async with self._changed:
            self.events[name].append(event)
            self._changed.notify_all()

    async def follow(self, principal: Principal, run_name: str, after_sequence: int) -> AsyncIterator[RunEvent]:
        await self.get(principal, run_name)
        cursor = after_sequence
        while cursor < len(self.events[run_name]) or self.records[run_name].terminal is None:
            for event in self.events[run_name][cursor:]:
                yield event
                cursor = event.sequence
                if event.is_terminal:
                    return
            self.following.set()
            async with self._changed:
                while len(self.events[run_name]) <= cursor:
                    await self._changed.wait()

    async def get(self, principal: Principal, name: str) -> RunRecord:
        self.principals.append(principal)
        if name not in self.records:
            raise NotFoundError(f"There is no run {name}.")
        return self.records[name]

    async def routing(self, principal: Principal, name: str) -> Sequence[RoutingDecision | BackendSwitched]:
        payloads = [event.payload for event in self.events.get(name, ())]
        return [payload for payload in payloads if isinstance(payload, RoutingDecision | BackendSwitched)]

    async def list(
        self, principal: Principal, page_size: int, page_token: str, session: str | None, state: RunState | None
    ) -> Page[RunRecord]:
        self.listed.append((page_size, page_token, session, state))
        return Page(tuple(self.records.values()), "more")

    async def cancel(
        self, principal: Principal, name: str, request_id: str | None, *, reason: str = CANCELLED_BY_CALLER
    ) -> RunRecord:
        record = await self.get(principal, name)
        self.cancelled.append((name, request_id, reason))
        if record.state is RunState.RUNNING:
            await self.emit(name, Cancelled(reason, "Hello ", Usage(), FREE))
        self.was_cancelled.set()
        return self.records[name]

    async def drain(self, grace_s: float) -> None:
        self.drained_with_s = grace_s
        for name, record in self.records.items():
            if record.state is RunState.RUNNING:
                await self.emit(name, Cancelled(SERVICE_DRAINING, "", Usage(), FREE))


SESSION = SessionRecord("sessions/s1", "Orders", NOW, NOW, 2)


class FakeSessions:
    def __init__(self) -> None:
        self.calls: list[tuple[Any, ...]] = []

    async def create(self, principal: Principal, title: str, request_id: str | None) -> SessionRecord:
        self.calls.append(("create", principal, title, request_id))
        return replace(SESSION, title=title, message_count=0)

    async def get(self, principal: Principal, name: str) -> SessionRecord:
        if name != SESSION.name:
            raise NotFoundError(f"There is no session {name}.")
        return SESSION

    async def list(self, principal: Principal, page_size: int, page_token: str) -> Page[SessionRecord]:
        self.calls.append(("list", principal, page_size, page_token))
        return Page((SESSION,), "more")

    async def delete(self, principal: Principal, name: str, request_id: str | None) -> None:
        self.calls.append(("delete", principal, name, request_id))

    async def messages(
        self, principal: Principal, session: str, page_size: int, page_token: str
    ) -> Page[MessageRecord]:
        self.calls.append(("messages", principal, session, page_size, page_token))
        return Page(
            (
                MessageRecord("sessions/s1/messages/1", "user", "Hi", "runs/r1", NOW),
                MessageRecord("sessions/s1/messages/2", "assistant", "Hello", "runs/r1", NOW),
            )
        )


CARD = ModelCard(
    model_id="colibri",
    backend="onnx",
    display_name="Colibri",
    locality="local",
    context_tokens=2048,
    max_output_tokens=512,
    supports_tools=True,
    supports_json_schema=True,
    supports_grammar=True,
    supports_vision=False,
    price=Price("EUR", 0.15, 0.6, 0.0),
    precision="int4",
    execution_provider="cpu",
    size_bytes=8_000_000,
    license="MIT",
    languages=("en", "es"),
)


FETCHING = Progress("fetching", 3, 10, "bytes")


def operation(outcome: Outcome | OperationFailure | None, progress: Progress = FETCHING) -> OperationRecord:
    return OperationRecord("operations/o1", "PULL", "phi", progress, NOW, outcome, None if outcome is None else NOW)


REPORT = BenchmarkReport("phi", 5, 6, (BenchmarkPoint(2, 100.0, 0.1, 0.2, 10),))


class FakeModels:
    """One model; what takes long is where `outcome` says, None: on its way."""

    def __init__(self) -> None:
        self.outcome: Outcome | None = None
        self.calls: list[tuple[Any, ...]] = []

    async def pull(self, principal: Principal, order: PullOrder, request_id: str | None) -> OperationRecord:
        self.calls.append(("pull", principal, order, request_id))
        return operation(self.outcome)

    async def load(self, principal: Principal, name: str, request_id: str | None) -> OperationRecord:
        self.calls.append(("load", principal, name, request_id))
        return operation(self.outcome)

    async def unload(self, principal: Principal, name: str, request_id: str | None) -> ModelCard:
        self.calls.append(("unload", principal, name, request_id))
        return replace(CARD, state="unloaded")

    async def benchmark(self, principal: Principal, order: BenchmarkOrder, request_id: str | None) -> OperationRecord:
        self.calls.append(("benchmark", principal, order, request_id))
        return operation(REPORT)

    async def quantize(self, principal: Principal, order: QuantizeOrder, request_id: str | None) -> OperationRecord:
        self.calls.append(("quantize", principal, order, request_id))
        return operation(self.outcome)

    async def list(self, principal: Principal, page_size: int, page_token: str) -> Page[ModelCard]:
        return Page((CARD,), "more" if page_size == 1 else "")

    async def adapters(self, principal: Principal, name: str, page_size: int, page_token: str) -> Page[AdapterRecord]:
        self.calls.append(("adapters", principal, name, page_size, page_token))
        return Page((AdapterRecord("phi", "mail", "loaded", 7),), "more" if page_size == 1 else "")

    async def import_adapter(self, principal: Principal, name: str, path: str, request_id: str | None) -> AdapterRecord:
        self.calls.append(("import_adapter", principal, name, path, request_id))
        return AdapterRecord("phi", "mail", "unloaded", 7)

    async def load_adapter(self, principal: Principal, name: str, request_id: str | None) -> AdapterRecord:
        self.calls.append(("load_adapter", principal, name, request_id))
        return AdapterRecord("phi", "mail", "loaded", 7)

    async def unload_adapter(self, principal: Principal, name: str, request_id: str | None) -> AdapterRecord:
        self.calls.append(("unload_adapter", principal, name, request_id))
        return AdapterRecord("phi", "mail", "unloaded", 7)

    async def get(self, principal: Principal, name: str) -> ModelCard:
        if name != "models/colibri":
            raise NotFoundError(f"There is no model {name}.")
        return CARD


class FakeOperations:
    """One operation, `record`."""

    def __init__(self) -> None:
        self.record = operation(CARD)
        self.calls: list[tuple[Any, ...]] = []

    async def get(self, principal: Principal, name: str) -> OperationRecord:
        self.calls.append(("get", principal, name))
        return self.record

    async def list(
        self, principal: Principal, page_size: int, page_token: str, running: bool | None
    ) -> Page[OperationRecord]:
        self.calls.append(("list", principal, page_size, page_token, running))
        return Page((self.record,), "more")

    async def wait(self, principal: Principal, name: str, timeout_s: float) -> OperationRecord:
        self.calls.append(("wait", principal, name, timeout_s))
        return self.record

    async def cancel(self, principal: Principal, name: str) -> None:
        self.calls.append(("cancel", principal, name))

    async def delete(self, principal: Principal, name: str) -> None:
        self.calls.append(("delete", principal, name))


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


COLLECTION = Collection("collections/faq", "Questions", 1, NOW)
DOCUMENT = Document("collections/faq/documents/d1", "faq.md", "FAQ", "text/markdown", 12, "ab" * 32, 3, NOW)


PLUGIN = PluginRecord(
    name="plugins/email",
    version="1.2.0",
    description="Drafts e-mails.",
    owners=("mail@vaiven.example",),
    kind="python",
    functions=(DRAFT,),
)
FUNCTION = FunctionRecord(
    name=DRAFT,
    description="Draft an e-mail.",
    input_schema={"type": "object", "required": ["to"], "properties": {"to": {"type": "string", "maxLength": 64}}},
    output_schema={"type": "object"},
    effect="read",
)


class FakePlugins:
    def __init__(self) -> None:
        self.parents: list[str | None] = []

    async def list(self, principal: Principal, page_size: int, page_token: str) -> Page[Any]:
        return Page((PLUGIN,), "more")

    async def get(self, principal: Principal, name: str) -> Any:
        if name != PLUGIN.name:
            raise NotFoundError(f"There is no plugin {name}.")
        return PLUGIN

    async def functions(
        self, principal: Principal, plugin: str | None, page_size: int, page_token: str, size_of: Any = None
    ) -> Page[Any]:
        self.parents.append(plugin)
        return Page((FUNCTION,), "more")


PROMPT = "name: hello\ntemplate: Say hello.\ntemplate_format: semantic-kernel\n"
REGISTERED = RegistrationRow(
    tenant=LOCAL_PRINCIPAL.tenant,
    id="orders",
    description="Orders of the shop.",
    owners="[]",
    source=PromptSpec(text=PROMPT).model_dump_json(),
    fingerprint="ab" * 32,
    revision=1,
    create_time=NOW,
    update_time=NOW,
)


class FakeRegistrations:
    """Does as it is told; registering in earnest is tested with a whole service."""

    async def register(self, tenant: str, registration: Registration, **_: Any) -> Held:
        return Held(replace(REGISTERED, id=registration.plugin_id), PluginState.READY)

    async def update(self, tenant: str, plugin_id: str, change: Change, **_: Any) -> Held:
        return Held(replace(REGISTERED, description=change.description or ""), PluginState.READY)

    async def refresh(self, tenant: str, plugin_id: str, **_: Any) -> Held:
        return Held(REGISTERED, PluginState.READY)

    async def delete(self, tenant: str, plugin_id: str, **_: Any) -> None:
        return None


class FakeLibrary:
    def __init__(self) -> None:
        self.calls: list[tuple[Any, ...]] = []

    async def create_collection(
        self, tenant: str, collection_id: str, description: str = "", *, request_id: str | None = None
    ) -> Collection:
        self.calls.append(("create_collection", tenant, collection_id, description, request_id))
        return replace(COLLECTION, name=f"collections/{collection_id}", description=description)

    async def get_collection(self, tenant: str, name: str) -> Collection:
        if name != COLLECTION.name:
            raise NotFoundError(f"There is no collection {name}.")
        return COLLECTION

    async def list_collections(self, tenant: str, page_size: int = 0, page_token: str = "") -> Page[Collection]:
        self.calls.append(("list_collections", tenant, page_size, page_token))
        return Page((COLLECTION,), "more")

    async def delete_collection(self, tenant: str, name: str, *, request_id: str | None = None) -> None:
        self.calls.append(("delete_collection", tenant, name, request_id))

    async def get_document(self, tenant: str, name: str) -> Document:
        return DOCUMENT

    async def list_documents(
        self, tenant: str, collection: str, page_size: int = 0, page_token: str = ""
    ) -> Page[Document]:
        self.calls.append(("list_documents", tenant, collection, page_size, page_token))
        return Page((DOCUMENT,), "more")

    async def delete_document(self, tenant: str, name: str, *, request_id: str | None = None) -> None:
        self.calls.append(("delete_document", tenant, name, request_id))

    async def ingest(
        self, tenant: str, collection: str, files: Sequence[SourceFile], *, request_id: str | None = None
    ) -> Sequence[IngestOutcome]:
        self.calls.append(("ingest", tenant, collection, tuple(files), request_id))
        return [
            IngestOutcome(file.name, IngestState.INGESTED, document=DOCUMENT)
            if file.content
            else IngestOutcome(
                file.name, IngestState.FAILED, error=FileError("DOCUMENT_EMPTY", f"{file.name} is empty.")
            )
            for file in files
        ]

    async def search(
        self, tenant: str, query: str, collections: Sequence[str] = (), limit: int = 0
    ) -> Sequence[SearchHit]:
        self.calls.append(("search", tenant, query, tuple(collections), limit))
        return [SearchHit(DOCUMENT.name, "p1", "faq.md", "FAQ", "Returns", "Within 30 days.", 0.5)]


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


STATUS = BudgetStatus(NOW, None, 1500, 20, Money("EUR", 0, 20_000_000), Money("EUR", 0, 5))
BUDGET = Budget(
    "budgets/mail",
    "plugins/email",
    Period.MONTH,
    Money("EUR", 50),
    1_000_000,
    "tag",
    NOW,
    STATUS,
)
"""All fields that a budget can have, but for the end of a window."""


class FakeBudgets:
    def __init__(self) -> None:
        self.calls: list[tuple[Any, ...]] = []

    async def set(self, tenant: str, budget: Budget, *, request_id: str | None = None) -> Budget:
        self.calls.append(("set", tenant, budget, request_id))
        return replace(BUDGET, name=budget.name)

    async def get(self, tenant: str, name: str) -> Budget:
        if name != BUDGET.name:
            raise NotFoundError(f"There is no budget {name}.")
        return BUDGET

    async def list(self, tenant: str, page_size: int = 0, page_token: str = "") -> Page[Budget]:
        self.calls.append(("list", tenant, page_size, page_token))
        return Page((BUDGET,), "more")

    async def delete(self, tenant: str, name: str, *, request_id: str | None = None) -> None:
        self.calls.append(("delete", tenant, name, request_id))


class FakeUsage:
    def __init__(self) -> None:
        self.records: tuple[UsageRecord, ...] = (
            UsageRecord(
                2, Usage(300, 100, 50), Money("EUR", 0, 20_000_000), NOW.date(), "email", "draft", "large", "x"
            ),
            UsageRecord(1, Usage(3, 0, 5), None, plugin="", function=""),
        )
        self.queries: list[tuple[str, UsageQuery, int, str]] = []

    async def get(self, tenant: str, query: UsageQuery, page_size: int = 0, page_token: str = "") -> Page[UsageRecord]:
        self.queries.append((tenant, query, page_size, page_token))
        return Page(self.records, "more" if page_size == 1 else "")


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
