"""Collections and documents for tests of the edge."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from service.errors import NotFoundError
from service.knowledge.records import Collection, Document, FileError, IngestOutcome, IngestState, SearchHit, SourceFile
from service.runs.spec import (
    Page,
)
from tests.unit.rpc.fakes_runs import NOW

COLLECTION = Collection("collections/faq", "Questions", 1, NOW)
DOCUMENT = Document("collections/faq/documents/d1", "faq.md", "FAQ", "text/markdown", 12, "ab" * 32, 3, NOW)


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
