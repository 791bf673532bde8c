"""`vaiven ask`: a sentence in, an answer out; the planner chooses what to do."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from service.cli.caller import Caller
from service.cli.command import command
from service.cli.images import image_from_file
from service.cli.names import allowed_name, function_name, whole
from service.cli.run_options import RunOptions, new_request_id
from service.cli.words import joined


class Planner(StrEnum):
    """How a request becomes calls."""

    DIRECT = "direct"
    RECIPE = "recipe"
    TOOL_LOOP = "tool_loop"
    STRUCTURED = "structured"
    REFLECT = "reflect"


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    command(
        app,
        "ask",
        example='vaiven ask "write an email to Ana Costa that the meeting moves to Tuesday at 10:00, from Tom Rivera"',
    )(ask)


def ask(
    caller: Caller,
    options: RunOptions,
    text: Annotated[list[str], typer.Argument(help="What you want; `-` reads standard input.", metavar="TEXT")],
    function: Annotated[
        str, typer.Option(help="Let this function answer instead of choosing one.", metavar="PLUGIN.FUNCTION")
    ] = "",
    allow: Annotated[
        list[str] | None,
        typer.Option(help="Choose from this plugin or function only; may be repeated.", metavar="PLUGIN[.FUNCTION]"),
    ] = None,
    recipe: Annotated[str, typer.Option(help="Do what this recipe says.", metavar="NAME")] = "",
    planner: Annotated[
        Planner | None,
        typer.Option(help="direct, recipe, tool_loop, structured or reflect.", metavar="PLANNER"),
    ] = None,
    image: Annotated[
        list[Path] | None, typer.Option(help="Show this picture to the model; may be repeated.", metavar="FILE")
    ] = None,
    collection: Annotated[
        list[str] | None, typer.Option(help="Search this collection only; may be repeated.", metavar="COLLECTION")
    ] = None,
) -> None:
    """Ask an agent and see the answer as it is written.

    The answer goes to standard output, everything about it to standard error.
    """
    from vaiven.v1.agent_service_pb2 import RunRequest
    from vaiven.v1.plan_pb2 import Planner as PlannerKind

    from service.cli.run_stream import follow

    request = RunRequest(
        request_id=new_request_id(),
        input=joined(text),
        session=options.session_name(caller),
        function=function_name(function) if function else "",
        allowed_functions=[allowed_name(name) for name in allow or ()],
        model=options.model_name(),
        locality=options.locality(),
        generation=options.generation(),
        policy=options.policy(),
        max_cost=options.most(),
        collections=[whole("collections", name) for name in collection or ()],
        cancel_on_disconnect=not options.keep_running,
        planner=PlannerKind.Value("PLANNER_UNSPECIFIED" if planner is None else f"PLANNER_{planner.name}"),
        recipe=recipe,
        images=[image_from_file(path) for path in image or ()],
    )
    stream = caller.stream(caller.agents.Run, request)
    raise typer.Exit(follow(caller, stream, cancel=not options.keep_running))
