"""HTTP through the guard: pinned to what was judged, bounded, and not led elsewhere."""

from __future__ import annotations

import asyncio
import gzip
import ssl
import zlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
import trustme
from aiohttp import web

from plugins.sources.base import SourceError, SourceLimits
from plugins.sources.guarded_http import GuardedHttp
from plugins.sources.network import AddressGuard, NetworkPolicy
from tests.unit.sources.servers import LOOPBACK, json_answer, looking_up, serving

LIMITS = SourceLimits(max_response_bytes=10_000, max_request_bytes=1_000, call_timeout_s=5.0)


@pytest.fixture
async def http() -> AsyncIterator[GuardedHttp]:
    client = GuardedHttp(LOOPBACK, LIMITS)
    yield client
    await client.aclose()


@asynccontextmanager
async def raw_server(answer: bytes, *, then_wait: bool = False) -> AsyncIterator[str]:
    """Run a server that says `answer` whatever it is asked, then closes or says nothing more."""
    stop = asyncio.Event()

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        await writer.drain()
        if then_wait:
            await stop.wait()
        writer.close()

    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        stop.set()
        server.close()
        await server.wait_closed()


async def test_an_answer_comes_whole(http: GuardedHttp) -> None:
    async with serving(json_answer('{"a": "é"}')) as server:
        reply = await http.send("POST", f"{server.url}/a%2Fb?x=1", headers={"X-One": "1"}, body=b"hello")

    seen = server.seen[0]
    assert (reply.status, reply.media_type, reply.text) == (200, "application/json", '{"a": "é"}')
    assert (seen.method, seen.path, seen.query, seen.body) == ("POST", "/a%2Fb", "x=1", b"hello")
    assert seen.headers["X-One"] == "1"
    assert "Cookie" not in seen.headers


async def test_loopback_is_refused_unless_it_is_listed() -> None:
    client = GuardedHttp(AddressGuard(NetworkPolicy(allow_http=True)))
    async with serving(json_answer("{}")) as server:
        with pytest.raises(SourceError, match="loopback"):
            await client.send("GET", server.url)
    await client.aclose()
    assert server.seen == []


async def test_a_name_that_leads_to_a_private_address_is_refused_before_anything_is_sent() -> None:
    async with serving(json_answer("{}")) as server:
        client = GuardedHttp(AddressGuard(NetworkPolicy(allow_http=True)), LIMITS, looking_up("127.0.0.1"))
        with pytest.raises(SourceError) as refused:
            await client.send("GET", f"http://rebound.example:{server.port}/")
        await client.aclose()

    assert refused.value.code == "TARGET_NOT_ALLOWED"
    assert server.seen == []


async def test_the_connection_goes_to_the_judged_address_with_the_name_as_host_and_sni() -> None:
    authority = trustme.CA()
    names: list[str | None] = []
    server_tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("orders.example").configure_cert(server_tls)
    server_tls.sni_callback = lambda _socket, name, _context: names.append(name)
    client_tls = ssl.create_default_context()
    authority.configure_trust(client_tls)

    hosts: list[str] = []

    async def answer(request: web.BaseRequest) -> web.StreamResponse:
        hosts.append(request.headers["Host"])
        return web.Response(text="ok")

    runner = web.ServerRunner(web.Server(answer), shutdown_timeout=0.01)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=server_tls)
    await site.start()
    port = runner.addresses[0][1]
    guard = AddressGuard(NetworkPolicy(allow=("127.0.0.1",)))
    client = GuardedHttp(guard, LIMITS, looking_up("127.0.0.1"), client_tls)
    stranger = GuardedHttp(guard, LIMITS, looking_up("127.0.0.1"))
    try:
        reply = await client.send("GET", f"https://orders.example:{port}/")
        with pytest.raises(SourceError) as untrusted:
            await stranger.send("GET", f"https://orders.example:{port}/")
        with pytest.raises(SourceError) as misnamed:
            await client.send("GET", f"https://other.example:{port}/")
    finally:
        await client.aclose()
        await stranger.aclose()
        await runner.cleanup()

    assert reply.text == "ok"
    assert hosts == [f"orders.example:{port}"]
    assert names[0] == "orders.example"
    assert untrusted.value.code == misnamed.value.code == "TLS_INVALID"


async def test_a_redirect_is_an_answer_and_is_not_followed(http: GuardedHttp) -> None:
    async def answer(_request: web.BaseRequest) -> web.StreamResponse:
        return web.Response(status=302, headers={"Location": "http://169.254.169.254/"})

    async with serving(answer) as server:
        reply = await http.send("GET", server.url)

    assert reply.status == 302
    assert len(server.seen) == 1


async def test_cookies_are_not_kept(http: GuardedHttp) -> None:
    async def answer(_request: web.BaseRequest) -> web.StreamResponse:
        return web.Response(headers={"Set-Cookie": "session=1"})

    async with serving(answer) as server:
        await http.send("GET", server.url)
        await http.send("GET", server.url)

    assert "Cookie" not in server.seen[1].headers


PACKED = {"gzip": gzip.compress(b"x" * 9_000), "deflate": zlib.compress(b"x" * 9_000)}


@pytest.mark.parametrize("coding", PACKED)
async def test_packed_answers_are_unpacked(http: GuardedHttp, coding: str) -> None:
    packed = PACKED[coding]
    head = f"HTTP/1.1 200 OK\r\nContent-Encoding: {coding}\r\nContent-Length: {len(packed)}\r\n\r\n"
    async with raw_server(head.encode() + packed) as url:
        reply = await http.send("GET", url)

    assert reply.body == b"x" * 9_000


BOMB = gzip.compress(b"\0" * 50_000_000)

FAULTS = [
    ("a body that is too large", b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 10_001, "RESPONSE_TOO_LARGE"),
    (
        "a gzip bomb",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(BOMB) + BOMB,
        "RESPONSE_TOO_LARGE",
    ),
    (
        "broken gzip",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nabcd",
        "RESPONSE_INVALID",
    ),
    (
        "a coding not asked for",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: br\r\nContent-Length: 1\r\n\r\nx",
        "RESPONSE_INVALID",
    ),
    (
        "too many headers",
        b"HTTP/1.1 200 OK\r\n" + b"".join(b"X-%d: y\r\n" % i for i in range(200)) + b"\r\n",
        "RESPONSE_INVALID",
    ),
    ("a header that is too long", b"HTTP/1.1 200 OK\r\nX: " + b"y" * 20_000 + b"\r\n\r\n", "RESPONSE_INVALID"),
    ("no HTTP", b"SSH-2.0-OpenSSH\r\n\r\n", "RESPONSE_INVALID"),
    ("a body cut off", b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc", "RESPONSE_INVALID"),
    ("nothing at all", b"", "TARGET_UNREACHABLE"),
]


@pytest.mark.parametrize(("answer", "code"), [pytest.param(a, c, id=name) for name, a, c in FAULTS])
async def test_what_a_server_may_do_wrong(http: GuardedHttp, answer: bytes, code: str) -> None:
    async with raw_server(answer) as url:
        with pytest.raises(SourceError) as failed:
            await http.send("GET", f"{url}/path?key=hidden")

    assert failed.value.code == code
    assert "hidden" not in str(failed.value)


@pytest.mark.parametrize(
    "answer", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx"], ids=["at once", "in the body"]
)
async def test_a_server_that_falls_silent(http: GuardedHttp, answer: bytes) -> None:
    async with raw_server(answer, then_wait=True) as url:
        with pytest.raises(SourceError) as failed:
            await http.send("GET", url, timeout_s=0.05)

    assert failed.value.code == "CALL_TIMEOUT"
    assert failed.value.retryable


async def test_nobody_listens(http: GuardedHttp) -> None:
    async with raw_server(b"") as url:
        pass

    with pytest.raises(SourceError) as failed:
        await http.send("GET", url)
    assert failed.value.code == "TARGET_UNREACHABLE"


async def test_a_request_that_is_too_large_is_not_sent(http: GuardedHttp) -> None:
    async with serving(json_answer("{}")) as server:
        with pytest.raises(SourceError, match="larger than 1,000"):
            await http.send("POST", server.url, body=b"x" * 1_001)
    assert server.seen == []


@pytest.mark.parametrize(
    ("content_type", "body", "text"),
    [
        ("text/plain; charset=iso-8859-1", b"\xe9", "é"),
        ("text/plain", b"\xc3\xa9", "é"),
        ("text/plain; charset=none-such", b"\xc3\xa9", "é"),
        ("text/plain; charset=utf-8", b"\xff", "\ufffd"),
        ('text/plain; charset="hex"', b"41", "41"),
    ],
)
async def test_text_comes_in_the_charset_that_is_named(
    http: GuardedHttp, content_type: str, body: bytes, text: str
) -> None:
    head = f"HTTP/1.1 200 OK\r\nContent-Type: {content_type}\r\nContent-Length: {len(body)}\r\n\r\n"
    async with raw_server(head.encode() + body) as url:
        reply = await http.send("GET", url)

    assert reply.text == text
