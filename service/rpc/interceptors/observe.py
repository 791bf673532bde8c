"""Counts and times every call, and logs how it ended."""

from __future__ import annotations

import asyncio
import time
from functools import cache
from typing import Any, Final

import grpc
import structlog
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from service.rpc.interceptors.chain import Call, Guard

SECONDS_BUCKETS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0)
_NAMES: Final = {code.value[0]: code.name for code in grpc.StatusCode}
_log: Final[Any] = structlog.get_logger(__name__)


class ObserveGuard(Guard):
    """Keeps the metrics `vaiven_rpcs_total`, `vaiven_rpc_seconds` and `vaiven_rpcs_in_flight`."""

    def __init__(self, registry: CollectorRegistry) -> None:
        """Register the metrics with `registry`, which may do so once."""
        self._ended = Counter("vaiven_rpcs", "Calls that ended", ["method", "code"], registry=registry)
        self._seconds = Histogram(
            "vaiven_rpc_seconds",
            "Time of a call to its last message",
            ["method"],
            registry=registry,
            buckets=SECONDS_BUCKETS,
        )
        self._in_flight = Gauge("vaiven_rpcs_in_flight", "Calls being served", ["method"], registry=registry)

        # Looking a method's metrics up takes longer than counting with them.
        self._in_flight_of = cache(self._in_flight.labels)
        self._ended_of = cache(self._ended.labels)
        self._seconds_of = cache(self._seconds.labels)

    async def enter(self, call: Call) -> None:
        """Begin to observe the call."""
        call.began = time.perf_counter()
        self._in_flight_of(call.method).inc()

    async def leave(self, call: Call, error: BaseException | None) -> None:
        """Count the call and log how it ended, which this never changes."""
        elapsed_s = time.perf_counter() - call.began
        self._in_flight_of(call.method).dec()
        code = "OK"
        if isinstance(error, asyncio.CancelledError | GeneratorExit):
            code = "CANCELLED"
        elif error is not None:
            code = _code_name(call.context.code())
        self._ended_of(call.method, code).inc()
        self._seconds_of(call.method).observe(elapsed_s)
        _log.info("call ended", method=call.method, code=code, elapsed_s=round(elapsed_s, 6))


def _code_name(code: object) -> str:
    """Return the name of a code, which an aio context hands out as a number."""
    if isinstance(code, grpc.StatusCode):
        return code.name
    return _NAMES.get(code, "UNKNOWN") if isinstance(code, int) else "UNKNOWN"
