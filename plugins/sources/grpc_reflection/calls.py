"""Calls of methods that were only known at run time."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from typing import Any, Final

import grpc

from plugins.output import FunctionResult
from plugins.sources.arguments import INLINE_VALUES, check_size
from plugins.sources.base import CallContext, SourceError, SourceLimits
from plugins.sources.grpc_reflection.codec import RequestCodec, ResponseCodec
from plugins.sources.grpc_reflection.failures import call_failure

_INLINE_BYTES: Final = 32 * 1024
"""Messages up to this size are converted at once; larger ones in a thread, so that the event loop goes on."""


class MethodCall:
    """Calls one unary or server-streaming method."""

    def __init__(
        self,
        path: str,
        channel: grpc.aio.Channel,
        headers: tuple[tuple[str, str], ...],
        codecs: tuple[RequestCodec, ResponseCodec],
        limits: SourceLimits,
        timeout_s: float,
    ) -> None:
        self._unary: Any = channel.unary_unary(path)
        self._stream: Any = channel.unary_stream(path)
        self._headers = headers
        self._request, self._response = codecs
        self._limits = limits
        self._timeout_s = timeout_s

    async def unary(self, arguments: Mapping[str, Any], context: CallContext) -> FunctionResult:
        """Call the method and return its response as JSON.

        Raises:
            SourceError: the arguments do not fit, the call failed, or the response is too large.
        """
        timeout_s = self._remaining(context)
        request = await self._encoded(arguments)
        try:
            data: bytes = await self._unary(request, timeout=timeout_s, metadata=self._headers)
        except grpc.aio.AioRpcError as error:
            raise call_failure(error, max_response_bytes=self._limits.max_response_bytes) from error
        said, _ = await self._decoded(data, self._limits.max_result_values)
        return _result({"value": said} if self._response.wrapped else said)

    async def stream(self, arguments: Mapping[str, Any], context: CallContext) -> FunctionResult:
        """Call the method and return the first of its responses, with whether there were more.

        The stream is cut, and the call cancelled, where the limits on messages, bytes or values are reached.

        Raises:
            SourceError: the arguments do not fit, the call failed before it was cut, or one response is too large.
        """
        timeout_s = self._remaining(context)
        call = self._stream(await self._encoded(arguments), timeout=timeout_s, metadata=self._headers)
        messages: list[Any] = []
        bytes_left, values_left = self._limits.max_response_bytes, self._limits.max_result_values
        truncated = False
        try:
            async for data in call:
                bytes_left -= len(data)
                truncated = len(messages) >= self._limits.max_stream_messages or bytes_left < 0
                if truncated:
                    break
                try:
                    said, values = await self._decoded(data, values_left)
                except SourceError as error:
                    truncated = error.code == "RESPONSE_TOO_LARGE" and bool(messages)
                    if not truncated:
                        raise
                    break
                values_left -= values
                messages.append(said)
        except grpc.aio.AioRpcError as error:
            raise call_failure(error, max_response_bytes=self._limits.max_response_bytes) from error
        finally:
            call.cancel()
        return _result({"messages": messages, "truncated": truncated})

    def _remaining(self, context: CallContext) -> float:
        timeout_s = self._timeout_s if context.deadline_s is None else min(self._timeout_s, context.deadline_s)
        if timeout_s <= 0:
            raise SourceError("CALL_TIMEOUT", "the run has no time left")
        return timeout_s

    async def _encoded(self, arguments: Mapping[str, Any]) -> bytes:
        if check_size(arguments, self._limits) <= INLINE_VALUES:
            return self._request.encode(arguments)
        return await asyncio.to_thread(self._request.encode, arguments)

    async def _decoded(self, data: bytes, max_values: int) -> tuple[Any, int]:
        if len(data) <= _INLINE_BYTES:
            return self._response.decode(data, max_values)
        return await asyncio.to_thread(self._response.decode, data, max_values)


def _result(data: dict[str, Any]) -> FunctionResult:
    return FunctionResult(json.dumps(data, ensure_ascii=False, separators=(",", ":")), data)
