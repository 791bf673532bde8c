"""What the servicers of models and of long operations need from the rest of the service; see `service.rpc.ports`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from service.rpc.page import Page

if TYPE_CHECKING:
    from service.backends.base import ModelCard
    from service.models.adapters import AdapterRecord
    from service.models.comparison.records import CompareOrder
    from service.models.operation_records import OperationRecord
    from service.models.requests import BenchmarkOrder, PullOrder, QuantizeOrder
    from service.runs.spec import Principal


class Models(Protocol):
    """The models, as they are now, and what is done with those of this machine. `models/{id}` has the card's id.

    What changes them raises `PermissionDeniedError` for a tenant that is not one of the operators.
    """

    async def list(self, principal: Principal, page_size: int, page_token: str) -> Page[ModelCard]:
        """Return a page of the models, by name."""
        ...

    async def get(self, principal: Principal, name: str) -> ModelCard:
        """Return one model."""
        ...

    async def pull(self, principal: Principal, order: PullOrder, request_id: str | None) -> OperationRecord:
        """Start to fetch a model."""
        ...

    async def load(self, principal: Principal, name: str, request_id: str | None) -> OperationRecord:
        """Start to load a model."""
        ...

    async def unload(self, principal: Principal, name: str, request_id: str | None) -> ModelCard:
        """Unload a model and return its facts."""
        ...

    async def benchmark(self, principal: Principal, order: BenchmarkOrder, request_id: str | None) -> OperationRecord:
        """Start to measure a loaded model."""
        ...

    async def quantize(self, principal: Principal, order: QuantizeOrder, request_id: str | None) -> OperationRecord:
        """Start to build a model of a checkpoint."""
        ...

    async def adapters(self, principal: Principal, name: str, page_size: int, page_token: str) -> Page[AdapterRecord]:
        """Return a page of the adapters beside a model."""
        ...

    async def import_adapter(self, principal: Principal, name: str, path: str, request_id: str | None) -> AdapterRecord:
        """Put an adapter beside a model."""
        ...

    async def load_adapter(self, principal: Principal, name: str, request_id: str | None) -> AdapterRecord:
        """Load an adapter beside a loaded model."""
        ...

    async def unload_adapter(self, principal: Principal, name: str, request_id: str | None) -> AdapterRecord:
        """Unload an adapter when the requests that have it are answered."""
        ...

    async def delete_adapter(self, principal: Principal, name: str, request_id: str | None) -> None:
        """Remove an adapter from beside its model."""
        ...

    async def compare(self, principal: Principal, order: CompareOrder, request_id: str | None) -> OperationRecord:
        """Start to measure variants of a model side by side."""
        ...


class Operations(Protocol):
    """Long operations."""

    async def get(self, principal: Principal, name: str) -> OperationRecord:
        """Return the operation as it is now."""
        ...

    async def list(
        self, principal: Principal, page_size: int, page_token: str, running: bool | None
    ) -> Page[OperationRecord]:
        """Return a page of the tenant's operations, newest first; None does not filter."""
        ...

    async def wait(self, principal: Principal, name: str, timeout_s: float) -> OperationRecord:
        """Return the operation when it has ended, or as it is after `timeout_s` seconds."""
        ...

    async def cancel(self, principal: Principal, name: str) -> None:
        """Stop the work and return when it has stopped; one that has ended stays as it is."""
        ...

    async def delete(self, principal: Principal, name: str) -> None:
        """Forget an operation that has ended."""
        ...
