"""The one interceptor that gRPC sees: it leads every call through a row of guards.

However many guards there are, a call costs one wrapped handler and a stream one wrapped iterator.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, Final

import grpc
import grpc.aio
from google.protobuf.message import Message

from service.errors import UnauthenticatedError
from service.runs.spec import Principal

OPEN_PREFIXES: Final = ("/grpc.health.v1.", "/grpc.reflection.")
"""What has no guards: probes come without credentials, also while draining; the contract is no secret."""


@dataclass(slots=True)
class Call:
    """One RPC on its way; guards fill in what they find.

    `method` is the full name (`/vaiven.v1.AgentService/Run`). `deadline` is on the clock of
    `asyncio.get_running_loop().time()`, and `timeout` holds a unary call to it. `began` is on `time.perf_counter()`.
    `entered` guards are around the call.
    """

    method: str
    request: Message = field(repr=False)
    context: grpc.aio.ServicerContext[Any, Any] = field(repr=False)
    is_stream: bool
    request_id: str = ""
    principal: Principal | None = None
    deadline: float = float("inf")
    timeout: asyncio.Timeout | None = None
    began: float = 0.0
    entered: int = 0


class Guard:
    """Something around every call; one that was entered is left, too, however the call ends.

    Two methods instead of a context manager: a row of those costs each call more than what most of them do.
    """

    async def enter(self, call: Call) -> None:
        """Look at the call before those inside it run; raising a `VaivenError` ends it, and they never do."""

    async def leave(self, call: Call, error: BaseException | None) -> None:
        """Look at the call after its last response, or after the `error` that ended it.

        What this raises takes the place of `error`, which else goes on outwards by itself.
        """


_current: ContextVar[Call] = ContextVar("vaiven_call")


def current_call() -> Call:
    """Return the call that this task is serving.

    Raises:
        LookupError: It serves none.
    """
    return _current.get()


def current_principal() -> Principal:
    """Return who makes the call that this task is serving.

    Raises:
        UnauthenticatedError: No guard has found that out.
    """
    principal = _current.get().principal
    if principal is None:
        raise UnauthenticatedError("The call has no principal.")
    return principal


class GuardRow:
    """Guards in order, the first outermost."""

    def __init__(self, *guards: Guard) -> None:
        """Keep the guards."""
        self._guards = guards
        # Most have nothing to do at the end, and each step of a coroutine costs.
        numbered = [(number, guard) for number, guard in enumerate(guards) if type(guard).leave is not Guard.leave]
        self._leaving = tuple(reversed(numbered))

    async def enter(self, call: Call) -> None:
        """Enter the guards; whoever calls this calls `leave` afterwards, also where it raises."""
        for guard in self._guards:
            await guard.enter(call)
            call.entered += 1

    async def leave(self, call: Call, error: BaseException | None = None) -> None:
        """Leave those that were entered, the innermost first; raises what a guard put in the place of `error`."""
        put = None
        for number, guard in self._leaving:
            if number < call.entered:
                try:
                    await guard.leave(call, error)
                except BaseException as raised:  # noqa: BLE001 - those outside must be left, too
                    error = put = raised
        if put is not None:
            raise put

    @asynccontextmanager
    async def around(self, call: Call) -> AsyncIterator[None]:
        """Enter the guards and leave them."""
        try:
            await self.enter(call)
            yield
        except BaseException as error:
            await self.leave(call, error)
            raise
        await self.leave(call)


class GuardInterceptor(grpc.aio.ServerInterceptor):
    """Leads calls through a row of guards."""

    def __init__(self, guards: Sequence[Guard]) -> None:
        """Keep the guards."""
        self._guards = GuardRow(*guards)

    # The types of grpc do not tell the handlers of an aio server from those of a sync one.
    async def intercept_service(self, continuation: Any, handler_call_details: Any) -> Any:
        """Return the handler with the guards around it."""
        handler = await continuation(handler_call_details)
        method: str = handler_call_details.method
        if handler is None or method.startswith(OPEN_PREFIXES):
            return handler
        if handler.request_streaming:
            raise TypeError(f"{method} streams requests, which no guard reads")
        if handler.response_streaming:
            return grpc.unary_stream_rpc_method_handler(
                self._stream(method, handler.unary_stream),
                request_deserializer=handler.request_deserializer,
                response_serializer=handler.response_serializer,
            )
        return grpc.unary_unary_rpc_method_handler(
            self._unary(method, handler.unary_unary),
            request_deserializer=handler.request_deserializer,
            response_serializer=handler.response_serializer,
        )

    def _unary(self, method: str, inner: Callable[[Message, Any], Awaitable[Message]]) -> Any:
        async def serve(request: Message, context: grpc.aio.ServicerContext[Any, Any]) -> Message:
            call = _begun(method, request, context, is_stream=False)
            async with self._guards.around(call):
                return await inner(request, context)

        return serve

    def _stream(self, method: str, inner: Callable[[Message, Any], AsyncGenerator[Message, None]]) -> Any:
        guards = self._guards

        async def serve(request: Message, context: grpc.aio.ServicerContext[Any, Any]) -> AsyncIterator[Message]:
            call = _begun(method, request, context, is_stream=True)
            # As `around`, which costs a generator of its own.
            try:
                await guards.enter(call)
                responses = inner(request, context)
                try:
                    async for response in responses:
                        yield response
                finally:
                    await responses.aclose()
            except BaseException as error:
                await guards.leave(call, error)
                raise
            await guards.leave(call)

        return serve


def _begun(method: str, request: Message, context: grpc.aio.ServicerContext[Any, Any], *, is_stream: bool) -> Call:
    call = Call(method, request, context, is_stream)
    # Never reset: gRPC serves each call in a task of its own, whose context ends with it.
    _current.set(call)
    return call
