"""What the servicers need of the domain; `service/bootstrap.py` hands in what implements it.

All names are resource names (`runs/…`, `sessions/…`). Every call raises `VaivenError`s and nothing else on purpose:
`NotFoundError` for a name that the principal's tenant does not have, `InvalidArgumentError` for a bad page token or
argument. `request_id` None: the call is not repeatable; else the same id and arguments give the first call's result,
other arguments raise `RequestIdReusedError`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from service.economics.budgets import Budget
from service.economics.usage import UsageQuery, UsageRecord
from service.knowledge.records import Collection, Document, IngestOutcome, SearchHit, SourceFile
from service.privacy.kinds import Finding
from service.rpc.model_ports import Models, Operations
from service.rpc.page import Page
from service.runs.engine import CANCELLED_BY_CALLER
from service.runs.events import BackendSwitched, RoutingDecision, RunEvent
from service.runs.spec import (
    MessageRecord,
    Principal,
    RunRecord,
    RunSpec,
    RunState,
    SessionRecord,
    TicketRecord,
    TicketState,
)

if TYPE_CHECKING:
    from service.registrations.desk import Change
    from service.registrations.live import Held
    from service.registrations.spec import Registration
    from service.runs.planning.approvals import Verdict
    from service.runs.planning.desk import PlanRequest
    from service.runs.planning.records import PlanRecord
    from service.runs.plugin_records import FunctionRecord, PluginRecord
    from service.runs.policies import PolicyChange, StoredPolicy
    from service.runs.privacy import Anonymized, Restored
from service.runs.routes import ExplainedRoute, RouteQuery, ShownPolicy


class RunEngine(Protocol):
    """Runs agents; a run belongs to the engine and outlives the call that started it."""

    async def start(self, principal: Principal, spec: RunSpec) -> RunRecord:
        """Store and start a run, or return the one that `spec.request_id` started.

        Raises:
            InvalidArgumentError: A name or an argument is wrong; nothing was started.
            SessionBusyError: Another run is working on the session.
            QueueFullError: Too many runs at once.
            DrainingError: The service is shutting down.
        """
        ...

    def follow(self, principal: Principal, run_name: str, after_sequence: int) -> AsyncIterator[RunEvent]:
        """Yield the stored events after `after_sequence` and then the live ones, the terminal event last.

        Closing the iterator leaves the run alone.
        """
        ...

    async def get(self, principal: Principal, name: str) -> RunRecord:
        """Return the run as it is stored."""
        ...

    async def routing(self, principal: Principal, name: str) -> Sequence[RoutingDecision | BackendSwitched]:
        """Return who was chosen to answer in the run, and who answered in whose place, in order."""
        ...

    async def list(
        self, principal: Principal, page_size: int, page_token: str, session: str | None, state: RunState | None
    ) -> Page[RunRecord]:
        """Return a page of the tenant's runs, newest first; None does not filter."""
        ...

    async def cancel(
        self, principal: Principal, name: str, request_id: str | None, *, reason: str = CANCELLED_BY_CALLER
    ) -> RunRecord:
        """Stop the run and return it after its terminal event; one that has ended is returned unchanged."""
        ...

    async def drain(self, grace_s: float) -> None:
        """Refuse new runs, wait up to `grace_s` seconds for those in flight, then stop the rest.

        On return every run has its stored terminal event and no follower waits for more.
        """
        ...


class Sessions(Protocol):
    """Conversations."""

    async def create(self, principal: Principal, title: str, request_id: str | None) -> SessionRecord:
        """Store an empty session."""
        ...

    async def get(self, principal: Principal, name: str) -> SessionRecord:
        """Return one session."""
        ...

    async def list(self, principal: Principal, page_size: int, page_token: str) -> Page[SessionRecord]:
        """Return a page of the tenant's sessions, newest first."""
        ...

    async def delete(self, principal: Principal, name: str, request_id: str | None) -> None:
        """Remove a session with its messages.

        Raises:
            SessionBusyError: A run is working on it.
        """
        ...

    async def messages(
        self, principal: Principal, session: str, page_size: int, page_token: str
    ) -> Page[MessageRecord]:
        """Return a page of the session's messages, oldest first."""
        ...


class Plugins(Protocol):
    """The functions that can be called.

    A `PluginRecord` has `name` (`plugins/…`), `version`, `description`, `owners`, `kind` and `functions` (the resource
    names); a `FunctionRecord` has `name` (`plugins/…/functions/…`), `description`, `input_schema`, `output_schema`
    and `effect` (`none`, `read` or `write`).
    """

    async def list(self, principal: Principal, page_size: int, page_token: str) -> Page[PluginRecord]:
        """Return a page of the plugins, by name."""
        ...

    async def get(self, principal: Principal, name: str) -> PluginRecord:
        """Return one plugin."""
        ...

    async def functions(
        self,
        principal: Principal,
        plugin: str | None,
        page_size: int,
        page_token: str,
        size_of: Callable[[FunctionRecord], int] | None = None,
    ) -> Page[FunctionRecord]:
        """Return a page of the functions of one plugin or (None) of all, by name, short enough to be sent."""
        ...


class Registrations(Protocol):
    """The plugins that tenants register; every call is bound to a tenant, `plugin_id` is the last part of a name.

    What is wrong with a source, or keeps it from being read, is a `VaivenError` with the source's own reason.
    """

    async def register(
        self, tenant: str, registration: Registration, *, request_id: str | None = None, validate_only: bool = False
    ) -> Held:
        """Read the source and add the plugin.

        Raises:
            AlreadyExistsError: There is a plugin of that name.
        """
        ...

    async def update(
        self,
        tenant: str,
        plugin_id: str,
        change: Change,
        *,
        etag: str = "",
        request_id: str | None = None,
        validate_only: bool = False,
    ) -> Held:
        """Change the plugin and read its source again.

        Raises:
            StaleEtagError: It is not as `etag` says.
        """
        ...

    async def refresh(
        self,
        tenant: str,
        plugin_id: str,
        *,
        accept_changes: bool = False,
        request_id: str | None = None,
        validate_only: bool = False,
    ) -> Held:
        """Read the source again; `accept_changes` takes it as it is."""
        ...

    async def delete(self, tenant: str, plugin_id: str, *, etag: str = "", request_id: str | None = None) -> None:
        """Remove the plugin.

        Raises:
            StaleEtagError: It is not as `etag` says.
        """
        ...


class Routes(Protocol):
    """Who would answer, without asking anyone."""

    async def explain(self, principal: Principal, query: RouteQuery) -> ExplainedRoute:
        """Return who would answer, why, and by which policy.

        Raises:
            NoRouteError: None may answer.
        """
        ...

    async def policy(self, principal: Principal, subject: str | None) -> ShownPolicy:
        """Return what holds for the tenant, and for the function or plugin where one is named, and what it stored."""
        ...

    async def update_policy(self, principal: Principal, change: PolicyChange) -> StoredPolicy:
        """Change what the tenant stored; it holds at once.

        Raises:
            StaleEtagError: It is not as the change's `etag` says.
        """
        ...


class Library(Protocol):
    """Collections of documents and the search in them; every call is bound to a tenant."""

    async def create_collection(
        self, tenant: str, collection_id: str, description: str = "", *, request_id: str | None = None
    ) -> Collection:
        """Store an empty collection.

        Raises:
            AlreadyExistsError: The tenant has one of that id.
        """
        ...

    async def get_collection(self, tenant: str, name: str) -> Collection:
        """Return one collection."""
        ...

    async def list_collections(self, tenant: str, page_size: int = 0, page_token: str = "") -> Page[Collection]:
        """Return a page of the tenant's collections, by name."""
        ...

    async def delete_collection(self, tenant: str, name: str, *, request_id: str | None = None) -> None:
        """Remove a collection with its documents."""
        ...

    async def get_document(self, tenant: str, name: str) -> Document:
        """Return one document."""
        ...

    async def list_documents(
        self, tenant: str, collection: str, page_size: int = 0, page_token: str = ""
    ) -> Page[Document]:
        """Return a page of the collection's documents, by name."""
        ...

    async def delete_document(self, tenant: str, name: str, *, request_id: str | None = None) -> None:
        """Remove a document with its passages."""
        ...

    async def ingest(
        self, tenant: str, collection: str, files: Sequence[SourceFile], *, request_id: str | None = None
    ) -> Sequence[IngestOutcome]:
        """Read the files into the collection and return one outcome for each, in order; a bad file stops no other."""
        ...

    async def search(
        self, tenant: str, query: str, collections: Sequence[str] = (), limit: int = 0
    ) -> Sequence[SearchHit]:
        """Return at most `limit` passages (0: the default), best first, of the collections (none named: all)."""
        ...


class Budgets(Protocol):
    """Limits on money and tokens; every call is bound to a tenant."""

    async def set(self, tenant: str, budget: Budget, *, request_id: str | None = None) -> Budget:
        """Store a budget, in the place of the one of its name.

        Raises:
            StaleEtagError: It is not as its `etag` says.
        """
        ...

    async def get(self, tenant: str, name: str) -> Budget:
        """Return one budget and where it stands."""
        ...

    async def list(self, tenant: str, page_size: int = 0, page_token: str = "") -> Page[Budget]:
        """Return a page of the tenant's budgets, by name."""
        ...

    async def delete(self, tenant: str, name: str, *, request_id: str | None = None) -> None:
        """Remove a budget."""
        ...


class UsageReport(Protocol):
    """What was used and paid for; every call is bound to a tenant."""

    async def get(self, tenant: str, query: UsageQuery, page_size: int = 0, page_token: str = "") -> Page[UsageRecord]:
        """Return a page of sums, told apart as the query says."""
        ...


class Tickets(Protocol):
    """Questions that were handed over to people."""

    async def get(self, principal: Principal, name: str) -> TicketRecord:
        """Return one ticket."""
        ...

    async def list(
        self, principal: Principal, page_size: int, page_token: str, state: TicketState | None
    ) -> Page[TicketRecord]:
        """Return a page of the tenant's tickets, newest first; None does not filter."""
        ...

    async def close(self, principal: Principal, name: str, resolution: str, request_id: str | None) -> TicketRecord:
        """Mark a ticket as dealt with and return it.

        Raises:
            TicketClosedError: It was closed before.
        """
        ...


class Plans(Protocol):
    """Plans that can be read before they run."""

    async def create(self, principal: Principal, request: PlanRequest) -> PlanRecord:
        """Make and check a plan, and store it unless it is only to be checked."""
        ...

    async def get(self, principal: Principal, name: str) -> PlanRecord:
        """Return one plan."""
        ...

    async def list(self, principal: Principal, page_size: int, page_token: str) -> Page[PlanRecord]:
        """Return a page of the tenant's plans, newest first."""
        ...


class Approvals(Protocol):
    """People's decisions on the calls of runs."""

    async def decide(self, principal: Principal, name: str, verdict: Verdict, request_id: str | None) -> RunRecord:
        """Keep what was decided and return the run, which goes on.

        Raises:
            FailedPreconditionError: It was decided otherwise before, or the run has ended.
            QueueFullError: Too many runs are going on for this one to go on now.
        """
        ...


class Privacy(Protocol):
    """Personal data in texts; every call is bound to a tenant."""

    async def detect(self, principal: Principal, text: str) -> Sequence[Finding]:
        """Return where personal data is."""
        ...

    async def anonymize(self, principal: Principal, texts: Sequence[str], session: str | None) -> Anonymized:
        """Return texts with pseudonyms; None: what stands for whom is in the token that comes with them.

        Raises:
            NotFoundError: There is no such session.
            FailedPreconditionError: Pseudonyms of sessions are not kept, or cannot be read.
        """
        ...

    async def restore(
        self, principal: Principal, texts: Sequence[str], session: str | None, token: bytes, *, in_json: bool
    ) -> Restored:
        """Return texts with their values, of the session or, where that is None, of the token.

        Raises:
            NotFoundError: There is no such session.
            FailedPreconditionError: Pseudonyms of sessions are not kept, or session or token cannot be read.
        """
        ...


@dataclass(frozen=True, slots=True)
class AppPorts:
    """Everything that the servicers call."""

    runs: RunEngine
    sessions: Sessions
    plugins: Plugins
    registrations: Registrations
    models: Models
    routes: Routes
    library: Library
    budgets: Budgets
    usage: UsageReport
    tickets: Tickets
    plans: Plans
    approvals: Approvals
    operations: Operations
    privacy: Privacy
