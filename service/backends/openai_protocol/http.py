"""The connections to one deployment, on aiohttp: kept alive, bounded, verified, and never redirected."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from typing import Final

import aiohttp

from service.backends.openai_protocol.connection import Credentials
from service.backends.openai_protocol.faults import transport_error
from service.backends.openai_protocol.options import WireOptions
from service.errors import ModelLoadError

_UNAUTHORIZED: Final = 401
_FAILURES: Final = (aiohttp.ClientError, OSError)
_USER_AGENT: Final = "vaiven"


def trust_of(options: WireOptions) -> ssl.SSLContext | bool:
    """Return how certificates are verified: against `ca_file`, or (True) the system's authorities.

    Raises:
        ModelLoadError: The file cannot be read.
    """
    if options.ca_file is None:
        # aiohttp has read the system's authorities when it was imported; doing so takes some 60 ms.
        return True
    try:
        return ssl.create_default_context(cafile=options.ca_file)
    except OSError:
        raise ModelLoadError(f"ca_file {options.ca_file} is no readable PEM file of certificates.") from None


def new_session(options: WireOptions, trust: ssl.SSLContext | bool) -> aiohttp.ClientSession:
    """Return a session within `options`; it must be made where the event loop runs.

    Neither the environment's proxies nor `.netrc` are looked at.
    """
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=options.max_concurrent, keepalive_timeout=options.keep_alive_s, ssl=trust),
        # The deadline of each call is held by who reads it: only there is it known what silence means.
        timeout=aiohttp.ClientTimeout(total=None, sock_connect=options.connect_timeout_s),
        cookie_jar=aiohttp.DummyCookieJar(),
        headers={"User-Agent": _USER_AGENT},
        trust_env=False,
        proxy=options.proxy,
    )


class HttpExchange:
    """One answer on an aiohttp connection."""

    def __init__(self, name: str, response: aiohttp.ClientResponse) -> None:
        """Read `response`; `name` is the model's name in errors."""
        self._name = name
        self._response = response
        self.status = response.status
        self.headers: Mapping[str, str] = response.headers

    def at_hand(self) -> bytes | None:
        """Return the bytes that have come; None: there are none yet."""
        content = self._response.content
        try:
            data = content.read_nowait()
        except _FAILURES as error:
            raise transport_error(self._name, error, answering=True) from None
        return data if data or content.is_eof() else None

    async def read(self) -> bytes:
        """Return the bytes at hand, or the next that come."""
        try:
            return await self._response.content.readany()
        except _FAILURES as error:
            raise transport_error(self._name, error, answering=True) from None

    async def aclose(self) -> None:
        """Hand the connection back; aiohttp closes it if anything is left unread."""
        self._response.release()


class HttpConnection:
    """The way to one address of chat completions."""

    def __init__(self, name: str, url: str, credentials: Credentials, options: WireOptions) -> None:
        """Post to `url`; `name` is the model's name in errors.

        Raises:
            ModelLoadError: `ca_file` cannot be read.
        """
        self._name = name
        self._url = url
        self._credentials = credentials
        self._options = options
        self._trust = trust_of(options)
        self._session: aiohttp.ClientSession | None = None

    async def send(self, body: bytes, *, streamed: bool) -> HttpExchange:
        """Post `body`; credentials that can be renewed are renewed once if they are refused."""
        exchange = await self._post(body, streamed=streamed)
        if exchange.status == _UNAUTHORIZED and self._credentials.forget():
            await exchange.aclose()
            exchange = await self._post(body, streamed=streamed)
        return exchange

    async def _post(self, body: bytes, *, streamed: bool) -> HttpExchange:
        headers = {
            "Content-Type": "application/json",
            "Accept": "text/event-stream" if streamed else "application/json",
            **await self._credentials.headers(),
        }
        if self._session is None:
            self._session = new_session(self._options, self._trust)
        try:
            response = await self._session.post(self._url, data=body, headers=headers, allow_redirects=False)
        except _FAILURES as error:
            raise transport_error(self._name, error, answering=False) from None
        return HttpExchange(self._name, response)

    async def close(self) -> None:
        """Close all connections and give up the credentials."""
        if self._session is not None:
            await self._session.close()
        await self._credentials.close()
