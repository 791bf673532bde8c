"""Reads files in a process of their own, so that no file can block, fill or end the service."""

from __future__ import annotations

import asyncio
import json
import sys
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

import structlog

from service.errors import UnavailableError
from service.knowledge.chunks import Chunk
from service.knowledge.errors import DocumentError, DocumentReason
from service.knowledge.formats import detect
from service.knowledge.limits import KnowledgeLimits
from service.knowledge.parsing import ParsedDocument, ParseJob
from service.knowledge.worker import chunk_from_json, job_to_json

_log = structlog.get_logger(__name__)

_START_TIMEOUT_S: Final = 60.0
_WRITE_BYTES: Final = 65_536
_ROOT: Final = Path(__file__).resolve().parents[2]


class Parser:
    """Reads files one after the other; its process starts with the first and is replaced when a file ends it.

    Use it as an asynchronous context manager: leaving it ends the process.
    """

    def __init__(self, limits: KnowledgeLimits) -> None:
        """Read within `limits`."""
        self._limits = limits
        self._process: asyncio.subprocess.Process | None = None

    async def __aenter__(self) -> Self:
        """Return self; nothing is started yet."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the process."""
        await self._end()

    async def parse(self, name: str, media_type: str, content: bytes) -> ParsedDocument:
        """Return the passages of a file.

        Raises:
            DocumentError: It cannot be read.
            UnavailableError: No process can be started.
        """
        job = ParseJob(
            name=name,
            media_type=media_type,
            format=detect(name, media_type),
            max_pages=self._limits.max_pages,
            max_text_chars=self._limits.max_text_chars,
            max_passages=self._limits.max_passages,
            chunk=self._limits.chunk,
        )
        process = self._process
        if process is None or process.returncode is not None:
            process = await self._start()
        whole = False
        try:
            async with asyncio.timeout(self._limits.parse_timeout_s):
                document = await _exchange(process, job, content)
            whole = True
        except DocumentError:
            whole = True
            raise
        except TimeoutError as error:
            raise DocumentError(
                f"{name!r} takes longer than {self._limits.parse_timeout_s:g} s to read; split it or send its text.",
                reason=DocumentReason.PARSE_TIMEOUT,
            ) from error
        except (asyncio.IncompleteReadError, ConnectionError) as error:
            _log.warning("document_ended_parser", exit_status=process.returncode)
            raise DocumentError(
                f"{name!r} needs too much memory or time to be read; split it or send its text.",
                reason=DocumentReason.TOO_COMPLEX,
            ) from error
        finally:
            if not whole:
                await self._end()
        return document

    async def _start(self) -> asyncio.subprocess.Process:
        try:
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "service.knowledge.worker",
                str(self._limits.parse_memory_bytes),
                str(self._limits.parse_timeout_s),
                cwd=_ROOT,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.DEVNULL,
                start_new_session=True,  # Ctrl-C at the terminal is for the service, which ends this process itself.
            )
            self._process = process
            async with asyncio.timeout(_START_TIMEOUT_S):
                await _read_frame(process)
        except (TimeoutError, OSError, asyncio.IncompleteReadError) as error:
            await self._end()
            raise UnavailableError(
                "The process that reads documents does not start; the operator finds out by starting "
                "`python -m service.knowledge.worker` by hand.",
                reason="PARSER_UNAVAILABLE",
            ) from error
        return process

    async def _end(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        if process.returncode is None:
            with suppress(ProcessLookupError):  # It ended by itself.
                process.kill()
        await process.wait()


async def _exchange(process: asyncio.subprocess.Process, job: ParseJob, content: bytes) -> ParsedDocument:
    assert process.stdin is not None
    for data in (job_to_json(job), content):
        process.stdin.write(len(data).to_bytes(4, "big"))
        for begin in range(0, len(data), _WRITE_BYTES):
            process.stdin.write(data[begin : begin + _WRITE_BYTES])
            await process.stdin.drain()
    chunks: list[Chunk] = []
    while True:
        frame = await _read_frame(process)
        if "chunks" in frame:
            chunks.extend(map(chunk_from_json, frame["chunks"]))
            continue
        if "error" in frame:
            if frame["cause"]:
                _log.warning("document_broken", cause=frame["cause"], format=job.format.value)
            error = frame["error"]
            raise DocumentError(error["message"], reason=DocumentReason(error["reason"]))
        return ParsedDocument(frame["title"], chunks)


async def _read_frame(process: asyncio.subprocess.Process) -> dict[str, Any]:
    assert process.stdout is not None
    length = int.from_bytes(await process.stdout.readexactly(4), "big")
    frame: dict[str, Any] = json.loads(await process.stdout.readexactly(length))
    return frame
