"""`ModelService`: the models, and what is done with those of this machine."""

from __future__ import annotations

from typing import Any, TypeAlias

import grpc.aio
from google.longrunning import operations_proto_pb2
from vaiven.v1 import model_service_pb2 as pb
from vaiven.v1 import model_service_pb2_grpc

from service.rpc.convert.adapters import adapter_to_proto
from service.rpc.convert.comparisons import compare_from_proto
from service.rpc.convert.models import model_to_proto
from service.rpc.convert.operations import (
    benchmark_from_proto,
    operation_to_proto,
    pull_from_proto,
    quantize_from_proto,
)
from service.rpc.convert.values import request_id_from_proto
from service.rpc.interceptors.chain import current_principal
from service.rpc.model_ports import Models

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

    async def PullModel(self, request: pb.PullModelRequest, context: Context) -> operations_proto_pb2.Operation:
        """Start to fetch a model."""
        request_id = request_id_from_proto(request.request_id)
        return operation_to_proto(await self._models.pull(current_principal(), pull_from_proto(request), request_id))

    async def LoadModel(self, request: pb.LoadModelRequest, context: Context) -> operations_proto_pb2.Operation:
        """Start to load a model."""
        request_id = request_id_from_proto(request.request_id)
        return operation_to_proto(await self._models.load(current_principal(), request.name, request_id))

    async def UnloadModel(self, request: pb.UnloadModelRequest, context: Context) -> pb.UnloadModelResponse:
        """Unload a model."""
        request_id = request_id_from_proto(request.request_id)
        card = await self._models.unload(current_principal(), request.name, request_id)
        return pb.UnloadModelResponse(model=model_to_proto(card))

    async def BenchmarkModel(
        self, request: pb.BenchmarkModelRequest, context: Context
    ) -> operations_proto_pb2.Operation:
        """Start to measure a model."""
        order, request_id = benchmark_from_proto(request), request_id_from_proto(request.request_id)
        return operation_to_proto(await self._models.benchmark(current_principal(), order, request_id))

    async def CompareModels(self, request: pb.CompareModelsRequest, context: Context) -> operations_proto_pb2.Operation:
        """Start to measure variants of a model side by side."""
        order, request_id = compare_from_proto(request), request_id_from_proto(request.request_id)
        return operation_to_proto(await self._models.compare(current_principal(), order, request_id))

    async def QuantizeModel(self, request: pb.QuantizeModelRequest, context: Context) -> operations_proto_pb2.Operation:
        """Start to build a model."""
        order, request_id = quantize_from_proto(request), request_id_from_proto(request.request_id)
        return operation_to_proto(await self._models.quantize(current_principal(), order, request_id))

    async def ListAdapters(self, request: pb.ListAdaptersRequest, context: Context) -> pb.ListAdaptersResponse:
        """Return a page of adapters."""
        page = await self._models.adapters(current_principal(), request.name, request.page_size, request.page_token)
        return pb.ListAdaptersResponse(
            adapters=[adapter_to_proto(record) for record in page.items], next_page_token=page.next_page_token
        )

    async def ImportAdapter(self, request: pb.ImportAdapterRequest, context: Context) -> pb.ImportAdapterResponse:
        """Put an adapter beside a model."""
        request_id = request_id_from_proto(request.request_id)
        record = await self._models.import_adapter(current_principal(), request.name, request.path, request_id)
        return pb.ImportAdapterResponse(adapter=adapter_to_proto(record))

    async def LoadAdapter(self, request: pb.LoadAdapterRequest, context: Context) -> pb.LoadAdapterResponse:
        """Load an adapter."""
        request_id = request_id_from_proto(request.request_id)
        record = await self._models.load_adapter(current_principal(), request.name, request_id)
        return pb.LoadAdapterResponse(adapter=adapter_to_proto(record))

    async def UnloadAdapter(self, request: pb.UnloadAdapterRequest, context: Context) -> pb.UnloadAdapterResponse:
        """Unload an adapter."""
        request_id = request_id_from_proto(request.request_id)
        record = await self._models.unload_adapter(current_principal(), request.name, request_id)
        return pb.UnloadAdapterResponse(adapter=adapter_to_proto(record))

    async def DeleteAdapter(self, request: pb.DeleteAdapterRequest, context: Context) -> pb.DeleteAdapterResponse:
        """Remove an adapter."""
        request_id = request_id_from_proto(request.request_id)
        await self._models.delete_adapter(current_principal(), request.name, request_id)
        return pb.DeleteAdapterResponse()
