"""The RPCs that change the machine's models, and those of long operations, over a real server."""

from __future__ import annotations

from typing import Any

import grpc
import pytest
from google.longrunning import operations_proto_pb2
from google.protobuf import duration_pb2
from google.rpc import code_pb2, error_details_pb2
from vaiven.v1 import adapter_pb2, model_operation_pb2, model_pb2, model_service_pb2

from service.models.comparison.records import CompareOrder, TaskOrder
from service.models.operation_records import OperationFailure, Progress
from service.models.requests import BenchmarkOrder, HubSource, KnownSource, PathSource, PullOrder, QuantizeOrder
from service.runs.spec import LOCAL_PRINCIPAL
from tests.contract.edge import REQUEST_ID, Edge, refusal
from tests.unit.rpc.fakes_models import CARD, operation


def metadata(found: operations_proto_pb2.Operation) -> model_operation_pb2.ModelOperationMetadata:
    told = model_operation_pb2.ModelOperationMetadata()
    assert found.metadata.Unpack(told)
    return told


async def test_model_service_pull_model(edge: Edge) -> None:
    requests = [
        model_service_pb2.PullModelRequest(name="models/phi", known_model="phi-4-mini", request_id=REQUEST_ID),
        model_service_pb2.PullModelRequest(
            name="models/phi",
            hub=model_operation_pb2.HubSource(repository="a/b", revision="v1", folder="cpu"),
            checkpoint=True,
            provider=model_operation_pb2.MODEL_PROVIDER_CUDA,
        ),
        model_service_pb2.PullModelRequest(name="models/phi", path="/in/phi.zip", archive_sha256="a" * 64),
    ]
    found = [await edge.models.PullModel(request) for request in requests]

    assert [(one.name, one.done) for one in found] == [("operations/o1", False)] * 3
    told = metadata(found[0])
    assert (told.action, told.model, told.stage) == (model_operation_pb2.MODEL_ACTION_PULL, "models/phi", "fetching")
    assert (told.done, told.total, told.unit) == (3, 10, "bytes")
    assert told.HasField("create_time")
    assert edge.domain.models.calls == [
        ("pull", LOCAL_PRINCIPAL, PullOrder("phi", KnownSource("phi-4-mini")), REQUEST_ID),
        ("pull", LOCAL_PRINCIPAL, PullOrder("phi", HubSource("a/b", "v1", "cpu"), True, "cuda"), None),
        ("pull", LOCAL_PRINCIPAL, PullOrder("phi", PathSource("/in/phi.zip", "a" * 64)), None),
    ]
    nowhere = edge.models.PullModel(model_service_pb2.PullModelRequest(name="models/phi"))
    assert await refusal(nowhere) == (grpc.StatusCode.INVALID_ARGUMENT, "INVALID_FIELD")


@pytest.mark.parametrize("name", ["models/../x", "models/.hidden", "models/a/b", "models/UP", "phi"])
async def test_a_new_model_has_a_name_that_leads_nowhere(edge: Edge, name: str) -> None:
    call = edge.models.PullModel(model_service_pb2.PullModelRequest(name=name, known_model="phi-4-mini"))
    assert await refusal(call) == (grpc.StatusCode.INVALID_ARGUMENT, "INVALID_FIELD")


async def test_model_service_load_model(edge: Edge) -> None:
    edge.domain.models.outcome = CARD
    request = model_service_pb2.LoadModelRequest(name="models/phi", request_id=REQUEST_ID)
    found = await edge.models.LoadModel(request)

    model = model_pb2.Model()
    assert found.done
    assert found.response.Unpack(model)
    assert (model.name, model.state) == ("models/colibri", model_pb2.MODEL_STATE_READY)
    assert edge.domain.models.calls == [("load", LOCAL_PRINCIPAL, "models/phi", REQUEST_ID)]


async def test_model_service_unload_model(edge: Edge) -> None:
    request = model_service_pb2.UnloadModelRequest(name="models/phi", request_id=REQUEST_ID)
    found = await edge.models.UnloadModel(request)

    assert found.model.state == model_pb2.MODEL_STATE_UNLOADED
    assert edge.domain.models.calls == [("unload", LOCAL_PRINCIPAL, "models/phi", REQUEST_ID)]


async def test_model_service_benchmark_model(edge: Edge) -> None:
    await edge.models.BenchmarkModel(model_service_pb2.BenchmarkModelRequest(name="models/phi"))
    request = model_service_pb2.BenchmarkModelRequest(
        name="models/phi", concurrency=[2, 3], output_tokens=5, prompt_words=6, repeats=7, request_id=REQUEST_ID
    )
    found = await edge.models.BenchmarkModel(request)

    report = model_operation_pb2.ModelBenchmark()
    assert found.response.Unpack(report)
    assert (report.model, report.memory_bytes, report.prompt_tokens) == ("models/phi", 5, 6)
    assert [(point.concurrency, point.output_tokens_per_s) for point in report.points] == [(2, 100.0)]
    assert edge.domain.models.calls == [
        ("benchmark", LOCAL_PRINCIPAL, BenchmarkOrder("phi", (1, 4, 8), 64, 64, 3), None),
        ("benchmark", LOCAL_PRINCIPAL, BenchmarkOrder("phi", (2, 3), 5, 6, 7), REQUEST_ID),
    ]
    many = edge.models.BenchmarkModel(model_service_pb2.BenchmarkModelRequest(name="models/phi", concurrency=[65]))
    assert await refusal(many) == (grpc.StatusCode.INVALID_ARGUMENT, "INVALID_FIELD")


async def test_model_service_quantize_model(edge: Edge) -> None:
    request = model_service_pb2.QuantizeModelRequest(
        name="models/small",
        checkpoint="models/big",
        precision=model_operation_pb2.MODEL_PRECISION_INT4,
        provider=model_operation_pb2.MODEL_PROVIDER_DIRECTML,
        block_size=64,
        asymmetric=True,
        last_layer_int8=True,
        adaptable=True,
        request_id=REQUEST_ID,
    )
    await edge.models.QuantizeModel(request)

    assert edge.domain.models.calls == [
        (
            "quantize",
            LOCAL_PRINCIPAL,
            QuantizeOrder(
                "small", "int4", "big", "", "directml", 64, asymmetric=True, last_layer_int8=True, adaptable=True
            ),
            REQUEST_ID,
        )
    ]
    none = model_service_pb2.QuantizeModelRequest(name="models/small", checkpoint="models/big")
    assert await refusal(edge.models.QuantizeModel(none)) == (grpc.StatusCode.INVALID_ARGUMENT, "INVALID_FIELD")


ADAPTER = "models/phi/adapters/mail"


async def test_model_service_list_adapters(edge: Edge) -> None:
    request = model_service_pb2.ListAdaptersRequest(name="models/phi", page_size=1, page_token="t")
    found = await edge.models.ListAdapters(request)

    assert [(one.name, one.state, one.size_bytes) for one in found.adapters] == [
        (ADAPTER, adapter_pb2.ADAPTER_STATE_LOADED, 7)
    ]
    assert found.next_page_token == "more"
    assert edge.domain.models.calls == [("adapters", LOCAL_PRINCIPAL, "models/phi", 1, "t")]


async def test_model_service_import_adapter(edge: Edge) -> None:
    request = model_service_pb2.ImportAdapterRequest(name=ADAPTER, path="/in/mail", request_id=REQUEST_ID)
    found = await edge.models.ImportAdapter(request)

    assert found.adapter.state == adapter_pb2.ADAPTER_STATE_UNLOADED
    assert edge.domain.models.calls == [("import_adapter", LOCAL_PRINCIPAL, ADAPTER, "/in/mail", REQUEST_ID)]
    for name in ("models/phi", "models/phi/adapters/../x", "models/phi/adapters/UP", "models/phi/adapters/.x"):
        request = model_service_pb2.ImportAdapterRequest(name=name, path="/in/mail")
        assert await refusal(edge.models.ImportAdapter(request)) == (grpc.StatusCode.INVALID_ARGUMENT, "INVALID_FIELD")


async def test_model_service_load_adapter(edge: Edge) -> None:
    found = await edge.models.LoadAdapter(model_service_pb2.LoadAdapterRequest(name=ADAPTER))

    assert (found.adapter.name, found.adapter.state) == (ADAPTER, adapter_pb2.ADAPTER_STATE_LOADED)
    assert edge.domain.models.calls == [("load_adapter", LOCAL_PRINCIPAL, ADAPTER, None)]


async def test_model_service_unload_adapter(edge: Edge) -> None:
    request = model_service_pb2.UnloadAdapterRequest(name=ADAPTER, request_id=REQUEST_ID)
    found = await edge.models.UnloadAdapter(request)

    assert found.adapter.state == adapter_pb2.ADAPTER_STATE_UNLOADED
    assert edge.domain.models.calls == [("unload_adapter", LOCAL_PRINCIPAL, ADAPTER, REQUEST_ID)]


async def test_model_service_delete_adapter(edge: Edge) -> None:
    request = model_service_pb2.DeleteAdapterRequest(name=ADAPTER, request_id=REQUEST_ID)
    assert await edge.models.DeleteAdapter(request) == model_service_pb2.DeleteAdapterResponse()
    assert edge.domain.models.calls == [("delete_adapter", LOCAL_PRINCIPAL, ADAPTER, REQUEST_ID)]
    for name in ("models/phi", "models/phi/adapters/../x"):
        request = model_service_pb2.DeleteAdapterRequest(name=name)
        assert await refusal(edge.models.DeleteAdapter(request)) == (grpc.StatusCode.INVALID_ARGUMENT, "INVALID_FIELD")


async def test_model_service_compare_models(edge: Edge) -> None:
    task = model_service_pb2.ModelTask(
        prompt="2 + 2?", expected=["4"], match=model_service_pb2.ModelTask.MATCH_CONTAINS, kind="sums"
    )
    request = model_service_pb2.CompareModelsRequest(
        request_id=REQUEST_ID,
        models=["models/full", "models/small"],
        paths=["/srv/broken"],
        checkpoint="models/big",
        reference="models/full",
        text="A text.",
        tasks=[task],
        own_examples=0,
        memory_bytes=5,
        least_quality=0.0,
    )
    ended = await edge.models.CompareModels(request)

    order = CompareOrder(
        ("full", "small"), ("/srv/broken",), "big", "models/full", "A text.",
        tasks=(TaskOrder("2 + 2?", ("4",), match="contains", kind="sums"),), own_examples=0, memory_bytes=5,
        least_quality=0.0,
    )  # fmt: skip
    assert edge.domain.models.calls == [("compare", LOCAL_PRINCIPAL, order, REQUEST_ID)]
    found = model_operation_pb2.ModelComparison()
    assert ended.response.Unpack(found)
    full, small, broken = found.variants
    assert (found.reference, found.text_tokens, full.perplexity, small.quality) == ("models/full", 900, 1.1, 0.941)
    assert (small.score, [(task.name, task.right, task.total) for task in small.tasks][1]) == (0.8, ("code", 7, 10))
    assert (broken.problem, broken.HasField("quality"), broken.HasField("score")) == (
        "its files are damaged",
        False,
        False,
    )
    assert (found.recommendation.name, len(found.recommendation.reasons)) == ("models/small", 1)

    edge.domain.models.calls.clear()
    await edge.models.CompareModels(model_service_pb2.CompareModelsRequest(checkpoint="models/big"))
    ((_, _, plain, _),) = edge.domain.models.calls
    assert plain == CompareOrder(checkpoint="big")
    for wrong in (
        model_service_pb2.CompareModelsRequest(),
        model_service_pb2.CompareModelsRequest(models=["models/a", "models/a"]),
        model_service_pb2.CompareModelsRequest(checkpoint="models/big", least_quality=1.1),
        model_service_pb2.CompareModelsRequest(
            checkpoint="models/big", tasks=[model_service_pb2.ModelTask(prompt="?")]
        ),
    ):
        assert await refusal(edge.models.CompareModels(wrong)) == (grpc.StatusCode.INVALID_ARGUMENT, "INVALID_FIELD")


async def test_operations_get_operation(edge: Edge) -> None:
    edge.domain.operations.record = operation(OperationFailure("UNAVAILABLE", "HUB_UNAVAILABLE", "It is gone.", 5.0))
    found = await edge.operations.GetOperation(operations_proto_pb2.GetOperationRequest(name="operations/o1"))

    assert (found.done, found.error.code, found.error.message) == (True, code_pb2.Code.UNAVAILABLE, "It is gone.")
    info, retry = error_details_pb2.ErrorInfo(), error_details_pb2.RetryInfo()
    assert found.error.details[0].Unpack(info)
    assert found.error.details[1].Unpack(retry)
    assert (info.reason, info.domain, retry.retry_delay.seconds) == ("HUB_UNAVAILABLE", "vaiven", 5)
    assert metadata(found).stage == ""
    assert metadata(found).HasField("end_time")


async def test_operations_list_operations(edge: Edge) -> None:
    for text in ("", "done=false", "done = true"):
        request = operations_proto_pb2.ListOperationsRequest(page_size=2, page_token="t", filter=text)
        response = await edge.operations.ListOperations(request)
        assert ([one.name for one in response.operations], response.next_page_token) == (["operations/o1"], "more")

    assert edge.domain.operations.calls == [
        ("list", LOCAL_PRINCIPAL, 2, "t", None),
        ("list", LOCAL_PRINCIPAL, 2, "t", True),
        ("list", LOCAL_PRINCIPAL, 2, "t", False),
    ]


async def test_operations_wait_operation(edge: Edge) -> None:
    request = operations_proto_pb2.WaitOperationRequest(name="operations/o1", timeout=duration_pb2.Duration(seconds=2))
    await edge.operations.WaitOperation(request)
    await edge.operations.WaitOperation(operations_proto_pb2.WaitOperationRequest(name="operations/o1"))

    waits = [("wait", LOCAL_PRINCIPAL, "operations/o1", 2.0), ("wait", LOCAL_PRINCIPAL, "operations/o1", 3600.0)]
    assert edge.domain.operations.calls == waits


async def test_operations_cancel_and_delete_operation(edge: Edge) -> None:
    await edge.operations.CancelOperation(operations_proto_pb2.CancelOperationRequest(name="operations/o1"))
    await edge.operations.DeleteOperation(operations_proto_pb2.DeleteOperationRequest(name="operations/o1"))

    assert edge.domain.operations.calls == [
        ("cancel", LOCAL_PRINCIPAL, "operations/o1"),
        ("delete", LOCAL_PRINCIPAL, "operations/o1"),
    ]


WRONG = [
    ("GetOperation", operations_proto_pb2.GetOperationRequest(name="runs/r1")),
    ("GetOperation", operations_proto_pb2.GetOperationRequest(name="operations/../x")),
    ("ListOperations", operations_proto_pb2.ListOperationsRequest(name="runs")),
    ("ListOperations", operations_proto_pb2.ListOperationsRequest(filter="done=maybe")),
    ("WaitOperation", operations_proto_pb2.WaitOperationRequest(name="")),
    (
        "WaitOperation",
        operations_proto_pb2.WaitOperationRequest(name="operations/o1", timeout=duration_pb2.Duration(seconds=-1)),
    ),
    ("CancelOperation", operations_proto_pb2.CancelOperationRequest(name="x")),
    ("DeleteOperation", operations_proto_pb2.DeleteOperationRequest(name="x")),
]


@pytest.mark.parametrize(("method", "request_"), WRONG, ids=range(len(WRONG)))
async def test_every_rpc_of_operations_validates_its_request(edge: Edge, method: str, request_: Any) -> None:
    call = getattr(edge.operations, method)(request_)
    assert await refusal(call) == (grpc.StatusCode.INVALID_ARGUMENT, "INVALID_FIELD")


async def test_progress_without_a_total_is_shown_without_one(edge: Edge) -> None:
    edge.domain.operations.record = operation(None, Progress("loading"))
    found = await edge.operations.GetOperation(operations_proto_pb2.GetOperationRequest(name="operations/o1"))
    assert (metadata(found).stage, metadata(found).total) == ("loading", 0)
