"""A circuit breaker: a deployment that keeps failing is left alone for a while, then tried by a single request."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum


class BreakerState(StrEnum):
    """CLOSED lets all through, OPEN none, HALF_OPEN one at a time."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half-open"


@dataclass(frozen=True, slots=True)
class BreakerOptions:
    """`failures` in a row open it; after `open_s` seconds one request may probe."""

    failures: int = 5
    open_s: float = 30.0


class Breaker:
    """The breaker of one deployment; every request that `begin` let through ends with one of the three other calls."""

    def __init__(self, options: BreakerOptions, clock: Callable[[], float]) -> None:
        """Begin closed; `clock` gives seconds."""
        self._options = options
        self._clock = clock
        self._failures = 0
        self._opened_at: float | None = None
        self._probing = False

    def tune(self, options: BreakerOptions) -> None:
        """Go by `options` from now on; what was counted stays."""
        self._options = options

    @property
    def state(self) -> BreakerState:
        """Return the state now."""
        if self._opened_at is None:
            return BreakerState.CLOSED
        return BreakerState.OPEN if self.wait_s > 0 else BreakerState.HALF_OPEN

    @property
    def wait_s(self) -> float:
        """Return how many seconds it stays open."""
        if self._opened_at is None:
            return 0.0
        return max(0.0, self._opened_at + self._options.open_s - self._clock())

    @property
    def admits(self) -> bool:
        """Return whether a request would be let through now."""
        return self.state is BreakerState.CLOSED or (self.state is BreakerState.HALF_OPEN and not self._probing)

    def begin(self) -> bool:
        """Let a request through, or return False; in HALF_OPEN it is the probe."""
        if not self.admits:
            return False
        self._probing = self.state is BreakerState.HALF_OPEN
        return True

    def succeeded(self) -> None:
        """Close: the deployment answers."""
        self._failures, self._opened_at, self._probing = 0, None, False

    def failed(self) -> None:
        """Count a failure; open at the limit, or at once if a probe failed."""
        self._failures += 1
        if self._opened_at is not None or self._failures >= self._options.failures:
            self._opened_at = self._clock()
        self._probing = False

    def undecided(self) -> None:
        """Take note that the request told nothing of the deployment, e.g. because the caller left."""
        self._probing = False
