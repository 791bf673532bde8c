"""Requests of the MCP library, which speaks through httpx, sent by the guarded client.

The library ends the whole session when one request fails, and leaves a request without an answer waiting when a stream
breaks off. So what goes wrong with a request is told to it as the answer to that request, in JSON-RPC's form.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from functools import partial
from typing import Any, Final

import httpx
import orjson
from mcp.types import JSONRPCMessage
from multidict import CIMultiDict
from pydantic import ValidationError

from plugins.sources.base import SourceError, SourceLimits
from plugins.sources.guarded_http import Exchange, GuardedHttp

FAILED: Final = -32000
"""JSON-RPC's code of an answer that is made here; what it says is in `Failures`. Source: JSON-RPC 2.0, section 5.1."""

_SHORT_S: Final = 10.0
"""How long a notice to the server, or the end of a session, may take; the library sends nothing else meanwhile."""
_JSON: Final = "application/json"
_EVENTS: Final = "text/event-stream"


class Failures:
    """Why requests failed, by their ids; `take` hands a reason on once."""

    def __init__(self) -> None:
        self._by_id: dict[int | str, SourceError] = {}

    def note(self, request_id: int | str, error: SourceError) -> None:
        """Keep the reason for whoever waits for the request."""
        self._by_id[request_id] = error

    def take(self, request_id: int | str) -> SourceError | None:
        """Return the reason, if there is one, and forget it."""
        return self._by_id.pop(request_id, None)


class GuardedTransport(httpx.AsyncBaseTransport):
    """Sends what httpx hands it through `http`; `on_lost` is called when the server no longer knows the session."""

    def __init__(
        self,
        http: GuardedHttp,
        limits: SourceLimits,
        call_timeout_s: float,
        failures: Failures,
        on_lost: Callable[[], None],
    ) -> None:
        self._http = http
        self._limits = limits
        self._call_timeout_s = call_timeout_s
        self._failures = failures
        self._on_lost = on_lost

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Return the answer; of a POST always one that the library can read."""
        if request.method == "POST":
            return await self._post(request)
        if request.method == "GET":
            return await self._listen(request)
        url, headers = str(request.url), _headers(request)
        try:
            reply = await self._http.send(request.method, url, headers=headers, timeout_s=_SHORT_S)
        except SourceError:
            return httpx.Response(502)
        return httpx.Response(reply.status)

    async def _post(self, request: httpx.Request) -> httpx.Response:
        raw = await request.aread()
        message = orjson.loads(raw)
        method = message.get("method")
        is_request = message.get("id") is not None and method is not None
        limit_s = self._call_timeout_s if is_request else _SHORT_S
        ends_at = asyncio.get_running_loop().time() + limit_s
        stack = AsyncExitStack()
        try:
            async with asyncio.timeout_at(ends_at):
                got = await stack.enter_async_context(
                    self._http.exchange(
                        "POST", str(request.url), headers=_headers(request), body=raw, response_bytes=self._most(method)
                    )
                )
                if not is_request:
                    await stack.aclose()
                    # A notice has no answer; if it was refused there is nobody to tell.
                    return httpx.Response(202)
                return await self._answer(got, request, message, stack, ends_at)
        except TimeoutError:
            failure = SourceError("CALL_TIMEOUT", "The server did not answer in time.", retryable=True)
        except SourceError as error:
            failure = error
        except BaseException:
            await stack.aclose()
            raise
        await stack.aclose()
        return self._failed(message["id"], failure) if is_request else httpx.Response(202)

    async def _answer(
        self, got: Exchange, request: httpx.Request, message: dict[str, Any], stack: AsyncExitStack, ends_at: float
    ) -> httpx.Response:
        request_id = message["id"]
        kind = got.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        if got.status != 200:
            known = "mcp-session-id" in request.headers
            if got.status == 404 and known:
                self._on_lost()
            raise _refusal(got.status, known)
        headers = {"content-type": kind}
        if session := got.headers.get("mcp-session-id"):
            headers["mcp-session-id"] = session
        if kind == _EVENTS:
            most = self._most(message["method"])
            stream = _Events(got, stack, ends_at, most, partial(self._cut_off, request_id))
            return httpx.Response(200, headers=headers, stream=stream)
        if kind != _JSON:
            raise SourceError("RESPONSE_INVALID", "The server answered with neither JSON nor events.")
        raw = b"".join([piece async for piece in got.body])
        await stack.aclose()
        try:
            answer = JSONRPCMessage.model_validate_json(raw)
        except ValidationError:
            raise SourceError("RESPONSE_INVALID", "The server's answer is no message of JSON-RPC.") from None
        if getattr(answer.root, "id", None) not in (request_id, str(request_id)):
            raise SourceError("RESPONSE_INVALID", "The server answered another request.")
        return httpx.Response(200, headers=headers, content=raw)

    def _most(self, method: str | None) -> int:
        # What is no answer of a tool is read once and not by a model.
        return self._limits.max_response_bytes if method == "tools/call" else self._limits.max_document_bytes

    async def _listen(self, request: httpx.Request) -> httpx.Response:
        stack = AsyncExitStack()
        try:
            async with asyncio.timeout(_SHORT_S):
                got = await stack.enter_async_context(
                    self._http.exchange("GET", str(request.url), headers=_headers(request), response_bytes=2**62)
                )
        except (SourceError, TimeoutError):
            return httpx.Response(502)
        except BaseException:
            await stack.aclose()
            raise
        kind = got.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        if got.status != 200 or kind != _EVENTS:
            await stack.aclose()
            # Many servers have no such stream; the library then does without.
            return httpx.Response(got.status if got.status >= 400 else 405)
        stream = _Events(got, stack, None, self._limits.max_document_bytes, None)
        return httpx.Response(200, headers={"content-type": kind}, stream=stream)

    def _failed(self, request_id: int | str, error: SourceError) -> httpx.Response:
        return httpx.Response(200, headers={"content-type": _JSON}, content=self._message(request_id, error))

    def _cut_off(self, request_id: int | str, error: SourceError) -> bytes:
        return b"\n\nevent: message\ndata: " + self._message(request_id, error) + b"\n\n"

    def _message(self, request_id: int | str, error: SourceError) -> bytes:
        self._failures.note(request_id, error)
        return orjson.dumps({"jsonrpc": "2.0", "id": request_id, "error": {"code": FAILED, "message": error.code}})


class _Events(httpx.AsyncByteStream):
    """A stream of events: each bounded in size, all of them in time, and with a last word where none came."""

    def __init__(
        self,
        got: Exchange,
        stack: AsyncExitStack,
        ends_at: float | None,
        max_event_bytes: int,
        last_word: Callable[[SourceError], bytes] | None,
    ) -> None:
        self._got = got
        self._stack = stack
        self._ends_at = ends_at
        self._max_event_bytes = max_event_bytes
        self._last_word = last_word

    async def __aiter__(self) -> AsyncIterator[bytes]:
        size, tail, has_id = 0, b"\n", False
        pieces = aiter(self._got.body)
        failure = SourceError("RESPONSE_INVALID", "The server's stream ended without an answer.", retryable=True)
        try:
            while True:
                async with asyncio.timeout_at(self._ends_at):
                    piece = await anext(pieces, None)
                if piece is None:
                    break
                seen = tail + piece.replace(b"\r\n", b"\n")
                has_id = has_id or b"\nid:" in seen
                last = seen.rfind(b"\n\n")
                size = len(seen) - last if last >= 0 else size + len(piece)
                if size > self._max_event_bytes:
                    raise SourceError("RESPONSE_TOO_LARGE", f"An event is larger than {self._max_event_bytes:,} bytes.")
                tail = seen[-3:]
                yield piece
        except TimeoutError:
            failure, has_id = SourceError("CALL_TIMEOUT", "The server did not answer in time.", retryable=True), False
        except SourceError as error:
            failure, has_id = error, has_id and error.code == "RESPONSE_INVALID"
        # With the id of an event the library asks for the rest of the stream, and the answer may come yet.
        if self._last_word is not None and not has_id:
            yield self._last_word(failure)

    async def aclose(self) -> None:
        await self._stack.aclose()


def _headers(request: httpx.Request) -> CIMultiDict[str]:
    ours = {"host", "connection", "accept-encoding", "user-agent", "content-length", "transfer-encoding"}
    return CIMultiDict((name, value) for name, value in request.headers.items() if name.lower() not in ours)


def _refusal(status: int, session_known: bool) -> SourceError:
    if 300 <= status < 400:
        return SourceError("TARGET_REDIRECTS", f"The server answered {status}, a redirect, which is not followed.")
    if status in (401, 403):
        return SourceError("TARGET_DENIED", f"The server answered {status}: it refuses the plugin's credentials.")
    if status == 404 and session_known:
        return SourceError("TARGET_UNREACHABLE", "The server has ended the session; it is opened anew.", retryable=True)
    if status in (408, 425, 429) or status >= 500:
        return SourceError("CALL_FAILED", f"The server answered {status}.", retryable=True)
    return SourceError("CALL_REFUSED", f"The server answered {status}.")
