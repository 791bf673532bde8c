"""One generation on one deployment: paid for, counted, and what it tells of the deployment's condition."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext
from typing import Final

from service.backends.base import (
    CallPiece,
    Finished,
    GenerationPiece,
    ModelCard,
    NoticePiece,
    TextPiece,
    TokenLogprob,
    Usage,
)
from service.economics.allowance import Allowance
from service.economics.guard import SpendGuard, Spending
from service.errors import (
    BudgetExceededError,
    Code,
    PriceUnknownError,
    UnavailableError,
    VaivenError,
    WorkerDiedError,
)
from service.routing.candidates import Candidate, Condition
from service.routing.facts import Prediction, worst_case
from service.routing.request import RouteTrace, Sent

THROTTLED_REST_S: Final = 1.0
"""How long a deployment rests that wants no more requests and does not say for how long."""

_BROKEN: Final = frozenset({Code.UNAVAILABLE, Code.FAILED_PRECONDITION, Code.INTERNAL})
_THROTTLED: Final = frozenset({"UPSTREAM_THROTTLED", "UPSTREAM_QUOTA_SPENT"})


class Account:
    """What a generation has said so far."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self.pieces = 0
        self.text: list[str] = []
        self.has_calls = False
        self.notices: list[NoticePiece] = []
        self.logprobs: list[TokenLogprob] = []
        self.end: Finished | None = None

    def take(self, piece: GenerationPiece) -> None:
        """Take what the model says."""
        match piece:
            case TextPiece(text, logprobs):
                self.pieces += 1
                self.text.append(text)
                self.logprobs += logprobs
            case CallPiece():
                self.pieces += 1
                self.has_calls = True
            case NoticePiece():
                self.notices.append(piece)
            case Finished():
                self.end = piece


@asynccontextmanager
async def dispatched(
    candidate: Candidate,
    prediction: Prediction,
    guard: SpendGuard | None,
    trace: RouteTrace,
    allowance: Allowance | None = None,
) -> AsyncIterator[Account]:
    """Give an account to fill while the model answers; tell the guard, the trace and the candidate how it ended.

    Raises:
        RunCostExceededError: The run may not cost as much more; nothing was dispatched.
        BudgetExceededError: A budget has too little left; nothing was dispatched.
        PriceUnknownError: A budget limits money, and the price is not known in its currency.
        UnavailableError: The answer stopped without saying that it had finished, or the deployment is left alone.
    """
    card, account, clock = candidate.card, Account(), asyncio.get_running_loop().time
    bill = (
        nullcontext(Spending())
        if guard is None
        else guard.spend(card, prediction.worst_prompt_tokens, prediction.worst_output_tokens)
    )
    covered = nullcontext() if allowance is None else allowance.reserved(worst_case(card, prediction))
    with covered:
        async with bill as spending:
            with_failure: VaivenError | None = None
            begun = clock()
            _begin(candidate, prediction)
            try:
                yield account
                if account.end is None:
                    raise _truncated(card)
            except VaivenError as error:
                with_failure = error
                raise
            finally:
                _end(candidate, account, with_failure)
                # A refusal before anything was said is not billed; who leaves amid an answer pays for what there was.
                if account.end is not None:
                    spending.used(account.end.usage)
                    trace.generated(card, account.end, _sent(candidate, prediction, clock() - begun))
                elif account.pieces or with_failure is None:
                    usage = Usage(input_tokens=prediction.prompt_tokens, output_tokens=account.pieces)
                    spending.used(usage)
                    trace.broken_off(card, usage, _sent(candidate, prediction, clock() - begun))


def _sent(candidate: Candidate, prediction: Prediction, elapsed_s: float) -> Sent:
    return Sent(candidate.deployment, prediction, elapsed_s)


def may_switch(error: VaivenError) -> bool:
    """Return whether another deployment may do what this one could not."""
    if isinstance(error, BudgetExceededError | PriceUnknownError):
        return False
    return error.code in (Code.UNAVAILABLE, Code.RESOURCE_EXHAUSTED) or error.retry_after_s is not None


def _begin(candidate: Candidate, prediction: Prediction) -> None:
    condition = candidate.condition
    if not condition.breaker.begin():
        raise UnavailableError(
            f"{candidate.card.display_name} failed too often and is left alone for a while.",
            reason="BACKENDS_RESTING",
            retry_after_s=condition.breaker.wait_s,
        )
    condition.active += 1
    condition.dispatched += 1
    condition.used_at = condition.clock()
    condition.rate.sent(prediction.worst_prompt_tokens + prediction.worst_output_tokens)


def _end(candidate: Candidate, account: Account, failure: VaivenError | None) -> None:
    condition = candidate.condition
    condition.active -= 1
    if account.end is not None:
        condition.meter.add(account.end)
        condition.breaker.succeeded()
    elif failure is None:
        condition.breaker.undecided()
    else:
        _learn(condition, failure)


def _learn(condition: Condition, failure: VaivenError) -> None:
    if failure.reason in _THROTTLED:
        condition.rate.throttled(failure.retry_after_s or THROTTLED_REST_S)
    if isinstance(failure, WorkerDiedError):
        # One death ends all that it held at once; whoever started the worker starts it again, with pauses of its own.
        condition.breaker.undecided()
    elif failure.code in _BROKEN:
        condition.breaker.failed()
    elif failure.code in (Code.RESOURCE_EXHAUSTED, Code.DEADLINE_EXCEEDED, Code.CANCELLED):
        condition.breaker.undecided()
    else:  # it found the request wrong, so it is there
        condition.breaker.succeeded()


def _truncated(card: ModelCard) -> UnavailableError:
    # A stream that merely stops is not an answer: someone upstream died politely.
    return UnavailableError(
        f"{card.display_name} stopped without saying that it had finished.",
        reason="STREAM_TRUNCATED",
        retry_after_s=0.0,
    )
