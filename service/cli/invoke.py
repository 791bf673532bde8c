"""Calls a function with arguments and shows its run; the commands `email`, `code` and `support` rest on it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import typer

from service.cli.caller import Caller
from service.cli.names import function_name, whole
from service.cli.run_options import RunOptions, new_request_id


def invoke(
    caller: Caller,
    function: str,
    arguments: Mapping[str, Any],
    options: RunOptions,
    *,
    collections: Sequence[str] = (),
) -> None:
    """Invoke `function` with those arguments that are neither None nor empty, and show the run to its end.

    Raises:
        typer.Exit: Always, with the run's exit status.
    """
    from google.protobuf.struct_pb2 import Struct
    from vaiven.v1.plugin_service_pb2 import InvokeFunctionRequest

    from service.cli.run_stream import follow

    given = Struct()
    given.update({name: value for name, value in arguments.items() if value not in (None, "", [])})
    request = InvokeFunctionRequest(
        request_id=new_request_id(),
        name=function_name(function),
        arguments=given,
        session=options.session_name(caller),
        model=options.model_name(),
        locality=options.locality(),
        generation=options.generation(),
        policy=options.policy(),
        max_cost=options.most(),
        collections=[whole("collections", name) for name in collections],
        cancel_on_disconnect=not options.keep_running,
    )
    stream = caller.stream(caller.plugins.InvokeFunction, request)
    raise typer.Exit(follow(caller, stream, cancel=not options.keep_running))
