from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from service.backends.openai_protocol.errors import UpstreamRejectedError, UpstreamUnavailableError
from service.backends.openai_protocol.retry import RETRIED, RetryPolicy, retried
from service.errors import VaivenError

QUICK = RetryPolicy(attempts=3, wait_s=0.001, wait_max_s=0.004)


def failed(reason: str = "UPSTREAM_FAILED", retry_after_s: float | None = None) -> VaivenError:
    return UpstreamUnavailableError("failed", reason=reason, retry_after_s=retry_after_s)


class Attempts:
    """Raises the errors one after the other and then returns how often it was called."""

    def __init__(self, errors: Sequence[VaivenError]) -> None:
        self.errors = list(errors)
        self.made = 0

    async def __call__(self) -> int:
        self.made += 1
        if self.errors:
            raise self.errors.pop(0)
        return self.made


def later() -> float:
    return asyncio.get_running_loop().time() + 60


async def test_it_goes_on_until_an_attempt_succeeds() -> None:
    assert await retried(Attempts([failed(), failed()]), QUICK, later()) == 3


async def test_the_last_error_is_raised() -> None:
    errors = [failed() for _ in range(3)]
    attempts = Attempts(errors)
    with pytest.raises(UpstreamUnavailableError) as raised:
        await retried(attempts, QUICK, later())
    assert raised.value is errors[2]
    assert attempts.made == 3


@pytest.mark.parametrize(
    "error",
    [
        UpstreamRejectedError("wrong"),
        failed("UPSTREAM_STALLED"),
        failed("UPSTREAM_MALFORMED"),
        failed("UPSTREAM_QUOTA_SPENT"),
        failed(retry_after_s=0.005),
    ],
    ids=lambda error: f"{error.reason}-{error.retry_after_s}",
)
async def test_what_another_attempt_does_not_mend_is_raised_at_once(error: VaivenError) -> None:
    attempts = Attempts([error])
    with pytest.raises(VaivenError):
        await retried(attempts, QUICK, later())
    assert attempts.made == 1


async def test_no_attempt_begins_after_the_deadline() -> None:
    attempts = Attempts([failed(retry_after_s=4.0)])
    with pytest.raises(UpstreamUnavailableError):
        await retried(attempts, RetryPolicy(3, 0.001, 5.0), asyncio.get_running_loop().time() + 3)
    assert attempts.made == 1


@pytest.mark.parametrize("reason", sorted(RETRIED))
def test_pauses_double_up_to_the_longest(reason: str) -> None:
    policy = RetryPolicy(attempts=9, wait_s=1.0, wait_max_s=5.0)
    for number, longest in enumerate([1.0, 2.0, 4.0, 5.0, 5.0], start=1):
        pause_s = policy.pause_s(failed(reason), number)
        assert pause_s is not None
        assert longest / 2 <= pause_s <= longest


def test_the_upstreams_word_goes_first() -> None:
    assert QUICK.pause_s(failed(retry_after_s=0.003), 1) == 0.003
    assert QUICK.pause_s(failed(retry_after_s=0.0), 2) == 0.0
