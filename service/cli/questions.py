"""What a run asks a person, in a few lines."""

from __future__ import annotations

from typing import Final

from google.protobuf.json_format import MessageToDict
from rich.text import Text
from vaiven.v1.plan_pb2 import ApprovalRequired

from service.cli.names import short
from service.cli.screen import error_console, printable, say

_VALUE_CHARACTERS: Final = 400


def show_question(asked: ApprovalRequired) -> None:
    """Say what a person is asked."""
    if asked.why == ApprovalRequired.WHY_UNCERTAIN:
        said = f"{asked.step}: it is not known whether this call had its effect"
    else:
        said = f"{asked.step}: may this be called"
    error_console().print(Text.assemble(("? ", "bold yellow"), f"{said}: ", (short(asked.function), "bold")))
    for name, value in MessageToDict(asked.arguments).items():
        shown = printable(" ".join(str(value).split()))
        error_console().print(Text(f"    {name}: {shown[:_VALUE_CHARACTERS]}", style="dim"))


def say_how_to_decide(asked: ApprovalRequired) -> None:
    """Say which command answers."""
    _, run, _, approval = asked.name.split("/")
    if asked.why == ApprovalRequired.WHY_UNCERTAIN:
        say(
            f"See whether it had, then `vaiven runs decide {run}/{approval} done --result JSON` if so, "
            "`approve` to call it all the same, or `reject`.",
            style="yellow",
        )
        return
    say(f"Decide with `vaiven runs decide {run}/{approval} approve`, or reject.", style="yellow")
