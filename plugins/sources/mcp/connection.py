"""One session with an MCP server: opened when it is needed, and opened again, after a pause, when it ends."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any, Final, TypeAlias, TypeVar

import anyio
from anyio.streams.memory import MemoryObjectReceiveStream as Receiving
from anyio.streams.memory import MemoryObjectSendStream as Sending
from mcp import ClientSession, McpError
from mcp.shared.message import SessionMessage
from mcp.shared.session import RequestResponder
from mcp.types import (
    CONNECTION_CLOSED,
    INVALID_PARAMS,
    METHOD_NOT_FOUND,
    CancelledNotification,
    CancelledNotificationParams,
    ClientNotification,
    ClientRequest,
    ClientResult,
    Implementation,
    InitializeResult,
    Result,
    ServerNotification,
    ServerRequest,
    ToolListChangedNotification,
)
from pydantic import ValidationError

from plugins.sources.base import SourceError
from plugins.sources.guarded_http import masked
from plugins.sources.mcp.transport import Failures

Streams: TypeAlias = tuple[Receiving[SessionMessage | Exception], Sending[SessionMessage]]
OpenStreams: TypeAlias = Callable[[Failures, Callable[[], None]], AbstractAsyncContextManager[Streams]]
"""Opens a transport; it notes why requests failed, and calls the second when the server ended the session."""

Answer = TypeVar("Answer", bound=Result)

_FIRST_PAUSE_S: Final = 0.5
_LONGEST_PAUSE_S: Final = 60.0
_NOTICE_S: Final = 5.0
_WORDS: Final = 300
_FIRST_REQUEST: Final = 0
"""The id of a session's first request, the one that opens it."""
_CLIENT: Final = Implementation(name="vaiven", version="1")


class _Session(ClientSession):
    """A session that knows when it has ended, and tells the server when nobody waits for an answer any more."""

    def __init__(
        self, streams: Streams, failures: Failures, secrets: Sequence[str], on_tools_changed: Callable[[], None]
    ) -> None:
        super().__init__(*streams, message_handler=self._on_message, client_info=_CLIENT)
        self.ended = asyncio.Event()
        self._failures = failures
        self._secrets = secrets
        self._on_tools_changed = on_tools_changed
        self._limits: set[asyncio.Timeout] = set()
        self._notices: set[asyncio.Task[None]] = set()

    async def ask(self, request: ClientRequest, kind: type[Answer], timeout_s: float) -> Answer:
        """Return the answer to a request.

        Raises:
            SourceError: there is none in time, or it is an error.
        """
        request_id = self._request_id
        limit = asyncio.timeout(timeout_s)
        try:
            async with limit:
                self._limits.add(limit)
                return await self.send_request(request, kind)
        except TimeoutError:
            if self.ended.is_set():
                raise self._failures.take(request_id) or _gone() from None
            self._give_up(request_id)
            raise SourceError(
                "CALL_TIMEOUT", f"The server did not answer within {timeout_s:g} s.", retryable=True
            ) from None
        except asyncio.CancelledError:
            self._give_up(request_id)
            raise
        except McpError as error:
            raise self.reason(request_id, error) from None
        except ValidationError:
            raise SourceError("RESPONSE_INVALID", "The server's answer is not what MCP says that it is.") from None
        except (anyio.ClosedResourceError, anyio.BrokenResourceError):
            raise _gone() from None
        finally:
            self._limits.discard(limit)
            self._failures.take(request_id)

    def reason(self, request_id: int, error: McpError) -> SourceError:
        """Return why a request failed: what the transport noted, or else what the server says, without secrets."""
        return self._failures.take(request_id) or _worded(error, self._secrets)

    def _give_up(self, request_id: int) -> None:
        if not self.ended.is_set():
            notice = asyncio.create_task(self._send_cancelled(request_id))
            self._notices.add(notice)
            notice.add_done_callback(self._notices.discard)

    async def _send_cancelled(self, request_id: int) -> None:
        params = CancelledNotificationParams(requestId=request_id, reason="the caller no longer waits")
        try:
            async with asyncio.timeout(_NOTICE_S):
                await self.send_notification(ClientNotification(CancelledNotification(params=params)))
        except (TimeoutError, anyio.ClosedResourceError, anyio.BrokenResourceError):
            return

    async def _on_message(
        self, message: RequestResponder[ServerRequest, ClientResult] | ServerNotification | Exception
    ) -> None:
        if isinstance(message, ServerNotification) and isinstance(message.root, ToolListChangedNotification):
            self._on_tools_changed()

    async def _receive_loop(self) -> None:
        try:
            await super()._receive_loop()
        finally:
            self.ended.set()
            # The library's loop, when it is cancelled, leaves those waiting that wait for an answer.
            for limit in self._limits:
                if not limit.expired():
                    limit.reschedule(0.0)


class McpConnection:
    """Keeps a session open from the first request on until it is closed.

    When a session ends, the next one is opened after a pause that doubles with each failure, from half a second to a
    minute. Meanwhile requests fail at once with the reason.
    """

    def __init__(
        self,
        open_streams: OpenStreams,
        open_timeout_s: float,
        secrets: Sequence[str],
        on_tools_changed: Callable[[], None],
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """`secrets` are masked in what the server says; `pause` waits for so many seconds."""
        self._open_streams = open_streams
        self._open_timeout_s = open_timeout_s
        self._secrets = secrets
        self._on_tools_changed = on_tools_changed
        self._pause = pause
        self._keeper: asyncio.Task[None] | None = None
        self._session: _Session | None = None
        self._failure: SourceError | None = None
        self._changed = asyncio.Condition()
        self.server: InitializeResult | None = None

    async def ask(self, request: ClientRequest, kind: type[Answer], timeout_s: float) -> Answer:
        """Return the answer to a request within `timeout_s` seconds, the opening of the session included.

        Raises:
            SourceError: the server cannot be reached, does not answer in time, or answers with an error.
        """
        started = asyncio.get_running_loop().time()
        session = await self._opened(timeout_s)
        left_s = timeout_s - (asyncio.get_running_loop().time() - started)
        return await session.ask(request, kind, max(0.001, left_s))

    async def aclose(self) -> None:
        """End the session; requests in flight fail."""
        keeper, self._keeper = self._keeper, None
        if keeper is not None:
            keeper.cancel()
            await asyncio.wait([keeper])
            await self._tell(None, None)

    async def _opened(self, timeout_s: float) -> _Session:
        if self._keeper is None or self._keeper.done():
            self._keeper = asyncio.create_task(self._keep())
        try:
            async with asyncio.timeout(timeout_s), self._changed:
                await self._changed.wait_for(lambda: self._session is not None or self._failure is not None)
        except TimeoutError:
            raise SourceError("CALL_TIMEOUT", "The server did not open a session in time.", retryable=True) from None
        if self._session is None:
            failure = self._failure or _gone()
            raise SourceError(failure.code, failure.message, failure.field, retryable=failure.retryable)
        return self._session

    async def _keep(self) -> None:
        pause_s = _FIRST_PAUSE_S
        while True:
            failure, was_open = await self._one_session()
            await self._tell(None, failure)
            pause_s = _FIRST_PAUSE_S if was_open else min(pause_s * 2, _LONGEST_PAUSE_S)
            # Not all at the same moment, when a server comes back that many wait for.
            await self._pause(pause_s * random.uniform(0.5, 1.0))
            await self._tell(None, None)

    async def _one_session(self) -> tuple[SourceError, bool]:
        """Return why a session ended, and whether it was open before."""
        failures, lost = Failures(), asyncio.Event()
        was_open = False
        try:
            async with (
                self._open_streams(failures, lost.set) as streams,
                _Session(streams, failures, self._secrets, self._on_tools_changed) as session,
            ):
                self.server = await self._initialize(session)
                await self._tell(session, None)
                was_open = True
                await _first(session.ended.wait(), lost.wait())
                await self._tell(None, _gone())
            return _gone(), was_open
        except SourceError as error:
            return error, was_open
        except (OSError, RuntimeError, ExceptionGroup, anyio.ClosedResourceError, anyio.BrokenResourceError) as error:
            found = _source_error_in(error)
            return found or SourceError("TARGET_UNREACHABLE", "No session could be opened.", retryable=True), was_open

    async def _initialize(self, session: _Session) -> InitializeResult:
        try:
            async with asyncio.timeout(self._open_timeout_s):
                return await session.initialize()
        except TimeoutError:
            raise SourceError("CALL_TIMEOUT", "The server did not open a session in time.", retryable=True) from None
        except McpError as error:
            raise session.reason(_FIRST_REQUEST, error) from None
        except ValidationError:
            raise SourceError("RESPONSE_INVALID", "The server does not open a session as MCP says.") from None
        except RuntimeError:
            raise SourceError("RESPONSE_INVALID", "The server speaks a version of MCP not known here.") from None

    async def _tell(self, session: _Session | None, failure: SourceError | None) -> None:
        async with self._changed:
            self._session, self._failure = session, failure
            self._changed.notify_all()


async def _first(*events: Coroutine[Any, Any, Any]) -> None:
    """Wait until one of `events` happens."""
    tasks = [asyncio.create_task(event) for event in events]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()


def _source_error_in(error: BaseException) -> SourceError | None:
    if isinstance(error, SourceError):
        return error
    parts = error.exceptions if isinstance(error, BaseExceptionGroup) else ()
    return next((found for part in parts if (found := _source_error_in(part))), None)


def _gone() -> SourceError:
    return SourceError("TARGET_UNREACHABLE", "The session with the server has ended.", retryable=True)


def _worded(error: McpError, secrets: Sequence[str]) -> SourceError:
    """Word an error that the server answers with."""
    said = masked(" ".join(error.error.message.split())[:_WORDS], secrets)
    if error.error.code == CONNECTION_CLOSED and said == "Connection closed":
        return _gone()
    if error.error.code == INVALID_PARAMS:
        return SourceError("ARGUMENTS_INVALID", f"The server refuses the arguments: {said}")
    if error.error.code == METHOD_NOT_FOUND:
        return SourceError("METHOD_GONE", f"The server does not know the request: {said}")
    return SourceError("CALL_REFUSED", f"The server answers with an error: {said}")
