"""Long operations, and the orders that start them."""

from __future__ import annotations

from typing import Final

from google.longrunning import operations_proto_pb2
from google.protobuf.message import Message
from google.rpc import code_pb2, error_details_pb2, status_pb2
from vaiven.v1 import model_operation_pb2 as pb
from vaiven.v1 import model_service_pb2

from service.backends.base import ModelCard
from service.backends.onnx.options import Provider
from service.models.benchmark_records import BenchmarkReport
from service.models.comparison.records import ComparisonReport
from service.models.operation_records import OperationFailure, OperationRecord
from service.models.requests import (
    BenchmarkOrder,
    HubSource,
    KnownSource,
    PathSource,
    Precision,
    PullOrder,
    QuantizeOrder,
)
from service.rpc.convert.comparisons import comparison_to_proto
from service.rpc.convert.models import model_to_proto
from service.rpc.convert.values import time_to_proto
from service.rpc.status import DOMAIN
from service.runs.names import id_in, model_name

_ACTIONS: Final = {
    "PULL": pb.MODEL_ACTION_PULL,
    "LOAD": pb.MODEL_ACTION_LOAD,
    "BENCHMARK": pb.MODEL_ACTION_BENCHMARK,
    "QUANTIZE": pb.MODEL_ACTION_QUANTIZE,
    "COMPARE": pb.MODEL_ACTION_COMPARE,
}
_PROVIDERS: Final[dict[int, Provider | None]] = {
    pb.MODEL_PROVIDER_UNSPECIFIED: None,
    pb.MODEL_PROVIDER_CPU: "cpu",
    pb.MODEL_PROVIDER_CUDA: "cuda",
    pb.MODEL_PROVIDER_DIRECTML: "directml",
}
_PRECISIONS: Final[dict[int, Precision]] = {
    pb.MODEL_PRECISION_FP32: "fp32",
    pb.MODEL_PRECISION_FP16: "fp16",
    pb.MODEL_PRECISION_INT8: "int8",
    pb.MODEL_PRECISION_INT4: "int4",
}


def operation_to_proto(record: OperationRecord) -> operations_proto_pb2.Operation:
    """Return an operation with its typed metadata, and its response or error where it has ended."""
    ended = record.outcome is not None
    operation = operations_proto_pb2.Operation(name=record.name, done=ended)
    operation.metadata.Pack(
        pb.ModelOperationMetadata(
            action=_ACTIONS[record.action],
            model=model_name(record.model_id),
            stage="" if ended else record.progress.stage,
            done=record.progress.done,
            total=record.progress.total,
            unit=record.progress.unit,
            create_time=time_to_proto(record.create_time),
            end_time=None if record.end_time is None else time_to_proto(record.end_time),
        )
    )
    match record.outcome:
        case OperationFailure() as failure:
            operation.error.CopyFrom(_status(failure))
        case ModelCard() as card:
            operation.response.Pack(model_to_proto(card))
        case BenchmarkReport() as report:
            operation.response.Pack(_benchmark_to_proto(report))
        case ComparisonReport() as comparison:
            operation.response.Pack(comparison_to_proto(comparison))
    return operation


def pull_from_proto(request: model_service_pb2.PullModelRequest) -> PullOrder:
    """Return what is to be fetched."""
    source: KnownSource | HubSource | PathSource
    match request.WhichOneof("source"):
        case "known_model":
            source = KnownSource(request.known_model)
        case "hub":
            source = HubSource(request.hub.repository, request.hub.revision, request.hub.folder)
        case _:
            source = PathSource(request.path, request.archive_sha256)
    return PullOrder(id_in(request.name, "models"), source, request.checkpoint, _PROVIDERS[request.provider])


def benchmark_from_proto(request: model_service_pb2.BenchmarkModelRequest) -> BenchmarkOrder:
    """Return what is to be measured."""
    default = BenchmarkOrder("")
    return BenchmarkOrder(
        id_in(request.name, "models"),
        tuple(request.concurrency) or default.concurrency,
        request.output_tokens or default.output_tokens,
        request.prompt_words or default.prompt_words,
        request.repeats or default.repeats,
    )


def quantize_from_proto(request: model_service_pb2.QuantizeModelRequest) -> QuantizeOrder:
    """Return what is to be built."""
    return QuantizeOrder(
        model_id=id_in(request.name, "models"),
        precision=_PRECISIONS[request.precision],
        checkpoint=id_in(request.checkpoint, "models", "checkpoint") if request.checkpoint else "",
        path=request.path,
        provider=_PROVIDERS[request.provider],
        block_size=request.block_size,
        asymmetric=request.asymmetric,
        last_layer_int8=request.last_layer_int8,
        adaptable=request.adaptable,
    )


def _benchmark_to_proto(report: BenchmarkReport) -> pb.ModelBenchmark:
    return pb.ModelBenchmark(
        model=model_name(report.model_id),
        memory_bytes=report.memory_bytes,
        prompt_tokens=report.prompt_tokens,
        points=[
            pb.BenchmarkPoint(
                concurrency=point.concurrency,
                output_tokens_per_s=point.output_tokens_per_s,
                first_token_p50_s=point.first_token_p50_s,
                first_token_p99_s=point.first_token_p99_s,
                output_tokens=point.output_tokens,
            )
            for point in report.points
        ],
    )


def _status(failure: OperationFailure) -> status_pb2.Status:
    details: list[Message] = [error_details_pb2.ErrorInfo(reason=failure.reason, domain=DOMAIN)]
    if failure.retry_after_s is not None:
        retry = error_details_pb2.RetryInfo()
        retry.retry_delay.FromNanoseconds(round(failure.retry_after_s * 1e9))
        details.append(retry)
    status = status_pb2.Status(code=code_pb2.Code.Value(failure.code), message=failure.message)
    for detail in details:
        status.details.add().Pack(detail)
    return status
