"""The process that reads untrusted files: `python -m service.knowledge.worker MEMORY_BYTES TIMEOUT_S`.

It takes jobs on its standard input and gives passages on its standard output, one file after the other, until its input
ends. Its memory and time are bounded by the system where the system can, so that a file made to hurt ends this process
and nothing else. `service.knowledge.parser` is the other side; both speak in frames: four bytes of length, then as many
bytes.
"""

from __future__ import annotations

import json
import math
import os
import signal
import sys
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, BinaryIO, Final

from service.knowledge.blocks import Place
from service.knowledge.chunks import Chunk, ChunkLimits
from service.knowledge.errors import DocumentError, DocumentReason
from service.knowledge.formats import SourceFormat
from service.knowledge.parsing import ParseJob, parse

CHUNKS_PER_FRAME: Final = 100
"""Keeps what the service decodes at a time on its event loop to about a millisecond."""
_GRACE_S: Final = 5
"""The service ends a late process itself; the alarm is for a process whose service is gone."""


def job_to_json(job: ParseJob) -> bytes:
    """Return a job as the first of its two frames; the second is the file."""
    return json.dumps(asdict(job)).encode()


def job_from_json(data: bytes) -> ParseJob:
    """Return the job that `job_to_json` wrote."""
    fields = json.loads(data)
    return ParseJob(**fields | {"format": SourceFormat(fields["format"]), "chunk": ChunkLimits(**fields["chunk"])})


def chunk_from_json(fields: Mapping[str, Any]) -> Chunk:
    """Return a chunk from a frame's JSON."""
    return Chunk(fields["ordinal"], tuple(fields["headings"]), fields["body"], Place(**fields["place"]))


def main() -> None:
    """Serve jobs until the input ends."""
    jobs, answers = sys.stdin.buffer, os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    sys.stdout = sys.stderr  # Whatever a library prints must not get between the frames.
    timeout_s = math.ceil(float(sys.argv[2])) + _GRACE_S
    _bound_memory(int(sys.argv[1]))
    _write_frame(answers, b"{}")
    while (header := _read_frame(jobs)) is not None:
        content = _read_frame(jobs)
        if content is None:
            return
        _set_alarm(timeout_s)
        _answer(answers, job_from_json(header), content)
        _set_alarm(0)


def _answer(answers: BinaryIO, job: ParseJob, content: bytes) -> None:
    cause = ""
    try:
        document = parse(job, content)
    except DocumentError as error:
        failure = error
    except MemoryError:
        failure = DocumentError(
            f"{job.name!r} needs too much memory to be read; split it or send its text.",
            reason=DocumentReason.TOO_COMPLEX,
        )
        cause = "MemoryError"
    except Exception as error:  # noqa: BLE001 - what a parser throws at a broken file cannot be listed
        failure = DocumentError(f"{job.name!r} is broken and cannot be read; save it again or send its text.")
        cause = type(error).__name__
    else:
        chunks = [asdict(one) for one in document.chunks]
        for begin in range(0, len(chunks), CHUNKS_PER_FRAME):
            _write_frame(answers, json.dumps({"chunks": chunks[begin : begin + CHUNKS_PER_FRAME]}).encode())
        _write_frame(answers, json.dumps({"title": document.title}).encode())
        return
    _write_frame(
        answers,
        json.dumps({"error": {"reason": failure.reason, "message": failure.message}, "cause": cause}).encode(),
    )


def _read_frame(stream: BinaryIO) -> bytes | None:
    length = stream.read(4)
    if len(length) < 4:
        return None
    size = int.from_bytes(length, "big")
    data = stream.read(size)
    return data if len(data) == size else None


def _write_frame(stream: BinaryIO, data: bytes) -> None:
    stream.write(len(data).to_bytes(4, "big") + data)
    stream.flush()


def _bound_memory(limit_bytes: int) -> None:
    if sys.platform == "linux":
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (limit_bytes, limit_bytes))


def _set_alarm(seconds: int) -> None:
    """Let the system end this process in `seconds`; 0: not any more."""
    if sys.platform != "win32":
        signal.alarm(seconds)


if __name__ == "__main__":
    main()
