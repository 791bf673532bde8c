"""Collections, documents and passages, as rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import Connection, RowMapping, Select, delete, func, insert, select

from service.store.knowledge_tables import collections, documents, passages


@dataclass(frozen=True, slots=True)
class CollectionRow:
    """A row of `collections`, field by field."""

    tenant: str
    id: str
    description: str
    create_time: datetime


@dataclass(frozen=True, slots=True)
class DocumentRow:
    """A row of `documents`, field by field."""

    tenant: str
    collection_id: str
    id: str
    file_name: str
    title: str
    media_type: str
    size_bytes: int
    sha256: str
    reading: int
    passage_count: int
    create_time: datetime


@dataclass(frozen=True, slots=True)
class PassageRow:
    """What a row of `passages` holds beside its document and its key."""

    id: str
    ordinal: int
    location: str
    text: str
    headings: str
    page: int | None
    start_line: int | None
    end_line: int | None


@dataclass(frozen=True, slots=True)
class FoundPassage:
    """A passage with what its document is called."""

    key: int
    id: str
    collection_id: str
    document_id: str
    file_name: str
    title: str
    location: str
    text: str


def insert_collection(connection: Connection, row: CollectionRow) -> None:
    """Add a collection; the tenant has none of that id."""
    connection.execute(insert(collections), asdict(row))


def get_collection(connection: Connection, tenant: str, collection_id: str) -> tuple[CollectionRow, int] | None:
    """Return the collection and how many documents it has, or None where the tenant has none of that id."""
    row = connection.execute(_collections(tenant).where(collections.c.id == collection_id)).mappings().first()
    return None if row is None else _collection(row)


def list_collections(
    connection: Connection, tenant: str, *, after_id: str | None, limit: int
) -> list[tuple[CollectionRow, int]]:
    """Return at most `limit` collections by id, with their numbers of documents, from after `after_id`."""
    query = _collections(tenant)
    if after_id is not None:
        query = query.where(collections.c.id > after_id)
    rows = connection.execute(query.order_by(collections.c.id).limit(limit)).mappings()
    return [_collection(row) for row in rows]


def delete_collection(connection: Connection, tenant: str, collection_id: str) -> bool:
    """Remove the collection with its documents and passages; return whether there was one."""
    query = delete(collections).where(collections.c.tenant == tenant, collections.c.id == collection_id)
    return connection.execute(query).rowcount == 1


def get_document(connection: Connection, tenant: str, collection_id: str, document_id: str) -> DocumentRow | None:
    """Return the document, or None where the tenant's collection has none of that id."""
    row = connection.execute(_documents(tenant, collection_id).where(documents.c.id == document_id)).mappings().first()
    return None if row is None else DocumentRow(**row)


def find_document(connection: Connection, tenant: str, collection_id: str, file_name: str) -> DocumentRow | None:
    """Return the document of that file name, or None where the tenant's collection has none."""
    query = _documents(tenant, collection_id).where(documents.c.file_name == file_name)
    row = connection.execute(query).mappings().first()
    return None if row is None else DocumentRow(**row)


def list_documents(
    connection: Connection, tenant: str, collection_id: str, *, after_id: str | None = None, limit: int | None = None
) -> list[DocumentRow]:
    """Return at most `limit` documents (None: all) by id, from after `after_id`."""
    query = _documents(tenant, collection_id)
    if after_id is not None:
        query = query.where(documents.c.id > after_id)
    rows = connection.execute(query.order_by(documents.c.id).limit(limit)).mappings()
    return [DocumentRow(**row) for row in rows]


def delete_document(connection: Connection, tenant: str, collection_id: str, document_id: str) -> bool:
    """Remove the document with its passages; return whether there was one."""
    query = delete(documents).where(
        documents.c.tenant == tenant, documents.c.collection_id == collection_id, documents.c.id == document_id
    )
    return connection.execute(query).rowcount == 1


def insert_document(connection: Connection, row: DocumentRow, rows: Sequence[PassageRow]) -> list[int]:
    """Add a document and its passages; return the passages' keys in their order."""
    connection.execute(insert(documents), asdict(row))
    owner = {"tenant": row.tenant, "collection_id": row.collection_id, "document_id": row.id}
    last_key = connection.execute(select(func.coalesce(func.max(passages.c.key), 0))).scalar_one()
    keys = [last_key + offset for offset in range(1, len(rows) + 1)]
    if rows:
        connection.execute(
            insert(passages), [owner | {"key": key} | asdict(passage) for key, passage in zip(keys, rows, strict=True)]
        )
    return keys


def get_passages(connection: Connection, tenant: str, keys: Sequence[int]) -> dict[int, FoundPassage]:
    """Return those of the passages that are the tenant's, by key."""
    query = (
        select(
            passages.c.key,
            passages.c.id,
            passages.c.collection_id,
            passages.c.document_id,
            documents.c.file_name,
            documents.c.title,
            passages.c.location,
            passages.c.text,
        )
        .join_from(passages, documents)
        .where(passages.c.tenant == tenant, passages.c.key.in_(keys))
    )
    return {row["key"]: FoundPassage(**row) for row in connection.execute(query).mappings()}


def _collections(tenant: str) -> Select[tuple[object, ...]]:
    document_count = (
        select(func.count())
        .select_from(documents)
        .where(documents.c.tenant == collections.c.tenant, documents.c.collection_id == collections.c.id)
        .scalar_subquery()
        .label("document_count")
    )
    return select(*collections.c, document_count).where(collections.c.tenant == tenant)


def _collection(row: RowMapping) -> tuple[CollectionRow, int]:
    fields = dict(row)
    document_count = fields.pop("document_count")
    return CollectionRow(**fields), document_count


def _documents(tenant: str, collection_id: str) -> Select[tuple[object, ...]]:
    return select(documents).where(documents.c.tenant == tenant, documents.c.collection_id == collection_id)
