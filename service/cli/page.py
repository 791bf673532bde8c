"""The options of every list, and what is said at the end of a page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import typer

from service.cli.screen import say


@dataclass(frozen=True, slots=True)
class PageOptions:
    """Which part of a list is shown."""

    limit: Annotated[int, typer.Option(help="The most to show.", metavar="NUMBER", min=1, max=1000)] = 50
    page_token: Annotated[str, typer.Option(help="Go on after the page that gave this.", metavar="TOKEN")] = ""


def say_more(next_page_token: str) -> None:
    """Say how to see the rest, if there is one."""
    if next_page_token:
        say(f"There are more; go on with --page-token {next_page_token}")
