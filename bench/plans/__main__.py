"""How many plans of the embedded model come out right: sentences over a gRPC service on Node, planned and run.

`python -m bench.plans` starts the service of orders and one of vaiven with the embedded model, registers the first with
the second, has each sentence of `sentences.yaml` planned and run, and says what came of it. `plan`: the right functions
are called, the registered one with the right arguments. `mail`: besides, the mail greets whom it should and says what
the service answered. Whether the rest of the mail makes sense is not judged. `--made` shows plans and mails.
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
from pathlib import Path
from textwrap import shorten
from typing import Final

from rich import box
from rich.table import Table

from bench.machine import console, describe
from bench.mails import default_model
from bench.plans.asking import Made, Sentence, planner, sentences, share
from bench.plans.orders import running
from service.telemetry.logging import configure_logging

SHOWN: Final = 70
"""How many characters of a sentence the table shows."""


async def run() -> list[tuple[Sentence, Made]]:
    """Ask for each sentence and return what came of it."""
    with tempfile.TemporaryDirectory() as directory:
        async with running("node") as orders, planner(Path(directory), orders) as asked:
            return [(one, await asked.make(one.say)) for one in sentences()]


def table(made: list[tuple[Sentence, Made]]) -> Table:
    """Return a row for each sentence, and how many are right of those the rules were made with, and of the others."""
    shown = Table(box=box.MARKDOWN)
    for heading in ("sentence", "plan", "mail"):
        shown.add_column(heading, no_wrap=True, min_width=len("10 of 10") if heading != "sentence" else None)
    for asked, came in made:
        shown.add_row(
            shorten(asked.say, SHOWN, placeholder=" …"),
            *("yes" if one else "no" for one in (came.planned(asked), came.right(asked))),
        )
    for title, unseen in (("in sight", False), ("unseen", True)):
        some = [(asked, came) for asked, came in made if asked.unseen is unseen]
        asked_of = [asked for asked, _ in some]
        planned = share(asked_of, [came.planned(asked) for asked, came in some])
        shown.add_row(f"**{title}**", planned, share(asked_of, [came.right(asked) for asked, came in some]))
    return shown


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--made", action="store_true", help="show the plans and mails as well")
    given = parser.parse_args()
    out = console()
    out.print(describe(default_model()))
    configure_logging("warning", "json")
    made = asyncio.run(run())
    if given.made:
        for asked, came in made:
            out.print(f"{asked.say}\n  {came.functions} {came.arguments} {came.failure}\n{came.mail}\n", markup=False)
    out.print(table(made))


if __name__ == "__main__":
    main()
