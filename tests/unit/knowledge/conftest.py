"""A library on a store of its own, and the example knowledge base."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from service.knowledge.full_text import SqliteFullText
from service.knowledge.library import Library
from service.knowledge.limits import KnowledgeLimits
from service.knowledge.records import SourceFile
from service.store.store import Store, open_store

EXAMPLES = Path(__file__).parents[3] / "examples" / "knowledge"


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    async with open_store(tmp_path / "vaiven.db", reader_threads=2) as opened:
        yield opened


@pytest.fixture
def library(store: Store) -> Library:
    return Library(store, SqliteFullText(), KnowledgeLimits())


@pytest.fixture
def example_files() -> list[SourceFile]:
    return [SourceFile(path.name, "", path.read_bytes()) for path in sorted(EXAMPLES.iterdir())]
