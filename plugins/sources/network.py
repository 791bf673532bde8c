"""Where a registered source may connect to: the operator's list and the public internet, nothing else.

A name is resolved once, every address that it has is judged, and the connection goes to one of those addresses; so a
name that answers differently a moment later gains nothing.
"""

from __future__ import annotations

import asyncio
import ipaddress
import re
import socket
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final, TypeAlias

from yarl import URL

from plugins.sources.base import SourceError

Address: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address
Network: TypeAlias = ipaddress.IPv4Network | ipaddress.IPv6Network
Lookup: TypeAlias = Callable[[str, int], Awaitable[Sequence[str]]]
"""Returns the addresses of a host name, as text."""

URL_CHARACTERS: Final = 8_192
"""The longest URL that is taken; what servers commonly take."""

_REFUSED: Final[tuple[tuple[str, str], ...]] = (
    # Source: IANA IPv4 and IPv6 Special-Purpose Address Registries, and RFC 6890.
    ("0.0.0.0/8", "unspecified"),
    ("10.0.0.0/8", "private"),
    ("100.64.0.0/10", "carrier-grade NAT"),
    ("127.0.0.0/8", "loopback"),
    ("169.254.0.0/16", "link-local"),
    ("172.16.0.0/12", "private"),
    ("192.0.0.0/24", "reserved"),
    ("192.0.2.0/24", "documentation"),
    ("192.88.99.0/24", "6to4"),
    ("192.168.0.0/16", "private"),
    ("198.18.0.0/15", "benchmarking"),
    ("198.51.100.0/24", "documentation"),
    ("203.0.113.0/24", "documentation"),
    ("224.0.0.0/4", "multicast"),
    ("240.0.0.0/4", "reserved"),
    ("::/128", "unspecified"),
    ("::1/128", "loopback"),
    ("::ffff:0:0/96", "IPv4-mapped"),
    ("::/96", "IPv4-compatible"),
    ("64:ff9b::/96", "NAT64"),
    ("64:ff9b:1::/48", "NAT64"),
    ("2001::/32", "Teredo"),
    ("2001::/23", "reserved"),
    ("2001:db8::/32", "documentation"),
    ("2002::/16", "6to4"),
    ("3fff::/20", "documentation"),
    ("fc00::/7", "unique local"),
    ("fe80::/10", "link-local"),
    ("fec0::/10", "site-local"),
    ("ff00::/8", "multicast"),
)
_REFUSED_NETWORKS: Final = tuple((ipaddress.ip_network(network), why) for network, why in _REFUSED)
_GLOBAL_V6: Final = ipaddress.IPv6Network("2000::/3")
"""Outside it no IPv6 address is global unicast. Source: RFC 4291, section 2.4, and IANA's IPv6 address space."""

_LABEL: Final = r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
_HOST: Final = re.compile(rf"(?=.{{1,253}}$)(?:{_LABEL}\.)*{_LABEL}", re.ASCII)
_ENDS_IN_NUMBER: Final = re.compile(r"(^|\.)(\d+|0x[0-9a-f]*)$", re.ASCII)
"""Hosts that a C library may read as an IPv4 address. Source: WHATWG URL, "ends in a number"."""


@dataclass(frozen=True, slots=True)
class NetworkPolicy:
    """What the operator allows beyond the public internet by TLS.

    `allow` lists networks (`10.1.0.0/16`), addresses, hosts (`orders.internal`) and domains (`*.internal`); a listed
    host may have any address. `allow_http` lets URLs in the clear through.
    """

    allow: tuple[str, ...] = ()
    allow_http: bool = False


@dataclass(frozen=True)
class AddressGuard:
    """Judges URLs, hosts and addresses; see `NetworkPolicy`.

    Raises:
        ValueError: an entry of `policy.allow` is neither a network nor a host.
    """

    policy: NetworkPolicy = field(default_factory=NetworkPolicy)

    def __post_init__(self) -> None:
        _ = self._allowed

    @cached_property
    def _allowed(self) -> tuple[tuple[Network, ...], frozenset[str], tuple[str, ...]]:
        networks: list[Network] = []
        hosts: set[str] = set()
        domains: list[str] = []
        for entry in (entry.strip().lower() for entry in self.policy.allow):
            try:
                networks.append(ipaddress.ip_network(entry))
                continue
            except ValueError:
                pass
            name = entry.removeprefix("*.").rstrip(".")
            if _HOST.fullmatch(name) is None or _ENDS_IN_NUMBER.search(name):
                raise ValueError(f"{entry!r} is neither a network such as 10.1.0.0/16 nor a host name")
            if entry.startswith("*."):
                domains.append(f".{name}")
            else:
                hosts.add(name)
        return tuple(networks), frozenset(hosts), tuple(domains)

    def check_url(self, url: str | URL) -> URL:
        """Return `url` parsed, without its fragment and with its escapes as they are.

        Raises:
            SourceError: It is no URL that may be called.
        """
        text = str(url)
        if len(text) > URL_CHARACTERS:
            raise _invalid(f"The URL is longer than {URL_CHARACTERS:,} characters.")
        if not text.isascii() or any(character <= " " or character in '\\"<>^`{|}\x7f' for character in text):
            raise _invalid("The URL has a character that must be escaped.")
        try:
            parsed = URL(text, encoded=True)
            port, host = parsed.port, parsed.raw_host
        except ValueError:
            raise _invalid("The URL cannot be read.") from None
        if parsed.scheme not in ("https", "http") or not host:
            raise _invalid("The URL must start with https:// and name a host.")
        if parsed.scheme == "http" and not self.policy.allow_http:
            raise _refused("The URL is in the clear; only https is allowed here.")
        if parsed.raw_user is not None or parsed.raw_password is not None or "@" in parsed.raw_authority:
            raise _invalid("The URL has credentials in it; register them as such instead.")
        if not port:
            raise _invalid("The URL has no port that can be called.")
        self.check_host(host)
        return parsed.with_fragment(None)

    def check_host(self, host: str) -> None:
        """Judge what can be judged of a host without resolving it.

        Raises:
            SourceError: It is an address that is refused, or written so that readers differ on what it means.
        """
        if ":" in host:
            try:
                address = ipaddress.IPv6Address(host)
            except ValueError:
                raise _invalid(f"The host {_shown(host)} is no IPv6 address.") from None
            self.check_address(host, address)
            return
        name = host.lower().rstrip(".")
        if _HOST.fullmatch(name) is None or host.endswith(".."):
            raise _invalid(f"The host {_shown(host)} is no host name.")
        if _ENDS_IN_NUMBER.search(name):
            try:
                literal = ipaddress.IPv4Address(host)
            except ValueError:
                raise _invalid(f"The host {_shown(host)} is an address in another form than 192.0.2.1.") from None
            self.check_address(host, literal)

    def check_address(self, host: str, address: Address) -> None:
        """Judge an address that `host` has.

        Raises:
            SourceError: It is neither public nor listed by the operator.
        """
        networks, hosts, domains = self._allowed
        name = host.lower().rstrip(".")
        if name in hosts or name.endswith(domains):
            return
        if any(address in network for network in networks) and not getattr(address, "scope_id", None):
            return
        why = refusal(address)
        if why is not None:
            raise _refused(f"The host {_shown(host)} has an address that is {why}; the operator may list it.")

    async def resolve(self, host: str, port: int, lookup: Lookup | None = None) -> tuple[str, ...]:
        """Return the addresses of `host`, all of which may be connected to.

        Raises:
            SourceError: There are none, or one of them is refused.
        """
        self.check_host(host)
        try:
            found = await (lookup or look_up)(host, port)
        except OSError:
            raise SourceError("TARGET_UNREACHABLE", f"The host {_shown(host)} cannot be found.") from None
        addresses = [ipaddress.ip_address(text) for text in dict.fromkeys(found)]
        if not addresses:
            raise SourceError("TARGET_UNREACHABLE", f"The host {_shown(host)} has no address.")
        for address in addresses:
            self.check_address(host, address)
        return tuple(map(str, addresses))


async def look_up(host: str, port: int) -> Sequence[str]:
    """Ask the system for the addresses of `host`.

    Raises:
        OSError: It knows none.
    """
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(entry[4][0]) for entry in found]


def refusal(address: Address) -> str | None:
    """Return what an address is if it is not public, else None."""
    for network, why in _REFUSED_NETWORKS:
        if address.version == network.version and address in network:
            return why
    if address.version == 6 and (address not in _GLOBAL_V6 or address.scope_id):
        return "not global unicast"
    return None


def _invalid(message: str) -> SourceError:
    return SourceError("TARGET_INVALID", message)


def _refused(message: str) -> SourceError:
    return SourceError("TARGET_NOT_ALLOWED", message)


def _shown(host: str) -> str:
    return repr(host[:100])
