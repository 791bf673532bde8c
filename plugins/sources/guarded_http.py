"""HTTP for registered sources: to judged addresses only, bounded in size and time, and never redirected."""

from __future__ import annotations

import asyncio
import socket
import ssl
import zlib
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import quote

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from multidict import CIMultiDict, CIMultiDictProxy
from yarl import URL

from plugins.sources.base import SourceError, SourceLimits
from plugins.sources.network import AddressGuard, Lookup

USER_AGENT: Final = "vaiven"
_CONNECT_S: Final = 10.0
_CONNECTIONS: Final = 16
_HEADER_LINES: Final = 100
_HEADER_BYTES: Final = 8_190
_INFLATED_AT_ONCE: Final = 65_536
_CODINGS: Final = {"gzip": zlib.MAX_WBITS | 16, "x-gzip": zlib.MAX_WBITS | 16, "deflate": zlib.MAX_WBITS}


@dataclass(frozen=True, slots=True)
class Reply:
    """A whole answer; `body` is decompressed."""

    status: int
    headers: CIMultiDictProxy[str]
    body: bytes

    @property
    def media_type(self) -> str:
        """Return the media type in lower case without parameters, or an empty string."""
        return self.headers.get("Content-Type", "").partition(";")[0].strip().lower()

    @property
    def text(self) -> str:
        """Return the body as text in the charset that the answer names, or else UTF-8; wrong bytes become marks."""
        parameters = self.headers.get("Content-Type", "").lower().partition("charset=")[2]
        charset = parameters.partition(";")[0].strip(" \"'") or "utf-8"
        try:
            return self.body.decode(charset, errors="replace")
        except (LookupError, ValueError):
            return self.body.decode("utf-8", errors="replace")


@dataclass(frozen=True, slots=True)
class Exchange:
    """An answer whose body is still to be read."""

    status: int
    headers: CIMultiDictProxy[str]
    body: AsyncIterator[bytes]


@dataclass
class GuardedHttp:
    """Sends requests through an `AddressGuard`; close it at the end.

    No redirect is followed, no cookie is kept, no proxy and no `.netrc` of the machine is used. `lookup` replaces the
    system's resolver, `tls` the system's certificate authorities.
    """

    guard: AddressGuard
    limits: SourceLimits = field(default_factory=SourceLimits)
    lookup: Lookup | None = None
    tls: ssl.SSLContext | None = None
    _session: aiohttp.ClientSession | None = field(default=None, init=False, repr=False)

    async def send(
        self,
        method: str,
        url: str | URL,
        *,
        headers: Mapping[str, str] | CIMultiDict[str] | None = None,
        body: bytes | None = None,
        timeout_s: float | None = None,
        response_bytes: int | None = None,
    ) -> Reply:
        """Return the whole answer to one request within `timeout_s` seconds.

        Raises:
            SourceError: The address is refused, nothing answers in time, or what answers is no HTTP or too large.
        """
        limit_s = self.limits.call_timeout_s if timeout_s is None else timeout_s
        try:
            async with asyncio.timeout(limit_s):
                async with self.exchange(method, url, headers=headers, body=body, response_bytes=response_bytes) as got:
                    return Reply(got.status, got.headers, b"".join([piece async for piece in got.body]))
        except TimeoutError:
            raise SourceError(
                "CALL_TIMEOUT", f"{_where(url)} did not answer within {limit_s:g} s.", retryable=True
            ) from None

    @asynccontextmanager
    async def exchange(
        self,
        method: str,
        url: str | URL,
        *,
        headers: Mapping[str, str] | CIMultiDict[str] | None = None,
        body: bytes | None = None,
        response_bytes: int | None = None,
    ) -> AsyncIterator[Exchange]:
        """Send one request and yield the answer while its body arrives; the caller bounds the time.

        Raises:
            SourceError: The address is refused, nothing answers, or what answers is no HTTP or too large.
        """
        target = self.guard.check_url(url)
        if body is not None and len(body) > self.limits.max_request_bytes:
            raise SourceError(
                "ARGUMENTS_TOO_LARGE", f"The request is larger than {self.limits.max_request_bytes:,} bytes."
            )
        sent = CIMultiDict({"User-Agent": USER_AGENT, "Accept-Encoding": "gzip, deflate"})
        sent.update(headers or {})
        try:
            async with self._open().request(method, target, headers=sent, data=body, allow_redirects=False) as response:
                most = response_bytes or self.limits.max_response_bytes
                yield Exchange(response.status, response.headers, _pieces(response, most, _where(url)))
        except aiohttp.ClientError as error:
            raise _failure(error, _where(url)) from None

    async def aclose(self) -> None:
        """Close the connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            connector = aiohttp.TCPConnector(
                resolver=_GuardedResolver(self.guard, self.lookup),
                use_dns_cache=False,
                limit=_CONNECTIONS,
                ssl=self.tls or True,
            )
            self._session = aiohttp.ClientSession(
                connector=connector,
                cookie_jar=aiohttp.DummyCookieJar(),
                auto_decompress=False,
                trust_env=False,
                timeout=aiohttp.ClientTimeout(total=None, connect=_CONNECT_S),
                max_line_size=_HEADER_BYTES,
                max_field_size=_HEADER_BYTES,
                max_headers=_HEADER_LINES,
            )
        return self._session


def masked(text: str, secrets: Iterable[str]) -> str:
    """Return what a service says without what it was sent: secrets as they are and as a URL has them."""
    for secret in secrets:
        for form in (secret, quote(secret, safe="")):
            text = text.replace(form, "***")
    return text


@dataclass(frozen=True)
class _GuardedResolver(AbstractResolver):
    """Hands only judged addresses to aiohttp, which connects to these and to no others."""

    guard: AddressGuard
    lookup: Lookup | None

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        return [
            ResolveResult(
                hostname=host,
                host=address,
                port=port,
                family=socket.AF_INET6 if ":" in address else socket.AF_INET,
                proto=socket.IPPROTO_TCP,
                flags=socket.AI_NUMERICHOST | socket.AI_NUMERICSERV,
            )
            for address in await self.guard.resolve(host, port, self.lookup)
        ]

    async def close(self) -> None:
        """Nothing is held."""


async def _pieces(response: aiohttp.ClientResponse, most: int, where: str) -> AsyncIterator[bytes]:
    """Yield the body decompressed, in bounded pieces, and stop at `most` bytes.

    Raises:
        SourceError: It is larger, or its coding is not known or broken.
    """
    total = 0
    try:
        async for piece in _decoded(response, where):
            total += len(piece)
            if total > most:
                raise SourceError("RESPONSE_TOO_LARGE", f"The answer of {where} is larger than {most:,} bytes.")
            yield piece
    except aiohttp.ClientError as error:
        raise _failure(error, where) from None


async def _decoded(response: aiohttp.ClientResponse, where: str) -> AsyncIterator[bytes]:
    coding = response.headers.get("Content-Encoding", "identity").strip().lower()
    if coding in ("identity", ""):
        async for raw in response.content.iter_any():
            yield raw
        return
    if coding not in _CODINGS:
        raise SourceError("RESPONSE_INVALID", f"The answer of {where} comes in a coding that was not asked for.")
    inflater = zlib.decompressobj(_CODINGS[coding])
    try:
        async for raw in response.content.iter_any():
            pending = raw
            while pending and not inflater.eof:
                yield inflater.decompress(pending, _INFLATED_AT_ONCE)
                pending = inflater.unconsumed_tail
        yield inflater.flush()
    except zlib.error:
        raise SourceError("RESPONSE_INVALID", f"The answer of {where} cannot be decompressed.") from None


def _failure(error: aiohttp.ClientError, where: str) -> SourceError:
    """Word what aiohttp raised; its own words may hold the URL, and with it a key."""
    if isinstance(error, aiohttp.ServerTimeoutError | aiohttp.ConnectionTimeoutError):
        return SourceError("CALL_TIMEOUT", f"{where} did not answer in time.", retryable=True)
    if isinstance(error, aiohttp.ClientSSLError | aiohttp.ClientConnectorCertificateError):
        return SourceError("TLS_INVALID", f"{where} has no certificate that is trusted here.")
    if isinstance(error, aiohttp.ClientConnectorError | aiohttp.ServerDisconnectedError | aiohttp.ClientOSError):
        return SourceError("TARGET_UNREACHABLE", f"{where} cannot be reached.", retryable=True)
    if isinstance(error, aiohttp.ClientPayloadError):
        return SourceError("RESPONSE_INVALID", f"The answer of {where} was cut off.", retryable=True)
    if isinstance(error, aiohttp.InvalidURL):
        return SourceError("TARGET_INVALID", "The URL cannot be read.")
    return SourceError("RESPONSE_INVALID", f"The answer of {where} is no HTTP that can be read.")


def _where(url: str | URL) -> str:
    """Return the host of a URL, for messages: neither its path nor its query, which may hold a key."""
    try:
        return URL(str(url), encoded=True).raw_host or "The server"
    except ValueError:
        return "The server"
