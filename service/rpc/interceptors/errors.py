"""Turns exceptions into statuses; nothing of an unforeseen one reaches the caller."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

import grpc
import grpc.aio
import structlog
from google.rpc import status_pb2

from service.errors import VaivenError
from service.rpc.interceptors.chain import Call
from service.rpc.status import internal_status, new_correlation_id, to_status

DETAILS_KEY: Final = "grpc-status-details-bin"
"""Source: `GRPC_DETAILS_METADATA_KEY` of grpcio-status."""

_CODES: Final = {code.value[0]: code for code in grpc.StatusCode}
_log: Final[Any] = structlog.get_logger(__name__)


class ErrorsGuard:
    """Ends a call that raised with the status of what it raised."""

    @asynccontextmanager
    async def around(self, call: Call) -> AsyncIterator[None]:
        """Translate what comes out of the call; cancellation and aborts pass unchanged."""
        try:
            yield
            return
        except grpc.aio.AbortError:
            raise
        except VaivenError as error:
            status = to_status(error)
        except Exception:  # noqa: BLE001 - the last line of defence: whatever it is, the caller learns nothing of it
            correlation_id = new_correlation_id()
            _log.exception("call failed unexpectedly", method=call.method, correlation_id=correlation_id)
            status = internal_status(correlation_id)
        await _abort(call, status)


async def _abort(call: Call, status: status_pb2.Status) -> None:
    # `abort_with_status` would drop the trailing metadata that was set before, the request's id.
    trailers = (*call.context.trailing_metadata(), (DETAILS_KEY, status.SerializeToString()))
    await call.context.abort(_CODES[status.code], status.message, trailers)
