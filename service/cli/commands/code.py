"""`vaiven code`: the functions of the code plugin with explicit arguments. Nothing is run."""

from __future__ import annotations

from typing import Annotated

import typer

from service.cli.caller import Caller
from service.cli.command import command, new_group
from service.cli.invoke import invoke
from service.cli.run_options import RunOptions
from service.cli.words import joined, read_text

group = new_group("Write, explain, review and test small pieces of code.", example="vaiven code review parser.py")

SourceFile = Annotated[str, typer.Argument(help="A file of code; `-` reads standard input.", metavar="FILE")]


@command(group, "generate", example='vaiven code generate "a function that returns the even numbers of a list"')
def generate(
    caller: Caller,
    options: RunOptions,
    task: Annotated[
        list[str], typer.Argument(help="What the code shall do; `-` reads standard input.", metavar="TEXT")
    ],
) -> None:
    """Write Python code for a task."""
    invoke(caller, "code.generate", {"task": joined(task)}, options)


@command(group, "explain", example="vaiven code explain parser.py")
def explain(caller: Caller, options: RunOptions, file: SourceFile) -> None:
    """Explain what code does."""
    invoke(caller, "code.explain", {"code": read_text(file)}, options)


@command(group, "review", example="git show HEAD:app.py | vaiven code review -")
def review(caller: Caller, options: RunOptions, file: SourceFile) -> None:
    """Find problems in code."""
    invoke(caller, "code.review", {"code": read_text(file)}, options)


@command(group, "test", example="vaiven code test prices.py > test_prices.md")
def test(caller: Caller, options: RunOptions, file: SourceFile) -> None:
    """Write tests for code."""
    invoke(caller, "code.write_tests", {"code": read_text(file)}, options)
