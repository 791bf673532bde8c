"""`vaiven support`: the functions of the support plugin with explicit arguments."""

from __future__ import annotations

from typing import Annotated

import typer

from service.cli.caller import Caller
from service.cli.command import command, new_group
from service.cli.invoke import invoke
from service.cli.run_options import RunOptions
from service.cli.words import joined

group = new_group(
    "Answer customers from your documents; sort messages.", example='vaiven support answer "Can I return a kettle?"'
)


@command(group, "answer", example='vaiven support answer "How long do I have to return an order?" --collection shop')
def answer(
    caller: Caller,
    options: RunOptions,
    question: Annotated[
        list[str], typer.Argument(help="The customer's question; `-` reads standard input.", metavar="TEXT")
    ],
    collection: Annotated[
        list[str] | None, typer.Option(help="Search this collection only; may be repeated.", metavar="COLLECTION")
    ] = None,
) -> None:
    """Answer a question with citations, or hand it over to a person."""
    invoke(caller, "support.answer", {"question": joined(question)}, options, collections=collection or ())


@command(group, "classify", example='vaiven support classify "My parcel has not come and nobody answers!"')
def classify(
    caller: Caller,
    options: RunOptions,
    message: Annotated[
        list[str], typer.Argument(help="The customer's message; `-` reads standard input.", metavar="TEXT")
    ],
) -> None:
    """Tell a message's topic, urgency and sentiment."""
    invoke(caller, "support.classify", {"message": joined(message)}, options)
