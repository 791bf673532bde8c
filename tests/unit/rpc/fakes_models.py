"""Models and the operations on them for tests of the edge."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from service.backends.base import ModelCard, Price
from service.errors import NotFoundError
from service.models.adapters import AdapterRecord
from service.models.benchmark_records import BenchmarkPoint, BenchmarkReport
from service.models.comparison.records import (
    CompareOrder,
    ComparisonReport,
    Recommendation,
    TaskScore,
    VariantReport,
)
from service.models.operation_records import OperationFailure, OperationRecord, Outcome, Progress
from service.models.requests import BenchmarkOrder, PullOrder, QuantizeOrder
from service.runs.spec import (
    Page,
    Principal,
)
from tests.unit.rpc.fakes_runs import NOW

CARD = ModelCard(
    model_id="colibri",
    backend="onnx",
    display_name="Colibri",
    locality="local",
    context_tokens=2048,
    max_output_tokens=512,
    supports_tools=True,
    supports_json_schema=True,
    supports_grammar=True,
    supports_vision=False,
    price=Price("EUR", 0.15, 0.6, 0.0),
    precision="int4",
    execution_provider="cpu",
    size_bytes=8_000_000,
    license="MIT",
    languages=("en", "es"),
)


FETCHING = Progress("fetching", 3, 10, "bytes")


def operation(outcome: Outcome | OperationFailure | None, progress: Progress = FETCHING) -> OperationRecord:
    return OperationRecord("operations/o1", "PULL", "phi", progress, NOW, outcome, None if outcome is None else NOW)


REPORT = BenchmarkReport("phi", 5, 6, (BenchmarkPoint(2, 100.0, 0.1, 0.2, 10),))


COMPARISON = ComparisonReport(
    "models/full",
    900,
    (
        VariantReport("models/full", "fp32", 21_000_000, 232_000_000, 1.5, 1800.0, 0.0042, 1.1, 0.0, 1.0,
                      (TaskScore("mail", 9, 10), TaskScore("code", 8, 10)), 1.0),
        VariantReport("models/small", "int4", 3_600_000, 214_000_000, 1.2, 2650.0, 0.0031, 1.12, 0.01, 0.98,
                      (TaskScore("mail", 9, 10), TaskScore("code", 7, 10)), 0.941),
        VariantReport("/srv/broken", "int4", 3_000_000, problem="its files are damaged"),
    ),
    Recommendation("models/small", "It is the fastest of the 2.", ("models/full: it is slower, with 1,800 tokens/s.",)),
)  # fmt: skip


class FakeModels:
    """One model; what takes long is where `outcome` says, None: on its way."""

    def __init__(self) -> None:
        self.outcome: Outcome | None = None
        self.calls: list[tuple[Any, ...]] = []

    async def pull(self, principal: Principal, order: PullOrder, request_id: str | None) -> OperationRecord:
        self.calls.append(("pull", principal, order, request_id))
        return operation(self.outcome)

    async def load(self, principal: Principal, name: str, request_id: str | None) -> OperationRecord:
        self.calls.append(("load", principal, name, request_id))
        return operation(self.outcome)

    async def unload(self, principal: Principal, name: str, request_id: str | None) -> ModelCard:
        self.calls.append(("unload", principal, name, request_id))
        return replace(CARD, state="unloaded")

    async def benchmark(self, principal: Principal, order: BenchmarkOrder, request_id: str | None) -> OperationRecord:
        self.calls.append(("benchmark", principal, order, request_id))
        return operation(REPORT)

    async def compare(self, principal: Principal, order: CompareOrder, request_id: str | None) -> OperationRecord:
        self.calls.append(("compare", principal, order, request_id))
        return operation(COMPARISON)

    async def quantize(self, principal: Principal, order: QuantizeOrder, request_id: str | None) -> OperationRecord:
        self.calls.append(("quantize", principal, order, request_id))
        return operation(self.outcome)

    async def list(self, principal: Principal, page_size: int, page_token: str) -> Page[ModelCard]:
        return Page((CARD,), "more" if page_size == 1 else "")

    async def adapters(self, principal: Principal, name: str, page_size: int, page_token: str) -> Page[AdapterRecord]:
        self.calls.append(("adapters", principal, name, page_size, page_token))
        return Page((AdapterRecord("phi", "mail", "loaded", 7),), "more" if page_size == 1 else "")

    async def import_adapter(self, principal: Principal, name: str, path: str, request_id: str | None) -> AdapterRecord:
        self.calls.append(("import_adapter", principal, name, path, request_id))
        return AdapterRecord("phi", "mail", "unloaded", 7)

    async def load_adapter(self, principal: Principal, name: str, request_id: str | None) -> AdapterRecord:
        self.calls.append(("load_adapter", principal, name, request_id))
        return AdapterRecord("phi", "mail", "loaded", 7)

    async def unload_adapter(self, principal: Principal, name: str, request_id: str | None) -> AdapterRecord:
        self.calls.append(("unload_adapter", principal, name, request_id))
        return AdapterRecord("phi", "mail", "unloaded", 7)

    async def delete_adapter(self, principal: Principal, name: str, request_id: str | None) -> None:
        self.calls.append(("delete_adapter", principal, name, request_id))

    async def get(self, principal: Principal, name: str) -> ModelCard:
        if name != "models/colibri":
            raise NotFoundError(f"There is no model {name}.")
        return CARD


class FakeOperations:
    """One operation, `record`."""

    def __init__(self) -> None:
        self.record = operation(CARD)
        self.calls: list[tuple[Any, ...]] = []

    async def get(self, principal: Principal, name: str) -> OperationRecord:
        self.calls.append(("get", principal, name))
        return self.record

    async def list(
        self, principal: Principal, page_size: int, page_token: str, running: bool | None
    ) -> Page[OperationRecord]:
        self.calls.append(("list", principal, page_size, page_token, running))
        return Page((self.record,), "more")

    async def wait(self, principal: Principal, name: str, timeout_s: float) -> OperationRecord:
        self.calls.append(("wait", principal, name, timeout_s))
        return self.record

    async def cancel(self, principal: Principal, name: str) -> None:
        self.calls.append(("cancel", principal, name))

    async def delete(self, principal: Principal, name: str) -> None:
        self.calls.append(("delete", principal, name))
