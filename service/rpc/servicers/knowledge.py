"""`KnowledgeService`: collections, documents and the search in them."""

from __future__ import annotations

from typing import Any, TypeAlias

import grpc.aio
from vaiven.v1 import knowledge_service_pb2 as pb
from vaiven.v1 import knowledge_service_pb2_grpc

from service.rpc.convert.knowledge import (
    collection_to_proto,
    document_to_proto,
    hit_to_proto,
    outcome_to_proto,
    source_file_from_proto,
)
from service.rpc.convert.values import request_id_from_proto
from service.rpc.interceptors.chain import current_principal
from service.rpc.ports import Library

Context: TypeAlias = grpc.aio.ServicerContext[Any, Any]


class KnowledgeServicer(knowledge_service_pb2_grpc.KnowledgeServiceServicer):
    """Converts, calls the library, converts back."""

    def __init__(self, library: Library) -> None:
        """Keep the library."""
        self._library = library

    async def CreateCollection(
        self, request: pb.CreateCollectionRequest, context: Context
    ) -> pb.CreateCollectionResponse:
        """Make a collection."""
        collection = await self._library.create_collection(
            current_principal().tenant,
            request.collection_id,
            request.description,
            request_id=request_id_from_proto(request.request_id),
        )
        return pb.CreateCollectionResponse(collection=collection_to_proto(collection))

    async def GetCollection(self, request: pb.GetCollectionRequest, context: Context) -> pb.GetCollectionResponse:
        """Return a collection."""
        collection = await self._library.get_collection(current_principal().tenant, request.name)
        return pb.GetCollectionResponse(collection=collection_to_proto(collection))

    async def ListCollections(self, request: pb.ListCollectionsRequest, context: Context) -> pb.ListCollectionsResponse:
        """Return a page of collections."""
        page = await self._library.list_collections(current_principal().tenant, request.page_size, request.page_token)
        return pb.ListCollectionsResponse(
            collections=[collection_to_proto(item) for item in page.items], next_page_token=page.next_page_token
        )

    async def DeleteCollection(
        self, request: pb.DeleteCollectionRequest, context: Context
    ) -> pb.DeleteCollectionResponse:
        """Delete a collection."""
        await self._library.delete_collection(
            current_principal().tenant, request.name, request_id=request_id_from_proto(request.request_id)
        )
        return pb.DeleteCollectionResponse()

    async def GetDocument(self, request: pb.GetDocumentRequest, context: Context) -> pb.GetDocumentResponse:
        """Return a document."""
        document = await self._library.get_document(current_principal().tenant, request.name)
        return pb.GetDocumentResponse(document=document_to_proto(document))

    async def ListDocuments(self, request: pb.ListDocumentsRequest, context: Context) -> pb.ListDocumentsResponse:
        """Return a page of a collection's documents."""
        page = await self._library.list_documents(
            current_principal().tenant, request.parent, request.page_size, request.page_token
        )
        return pb.ListDocumentsResponse(
            documents=[document_to_proto(item) for item in page.items], next_page_token=page.next_page_token
        )

    async def DeleteDocument(self, request: pb.DeleteDocumentRequest, context: Context) -> pb.DeleteDocumentResponse:
        """Delete a document."""
        await self._library.delete_document(
            current_principal().tenant, request.name, request_id=request_id_from_proto(request.request_id)
        )
        return pb.DeleteDocumentResponse()

    async def IngestDocuments(self, request: pb.IngestDocumentsRequest, context: Context) -> pb.IngestDocumentsResponse:
        """Read files into a collection."""
        outcomes = await self._library.ingest(
            current_principal().tenant,
            request.parent,
            [source_file_from_proto(file) for file in request.files],
            request_id=request_id_from_proto(request.request_id),
        )
        return pb.IngestDocumentsResponse(outcomes=[outcome_to_proto(outcome) for outcome in outcomes])

    async def Search(self, request: pb.SearchRequest, context: Context) -> pb.SearchResponse:
        """Find passages."""
        hits = await self._library.search(
            current_principal().tenant, request.query, tuple(request.collections), request.limit
        )
        return pb.SearchResponse(hits=[hit_to_proto(hit) for hit in hits])
