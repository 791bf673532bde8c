"""What a knowledge base takes at most."""

from __future__ import annotations

from dataclasses import dataclass, field

from service.knowledge.chunks import ChunkLimits


@dataclass(frozen=True, slots=True)
class KnowledgeLimits:
    """Bounds on ingest and search; each can be set.

    `max_file_bytes`: size of one file. `max_pages`: of a PDF. `max_text_chars` and `max_passages`: what is found in one
    file, which bounds how long its storing keeps other writes waiting. `parse_timeout_s`: time to read one file.
    `parse_memory_bytes`: memory of the process that reads files, where the system can bound it (Linux).
    `parallel_parses`: how many such processes run at once. `max_results`: passages of one search.
    """

    max_file_bytes: int = 16_000_000
    max_pages: int = 500
    max_text_chars: int = 2_000_000
    max_passages: int = 20_000
    parse_timeout_s: float = 30.0
    parse_memory_bytes: int = 1_073_741_824
    parallel_parses: int = 2
    max_results: int = 100
    chunk: ChunkLimits = field(default_factory=ChunkLimits)
