"""How long a generation will take, by what the last ones of a deployment took."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from service.backends.base import Finished

NEWEST_SHARE: Final = 0.2
"""The weight of the newest generation in each average; the one of five generations ago still has a third of that."""

PRIOR_FIRST_TOKEN_S: Final = {"local": 0.5, "cloud": 1.0}
PRIOR_TOKENS_PER_S: Final = {"local": 30.0, "cloud": 60.0}
"""What is assumed of a deployment that has not answered yet, so that it can be compared at all."""


@dataclass(frozen=True, slots=True)
class Pace:
    """Averages of a deployment: seconds of waiting and to the first token after it, tokens of a second and an answer.

    `measured` False: nothing was answered yet, all is assumed.
    """

    queue_s: float
    first_token_s: float
    tokens_per_s: float
    output_tokens: float | None = None
    measured: bool = False

    def total_s(self, output_tokens: float) -> float:
        """Return the seconds to the end of an answer of that length."""
        return self.queue_s + self.first_token_s + output_tokens / self.tokens_per_s


class PaceMeter:
    """Keeps the averages up to date."""

    def __init__(self, locality: Literal["local", "cloud"]) -> None:
        """Begin with what is assumed."""
        self._pace = Pace(0.0, PRIOR_FIRST_TOKEN_S[locality], PRIOR_TOKENS_PER_S[locality])

    def pace(self, *, busy: bool) -> Pace:
        """Return the averages; where nothing is going on nobody waits."""
        pace = self._pace
        queue_s = pace.queue_s if busy else 0.0
        return Pace(queue_s, pace.first_token_s, pace.tokens_per_s, pace.output_tokens, pace.measured)

    def add(self, end: Finished) -> None:
        """Take a generation that came to its end."""
        old, tokens = self._pace, end.usage.output_tokens
        share = NEWEST_SHARE if old.measured else 1.0
        speed, decoding_s = old.tokens_per_s, end.total_s - end.first_token_s
        if tokens > 1 and decoding_s > 0:
            speed = _moved(speed, (tokens - 1) / decoding_s, share)
        self._pace = Pace(
            _moved(old.queue_s, end.queued_s, share),
            _moved(old.first_token_s, max(0.0, end.first_token_s - end.queued_s), share),
            speed,
            float(tokens) if old.output_tokens is None else _moved(old.output_tokens, tokens, share),
            measured=True,
        )


def _moved(old: float, newest: float, share: float) -> float:
    return old + share * (newest - old)
