"""`python -m service.testing DIRECTORY WORDS PAUSE_S`: a service that counts, for tests that need a process to kill.

It keeps its store in DIRECTORY, prints one line of JSON (`port`, `pid`) when it answers, and stops on SIGTERM. Whatever
function is named, the model says `w1 w2 …` up to WORDS words, with PAUSE_S seconds between them.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from pathlib import Path

from service.backends.base import Generator
from service.backends.fake import FakeAnswer, FakeGenerator
from service.bootstrap import App, serve
from service.telemetry.logging import configure_logging
from service.testing.app import scratch_settings


def main(directory: Path, words: int, pause_s: float) -> None:
    """Run until SIGTERM."""
    configure_logging("warning", "json")
    answer = FakeAnswer(tuple(f"w{number} " for number in range(1, words + 1)), pause_s=pause_s)
    generators: list[Generator] = [FakeGenerator(answer)]
    asyncio.run(serve(scratch_settings(directory), _announce, generators=generators))


def _announce(app: App) -> None:
    sys.stdout.write(json.dumps({"port": app.port, "pid": os.getpid()}) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]))
