"""The one interceptor that gRPC sees: it leads every call through a row of guards.

However many guards there are, a call costs one wrapped handler and a stream one wrapped iterator.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, aclosing, asynccontextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

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
    `asyncio.get_running_loop().time()`.
    """

    method: str
    request: Message = field(repr=False)
    context: grpc.aio.ServicerContext[Any, Any] = field(repr=False)
    is_stream: bool
    request_id: str = ""
    principal: Principal | None = None
    deadline: float = float("inf")


class Guard(Protocol):
    """Something around every call; raising a `VaivenError` ends the call before those inside it ran."""

    def around(self, call: Call) -> AbstractAsyncContextManager[None]:
        """Return what is entered before the call and left after its last response."""
        ...


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


class GuardInterceptor(grpc.aio.ServerInterceptor):
    """Enters the guards in order, the first outermost."""

    def __init__(self, guards: Sequence[Guard]) -> None:
        """Keep the guards."""
        self._guards = tuple(guards)

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
            call = Call(method, request, context, is_stream=False)
            async with self._entered(call):
                return await inner(request, context)

        return serve

    def _stream(self, method: str, inner: Callable[[Message, Any], AsyncGenerator[Message, None]]) -> Any:
        async def serve(request: Message, context: grpc.aio.ServicerContext[Any, Any]) -> AsyncIterator[Message]:
            call = Call(method, request, context, is_stream=True)
            async with self._entered(call), aclosing(inner(request, context)) as responses:
                async for response in responses:
                    yield response

        return serve

    @asynccontextmanager
    async def _entered(self, call: Call) -> AsyncIterator[None]:
        # Never reset: gRPC serves each call in a task of its own, whose context ends with it.
        _current.set(call)
        async with AsyncExitStack() as stack:
            for guard in self._guards:
                await stack.enter_async_context(guard.around(call))
            yield
