"""Turns exceptions into statuses; nothing of an unforeseen one reaches the caller."""

from __future__ import annotations

from typing import Any, Final, NoReturn

import grpc
import grpc.aio
import structlog
from google.rpc import status_pb2

from service.errors import VaivenError
from service.rpc.interceptors.chain import Call, Guard
from service.rpc.status import internal_status, new_correlation_id, to_status

DETAILS_KEY: Final = "grpc-status-details-bin"
"""Source: `GRPC_DETAILS_METADATA_KEY` of grpcio-status."""

_CODES: Final = {code.value[0]: code for code in grpc.StatusCode}
_log: Final[Any] = structlog.get_logger(__name__)


class ErrorsGuard(Guard):
    """Ends a call that raised with the status of what it raised."""

    async def leave(self, call: Call, error: BaseException | None) -> None:
        """Translate what comes out of the call; cancellation and aborts pass unchanged."""
        if not isinstance(error, Exception) or isinstance(error, grpc.aio.AbortError):
            return
        if isinstance(error, VaivenError):
            await _abort(call, to_status(error))
        # The last line of defence: whatever it is, the caller learns nothing of it.
        correlation_id = new_correlation_id()
        _log.error("call failed unexpectedly", method=call.method, correlation_id=correlation_id, exc_info=error)
        await _abort(call, internal_status(correlation_id))


async def _abort(call: Call, status: status_pb2.Status) -> NoReturn:
    # `abort_with_status` would drop the trailing metadata that was set before, the request's id.
    trailers = (*call.context.trailing_metadata(), (DETAILS_KEY, status.SerializeToString()))
    await call.context.abort(_CODES[status.code], status.message, trailers)
