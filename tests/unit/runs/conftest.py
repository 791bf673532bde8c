"""A store in a temporary directory and an engine whose agent is a function of the test."""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from service.runs.engine import RunEngine, RunLimits
from service.runs.events import RunEvent
from service.runs.scope import RunScope
from service.runs.spec import LOCAL_PRINCIPAL, Principal, RunSpec
from service.store.store import Store, open_store

Script = Callable[[RunScope], Awaitable[None]]


class ScriptedAgent:
    """Does what `script` says; remembers what it was asked."""

    def __init__(self) -> None:
        self.script: Script = _nothing
        self.asked: list[RunSpec] = []
        self.refusal: Exception | None = None

    async def check(self, principal: Principal, spec: RunSpec) -> None:
        if self.refusal is not None:
            raise self.refusal

    async def perform(self, scope: RunScope) -> str:
        self.asked.append(scope.spec)
        await self.script(scope)
        return scope.spec.input


async def _nothing(_scope: RunScope) -> None:
    return None


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    async with open_store(tmp_path / "vaiven.db") as opened:
        yield opened


@pytest.fixture
def agent() -> ScriptedAgent:
    return ScriptedAgent()


@pytest.fixture
async def engine(store: Store, agent: ScriptedAgent) -> AsyncIterator[RunEngine]:
    engine = RunEngine(store, agent, RunLimits(max_concurrent=4))
    yield engine
    await engine.drain(0)


async def events_of(engine: RunEngine, name: str, after: int = 0) -> list[RunEvent]:
    return [event async for event in engine.follow(LOCAL_PRINCIPAL, name, after)]
