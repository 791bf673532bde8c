"""Collections of documents, and what can be found in them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Final

from sqlalchemy import Connection

from service.errors import AlreadyExistsError, InvalidArgumentError, NotFoundError, Violation
from service.knowledge.index import DocumentKey, PassageIndex, PassageQuery
from service.knowledge.ingest import Ingest, document_of
from service.knowledge.limits import KnowledgeLimits
from service.knowledge.names import (
    check_collection_id,
    collection_name,
    document_name,
    parse_collection,
    parse_document,
)
from service.knowledge.records import Collection, Document, IngestOutcome, SearchHit, SourceFile
from service.knowledge.requests import request_key
from service.store import knowledge
from service.store.idempotency import once
from service.store.knowledge import CollectionRow
from service.store.paging import Page, decode_page_token, encode_page_token, page_limit
from service.store.store import Store

MAX_DESCRIPTION_CHARS: Final = 1000
DEFAULT_RESULTS: Final = 5


class Library:
    """The knowledge bases of all tenants. Every method acts for one tenant and sees nothing of another's.

    Names are resource names. A `request_id` makes a change repeatable: the same id and arguments do it once and give
    the same result, the same id with others raises `RequestIdReusedError`.
    """

    def __init__(self, store: Store, index: PassageIndex, limits: KnowledgeLimits) -> None:
        """Keep everything in `store`, and find passages by `index`."""
        self._store = store
        self._index = index
        self._limits = limits
        self._ingest = Ingest(store, index, limits)

    async def create_collection(
        self, tenant: str, collection_id: str, description: str = "", *, request_id: str | None = None
    ) -> Collection:
        """Make an empty collection.

        Raises:
            InvalidArgumentError: The id or the description is not allowed.
            AlreadyExistsError: The tenant has a collection of that id.
        """
        check_collection_id(collection_id)
        if len(description) > MAX_DESCRIPTION_CHARS:
            rule = f"must have at most {MAX_DESCRIPTION_CHARS} characters"
            raise InvalidArgumentError(f"description {rule}.", violations=(Violation("description", rule),))
        key = request_key(tenant, "CreateCollection", request_id, collection_id, description)

        def unit(connection: Connection) -> Collection:
            def make() -> str:
                if knowledge.get_collection(connection, tenant, collection_id):
                    raise AlreadyExistsError(
                        f"{collection_name(collection_id)} exists; choose another id or use that one."
                    )
                knowledge.insert_collection(
                    connection, CollectionRow(tenant, collection_id, description, datetime.now(UTC))
                )
                return collection_id

            return _collection(connection, tenant, once(connection, key, make).result)

        return await self._store.write(unit)

    async def get_collection(self, tenant: str, name: str) -> Collection:
        """Return a collection.

        Raises:
            NotFoundError: The tenant has none of that name.
        """
        collection_id = parse_collection(name)
        return await self._store.read(lambda connection: _collection(connection, tenant, collection_id))

    async def list_collections(self, tenant: str, page_size: int = 0, page_token: str = "") -> Page[Collection]:
        """Return a page of the collections, by name."""
        limit, scope = page_limit(page_size), f"collections\n{tenant}"
        after = decode_page_token(scope, page_token, (str,))
        rows = await self._store.read(
            lambda connection: knowledge.list_collections(
                connection, tenant, after_id=str(after[0]) if after else None, limit=limit + 1
            )
        )
        token = encode_page_token(scope, (rows[limit - 1][0].id,)) if len(rows) > limit else ""
        return Page(tuple(_collection_of(row, count) for row, count in rows[:limit]), token)

    async def delete_collection(self, tenant: str, name: str, *, request_id: str | None = None) -> None:
        """Delete a collection with its documents.

        Raises:
            NotFoundError: The tenant has none of that name.
        """
        collection_id = parse_collection(name)
        key = request_key(tenant, "DeleteCollection", request_id, collection_id)

        def unit(connection: Connection) -> None:
            def make() -> str:
                self._index.delete_collection(connection, tenant, collection_id)
                if not knowledge.delete_collection(connection, tenant, collection_id):
                    raise _no_collection(collection_id)
                return ""

            once(connection, key, make)

        await self._store.write(unit)

    async def ingest(
        self, tenant: str, collection: str, files: Sequence[SourceFile], *, request_id: str | None = None
    ) -> Sequence[IngestOutcome]:
        """Read files into a collection and return an outcome for each, in order.

        A file that cannot be read fails alone. A file of a name that the collection has replaces that document in one
        step; where its content is the same, nothing is done.

        Raises:
            NotFoundError: The tenant has no such collection.
            UnavailableError: Files cannot be read now, or nothing can be stored.
        """
        return await self._ingest.run(tenant, parse_collection(collection), files, request_id=request_id)

    async def get_document(self, tenant: str, name: str) -> Document:
        """Return a document.

        Raises:
            NotFoundError: The tenant has none of that name.
        """
        collection_id, document_id = parse_document(name)
        row = await self._store.read(
            lambda connection: knowledge.get_document(connection, tenant, collection_id, document_id)
        )
        if row is None:
            raise NotFoundError(f"There is no document {name}.")
        return document_of(row)

    async def list_documents(
        self, tenant: str, collection: str, page_size: int = 0, page_token: str = ""
    ) -> Page[Document]:
        """Return a page of a collection's documents, by name.

        Raises:
            NotFoundError: The tenant has no such collection.
        """
        collection_id = parse_collection(collection)
        limit, scope = page_limit(page_size), f"documents\n{tenant}\n{collection_id}"
        after = decode_page_token(scope, page_token, (str,))

        def query(connection: Connection) -> list[knowledge.DocumentRow]:
            _collection(connection, tenant, collection_id)
            after_id = str(after[0]) if after else None
            return knowledge.list_documents(connection, tenant, collection_id, after_id=after_id, limit=limit + 1)

        rows = await self._store.read(query)
        token = encode_page_token(scope, (rows[limit - 1].id,)) if len(rows) > limit else ""
        return Page(tuple(map(document_of, rows[:limit])), token)

    async def delete_document(self, tenant: str, name: str, *, request_id: str | None = None) -> None:
        """Delete a document with its passages.

        Raises:
            NotFoundError: The tenant has none of that name.
        """
        collection_id, document_id = parse_document(name)
        key = request_key(tenant, "DeleteDocument", request_id, name)

        def unit(connection: Connection) -> None:
            def make() -> str:
                self._index.delete_document(connection, DocumentKey(tenant, collection_id, document_id))
                if not knowledge.delete_document(connection, tenant, collection_id, document_id):
                    raise NotFoundError(f"There is no document {name}.")
                return ""

            once(connection, key, make)

        await self._store.write(unit)

    async def search(
        self, tenant: str, query: str, collections: Sequence[str] = (), limit: int = DEFAULT_RESULTS
    ) -> Sequence[SearchHit]:
        """Return the passages that answer `query` best, best first; none where nothing has to do with it.

        `collections` empty: all of the tenant's. `limit` 0: the default; above the allowed maximum: the maximum.

        Raises:
            NotFoundError: The tenant has not all of `collections`.
        """
        wanted = PassageQuery(
            tenant=tenant,
            text=query,
            collection_ids=tuple(dict.fromkeys(map(parse_collection, collections))),
            limit=min(limit if limit > 0 else DEFAULT_RESULTS, self._limits.max_results),
        )
        return await self._store.read(partial(_search, self._index, wanted))


def _search(index: PassageIndex, query: PassageQuery, connection: Connection) -> list[SearchHit]:
    for collection_id in query.collection_ids:
        _collection(connection, query.tenant, collection_id)
    ranked = index.search(connection, query)
    found = knowledge.get_passages(connection, query.tenant, [passage.key for passage in ranked])
    return [
        SearchHit(
            document=document_name(passage.collection_id, passage.document_id),
            passage=passage.id,
            file_name=passage.file_name,
            title=passage.title,
            location=passage.location,
            text=passage.text,
            score=one.score,
        )
        for one in ranked
        if (passage := found.get(one.key))
    ]


def _collection(connection: Connection, tenant: str, collection_id: str) -> Collection:
    found = knowledge.get_collection(connection, tenant, collection_id)
    if found is None:
        raise _no_collection(collection_id)
    return _collection_of(*found)


def _collection_of(row: CollectionRow, document_count: int) -> Collection:
    return Collection(collection_name(row.id), row.description, document_count, row.create_time)


def _no_collection(collection_id: str) -> NotFoundError:
    return NotFoundError(f"There is no collection {collection_name(collection_id)}.")
