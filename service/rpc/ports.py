"""What the servicers need of the domain; `service/bootstrap.py` hands in what implements it.

All names are resource names (`runs/…`, `sessions/…`). Every call raises `VaivenError`s and nothing else on purpose:
`NotFoundError` for a name that the principal's tenant does not have, `InvalidArgumentError` for a bad page token or
argument. `request_id` None: the call is not repeatable; else the same id and arguments give the first call's result,
other arguments raise `RequestIdReusedError`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from service.backends.base import ModelCard
from service.runs.events import RunEvent
from service.runs.spec import MessageRecord, Page, Principal, RunRecord, RunSpec, RunState, SessionRecord

if TYPE_CHECKING:
    from service.knowledge.library import CollectionRecord, DocumentRecord, FileOutcome, SearchHit, SourceFile
    from service.runs.plugins import FunctionRecord, PluginRecord


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

    async def list(
        self, principal: Principal, page_size: int, page_token: str, session: str | None, state: RunState | None
    ) -> Page[RunRecord]:
        """Return a page of the tenant's runs, newest first; None does not filter."""
        ...

    async def cancel(self, principal: Principal, name: str, request_id: str | None) -> RunRecord:
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
    """The functions that can be called."""

    async def list(self, principal: Principal, page_size: int, page_token: str) -> Page[PluginRecord]:
        """Return a page of the plugins, by name."""
        ...

    async def get(self, principal: Principal, name: str) -> PluginRecord:
        """Return one plugin."""
        ...

    async def functions(
        self, principal: Principal, plugin: str | None, page_size: int, page_token: str
    ) -> Page[FunctionRecord]:
        """Return a page of the functions of one plugin or (None) of all, by name."""
        ...


class Models(Protocol):
    """The models that can answer, as they are now. `models/{id}` has the card's `model_id` as its id."""

    async def list(self, principal: Principal, page_size: int, page_token: str) -> Page[ModelCard]:
        """Return a page of the models, by name."""
        ...

    async def get(self, principal: Principal, name: str) -> ModelCard:
        """Return one model."""
        ...


class Library(Protocol):
    """Collections of documents and the search in them."""

    async def create_collection(self, principal: Principal, collection_id: str, description: str) -> CollectionRecord:
        """Store an empty collection.

        Raises:
            AlreadyExistsError: The tenant has one of that id.
        """
        ...

    async def get_collection(self, principal: Principal, name: str) -> CollectionRecord:
        """Return one collection."""
        ...

    async def list_collections(self, principal: Principal, page_size: int, page_token: str) -> Page[CollectionRecord]:
        """Return a page of the tenant's collections, by name."""
        ...

    async def delete_collection(self, principal: Principal, name: str) -> None:
        """Remove a collection with its documents."""
        ...

    async def get_document(self, principal: Principal, name: str) -> DocumentRecord:
        """Return one document."""
        ...

    async def list_documents(
        self, principal: Principal, collection: str, page_size: int, page_token: str
    ) -> Page[DocumentRecord]:
        """Return a page of the collection's documents, by name."""
        ...

    async def delete_document(self, principal: Principal, name: str) -> None:
        """Remove a document with its passages."""
        ...

    async def ingest(self, principal: Principal, collection: str, files: Sequence[SourceFile]) -> Sequence[FileOutcome]:
        """Read the files into the collection and return one outcome for each, in order; a bad file stops no other."""
        ...

    async def search(
        self, principal: Principal, query: str, collections: Sequence[str], limit: int
    ) -> Sequence[SearchHit]:
        """Return at most `limit` passages, best first, of the collections (none named: all of the tenant's)."""
        ...


class Idempotency(Protocol):
    """Remembers what mutating calls returned, for those whose domain call takes no `request_id`."""

    async def remember(
        self,
        principal: Principal,
        request_id: str,
        method: str,
        request: bytes,
        call: Callable[[], Awaitable[bytes]],
    ) -> bytes:
        """Return what `call` returns and keep it, or what it returned when the same request came before.

        `request` is the request's canonical bytes without the id. A call that raises is not remembered.

        Raises:
            RequestIdReusedError: The id came before with other bytes.
        """
        ...


@dataclass(frozen=True, slots=True)
class AppPorts:
    """Everything that the servicers call."""

    runs: RunEngine
    sessions: Sessions
    plugins: Plugins
    models: Models
    library: Library
    idempotency: Idempotency
