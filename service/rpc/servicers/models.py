"""`ModelService`: the models that can answer."""

from __future__ import annotations

from typing import Any, TypeAlias

import grpc.aio
from vaiven.v1 import model_service_pb2 as pb
from vaiven.v1 import model_service_pb2_grpc

from service.rpc.convert.models import model_to_proto
from service.rpc.interceptors.chain import current_principal
from service.rpc.ports import Models

Context: TypeAlias = grpc.aio.ServicerContext[Any, Any]


class ModelServicer(model_service_pb2_grpc.ModelServiceServicer):
    """Converts, calls the domain, converts back."""

    def __init__(self, models: Models) -> None:
        """Keep the domain side."""
        self._models = models

    async def ListModels(self, request: pb.ListModelsRequest, context: Context) -> pb.ListModelsResponse:
        """Return a page of models."""
        page = await self._models.list(current_principal(), request.page_size, request.page_token)
        return pb.ListModelsResponse(
            models=[model_to_proto(card) for card in page.items], next_page_token=page.next_page_token
        )

    async def GetModel(self, request: pb.GetModelRequest, context: Context) -> pb.GetModelResponse:
        """Return a model."""
        card = await self._models.get(current_principal(), request.name)
        return pb.GetModelResponse(model=model_to_proto(card))
