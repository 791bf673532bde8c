"""The measurements of one model, everyone by turns, and what is kept of them."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

import psutil

from bench.gateway.places import cpu_s, memory_bytes
from bench.local.asks import Load, Reading
from bench.local.prompts import Prompts
from bench.local.systems import Measured
from bench.percentiles import percentile_of

LEVELS: Final = (1, 2, 4, 8, 16, 32)
RUNNING: Final = 8
"""So many answers are being written when a late one comes."""
LATE_IDLE: Final = "late, idle"
LATE: Final = f"late, {RUNNING} run"
_SLOW: Final = 1 / 2
"""Who has less than this share of the fastest's tokens a second is not measured again: it would change no aim."""
_WARM_UP_S: Final = 0.5
_NUMBERS: Final = 1000
"""Requests of one measurement; none is ever asked twice, so that nobody has seen its beginning."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How long what is measured, in seconds; `ramp_s` is the longest wait until all callers have a first token.

    A late one is waited for in `late_s`, in half of it where nothing else goes on.
    """

    repetitions: int
    windows: Mapping[int, float]
    late_s: float
    stagger_s: float
    ramp_s: float
    asks: int

    def loads(self, prompts: Prompts, repetition: int) -> Iterator[tuple[str, Load]]:
        """Yield what is measured, with its name: other requests each time, the same for everyone."""
        named = [(str(level), level) for level in LEVELS] + [(LATE_IDLE, 0), (LATE, RUNNING)]
        for place, (name, callers) in enumerate(named):
            first = _NUMBERS * (1 + repetition * len(named) + place)
            late = name in (LATE_IDLE, LATE)
            yield (
                name,
                Load(
                    callers=callers,
                    seconds=self.windows[callers] if not late else self.late_s if callers else self.late_s / 2,
                    stagger_s=self.stagger_s,
                    ramp_s=self.ramp_s,
                    asks=[prompts.ask(first + at) for at in range(self.asks)],
                    probes=[prompts.probe(first + _NUMBERS // 2 + at) for at in range(self.asks)] if late else [],
                    probe_every_s=self.stagger_s if late else 0.0,
                ),
            )


LARGE: Final = Plan(5, {1: 1.2, 2: 1.2, 4: 1.5, 8: 2.0, 16: 2.5, 32: 3.5}, 3.0, 0.3, 8.0, 96)
# Longer than two rounds of who answers in batches: behind the first tokens of a round nobody's prompt is computed.
SMALL: Final = Plan(5, {1: 0.8, 2: 0.8, 4: 0.8, 8: 0.8, 16: 1.6, 32: 2.5}, 1.6, 0.1, 8.0, 256)
QUICK: Final = Plan(1, dict.fromkeys(LEVELS, 0.5), 1.0, 0.1, 4.0, 64)


@dataclass(slots=True)
class Results:
    """All readings, by what was measured and who, and the most memory of each who, in bytes."""

    readings: dict[tuple[str, str], list[Reading]] = field(default_factory=dict)
    memory: dict[str, int] = field(default_factory=dict)

    def rates(self, what: str, name: str) -> list[float]:
        """Return the tokens a second of each repetition."""
        return [reading.tokens_per_s for reading in self.readings.get((what, name), ())]

    def median(self, what: str, name: str, value: Callable[[Reading], float]) -> float | None:
        """Return the median of the repetitions; None: there are none."""
        found = self.readings.get((what, name))
        return statistics.median(map(value, found)) if found else None

    def cpu_ms(self, what: str, name: str) -> float | None:
        """Return the CPU that a token took, in milliseconds; for a peer with that of its callers."""
        found = self.readings.get((what, name), ())
        costs = [1000 * reading.cpu_s / reading.all_tokens for reading in found if reading.all_tokens]
        return statistics.median(costs) if costs else None

    def first_s(self, what: str, name: str, percentile: float) -> tuple[float, bool] | None:
        """Return a percentile of the times to a first token, and whether it was longer still; None: not measured.

        Who waited in vain until the end counts with the time waited, unless that is shorter than others had to.
        """
        readings = self.readings.get((what, name), ())
        came = [time_s for reading in readings for time_s in reading.first_s]
        usual = statistics.median(came) if came else 0.0
        vain = [time_s for reading in readings for time_s in reading.waited_s if time_s > usual]
        if not came and not vain:
            return None
        at = percentile_of([*came, *vain], percentile)
        return at, bool(vain) and at >= min(vain)

    def lag_s(self, name: str, at: int) -> float:
        """Return a figure of the event loop's lags (0: p50, 1: p99, 2: the largest): the worst level's median."""
        medians = (self.median(str(level), name, lambda reading: reading.lags_s[at]) for level in LEVELS)
        return max((one for one in medians if one is not None), default=0.0)

    def slow(self, what: str) -> frozenset[str]:
        """Return who is not measured again."""
        if not what.isdigit():
            return frozenset()
        rates = {name: statistics.median(self.rates(what, name)) for at, name in self.readings if at == what}
        return frozenset(name for name, rate in rates.items() if rate < _SLOW * max(rates.values()))


async def measure(
    running: Mapping[str, Measured], prompts: Prompts, plan: Plan, end: float, tell: Callable[[str], None]
) -> Results:
    """Measure everyone in turns, each time another one first; after `end` (monotonic) no repetition is begun."""
    results = Results()
    for name, system in running.items():
        tell(f"{name}: once before it counts")
        await system.measure(Load(2, _WARM_UP_S, 0.0, plan.ramp_s, [prompts.ask(at, 8) for at in range(64)]))
    for repetition in range(plan.repetitions):
        if repetition and time.monotonic() > end:
            break
        for what, load in plan.loads(prompts, repetition):
            left_out = results.slow(what) if repetition else frozenset()
            for name in _turned(list(running), repetition):
                if name not in left_out and not (what == LATE and name in results.slow(str(RUNNING)) and repetition):
                    tell(f"{repetition + 1} of {plan.repetitions}, {what}: {name}")
                    await _one(results, what, name, running[name], load)
    return results


async def _one(results: Results, what: str, name: str, system: Measured, load: Load) -> None:
    process = psutil.Process(system.pid)
    before = cpu_s(process)
    reading = replace(await system.measure(load), cpu_s=cpu_s(process) - before)
    results.readings.setdefault((what, name), []).append(reading)
    results.memory[name] = max(results.memory.get(name, 0), memory_bytes(process))


def _turned(names: Sequence[str], by: int) -> Sequence[str]:
    by %= len(names)
    return [*names[by:], *names[:by]]
