"""A long operation on the command line: followed to its end, and said in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from service.cli.caller import Caller
from service.cli.exits import FAILED, CommandError
from service.cli.screen import bytes_size, error_console, print_json, say, when

if TYPE_CHECKING:
    from google.longrunning.operations_proto_pb2 import Operation
    from vaiven.v1.model_operation_pb2 import ModelOperationMetadata

WaitOption = Annotated[
    bool, typer.Option("--wait/--no-wait", help="Wait for the end and show how far it is, or only start it.")
]
LOOK_S = 1.0
"""How often it is asked how far an operation is."""


def metadata_of(operation: Operation) -> ModelOperationMetadata:
    """Return what an operation says of itself."""
    from vaiven.v1.model_operation_pb2 import ModelOperationMetadata

    metadata = ModelOperationMetadata()
    operation.metadata.Unpack(metadata)
    return metadata


def follow(caller: Caller, operation: Operation, *, wait: bool) -> Operation | None:
    """Return the operation at its end; None when nobody waits and what there is was said.

    Raises:
        CommandError: The operation failed; in its words.
    """
    if not wait and not operation.done:
        print_json(operation) if caller.connection.json else say(
            f"{operation.name} has begun; see `vaiven operations show {operation.name.removeprefix('operations/')}`.",
            style="",
        )
        return None
    ended = operation if operation.done else _to_its_end(caller, operation)
    if ended.HasField("error"):
        raise CommandError(ended.error.message, hint=f"It was {ended.name}.", exit_code=FAILED)
    return ended


def response_of(operation: Operation, kind: type[Any]) -> Any:
    """Return the response of an operation that went well."""
    response = kind()
    operation.response.Unpack(response)
    return response


def progress(metadata: ModelOperationMetadata) -> str:
    """Return how far it is, in a few words."""
    if not metadata.total:
        return metadata.stage
    if metadata.unit == "bytes":
        return f"{metadata.stage} {bytes_size(metadata.done)} of {bytes_size(metadata.total)}"
    return f"{metadata.stage} {metadata.done:,} of {metadata.total:,} {metadata.unit}"


def facts(operation: Operation) -> list[tuple[str, str]]:
    """Return an operation as names and values."""
    from vaiven.v1.model_operation_pb2 import ModelAction

    metadata = metadata_of(operation)
    action = ModelAction.Name(metadata.action).removeprefix("MODEL_ACTION_").lower()
    return [
        ("Operation", operation.name),
        ("Does", f"{action} {metadata.model}"),
        ("State", state(operation)),
        ("Stage", progress(metadata)),
        ("Error", operation.error.message if operation.HasField("error") else ""),
        ("Begun", when(metadata.create_time)),
        ("Ended", when(metadata.end_time) if metadata.HasField("end_time") else ""),
    ]


def state(operation: Operation) -> str:
    """Return how an operation stands, in a word."""
    from google.rpc.code_pb2 import Code

    if not operation.done:
        return "running"
    if not operation.HasField("error"):
        return "done"
    return "cancelled" if operation.error.code == Code.CANCELLED else "failed"


def _to_its_end(caller: Caller, operation: Operation) -> Operation:
    from google.longrunning.operations_proto_pb2 import WaitOperationRequest
    from google.protobuf.duration_pb2 import Duration

    request = WaitOperationRequest(name=operation.name, timeout=Duration(nanos=int(LOOK_S * 1e9) - 1))
    screen = error_console()
    with screen.status(progress(metadata_of(operation))) as status:
        while not operation.done:
            operation = caller.call(caller.operations.WaitOperation, request)
            status.update(progress(metadata_of(operation)))
    return operation
