"""What is asked and what is found, as it goes through the pipe to a peer; peers have no library of the service."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from bench.lag import Watched
from bench.percentiles import percentile_of


class Reckoning:
    """How many tokens a text is, of whoever tells it at the end of an answer only: as in the answers before."""

    def __init__(self) -> None:
        """Begin with four characters a token, which the first answer puts right."""
        self._tokens, self._chars = 1, 4

    def tokens(self, text: str) -> float:
        """Return how many tokens `text` is likely to be."""
        return len(text) * self._tokens / self._chars

    def learn(self, tokens: int, chars: int) -> None:
        """Take note of an answer."""
        self._tokens += tokens
        self._chars += chars


@dataclass(frozen=True, slots=True)
class Ask:
    """One request: two messages, the tokens that they are with the chat template, and the longest answer."""

    number: int
    system: str
    user: str
    max_tokens: int
    prompt: Sequence[int]


@dataclass(frozen=True, slots=True)
class Load:
    """What is measured: `callers` who ask one after the other, and with `probe_every_s` one more who comes late.

    The callers begin over `stagger_s` seconds. Counting begins when each has the first token of an answer, or after
    `ramp_s`, and lasts for `seconds`. A late one asks, waits for the end of its answer and pauses; 0: there is none.
    """

    callers: int
    seconds: float
    stagger_s: float
    ramp_s: float
    asks: Sequence[Ask]
    probes: Sequence[Ask] = ()
    probe_every_s: float = 0.0

    def line(self) -> str:
        """Return it as a line."""
        return json.dumps(dataclasses.asdict(self))


@dataclass(frozen=True, slots=True)
class Reading:
    """What was found: tokens in `seconds`, and seconds to the first token of those who came late.

    `all_tokens` also has those that came before and after. `waited_s` is how long a late one waited in vain until the
    end. `lags_s` are those of the event loop beside the engine, p50, p99 and the largest; `core_wait_s` how long of it
    no core was free, None where that is not known. `cpu_s` is the seconds of CPU of the process and its children.
    `steady` is the tokens a second of lone answers after their first token, 0 where there was none.
    """

    tokens: float
    seconds: float
    finished: int
    all_tokens: float = 0.0
    steady: float = 0.0
    first_s: Sequence[float] = field(default_factory=list)
    waited_s: Sequence[float] = field(default_factory=list)
    lags_s: Sequence[float] = (0.0, 0.0, 0.0)
    core_wait_s: float | None = None
    cpu_s: float = 0.0

    @property
    def tokens_per_s(self) -> float:
        """Return the tokens a second of all callers together."""
        return self.tokens / self.seconds

    def line(self) -> str:
        """Return it as a line."""
        return json.dumps(dataclasses.asdict(self))


def load_of(line: str) -> Load:
    """Return what `Load.line` wrote."""
    fields: dict[str, Any] = json.loads(line)
    for name in ("asks", "probes"):
        fields[name] = [Ask(**ask) for ask in fields[name]]
    return Load(**fields)


def reading_of(line: str) -> Reading:
    """Return what `Reading.line` wrote."""
    return Reading(**json.loads(line))


def lag_figures(watched: Watched) -> list[float]:
    """Return the lags of an event loop as p50, p99 and the largest, in seconds."""
    lags = watched.lags or [0.0]
    return [percentile_of(lags, 50), percentile_of(lags, 99), max(lags)]
