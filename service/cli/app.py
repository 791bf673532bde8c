"""How `vaiven` begins and ends, also where Ctrl-C comes before it has begun.

Nothing that takes time is imported here: what comes before the handler is in place ends in a traceback.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from io import TextIOWrapper

from service.cli.exits import INTERRUPTED


def main() -> None:
    """Run the command line; ends with an exit status (see `service.cli.exits`)."""
    with _quiet_until_loaded():
        from service.cli.tree import app
    for stream in (sys.stdout, sys.stderr):
        # A terminal that cannot show a character gets a mark instead of an end in the middle.
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")
    try:
        app(prog_name="vaiven")
    except KeyboardInterrupt:  # before the command began, or after it ended: there is nothing to say about it
        sys.exit(INTERRUPTED)


@contextmanager
def _quiet_until_loaded() -> Iterator[None]:
    """End at once on Ctrl-C: an exception amid an import may come out of it as any other one, or not at all."""
    if signal.getsignal(signal.SIGINT) is not signal.default_int_handler:  # e.g. ignored, in the background
        yield
        return
    signal.signal(signal.SIGINT, lambda _number, _frame: os._exit(INTERRUPTED))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)
