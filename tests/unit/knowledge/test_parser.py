"""The process that reads files: bounded, replaced when a file ends it, gone when it is not needed."""

import asyncio
import shutil
import sys
from dataclasses import replace

import psutil
import pytest

from service.errors import UnavailableError
from service.knowledge.errors import DocumentError, DocumentReason
from service.knowledge.limits import KnowledgeLimits
from service.knowledge.parser import Parser

LIMITS = KnowledgeLimits()
SLOW = b"*a _b " * 300_000
"""Takes a Markdown parser minutes."""


def workers() -> list[psutil.Process]:
    return [child for child in psutil.Process().children() if "service.knowledge.worker" in " ".join(child.cmdline())]


async def test_a_file_that_takes_too_long_is_given_up_and_the_next_is_read() -> None:
    async with Parser(replace(LIMITS, parse_timeout_s=0.4)) as parser:
        with pytest.raises(DocumentError) as raised:
            await parser.parse("slow.md", "", SLOW)
        assert raised.value.reason == DocumentReason.PARSE_TIMEOUT
        assert "'slow.md'" in raised.value.message
        document = await parser.parse("next.txt", "", b"Next.")
        assert [one.body for one in document.chunks] == ["Next."]
    assert workers() == []


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux bounds a process's memory here")
async def test_a_file_that_needs_too_much_memory_fails_alone() -> None:
    async with Parser(replace(LIMITS, parse_memory_bytes=64_000_000)) as parser:
        with pytest.raises(DocumentError) as raised:
            await parser.parse("wide.txt", "", b"a\n\n" * 300_000)
        assert raised.value.reason == DocumentReason.TOO_COMPLEX
        assert (await parser.parse("next.txt", "", b"Next.")).chunks


async def test_a_process_that_dies_is_replaced() -> None:
    async with Parser(LIMITS) as parser:
        await parser.parse("first.txt", "", b"First.")
        for worker in workers():
            worker.kill()
        with pytest.raises(DocumentError) as raised:
            await parser.parse("fatal.txt", "", b"Fatal.")
        assert raised.value.reason == DocumentReason.TOO_COMPLEX
        assert (await parser.parse("next.txt", "", b"Next.")).chunks


async def test_cancelling_ends_the_process() -> None:
    async with Parser(LIMITS) as parser:
        await parser.parse("first.txt", "", b"First.")
        reading = asyncio.create_task(parser.parse("slow.md", "", SLOW))
        await asyncio.sleep(0)
        reading.cancel()
        with pytest.raises(asyncio.CancelledError):
            await reading
        assert workers() == []


@pytest.mark.parametrize("executable", [shutil.which("false") or "", "/nowhere/python"])
async def test_a_process_that_cannot_start_is_worded(executable: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", executable)
    async with Parser(LIMITS) as parser:
        with pytest.raises(UnavailableError) as raised:
            await parser.parse("a.txt", "", b"A.")
    assert raised.value.reason == "PARSER_UNAVAILABLE"


async def test_many_passages_come_whole_and_in_order() -> None:
    async with Parser(LIMITS) as parser:
        text = "".join(f"# {number}\n\nWord {number}.\n\n" for number in range(1, 1001))
        document = await parser.parse("many.md", "", text.encode())
    assert [one.body for one in document.chunks] == [f"Word {number}." for number in range(1, 1001)]
    assert [one.ordinal for one in document.chunks] == list(range(1, 1001))
    assert document.chunks[999].location == "1000, line 3999"
