"""What was found, as tables that read well on a screen and in a document, and whether the aims were reached."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from rich import box
from rich.table import Table

from bench.local.measure import LATE, LATE_IDLE, LEVELS, Results
from bench.local.systems import ALONE, NAMES, VAIVEN

LEAST_ALONE: Final = 0.95
LEAST_TOGETHER: Final = 1.15
TOGETHER: Final = 4
MOST_LATER: Final = 2.0
MOST_LAG_S: Final = 0.005


@dataclass(frozen=True, slots=True)
class Found:
    """All of one model; `bandwidth` is bytes a second and `weights` bytes, both None where the weights fit a cache."""

    results: Results
    missing: Mapping[str, str]
    weights: int | None = None
    bandwidth: float | None = None


def tables(found: Found) -> list[Table]:
    """Return the figures."""
    return [_rates(found), _times(found), *([_alone(found)] if found.bandwidth and found.weights else [])]


def _table(title: str, *columns: str) -> Table:
    shown = Table(title=title, title_justify="left", box=box.MARKDOWN)
    for column in columns:
        shown.add_column(column, justify="left" if column == columns[0] else "right", no_wrap=True)
    return shown


def _rates(found: Found) -> Table:
    results = found.results
    columns = (*map(str, LEVELS), "CPU ms, 1", "8")
    shown = _table("tokens/s by requests at once, and milliseconds of CPU a token", "who", *columns)
    for name in NAMES:
        if name in found.missing:
            shown.add_row(name, "absent")
            continue
        cells = []
        for level in LEVELS:
            rate = results.median(str(level), name, lambda reading: reading.tokens_per_s)
            fewer = "" if len(results.rates(str(level), name)) == _repetitions(results) else "*"
            cells.append("" if rate is None else f"{rate:,.0f}{fewer}")
        costs = [results.cpu_ms(level, name) for level in ("1", "8")]
        shown.add_row(name, *cells, *("" if cost is None else f"{cost:.2f}" for cost in costs))
    peers = [_fastest_peer(results, level) for level in LEVELS]
    ours = [results.median(str(level), VAIVEN, lambda reading: reading.tokens_per_s) or 0.0 for level in LEVELS]
    ratios = [f"{our / peer:.2f}" if peer else "" for our, peer in zip(ours, peers, strict=True)]
    shown.add_row(f"{VAIVEN} ÷ fastest peer", *ratios)
    return shown


def _times(found: Found) -> Table:
    results = found.results
    columns = ("idle p50", "p99", "8 run p50", "p99", "loop lag p50", "p99", "largest", "memory")
    shown = _table("first token of a late arrival, lag of the event loop, memory", "who", *columns)
    for name in results.memory:
        first = [_first(results, what, name, at) for what in (LATE_IDLE, LATE) for at in (50, 99)]
        lags = [f"{results.lag_s(name, at) * 1000:,.1f} ms" for at in (0, 1, 2)]
        shown.add_row(name, *first, *lags, f"{results.memory[name] / 1e6:,.0f} MB")
    return shown


def _alone(found: Found) -> Table:
    assert found.bandwidth is not None
    assert found.weights is not None
    bound = found.bandwidth / found.weights
    shown = _table("one answer after its first token, and what memory allows", "who", "tokens/s", "of the bound")
    for name in found.results.memory:
        steady = found.results.median("1", name, lambda reading: reading.steady)
        if steady:
            shown.add_row(name, f"{steady:,.1f}", f"{steady / bound:.0%}" if name != "transformers" else "(32 bits)")
    words = f"{found.bandwidth / 1e9:.1f} GB/s ÷ {found.weights / 1e6:.0f} MB of weights"
    shown.add_row(words, f"{bound:,.1f}", "100%")
    return shown


def _first(results: Results, what: str, name: str, percentile: float) -> str:
    figure = results.first_s(what, name, percentile)
    return "" if figure is None else f"{'>' if figure[1] else ''}{figure[0] * 1000:,.0f} ms"


def _repetitions(results: Results) -> int:
    return max(map(len, results.readings.values()))


def _fastest_peer(results: Results, level: int) -> float:
    rates = [
        results.median(str(level), name, lambda reading: reading.tokens_per_s) or 0.0
        for name in results.memory
        if name not in (VAIVEN, ALONE)
    ]
    return max(rates, default=0.0)


def absent(found: Found) -> Sequence[str]:
    """Return who does not take part, and why."""
    return [f"{name} is absent: {reason}" for name, reason in found.missing.items()]


def aims(found: Found) -> Sequence[str]:
    """Return each aim with what became of it."""
    results, lines = found.results, []
    for level in LEVELS:
        least = LEAST_ALONE if level == 1 else LEAST_TOGETHER if level >= TOGETHER else 0.0
        ours = results.median(str(level), VAIVEN, lambda reading: reading.tokens_per_s)
        if least and ours and (peer := _fastest_peer(results, level)):
            lines.append(_line(f"{level} at once, ÷ fastest peer, at least {least}", ours / peer, ours / peer >= least))
    for percentile in (50, 99):
        idle, late = (results.first_s(what, VAIVEN, percentile) for what in (LATE_IDLE, LATE))
        if idle and late:
            ratio = late[0] / idle[0]
            words = f"p{percentile} of a late arrival's first token ÷ that of an idle engine, at most {MOST_LATER:g}"
            lines.append(_line(words, ratio, ratio <= MOST_LATER and not late[1]))
    lag = results.lag_s(VAIVEN, 1)
    lines.append(_line(f"p99 of the loop's lag in ms, below {MOST_LAG_S * 1000:g}", lag * 1000, lag < MOST_LAG_S))
    return lines


def _line(words: str, figure: float, kept: bool) -> str:
    return f"{words}: {figure:.2f}, {'kept' if kept else 'not kept here'}"
