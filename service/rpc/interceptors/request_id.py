"""Names each call, so that a caller's report, the logs and the metadata of the answer can be laid beside each other."""

from __future__ import annotations

import re
from typing import Final

import structlog

from service.rpc.interceptors.chain import Call, Guard
from service.store.ids import new_id

HEADER: Final = "x-request-id"
_ACCEPTED: Final = re.compile(r"[A-Za-z0-9._-]{1,128}")


class RequestIdGuard(Guard):
    """Takes the caller's `x-request-id`, or makes one where it is missing or unfit, and sends it back.

    It is in the initial and in the trailing metadata, and in every log line of the call.
    """

    async def enter(self, call: Call) -> None:
        """Name the call."""
        call.request_id = _offered(call) or new_id()
        structlog.contextvars.bind_contextvars(request_id=call.request_id)
        metadata = ((HEADER, call.request_id),)
        call.context.set_trailing_metadata(metadata)
        await call.context.send_initial_metadata(metadata)


def _offered(call: Call) -> str | None:
    for key, value in call.context.invocation_metadata() or ():
        if key == HEADER and isinstance(value, str) and _ACCEPTED.fullmatch(value):
            return value
    return None
