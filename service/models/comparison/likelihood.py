"""The service's end of the process that reads a text with a model; see `service.backends.onnx.scoring`."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import sys
from collections.abc import Callable, Mapping
from typing import Any, Final

import orjson

from service.backends.onnx.process import worker_environment
from service.backends.onnx.scoring_order import Scored, ScoringOrder
from service.errors import ModelLoadError

_LINE_BYTES: Final = 64 * 1024
_DIED: Final = "its process ended before it had read the text; there may be too little memory."


async def read_text(order: ScoringOrder, inherited: Mapping[str, str], done: Callable[[int], None]) -> Scored:
    """Let a process of its own read the text; `done` is told how many tokens were judged.

    Raises:
        ModelLoadError: The model cannot be loaded, or cannot read it.
    """
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "service.backends.onnx.scoring",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env=worker_environment(inherited),
        limit=_LINE_BYTES,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        with contextlib.suppress(ConnectionError):  # it ended at once, which its output will tell
            process.stdin.write(orjson.dumps(dataclasses.asdict(order)) + b"\n")
            await process.stdin.drain()
            process.stdin.close()
        async for line in process.stdout:
            answer: dict[str, Any] = orjson.loads(line)
            if (found := answer.get("found")) is not None:
                return Scored(**found)
            if (error := answer.get("error")) is not None:
                raise ModelLoadError(error)
            done(int(answer["done"]))
        raise ModelLoadError(_DIED)
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()
