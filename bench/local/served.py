"""The service in a process of its own, which tells how late its event loop is: it says its port, ends with its input.

python -m bench.local.served MODEL DIRECTORY [--most N] [--no-guesses]

Between the lines `watch` and `end` on its input it watches its loop, and answers the second with what it found.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from pathlib import Path

from bench.lag import watch
from bench.local.asks import lag_figures
from bench.served import settings_for
from service.bootstrap import open_app
from service.settings import Settings
from service.telemetry.logging import configure_logging


def settings_of(model: Path, directory: Path, most: int, *, guesses: bool) -> Settings:
    """Return the default settings, but for `most` answers at once, and that nothing is guessed of an answer."""
    settings = settings_for(model, directory)
    onnx = settings.onnx.model_copy(update={"max_active": most, "speculate": guesses})
    # A caller that asks again at once must not meet the last moment of its own run before.
    runs = settings.runs.model_copy(update={"max_concurrent": 4 * most})
    return settings.model_copy(update={"onnx": onnx, "runs": runs})


async def serve(settings: Settings) -> None:
    """Serve until the input ends."""
    async with open_app(settings) as app:
        print(app.port, flush=True)
        while await asyncio.to_thread(sys.stdin.readline):
            stop = asyncio.Event()
            watching = asyncio.create_task(watch(stop=stop))
            await asyncio.to_thread(sys.stdin.readline)
            stop.set()
            found = await watching
            print(json.dumps([await asyncio.to_thread(lag_figures, found), found.core_wait_s]), flush=True)


def main() -> None:
    """Serve until the input ends."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=Path)
    parser.add_argument("directory", type=Path)
    parser.add_argument("--most", type=int, default=32)
    parser.add_argument("--no-guesses", action="store_true")
    given = parser.parse_args()
    with (given.directory / "log").open("w", encoding="utf-8") as log:
        configure_logging("info", "json", log)
        asyncio.run(serve(settings_of(given.model, given.directory, given.most, guesses=not given.no_guesses)))


if __name__ == "__main__":
    main()
