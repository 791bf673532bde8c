"""`vaiven operations`: what takes long, followed and cancelled."""

from __future__ import annotations

from typing import Annotated

import typer

from service.cli.caller import Caller
from service.cli.command import command, new_group
from service.cli.lookup import full_name
from service.cli.names import short
from service.cli.operation_view import facts, metadata_of, progress, state
from service.cli.page import PageOptions, say_more
from service.cli.screen import age, print_facts, print_json, print_table, say

group = new_group("Follow and cancel what takes long.", example="vaiven operations list")

OperationArgument = Annotated[str, typer.Argument(help="The operation's name, or how it begins.", metavar="OPERATION")]


@command(group, "list", example="vaiven operations list --running")
def list_operations(
    caller: Caller,
    page: PageOptions,
    running: Annotated[bool, typer.Option("--running", help="Only those that have not ended.")] = False,
) -> None:
    """List the operations, newest first."""
    from google.longrunning.operations_proto_pb2 import ListOperationsRequest

    request = ListOperationsRequest(
        page_size=page.limit, page_token=page.page_token, filter="done=false" if running else ""
    )
    answer = caller.call(caller.operations.ListOperations, request)
    if caller.connection.json:
        return print_json(answer)
    told = [(one, metadata_of(one)) for one in answer.operations]
    rows = (
        (short(one.name), state(one), short(data.model), age(data.create_time), one.error.message or progress(data))
        for one, data in told
    )
    print_table(("Operation", "State", "Model", "Begun", "What"), rows, empty="There are no operations.")
    return say_more(answer.next_page_token)


@command(group, "show", example="vaiven operations show 0192f6a1c3")
def show(caller: Caller, operation: OperationArgument) -> None:
    """Show how far an operation is, or how it ended."""
    from google.longrunning.operations_proto_pb2 import GetOperationRequest

    found = caller.call(
        caller.operations.GetOperation, GetOperationRequest(name=full_name(caller, "operations", operation))
    )
    print_json(found) if caller.connection.json else print_facts(facts(found))


@command(group, "cancel", example="vaiven operations cancel 0192f6a1c3")
def cancel(caller: Caller, operation: OperationArgument) -> None:
    """Stop an operation; one that has ended stays as it is."""
    from google.longrunning.operations_proto_pb2 import CancelOperationRequest

    name = full_name(caller, "operations", operation)
    caller.call(caller.operations.CancelOperation, CancelOperationRequest(name=name))
    say(f"{name} does no more work.", style="")


@command(group, "delete", example="vaiven operations delete 0192f6a1c3")
def delete(caller: Caller, operation: OperationArgument) -> None:
    """Forget an operation that has ended."""
    from google.longrunning.operations_proto_pb2 import DeleteOperationRequest

    name = full_name(caller, "operations", operation)
    caller.call(caller.operations.DeleteOperation, DeleteOperationRequest(name=name))
    say(f"{name} is forgotten.", style="")
