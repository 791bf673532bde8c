"""What runs in the processes of `tests.e2e.processes`; each takes the connection by which its test steers it."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import AsyncGenerator, Sequence
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from service.backends.base import ChatMessage, Finished, GenerationPiece, GenerationRequest, ModelCard, TextPiece, Usage
from service.backends.fake import FAKE_CARD
from service.bootstrap import App, serve
from service.settings_sources import load_settings
from service.telemetry.logging import configure_logging
from service.testing.__main__ import main as testing


def counting(_control: Connection, directory: Path, words: int, pause_s: float) -> None:
    """Be `python -m service.testing DIRECTORY WORDS PAUSE_S`."""
    testing(directory, words, pause_s)


def command(_control: Connection, *arguments: str) -> None:
    """Be `vaiven ARGUMENTS`."""
    from service.cli.app import main as vaiven

    sys.argv[1:] = arguments
    vaiven()


def stepped(control: Connection, words: int) -> None:
    """Serve a model that says `w1 w2 …`, as many words of each answer as the test has allowed so far.

    Settings come from the environment. An answer ends after `words` words.
    """
    configure_logging("warning", "json")
    model = _Stepped(words)

    def started(app: App) -> None:
        asyncio.get_running_loop().add_reader(control.fileno(), lambda: model.allow(control.recv()))
        sys.stdout.write(json.dumps({"port": app.port, "pid": os.getpid()}) + "\n")
        sys.stdout.flush()

    settings = load_settings({"server": {"address": "127.0.0.1:0"}})
    asyncio.run(serve(settings, started, generators=[model]))


class _Stepped:
    """A `Generator` that waits before each word until it is allowed."""

    def __init__(self, words: int) -> None:
        self._words = words
        self._allowed = 0
        self._more = asyncio.Event()

    @property
    def card(self) -> ModelCard:
        return FAKE_CARD

    def allow(self, words: int) -> None:
        self._allowed = words
        self._more.set()
        self._more = asyncio.Event()

    async def generate(self, request: GenerationRequest) -> AsyncGenerator[GenerationPiece, None]:
        for number in range(1, self._words + 1):
            while self._allowed < number:
                await self._more.wait()
            yield TextPiece(f"w{number} ")
        yield Finished("stop", Usage(await self.count_tokens(request.messages), 0, self._words))

    async def count_tokens(self, messages: Sequence[ChatMessage], *told: Any) -> int:
        return sum(len(message.content.split()) for message in messages)

    async def close(self) -> None:
        self.allow(self._words)
