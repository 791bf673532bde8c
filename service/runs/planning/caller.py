"""Calls of functions for planners: each with its own limits, on the run's models, its errors in the planners' words."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import aclosing
from typing import Any, Final, Literal

from planners.calling import CallContext, CallError
from planners.kernel_caller import KernelCaller
from plugins.context import RunContext
from plugins.output import FunctionOutput
from plugins.sources.base import SourceError
from service.backends.base import Finished, ModelCard, NoticePiece, TokenLogprob, Usage
from service.errors import (
    BudgetExceededError,
    ContextTooLongError,
    DrainingError,
    NoRouteError,
    PriceUnknownError,
    QueueFullError,
    VaivenError,
)
from service.privacy.kinds import Kind
from service.registrations.failures import worded_source
from service.routing.chat import RoutedChat
from service.routing.decision import Decision, Verdict
from service.routing.request import Sent
from service.runs.failures import chain, is_retryable
from service.runs.planning.records import resource_of
from service.runs.plugins import TenantPlugins
from service.runs.scope import RunScope

_NOT_BEGUN: Final = (
    BudgetExceededError,
    ContextTooLongError,
    DrainingError,
    NoRouteError,
    PriceUnknownError,
    QueueFullError,
)
"""Refusals that come before a model is asked; a function that writes does so with what its model said."""


_NOT_SENT: Final = frozenset(
    {
        "ARGUMENTS_INVALID", "ARGUMENTS_TOO_LARGE", "METHOD_GONE", "MODEL_MISSING", "TARGET_DENIED", "TARGET_INVALID",
        "TARGET_NOT_ALLOWED", "TLS_INVALID",
    }
)  # fmt: skip
"""What a source says before the target has done anything."""


def worded(error: Exception) -> CallError | None:
    """Return what planners are told of an error of the service; None where it is none."""
    for link in chain(error):
        if isinstance(link, VaivenError):
            happened: Literal["no", "unknown"] = "no" if isinstance(link, _NOT_BEGUN) else "unknown"
            return CallError(link.reason, link.message, retryable=is_retryable(link), happened=happened)
        if isinstance(link, SourceError):
            told = worded_source(link)
            happened = "no" if link.code in _NOT_SENT else "unknown"
            return CallError(told.reason, told.message, retryable=is_retryable(told), happened=happened)
    return None


class RunCaller:
    """Calls the plugins' functions for one run; see `planners.calling.FunctionCaller`."""

    def __init__(self, plugins: TenantPlugins, chat: Callable[[str], RoutedChat], context: RunContext) -> None:
        """Call with the chat service that `chat` gives for a function's resource name."""
        self._plugins = plugins
        self._chat = chat
        self._context = context

    async def call(
        self, function: str, arguments: Mapping[str, Any], context: CallContext
    ) -> AsyncGenerator[FunctionOutput, None]:
        """Yield what the function says."""
        record = self._plugins.function(resource_of(function))
        kernel = self._plugins.kernel((record,), self._chat(record.name))
        caller = KernelCaller(kernel, self._context, worded)
        async with aclosing(caller.call(function, arguments, context)) as pieces:
            async for piece in pieces:
                yield piece


class AsideTrace:
    """Tells a run what routing did for a step that does not answer: all of it, but for why its generations ended."""

    def __init__(self, scope: RunScope) -> None:
        """Tell `scope`."""
        self._scope = scope

    async def decided(self, decision: Decision) -> None:
        """See `service.routing.request.RouteTrace`, as for all that follows."""
        await self._scope.decided(decision)

    async def switched(self, before: Verdict, after: Verdict, error: VaivenError, *, continued: bool) -> None:
        """Tell that another model answers."""
        await self._scope.switched(before, after, error, continued=continued)

    async def degraded(self, decision: Decision) -> None:
        """Tell that a budget is short."""
        await self._scope.degraded(decision)

    async def masked(self, counts: Mapping[Kind, int], deployment: Verdict) -> None:
        """Tell what was masked."""
        await self._scope.masked(counts, deployment)

    async def noticed(self, notice: NoticePiece) -> None:
        """Tell what a backend said of an answer."""
        await self._scope.noticed(notice)

    async def logprobs(self, card: ModelCard, tokens: Sequence[TokenLogprob]) -> None:
        """Tell the log-probabilities of a generation's tokens."""
        await self._scope.logprobs(card, tokens)

    async def trimmed(self, messages: int) -> None:
        """Tell how much of the session the model is not sent."""
        await self._scope.trimmed(messages)

    def generated(self, card: ModelCard, finished: Finished, sent: Sent) -> None:
        """Add a generation's tokens, money and time."""
        self._scope.generated(card, finished, sent, answers=False)

    def broken_off(self, card: ModelCard, usage: Usage, sent: Sent) -> None:
        """Add the tokens and money of a generation that was stopped."""
        self._scope.broken_off(card, usage, sent)
