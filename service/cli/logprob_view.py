"""How likely each token of an answer was, for a person."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from service.cli.screen import error_console

if TYPE_CHECKING:
    from vaiven.v1.generation_pb2 import TokenChance, TokenLogprob


def show_logprobs(tokens: Sequence[TokenLogprob]) -> None:
    """Print a row for each token to stderr: its text, number and probability, and the likeliest ones in its place."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, header_style="bold")
    for column in ("Token", "Number", "Probability"):
        table.add_column(column, justify="left" if column == "Token" else "right", no_wrap=True)
    has_others = any(token.top for token in tokens)
    if has_others:
        table.add_column("Likeliest in its place", overflow="fold")
    for token in tokens:
        chosen = token.chosen
        others = Text("  ".join(f"{_shown(one)} {_percent(one)}" for one in token.top), style="dim")
        row = (Text(_shown(chosen)), str(chosen.token), _percent(chosen))
        table.add_row(*row, *((others,) if has_others else ()))
    error_console().print(table)


def _shown(chance: TokenChance) -> str:
    """Return a token's text so that spaces and ends of lines are seen."""
    return chance.text.encode("unicode_escape").decode("ascii") if not chance.text.isprintable() else f"‹{chance.text}›"


def _percent(chance: TokenChance) -> str:
    return f"{100 * math.exp(chance.logprob):.1f}%"
