"""The guard over addresses: what is public passes, all else only where the operator lists it."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plugins.sources.base import SourceError
from plugins.sources.network import AddressGuard, NetworkPolicy, refusal

PUBLIC = ["8.8.8.8", "1.1.1.1", "172.15.255.255", "172.32.0.1", "100.63.0.1", "2606:4700::1111", "2a00:1450:4001::200e"]

REFUSED = [
    ("0.0.0.0", "unspecified"),
    ("0.1.2.3", "unspecified"),
    ("10.0.0.1", "private"),
    ("172.16.0.1", "private"),
    ("172.31.255.255", "private"),
    ("192.168.1.1", "private"),
    ("100.64.0.1", "carrier-grade NAT"),
    ("100.127.255.255", "carrier-grade NAT"),
    ("127.0.0.1", "loopback"),
    ("127.255.255.255", "loopback"),
    ("169.254.169.254", "link-local"),
    ("192.0.0.1", "reserved"),
    ("192.0.2.1", "documentation"),
    ("192.88.99.1", "6to4"),
    ("198.18.0.1", "benchmarking"),
    ("224.0.0.1", "multicast"),
    ("240.0.0.1", "reserved"),
    ("255.255.255.255", "reserved"),
    ("::", "unspecified"),
    ("::1", "loopback"),
    ("::ffff:127.0.0.1", "IPv4-mapped"),
    ("::ffff:8.8.8.8", "IPv4-mapped"),
    ("::7f00:1", "IPv4-compatible"),
    ("64:ff9b::7f00:1", "NAT64"),
    ("64:ff9b::808:808", "NAT64"),
    ("64:ff9b:1::1", "NAT64"),
    ("2001::1", "Teredo"),
    ("2001:10::1", "reserved"),
    ("2001:db8::1", "documentation"),
    ("2002:7f00:1::", "6to4"),
    ("2002:808:808::", "6to4"),
    ("3fff::1", "documentation"),
    ("fc00::1", "unique local"),
    ("fdff::1", "unique local"),
    ("fe80::1", "link-local"),
    ("fec0::1", "site-local"),
    ("ff02::1", "multicast"),
    ("4000::1", "not global unicast"),
    ("100::1", "not global unicast"),
]


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses_pass(address: str) -> None:
    assert refusal(ipaddress.ip_address(address)) is None


@pytest.mark.parametrize(("address", "why"), REFUSED)
def test_all_others_are_refused_by_their_kind(address: str, why: str) -> None:
    assert refusal(ipaddress.ip_address(address)) == why


@settings(max_examples=100, deadline=None)
@given(st.ip_addresses())
def test_nothing_passes_that_the_standard_library_calls_not_global(
    address: ipaddress.IPv4Address | ipaddress.IPv6Address,
) -> None:
    if not address.is_global or address.is_multicast:
        assert refusal(address) is not None


@pytest.mark.parametrize(
    "host",
    [
        "2130706433",
        "0x7f000001",
        "0x7f.1",
        "0177.0.0.1",
        "127.1",
        "127.0.0.1.",
        "0x",
        "1.2.3.4.5",
        "256.1.1.1",
        "a.0x7f",
        "a b",
        "",
        "-a.example",
        "a..example",
        "a.example..",
        "x" * 64,
        "a%2eexample",
        "fe80::1%eth0",
        "::1%25lo",
        "1:2",
        "ünï.example",
    ],
)
def test_hosts_that_readers_differ_on_are_refused(host: str) -> None:
    with pytest.raises(SourceError) as refused:
        AddressGuard().check_host(host)
    assert refused.value.code in ("TARGET_INVALID", "TARGET_NOT_ALLOWED")


@pytest.mark.parametrize(
    "host", ["a.example", "A.Example", "a.example.", "x-1_2.example", "xn--nxasmq6b.example", "8.8.8.8"]
)
def test_plain_hosts_pass(host: str) -> None:
    AddressGuard().check_host(host)


@pytest.mark.parametrize(
    ("url", "word"),
    [
        ("http://a.example/", "in the clear"),
        ("ftp://a.example/", "https"),
        ("//a.example/", "https"),
        ("https:///x", "https"),
        ("https://user:word@a.example/", "credentials"),
        ("https://user@a.example/", "credentials"),
        ("https://@a.example/", "credentials"),
        ("https://a.example:0/", "port"),
        ("https://a.example:99999/", "cannot be read"),
        ("https://a.example/x y", "escaped"),
        ("https://a.example\\@b.example/", "escaped"),
        ("https://a.example/\r\nX: y", "escaped"),
        ("https://a.example/é", "escaped"),
        ("https://a.example/" + "x" * 9_000, "longer"),
        ("https://127.0.0.1/", "loopback"),
        ("https://[::1]/", "loopback"),
        ("https://[::ffff:10.0.0.1]/", "IPv4-mapped"),
        ("https://[64:ff9b::10.0.0.1]/", "NAT64"),
        ("https://0x7f.0.0.1/", "another form"),
        ("https://2130706433/", "another form"),
        ("https://１２７.０.０.１/", "escaped"),
    ],
)
def test_urls_that_may_not_be_called(url: str, word: str) -> None:
    with pytest.raises(SourceError, match=word):
        AddressGuard().check_url(url)


def test_a_url_keeps_its_escapes_and_loses_its_fragment() -> None:
    url = AddressGuard().check_url("https://a.example:8443/a%2Fb/../c?x=%2e#part")

    assert str(url) == "https://a.example:8443/a%2Fb/../c?x=%2e"


@pytest.mark.parametrize(
    ("allow", "host", "address"),
    [
        ("10.1.0.0/16", "a.example", "10.1.2.3"),
        ("127.0.0.1", "a.example", "127.0.0.1"),
        ("fd00::/8", "a.example", "fd00::1"),
        ("64:ff9b::/96", "a.example", "64:ff9b::1"),
        ("orders.internal", "Orders.Internal.", "10.9.9.9"),
        ("*.internal", "orders.internal", "192.168.0.1"),
    ],
)
def test_the_operator_lists_exceptions(allow: str, host: str, address: str) -> None:
    AddressGuard(NetworkPolicy(allow=(allow,))).check_address(host, ipaddress.ip_address(address))


@pytest.mark.parametrize(
    ("allow", "host", "address"),
    [
        ("10.1.0.0/16", "a.example", "10.2.0.1"),
        ("10.1.0.0/16", "a.example", "::ffff:10.1.0.1"),
        ("orders.internal", "xorders.internal", "10.0.0.1"),
        ("*.internal", "internal", "10.0.0.1"),
        ("*.internal", "a.internal.example", "10.0.0.1"),
        ("fe80::/10", "a.example", "fe80::1%eth0"),
    ],
)
def test_an_exception_covers_no_more_than_it_says(allow: str, host: str, address: str) -> None:
    with pytest.raises(SourceError, match="operator"):
        AddressGuard(NetworkPolicy(allow=(allow,))).check_address(host, ipaddress.ip_address(address))


@pytest.mark.parametrize("entry", ["10.0.0.1/8", "*", "0x7f.1", "a b", "https://a.example", ""])
def test_a_wrong_exception_is_told_at_once(entry: str) -> None:
    with pytest.raises(ValueError, match="neither"):
        AddressGuard(NetworkPolicy(allow=(entry,)))


async def test_one_refused_address_among_public_ones_refuses_the_host() -> None:
    async def lookup(host: str, port: int) -> list[str]:
        return ["8.8.8.8", "10.0.0.1"]

    with pytest.raises(SourceError, match="private"):
        await AddressGuard().resolve("a.example", 443, lookup)


async def test_a_host_that_is_not_found_or_has_no_address() -> None:
    async def fails(host: str, port: int) -> list[str]:
        raise OSError

    async def empty(host: str, port: int) -> list[str]:
        return []

    for lookup in (fails, empty):
        with pytest.raises(SourceError) as failed:
            await AddressGuard().resolve("a.example", 443, lookup)
        assert failed.value.code == "TARGET_UNREACHABLE"


async def test_the_addresses_are_those_of_one_look_up() -> None:
    asked: list[str] = []

    async def lookup(host: str, port: int) -> list[str]:
        asked.append(host)
        return ["8.8.8.8", "2606:4700::1111", "8.8.8.8"] if len(asked) == 1 else ["127.0.0.1"]

    assert await AddressGuard().resolve("a.example", 443, lookup) == ("8.8.8.8", "2606:4700::1111")
    assert asked == ["a.example"]
