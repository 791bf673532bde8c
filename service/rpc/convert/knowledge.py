"""Collections, documents, what became of an ingest, and what a search found."""

from __future__ import annotations

from typing import Final

from vaiven.v1 import knowledge_pb2, knowledge_service_pb2

from service.knowledge.records import Collection, Document, IngestOutcome, IngestState, SearchHit, SourceFile
from service.rpc.convert.values import time_to_proto

_STATES: Final = {
    IngestState.INGESTED: knowledge_service_pb2.FileOutcome.STATE_INGESTED,
    IngestState.REPLACED: knowledge_service_pb2.FileOutcome.STATE_REPLACED,
    IngestState.UNCHANGED: knowledge_service_pb2.FileOutcome.STATE_UNCHANGED,
    IngestState.FAILED: knowledge_service_pb2.FileOutcome.STATE_FAILED,
}


def collection_to_proto(collection: Collection) -> knowledge_pb2.Collection:
    """Return a collection."""
    return knowledge_pb2.Collection(
        name=collection.name,
        description=collection.description,
        document_count=collection.document_count,
        create_time=time_to_proto(collection.create_time),
    )


def document_to_proto(document: Document) -> knowledge_pb2.Document:
    """Return a document."""
    return knowledge_pb2.Document(
        name=document.name,
        file_name=document.file_name,
        title=document.title,
        media_type=document.media_type,
        size_bytes=document.size_bytes,
        sha256=document.sha256,
        passage_count=document.passage_count,
        create_time=time_to_proto(document.create_time),
    )


def source_file_from_proto(file: knowledge_service_pb2.DocumentFile) -> SourceFile:
    """Return a file to ingest."""
    return SourceFile(name=file.file_name, media_type=file.media_type, content=file.content)


def outcome_to_proto(outcome: IngestOutcome) -> knowledge_service_pb2.FileOutcome:
    """Return what became of a file."""
    document, error = outcome.document, outcome.error
    return knowledge_service_pb2.FileOutcome(
        file_name=outcome.name,
        state=_STATES[outcome.state],
        document=None if document is None else document_to_proto(document),
        error=None if error is None else knowledge_service_pb2.FileError(reason=error.reason, message=error.message),
    )


def hit_to_proto(hit: SearchHit) -> knowledge_pb2.SearchHit:
    """Return a passage that was found."""
    return knowledge_pb2.SearchHit(
        document=hit.document,
        passage=hit.passage,
        file_name=hit.file_name,
        title=hit.title,
        location=hit.location,
        text=hit.text,
        score=hit.score,
    )
