"""How many requests and tokens a deployment may be sent a minute: stated by the operator, learned from its answers."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Final

from service.backends.openai_protocol.quota import RateLimits

WINDOW_S: Final = 60.0


class RateWindow:
    """The last minute of one deployment."""

    def __init__(
        self, clock: Callable[[], float], requests_per_minute: int | None = None, tokens_per_minute: int | None = None
    ) -> None:
        """Begin with nothing sent; None: no limit is stated. `clock` gives seconds."""
        self._clock = clock
        self._requests = requests_per_minute
        self._tokens = tokens_per_minute
        self._sent: deque[tuple[float, int]] = deque()
        self._sent_tokens = 0
        self._rest_until = 0.0

    def sent(self, tokens: int) -> None:
        """Count a request that may take `tokens` of prompt and answer."""
        self._sent.append((self._clock(), tokens))
        self._sent_tokens += tokens

    def throttled(self, wait_s: float) -> None:
        """Take note that the deployment wants no requests for `wait_s` seconds."""
        self._rest_until = max(self._rest_until, self._clock() + wait_s)

    def objection(self, tokens: int, learned: RateLimits | None, learned_age_s: float) -> str:
        """Return why a request of `tokens` would be too much now, or an empty string.

        `learned` is what the newest answer told, `learned_age_s` seconds ago; after a minute it means nothing.
        """
        now = self._clock()
        while self._sent and self._sent[0][0] <= now - WINDOW_S:
            self._sent_tokens -= self._sent.popleft()[1]
        if self._rest_until > now:
            return f"it takes no requests for another {self._rest_until - now:.0f} s"
        if self._requests is not None and len(self._sent) >= self._requests:
            return f"it was sent {len(self._sent)} requests in a minute, as many as it may"
        if self._tokens is not None and self._sent_tokens + tokens > self._tokens:
            left = max(0, self._tokens - self._sent_tokens)
            return f"this may take {tokens} tokens and {left} are left of a minute's"
        return _learned_objection(tokens, learned) if learned is not None and learned_age_s < WINDOW_S else ""


def _learned_objection(tokens: int, learned: RateLimits) -> str:
    if learned.remaining_requests == 0:
        return "it said that it takes no more requests in this minute"
    if learned.remaining_tokens is not None and learned.remaining_tokens < tokens:
        return f"this may take {tokens} tokens and it said that it takes {learned.remaining_tokens} in this minute"
    return ""
