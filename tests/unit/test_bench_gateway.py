"""The gateway's benchmark: its upstream answers as it says, its ways read that, its figures are what they mean."""

from __future__ import annotations

import asyncio
from pathlib import Path

import aiohttp
import grpc.aio
import pytest

from bench.child import child
from bench.gateway.answers import ALL, CALL, STREAM, Asked
from bench.gateway.callers import HttpCaller, ServiceCaller, Timed, WrongAnswerError
from bench.gateway.measure import DIRECT, PacedWindow, Results, Way, Window, measure
from bench.gateway.places import cores, on_cores
from bench.gateway.report import VAIVEN, tables
from bench.gateway.served import settings_for
from service.bootstrap import open_app
from service.economics.usage import UsageQuery
from service.testing.client import add_key


def window(per_s: float, p50_ms: float) -> Window:
    return Window(per_s, p50_ms, p50_ms, p50_ms, cpu_ms=1.0, clients_busy=0.5)


@pytest.mark.parametrize("keyed", [False, True])
async def test_the_upstream_is_asked_directly_and_through_the_service(tmp_path: Path, keyed: bool) -> None:
    keys_file = tmp_path / "keys.json" if keyed else None
    async with child("bench.gateway.upstream") as upstream:
        url = await upstream.line()
        settings = settings_for(url, tmp_path, keys_file)
        key = add_key(settings, "local") if keyed else None
        async with aiohttp.ClientSession() as session:
            direct = HttpCaller(session, url)
            for asked in ALL:
                timed = await direct.ask(asked)
                assert timed.asked < timed.first_text <= timed.last_text <= timed.ended
        async with (
            open_app(settings) as app,
            grpc.aio.insecure_channel(f"127.0.0.1:{app.port}") as channel,
        ):
            service = ServiceCaller(channel, key)
            await service.set_budgets()
            await asyncio.gather(*(service.ask(asked) for asked in (CALL, STREAM) for _ in range(3)))
            usage = await app.ports.usage.get("local", UsageQuery())
        assert [(record.generations, record.usage.output_tokens) for record in usage.items] == [(6, 360)]


async def test_an_answer_that_is_not_the_expected_one_is_no_measurement() -> None:
    async with child("bench.gateway.upstream") as upstream, aiohttp.ClientSession() as session:
        direct = HttpCaller(session, await upstream.line())
        with pytest.raises(WrongAnswerError, match="404"):
            await direct.ask(Asked("something else", 3, streamed=True))
        with pytest.raises(WrongAnswerError, match="instead of"):
            await direct.ask(Asked(STREAM.prompt, 3, streamed=True))


async def test_each_way_takes_each_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bench.gateway.measure.SPREAD_S", 0.0)

    class Counting:
        def __init__(self) -> None:
            self.asked: list[Asked] = []

        async def ask(self, asked: Asked) -> Timed:
            self.asked.append(asked)
            now = asyncio.get_running_loop().time()
            return Timed(now, now, now, now)

    ways = [Way(name, Counting()) for name in (DIRECT, VAIVEN)]
    results = await measure(ways, rounds=2, seconds=0.0, told=lambda _: None)
    assert {len(windows) for windows in results.windows.values()} == {2}
    assert {len(windows) for windows in results.paced.values()} == {2}
    assert {asked for way in ways for asked in way.caller.asked} == set(ALL)  # type: ignore[attr-defined]


def test_what_is_added_is_taken_round_by_round() -> None:
    rounds = {DIRECT: [(100.0, 1.0), (90.0, 5.0), (80.0, 2.0)], VAIVEN: [(50.0, 3.0), (40.0, 6.0), (30.0, 9.0)]}
    results = Results(
        windows={(a, n, name): [window(*one) for one in said] for a in (CALL, STREAM) for n in (1, 16, 64)
                 for name, said in rounds.items()},
        paced={name: [PacedWindow(0.01, 0.2, 0.5)] for name in rounds},
        memory_bytes={VAIVEN: 150_000_000},
    )  # fmt: skip
    assert results.added(CALL, 1, VAIVEN, lambda one: one.p50_ms) == 2.0
    assert results.median(CALL, 1, VAIVEN, lambda one: one.per_s) == 40.0
    *_, aims = tables(results, [Way(DIRECT, None), Way(VAIVEN, None)])  # type: ignore[arg-type]
    assert list(aims.columns[3].cells) == ["no", "no", "yes", "no", "yes"]


@pytest.mark.skipif(not cores(), reason="this system binds no process to a core")
def test_a_core_is_left_again() -> None:
    before = cores()
    with on_cores({before[0]}):
        assert cores() == before[:1]
    assert cores() == before
