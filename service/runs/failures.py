"""Errors of any origin as the one kind that callers see."""

from __future__ import annotations

import secrets
from collections.abc import Iterator

import structlog

from plugins.sources.base import SourceError
from service.errors import Code, InternalError, VaivenError
from service.registrations.failures import worded_source

_log = structlog.get_logger(__name__)

_RETRYABLE = frozenset({Code.UNAVAILABLE, Code.RESOURCE_EXHAUSTED, Code.ABORTED})


def worded(error: BaseException) -> VaivenError:
    """Return the `VaivenError` that `error` is or was caused by; anything else becomes an internal error.

    Semantic Kernel wraps what its services raise (`FunctionExecutionException`, `KernelInvokeException`), with the
    original as the cause. What a source says went wrong with a registered function is worded for callers already. An
    internal error's message holds a correlation id that the log has too, and nothing else.
    """
    for link in chain(error):
        if isinstance(link, VaivenError):
            return link
        if isinstance(link, SourceError):
            return worded_source(link)
    correlation_id = secrets.token_hex(8)
    _log.error("unexpected_error", correlation_id=correlation_id, exc_info=error)
    internal = InternalError(f"Something unexpected happened; the service's log has it as {correlation_id}.")
    internal.__cause__ = error
    return internal


def is_retryable(error: VaivenError) -> bool:
    """Return whether the same request may succeed later."""
    if error.retry_after_s is not None:
        return True
    return error.code in _RETRYABLE if error.passes is None else error.passes


def chain(error: BaseException) -> Iterator[BaseException]:
    """Yield `error` and what it was caused by."""
    seen: set[int] = set()
    link: BaseException | None = error
    while link is not None and id(link) not in seen:
        seen.add(id(link))
        yield link
        link = link.__cause__ or (None if link.__suppress_context__ else link.__context__)
