"""What `bench.local` counts and says: tokens of the time that counts, waits in vain, aims, absent peers."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from bench.local.asks import Ask, Load, Reading, Reckoning, load_of, reading_of
from bench.local.callers import Callers
from bench.local.measure import LATE, LATE_IDLE, LEVELS, QUICK, Results
from bench.local.own_engine import OwnEngine
from bench.local.peers.threaded import Threaded
from bench.local.prompts import Prompts
from bench.local.report import Found, absent, aims, tables
from bench.local.soak import growth
from bench.local.systems import ALONE, NAMES, VAIVEN, Environment, random_model
from service.testing.tiny_model import TINY_MODEL_DIR

ASK = Ask(1, "system", "user", 4, [1, 2, 3])


class Steps:
    """Answers each request in steps of which the test opens the gate."""

    def __init__(self, tokens: int) -> None:
        self.tokens = tokens
        self.asked = 0
        self.ended = 0
        self.gate = asyncio.Event()
        self.gate.set()

    async def answer(self, ask: Ask) -> AsyncGenerator[float, None]:
        self.asked += 1
        try:
            for _ in range(self.tokens):
                await self.gate.wait()
                await asyncio.sleep(0)
                yield 1.0
        finally:
            self.ended += 1

    async def settle(self) -> None:
        assert self.asked == self.ended


def load(callers: int, seconds: float, *, probes: bool = False) -> Load:
    return Load(callers, seconds, 0.0, 1.0, [ASK], [ASK] if probes else [], 0.001 if probes else 0.0)


async def test_every_answer_ends_and_tokens_before_the_time_do_not_count() -> None:
    answerer = Steps(4)
    reading = await Callers(answerer, load(3, 0.02)).measure()
    assert 0 < reading.tokens < reading.all_tokens
    assert reading.finished > 3
    assert reading.first_s == []


async def test_a_late_arrival_that_waits_in_vain_counts_with_its_wait() -> None:
    answerer = Steps(1)
    answerer.gate.clear()
    reading = await Callers(answerer, load(0, 0.02, probes=True)).measure()
    assert reading.first_s == []
    assert reading.waited_s[0] == pytest.approx(reading.seconds, abs=0.01)
    results = Results({(LATE, VAIVEN): [reading]})
    figure = results.first_s(LATE, VAIVEN, 50)
    assert figure == (reading.waited_s[0], True)


async def test_an_answerer_that_never_waits_is_stopped_when_the_time_is_up() -> None:
    class Greedy(Steps):
        async def answer(self, ask: Ask) -> AsyncGenerator[float, None]:
            while True:
                yield 1.0

    reading = await asyncio.wait_for(Callers(Greedy(1), Load(2, 0.05, 0.0, 0.05, [ASK])).measure(), 30)
    assert reading.tokens > 0
    assert reading.finished == 0


async def test_an_answerer_that_fails_ends_the_measurement() -> None:
    class Broken(Steps):
        async def answer(self, ask: Ask) -> AsyncGenerator[float, None]:
            raise RuntimeError("no model")
            yield 0.0

    with pytest.raises(RuntimeError, match="no model"):
        await Callers(Broken(1), load(2, 5.0)).measure()


async def test_the_engine_alone_counts_each_token_once() -> None:
    engine = Threaded(lambda: OwnEngine(TINY_MODEL_DIR, 1, 4, guesses=False))
    await engine.start()
    asks = [Prompts(TINY_MODEL_DIR).ask(number, 12) for number in range(3)]

    async def tokens(ask: Ask) -> float:
        return sum([amount async for amount in engine.answer(ask)])

    assert [round(count) for count in await asyncio.gather(*map(tokens, asks))] == [12, 12, 12]
    left = engine.answer(asks[0])
    await anext(left)
    await left.aclose()
    await asyncio.wait_for(engine.settle(), 30)
    await engine.close()


def test_requests_are_never_asked_twice_and_are_the_same_for_everyone() -> None:
    prompts = Prompts(TINY_MODEL_DIR)
    loads = [load for repetition in range(2) for _, load in QUICK.loads(prompts, repetition)]
    numbers = [ask.number for load in loads for ask in (*load.asks, *load.probes)]
    assert len(set(numbers)) == len(numbers)
    assert prompts.ask(7) == prompts.ask(7)
    assert load_of(loads[-1].line()).probes[0] == loads[-1].probes[0]


def test_readings_go_through_a_line() -> None:
    reading = Reading(10.0, 2.0, 1, 12.0, 5.0, [0.1], [0.2], [0.1, 0.2, 0.3], None)
    assert reading_of(reading.line()) == reading
    assert reading.tokens_per_s == 5.0


def results(ours: float, peer: float, late_s: float = 0.1) -> Results:
    found = Results(memory={VAIVEN: 10**6, ALONE: 10**6, "genai Engine": 10**6})
    for name, rate in ((VAIVEN, ours), (ALONE, 1000.0), ("genai Engine", peer)):
        for level in LEVELS:
            found.readings[str(level), name] = [Reading(rate, 1.0, 1, rate, lags_s=[0.0, 0.004, 0.01])]
        found.readings[LATE_IDLE, name] = [Reading(0, 1.0, 1, first_s=[0.1])]
        found.readings[LATE, name] = [Reading(0, 1.0, 1, first_s=[late_s])]
    return found


def test_aims_compare_with_the_fastest_peer_and_not_with_the_engine_alone() -> None:
    lines = aims(Found(results(120.0, 100.0), {}))
    assert [line.rpartition(", ")[2] for line in lines] == ["kept"] * 8
    lines = aims(Found(results(90.0, 100.0, late_s=0.3), {}))
    assert [line.rpartition(", ")[2] for line in lines] == ["not kept here"] * 7 + ["kept"]


def test_who_is_far_slower_is_not_measured_again() -> None:
    assert results(510.0, 300.0).slow("8") == {"genai Engine"}
    assert results(510.0, 300.0).slow(LATE) == frozenset()


async def test_what_an_environment_lacks_is_named() -> None:
    environment = Environment(Path(sys.executable))
    assert await environment.lacks(["json", "no_such_peer"]) == "not installed: no_such_peer"
    assert await environment.lacks(["json"]) == ""


async def test_an_absent_peer_is_a_row_that_says_so() -> None:
    reason = await Environment(None).lacks(["torch"])
    found = Found(results(1.0, 1.0), {"llama.cpp": reason}, 10**8, 10**10)
    first = tables(found)[0]
    assert "absent" in list(first.columns[1].cells)
    assert len(list(first.columns[0].cells)) == len(NAMES) + 1
    assert absent(found) == ["llama.cpp is absent: its environment was not named (--peers)"]


def test_growth_is_from_the_second_quarter_to_the_last() -> None:
    assert growth([(at, 100 if at < 30 else 110) for at in range(40)]) == pytest.approx(0.1)


async def test_no_environment_is_needed_where_the_random_model_is_there(tmp_path: Path) -> None:
    _, lacking = await random_model(Environment(None), TINY_MODEL_DIR, tmp_path)
    assert "--peers" in lacking
    (tmp_path / "random-600m").mkdir()
    (tmp_path / "random-600m" / "genai_config.json").write_text("{}", encoding="utf-8")
    model, lacking = await random_model(Environment(None), TINY_MODEL_DIR, tmp_path)
    assert lacking == ""
    assert (model / "SHA256SUMS").is_file()


def test_text_is_reckoned_in_tokens_as_in_the_answers_before() -> None:
    reckoning = Reckoning()
    assert reckoning.tokens("eight ch") == 2
    reckoning.learn(999, 1996)
    assert reckoning.tokens("eight ch") == 4
