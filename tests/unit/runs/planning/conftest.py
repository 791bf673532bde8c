"""A store and what the tools are at."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from service.store.store import Store, open_store
from tests.unit.runs.planning.house import House
from tests.unit.runs.planning.tools import Bench


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    async with open_store(tmp_path / "vaiven.db") as opened:
        yield opened


@pytest.fixture
def bench() -> Bench:
    return Bench()


@pytest.fixture
async def house(store: Store, bench: Bench) -> AsyncIterator[House]:
    built = House(store, bench)
    yield built
    await built.engine.drain(0)
