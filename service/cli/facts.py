"""What is looked up only to be shown: without it a line says less, so an error here is none."""

from __future__ import annotations

from typing import Final

import grpc
from vaiven.v1.knowledge_pb2 import Document
from vaiven.v1.knowledge_service_pb2 import GetDocumentRequest
from vaiven.v1.model_pb2 import Model
from vaiven.v1.model_service_pb2 import GetModelRequest

from service.cli.caller import Caller

LIMIT_S: Final = 2.0
"""How long a look-up may hold up what is already known, in seconds."""


class Facts:
    """Remembers what it has looked up."""

    def __init__(self, caller: Caller) -> None:
        """Ask by way of `caller`."""
        self._caller = caller
        self._models: dict[str, Model | None] = {}
        self._documents: dict[str, Document | None] = {}

    def model(self, name: str) -> Model | None:
        """Return the model, or None if it cannot be had."""
        if name not in self._models:
            try:
                request = GetModelRequest(name=name)
                self._models[name] = self._caller.call(self._caller.models.GetModel, request, limit_s=LIMIT_S).model
            except grpc.RpcError:
                self._models[name] = None
        return self._models[name]

    def document(self, name: str) -> Document | None:
        """Return the document, or None if it cannot be had."""
        if name not in self._documents:
            try:
                request = GetDocumentRequest(name=name)
                answer = self._caller.call(self._caller.knowledge.GetDocument, request, limit_s=LIMIT_S)
                self._documents[name] = answer.document
            except grpc.RpcError:
                self._documents[name] = None
        return self._documents[name]
