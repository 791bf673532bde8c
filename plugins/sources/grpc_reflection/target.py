"""Where gRPC plugins may be: a target is the operator's own service, so what may be called is listed by address."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from plugins.sources.base import SourceError

LOOPBACK: Final = ("localhost:*", "127.0.0.0/8:*", "[::1]:*")
"""What is allowed without being listed."""

_MAX_CHARACTERS: Final = 300
_MAX_PORT: Final = 65_535

_PARTS = re.compile(
    r"(?:grpcs?://)?(?:\[(?P<v6>[0-9A-Fa-f:.]+)\]|(?P<host>[^:/\[\]\s]+)):(?P<port>[0-9]{1,5})/?", re.ASCII
)
_PATTERN = re.compile(
    r"(?:\[(?P<v6>[0-9A-Fa-f:.]+(?:/[0-9]{1,3})?)\]|(?P<host>[^:\[\]\s]+)):(?P<port>\*|[0-9]{1,5}(?:-[0-9]{1,5})?)",
    re.ASCII,
)
_LABEL = r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
_HOST_NAME = re.compile(rf"(?=.{{1,253}}\Z){_LABEL}(?:\.{_LABEL})*\.?", re.ASCII)
_HAS_LETTER = re.compile(r"[a-z]")

_Ip: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address


@dataclass(frozen=True, slots=True)
class _Pattern:
    """One entry of the list: a name, a suffix of names or a network, and ports."""

    name: str
    network: ipaddress.IPv4Network | ipaddress.IPv6Network | None
    first_port: int
    last_port: int

    def allows(self, host: str | _Ip, port: int) -> bool:
        if not self.first_port <= port <= self.last_port:
            return False
        if self.network is not None:
            return not isinstance(host, str) and host in self.network
        if self.name == "*":
            return True
        if not isinstance(host, str):
            return False
        return host.endswith(self.name[1:]) if self.name.startswith("*.") else host == self.name


def check_target(address: str, allowed: Sequence[str] = ()) -> str:
    """Return `address` (`host:port`, `grpc://host:port`) in the form that gRPC dials, if `allowed` or loopback.

    Patterns are `name:port`, `*.suffix:port`, `10.0.0.0/8:port`, `[fd00::/8]:port` or `*:port`, with a port, a range
    `50051-50059` or `*`. A network allows addresses that are written as such: no name is looked up, so a name is
    allowed by its own pattern only, whatever it points at.

    Raises:
        SourceError: `TARGET_INVALID` or `TARGET_NOT_ALLOWED`; `TARGET_PATTERN_INVALID` for an entry of `allowed`.
    """
    host, port = _host_and_port(address)
    patterns = [_pattern(text) for text in (*LOOPBACK, *allowed)]
    if not any(pattern.allows(host, port) for pattern in patterns):
        raise SourceError("TARGET_NOT_ALLOWED", "is not among the addresses that the operator allows", "target")
    if isinstance(host, str):
        return f"dns:///{host}:{port}"
    return f"ipv4:{host}:{port}" if host.version == 4 else f"ipv6:[{host}]:{port}"


def is_loopback(target: str) -> bool:
    """Return whether what `check_target` returned stays on this machine."""
    host = re.sub(r"^(dns:///|ipv4:|ipv6:)|:[0-9]+$", "", target).strip("[]")
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _host_and_port(address: str) -> tuple[str | _Ip, int]:
    parts = _PARTS.fullmatch(address) if len(address) <= _MAX_CHARACTERS else None
    port = int(parts["port"]) if parts else 0
    if parts is None or not 0 < port <= _MAX_PORT:
        raise SourceError("TARGET_INVALID", "must be host:port", "target")
    host = (parts["v6"] or parts["host"]).lower()
    try:
        ip = ipaddress.ip_address(host)
    except ValueError:
        name = host.rstrip(".")
        # What has no letter is no name: resolvers take 127.1 and 2130706433 for addresses.
        if parts["v6"] or not _HOST_NAME.fullmatch(name) or not _HAS_LETTER.search(name.rpartition(".")[2]):
            raise SourceError("TARGET_INVALID", "is no host name and no address", "target") from None
        return name, port
    mapped = ip.ipv4_mapped if isinstance(ip, ipaddress.IPv6Address) else None
    return mapped or ip, port


def _pattern(text: str) -> _Pattern:
    parts = _PATTERN.fullmatch(text.lower())
    if parts is None:
        raise SourceError("TARGET_PATTERN_INVALID", f"is no pattern of addresses: {text[:100]}", "allowed")
    first, _, last = parts["port"].partition("-")
    ports = (1, _MAX_PORT) if first == "*" else (int(first), int(last or first))
    host = parts["v6"] or parts["host"]
    try:
        network = ipaddress.ip_network(host)
    except ValueError:
        bare = host.removeprefix("*.")
        if parts["v6"] or not (host == "*" or (_HOST_NAME.fullmatch(bare) and _HAS_LETTER.search(bare))):
            raise SourceError(
                "TARGET_PATTERN_INVALID", f"is no pattern of addresses: {text[:100]}", "allowed"
            ) from None
        return _Pattern(host, None, *ports)
    return _Pattern("", network, *ports)
