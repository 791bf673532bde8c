"""The RPCs of knowledge over a real server; `test_rpcs` walks the contract."""

from __future__ import annotations

import grpc
import grpc.aio
from vaiven.v1 import (
    knowledge_service_pb2,
)

from service.knowledge.records import SourceFile
from tests.contract.edge import REQUEST_ID, Edge, refusal


async def test_knowledge_service_create_collection(edge: Edge) -> None:
    request = knowledge_service_pb2.CreateCollectionRequest(
        collection_id="orders", description="All.", request_id=REQUEST_ID
    )
    response = await edge.knowledge.CreateCollection(request)

    assert (response.collection.name, response.collection.description) == ("collections/orders", "All.")
    assert edge.domain.library.calls == [("create_collection", "local", "orders", "All.", REQUEST_ID)]


async def test_knowledge_service_get_collection(edge: Edge) -> None:
    response = await edge.knowledge.GetCollection(knowledge_service_pb2.GetCollectionRequest(name="collections/faq"))

    assert response.collection.document_count == 1
    missing = edge.knowledge.GetCollection(knowledge_service_pb2.GetCollectionRequest(name="collections/none"))
    assert await refusal(missing) == (grpc.StatusCode.NOT_FOUND, "RESOURCE_NOT_FOUND")


async def test_knowledge_service_list_collections(edge: Edge) -> None:
    response = await edge.knowledge.ListCollections(
        knowledge_service_pb2.ListCollectionsRequest(page_size=3, page_token="t")
    )

    assert [collection.name for collection in response.collections] == ["collections/faq"]
    assert response.next_page_token == "more"
    assert edge.domain.library.calls == [("list_collections", "local", 3, "t")]


async def test_knowledge_service_delete_collection(edge: Edge) -> None:
    request = knowledge_service_pb2.DeleteCollectionRequest(name="collections/faq", request_id=REQUEST_ID)
    await edge.knowledge.DeleteCollection(request)

    assert edge.domain.library.calls == [("delete_collection", "local", "collections/faq", REQUEST_ID)]


async def test_knowledge_service_get_document(edge: Edge) -> None:
    name = "collections/faq/documents/d1"
    response = await edge.knowledge.GetDocument(knowledge_service_pb2.GetDocumentRequest(name=name))

    document = response.document
    assert (document.name, document.title, document.media_type) == (name, "FAQ", "text/markdown")
    assert (document.size_bytes, document.passage_count, document.sha256) == (12, 3, "ab" * 32)


async def test_knowledge_service_list_documents(edge: Edge) -> None:
    request = knowledge_service_pb2.ListDocumentsRequest(parent="collections/faq", page_size=3, page_token="t")
    response = await edge.knowledge.ListDocuments(request)

    assert [document.file_name for document in response.documents] == ["faq.md"]
    assert response.next_page_token == "more"
    assert edge.domain.library.calls == [("list_documents", "local", "collections/faq", 3, "t")]


async def test_knowledge_service_delete_document(edge: Edge) -> None:
    name = "collections/faq/documents/d1"
    request = knowledge_service_pb2.DeleteDocumentRequest(name=name, request_id=REQUEST_ID)
    await edge.knowledge.DeleteDocument(request)

    assert edge.domain.library.calls == [("delete_document", "local", name, REQUEST_ID)]


async def test_knowledge_service_ingest_documents(edge: Edge) -> None:
    files = [
        knowledge_service_pb2.DocumentFile(file_name="faq.md", media_type="text/markdown", content=b"# FAQ"),
        knowledge_service_pb2.DocumentFile(file_name="empty.txt"),
    ]
    request = knowledge_service_pb2.IngestDocumentsRequest(parent="collections/faq", files=files, request_id=REQUEST_ID)
    good, bad = (await edge.knowledge.IngestDocuments(request)).outcomes

    assert (good.file_name, good.state) == ("faq.md", knowledge_service_pb2.FileOutcome.STATE_INGESTED)
    assert good.document.name == "collections/faq/documents/d1"
    assert (bad.file_name, bad.state) == ("empty.txt", knowledge_service_pb2.FileOutcome.STATE_FAILED)
    assert (bad.error.reason, bad.error.message) == ("DOCUMENT_EMPTY", "empty.txt is empty.")
    sent = (SourceFile("faq.md", "text/markdown", b"# FAQ"), SourceFile("empty.txt", "", b""))
    assert edge.domain.library.calls == [("ingest", "local", "collections/faq", sent, REQUEST_ID)]


async def test_knowledge_service_search(edge: Edge) -> None:
    request = knowledge_service_pb2.SearchRequest(query="returns", collections=["collections/faq"], limit=3)
    (hit,) = (await edge.knowledge.Search(request)).hits

    assert (hit.document, hit.passage, hit.text) == ("collections/faq/documents/d1", "p1", "Within 30 days.")
    assert (hit.file_name, hit.title, hit.location, hit.score) == ("faq.md", "FAQ", "Returns", 0.5)
    assert edge.domain.library.calls == [("search", "local", "returns", ("collections/faq",), 3)]
