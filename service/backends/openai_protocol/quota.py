"""What an upstream's headers say of its rate limits, for those who share out requests among deployments."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RateLimits:
    """The limits of one deployment as an answer told them; None: it did not say. `seen_at` is on the loop's clock.

    Source: OpenAI, "Rate limits"; Microsoft Learn, "Azure OpenAI quota", for the same headers there.
    """

    seen_at: float
    limit_requests: int | None = None
    remaining_requests: int | None = None
    limit_tokens: int | None = None
    remaining_tokens: int | None = None


def rate_limits(headers: Mapping[str, str], now: float) -> RateLimits | None:
    """Return what `headers` (case-insensitive) say, None if they say nothing."""
    limits = RateLimits(
        now,
        _whole(headers.get("x-ratelimit-limit-requests")),
        _whole(headers.get("x-ratelimit-remaining-requests")),
        _whole(headers.get("x-ratelimit-limit-tokens")),
        _whole(headers.get("x-ratelimit-remaining-tokens")),
    )
    return None if limits == RateLimits(now) else limits


def _whole(value: str | None) -> int | None:
    # Azure says -1 where there is no limit.
    return int(value) if value is not None and value.isascii() and value.isdigit() else None
