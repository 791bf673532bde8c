"""What the benchmarks compute from their readings, and that a loop that stands still is not praised for it."""

from __future__ import annotations

import asyncio

import pytest

from bench import lag, mails
from bench.percentiles import percentile_of
from bench.throughput import SEQUENTIAL, SERVICE, THREADED, Reading, Readings, equal_answers, table


@pytest.mark.parametrize(("percentile", "expected"), [(0, 1.0), (50, 2.5), (99, 3.97), (100, 4.0)])
def test_a_percentile_lies_between_two_values_in_proportion(percentile: float, expected: float) -> None:
    assert percentile_of([4.0, 1.0, 3.0, 2.0], percentile) == pytest.approx(expected)


def test_readings_give_medians_of_their_repetitions() -> None:
    readings = Readings([Reading(rate, [rate / 10], ["text"]) for rate in (30.0, 10.0, 20.0)])
    assert (readings.tokens_per_s, readings.spread, readings.first_text_s(50)) == (20.0, (10.0, 30.0), 2.0)


def test_each_row_has_its_ratio_to_the_faster_bare_engine() -> None:
    rates = {SERVICE: 50.0, SEQUENTIAL: 80.0, THREADED: 100.0}
    results = {(4, name): Readings([Reading(rate, [0.1], ["text"])]) for name, rate in rates.items()}
    results |= {(n, s): Readings([Reading(1.0, [0.1], ["text "])]) for n in (1, 16) for s in (SERVICE, SEQUENTIAL)}
    ratios = list(table(results, 1).columns[6].cells)
    assert ratios == ["1.00", "1.00", "0.50", "0.80", "1.00", "1.00", "1.00"]
    assert equal_answers(results) == (3, 3)


def test_no_two_requests_are_alike() -> None:
    asked = [mails.messages(number)[1]["content"] for number in range(80)]
    assert len(set(asked)) == 80


async def test_a_loop_that_stands_still_is_late_for_every_millisecond_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    class Clock:
        now = 0.0
        slept = 0

        def time(self) -> float:
            return self.now

    clock = Clock()

    async def sleep(seconds: float) -> None:
        clock.slept += 1
        clock.now += seconds + (0.0095 if clock.slept == 5 else 0.0)

    monkeypatch.setattr(asyncio, "get_running_loop", lambda: clock)
    monkeypatch.setattr(asyncio, "sleep", sleep)
    found = await lag.lags(0.05)
    assert len(found) == pytest.approx(49, abs=1)
    assert sorted(found)[-10:] == pytest.approx([0.0005 + step / 1000 for step in range(10)])


async def test_the_wait_for_a_core_is_told_where_the_system_knows_it(monkeypatch: pytest.MonkeyPatch) -> None:
    known = (await lag.watch(0.005)).core_wait_s
    assert known is None or known >= 0
    monkeypatch.setattr("bench.lag.sys.platform", "win32")
    assert (await lag.watch(0.005)).core_wait_s is None
