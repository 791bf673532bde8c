"""Takes files into a collection, each on its own."""

from __future__ import annotations

import asyncio
import hashlib
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from pydantic import TypeAdapter
from sqlalchemy import Connection

from service.errors import NotFoundError
from service.knowledge.chunks import Chunk
from service.knowledge.errors import DocumentError, DocumentReason
from service.knowledge.formats import MEDIA_TYPES, check_name, detect
from service.knowledge.index import DocumentKey, IndexedPassage, PassageIndex
from service.knowledge.limits import KnowledgeLimits
from service.knowledge.names import collection_name, document_name
from service.knowledge.parser import Parser
from service.knowledge.parsing import READING_VERSION, ParsedDocument
from service.knowledge.records import Document, FileError, IngestOutcome, IngestState, SourceFile
from service.knowledge.requests import request_key
from service.store import knowledge
from service.store.idempotency import find, once
from service.store.ids import new_id
from service.store.knowledge import DocumentRow, PassageRow
from service.store.store import Store

_OUTCOMES: Final = TypeAdapter(tuple[IngestOutcome, ...])


@dataclass(frozen=True, slots=True)
class _Arrival:
    """A file that is on its way in, with what is known before it is read."""

    tenant: str
    collection_id: str
    name: str
    media_type: str
    content: bytes
    sha256: str


class Ingest:
    """Reads files and stores their passages; a limited number of calls read at once, others wait for their turn."""

    def __init__(self, store: Store, index: PassageIndex, limits: KnowledgeLimits) -> None:
        """Store in `store` and `index` what keeps within `limits`."""
        self._store = store
        self._index = index
        self._limits = limits
        self._turns = asyncio.Semaphore(limits.parallel_parses)

    async def run(
        self, tenant: str, collection_id: str, files: Sequence[SourceFile], *, request_id: str | None
    ) -> Sequence[IngestOutcome]:
        """Return an outcome for each file; see `Library.ingest`."""
        sums = await asyncio.to_thread(lambda: [hashlib.sha256(file.content).hexdigest() for file in files])
        described = [f"{file.name}\n{file.media_type}\n{digest}" for file, digest in zip(files, sums, strict=True)]
        key = request_key(tenant, "IngestDocuments", request_id, collection_id, *described)

        def before(connection: Connection) -> str | None:
            stored = find(connection, key) if key else None
            if stored is None and not knowledge.get_collection(connection, tenant, collection_id):
                raise NotFoundError(f"There is no collection {collection_name(collection_id)}.")
            return stored

        stored = await self._store.read(before)
        if stored is not None:
            return _OUTCOMES.validate_json(stored)
        outcomes: list[IngestOutcome] = []
        async with self._turns, Parser(self._limits) as parser:
            for file, digest in zip(files, sums, strict=True):
                name = unicodedata.normalize("NFC", file.name)
                arrival = _Arrival(tenant, collection_id, name, file.media_type, file.content, digest)
                outcomes.append(await self._outcome(parser, arrival))
        if key:
            result = _OUTCOMES.dump_json(tuple(outcomes)).decode()
            await self._store.write(lambda connection: once(connection, key, lambda: result))
        return outcomes

    async def _outcome(self, parser: Parser, arrival: _Arrival) -> IngestOutcome:
        try:
            state, row = await self._take(parser, arrival)
        except DocumentError as error:
            return IngestOutcome(arrival.name, IngestState.FAILED, error=FileError(error.reason, error.message))
        return IngestOutcome(arrival.name, state, document_of(row))

    async def _take(self, parser: Parser, arrival: _Arrival) -> tuple[IngestState, DocumentRow]:
        self._check(arrival)
        media_type = MEDIA_TYPES[detect(arrival.name, arrival.media_type)]
        present = await self._store.read(lambda connection: _present(connection, arrival))
        if present and (present.sha256, present.media_type, present.reading) == (
            arrival.sha256,
            media_type,
            READING_VERSION,
        ):
            return IngestState.UNCHANGED, present
        parsed = await parser.parse(arrival.name, arrival.media_type, arrival.content)
        return await self._store.write(lambda connection: self._replace(connection, arrival, media_type, parsed))

    def _check(self, arrival: _Arrival) -> None:
        check_name(arrival.name)
        size, allowed = len(arrival.content), self._limits.max_file_bytes
        if size > allowed:
            raise DocumentError(
                f"{arrival.name!r} has {size:,} bytes, more than the {allowed:,} allowed; split it.",
                reason=DocumentReason.TOO_LARGE,
            )
        if size == 0:
            raise DocumentError(f"{arrival.name!r} is empty.", reason=DocumentReason.EMPTY)

    def _replace(
        self, connection: Connection, arrival: _Arrival, media_type: str, parsed: ParsedDocument
    ) -> tuple[IngestState, DocumentRow]:
        """Put the document in the place of the one of that name, if there is one; a unit of work."""
        if not knowledge.get_collection(connection, arrival.tenant, arrival.collection_id):
            raise DocumentError(
                f"{arrival.name!r} came too late: its collection was deleted meanwhile; make it again.",
                reason=DocumentReason.COLLECTION_GONE,
            )
        present = _present(connection, arrival)
        row = DocumentRow(
            tenant=arrival.tenant,
            collection_id=arrival.collection_id,
            id=present.id if present else new_id(),
            file_name=arrival.name,
            title=parsed.title,
            media_type=media_type,
            size_bytes=len(arrival.content),
            sha256=arrival.sha256,
            reading=READING_VERSION,
            passage_count=len(parsed.chunks),
            create_time=datetime.now(UTC),
        )
        if present:
            knowledge.delete_document(connection, row.tenant, row.collection_id, row.id)
        keys = knowledge.insert_document(connection, row, _passages(row, parsed))
        self._index.replace_document(
            connection,
            DocumentKey(row.tenant, row.collection_id, row.id),
            [_indexed(key, row.title, one) for key, one in zip(keys, parsed.chunks, strict=True)],
        )
        return IngestState.REPLACED if present else IngestState.INGESTED, row


def document_of(row: DocumentRow) -> Document:
    """Return a document as callers see it."""
    return Document(
        name=document_name(row.collection_id, row.id),
        file_name=row.file_name,
        title=row.title,
        media_type=row.media_type,
        size_bytes=row.size_bytes,
        sha256=row.sha256,
        passage_count=row.passage_count,
        create_time=row.create_time,
    )


def _present(connection: Connection, arrival: _Arrival) -> DocumentRow | None:
    return knowledge.find_document(connection, arrival.tenant, arrival.collection_id, arrival.name)


def _indexed(key: int, title: str, passage: Chunk) -> IndexedPassage:
    *above, nearest = passage.headings or ("",)
    context = above if title in passage.headings else [title, *above]
    return IndexedPassage(key, " > ".join(context), nearest, passage.body)


def _passages(row: DocumentRow, parsed: ParsedDocument) -> list[PassageRow]:
    return [
        PassageRow(
            id=f"{row.sha256[:12]}-{one.ordinal}",
            ordinal=one.ordinal,
            location=one.location,
            text=one.text,
            headings=" > ".join(one.headings),
            page=one.place.page,
            start_line=one.place.start_line,
            end_line=one.place.end_line,
        )
        for one in parsed.chunks
    ]
