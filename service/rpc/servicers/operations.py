"""`google.longrunning.Operations`: what takes long, followed, cancelled and forgotten."""

from __future__ import annotations

import re
from typing import Any, Final, TypeAlias

import grpc.aio
from google.longrunning import operations_pb2_grpc
from google.longrunning import operations_proto_pb2 as pb
from google.protobuf import empty_pb2

from service.errors import InvalidArgumentError, Violation
from service.rpc.convert.operations import operation_to_proto
from service.rpc.interceptors.chain import current_principal
from service.rpc.model_ports import Operations

Context: TypeAlias = grpc.aio.ServicerContext[Any, Any]

MAX_WAIT_S: Final = 3600.0
"""How long a caller waits at most, whatever it asks for; its deadline may end it before."""

_NAME: Final = re.compile(r"operations/[a-z0-9-]{1,63}")
_COLLECTIONS: Final = ("", "operations")
_FILTERS: Final[dict[str, bool | None]] = {"": None, "done=false": True, "done=true": False}


class OperationsServicer(operations_pb2_grpc.OperationsServicer):
    """Converts, calls the domain, converts back; the rules of the requests are here, since the contract is Google's."""

    def __init__(self, operations: Operations) -> None:
        """Keep the domain side."""
        self._operations = operations

    async def ListOperations(self, request: pb.ListOperationsRequest, context: Context) -> pb.ListOperationsResponse:
        """Return a page of operations."""
        if request.name not in _COLLECTIONS:
            raise _wrong("name", "must be empty or `operations`")
        if request.filter.replace(" ", "") not in _FILTERS:
            raise _wrong("filter", "must be empty, `done=true` or `done=false`")
        running = _FILTERS[request.filter.replace(" ", "")]
        page = await self._operations.list(current_principal(), request.page_size, request.page_token, running)
        return pb.ListOperationsResponse(
            operations=[operation_to_proto(record) for record in page.items], next_page_token=page.next_page_token
        )

    async def GetOperation(self, request: pb.GetOperationRequest, context: Context) -> pb.Operation:
        """Return an operation."""
        return operation_to_proto(await self._operations.get(current_principal(), _checked(request.name)))

    async def WaitOperation(self, request: pb.WaitOperationRequest, context: Context) -> pb.Operation:
        """Return an operation when it has ended, or when the caller's time is over."""
        timeout_s = request.timeout.ToNanoseconds() / 1e9 if request.HasField("timeout") else MAX_WAIT_S
        if timeout_s < 0:
            raise _wrong("timeout", "must not be negative")
        name = _checked(request.name)
        return operation_to_proto(await self._operations.wait(current_principal(), name, min(timeout_s, MAX_WAIT_S)))

    async def CancelOperation(self, request: pb.CancelOperationRequest, context: Context) -> empty_pb2.Empty:
        """Stop the work."""
        await self._operations.cancel(current_principal(), _checked(request.name))
        return empty_pb2.Empty()

    async def DeleteOperation(self, request: pb.DeleteOperationRequest, context: Context) -> empty_pb2.Empty:
        """Forget an operation."""
        await self._operations.delete(current_principal(), _checked(request.name))
        return empty_pb2.Empty()


def _checked(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise _wrong("name", "must be operations/{operation}")
    return name


def _wrong(field: str, why: str) -> InvalidArgumentError:
    return InvalidArgumentError(f"{field} {why}.", violations=(Violation(field, why),))
