from __future__ import annotations

from typing import Any

import pytest

from plugins.sources.base import SourceError
from plugins.sources.grpc_reflection import GrpcRegistration, Tls, check_target
from plugins.sources.grpc_reflection.target import is_loopback

_NO_CERTIFICATE = b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"


@pytest.mark.parametrize(
    ("address", "allowed", "target"),
    [
        ("localhost:50051", (), "dns:///localhost:50051"),
        ("grpc://LOCALHOST:1", (), "dns:///localhost:1"),
        ("127.9.9.9:80", (), "ipv4:127.9.9.9:80"),
        ("[::1]:80", (), "ipv6:[::1]:80"),
        ("[::ffff:127.0.0.1]:80", (), "ipv4:127.0.0.1:80"),
        ("orders.shop.example:443", ("orders.shop.example:443",), "dns:///orders.shop.example:443"),
        ("orders.shop.example:443", ("*.shop.example:400-500",), "dns:///orders.shop.example:443"),
        ("10.1.2.3:50051", ("10.0.0.0/8:*",), "ipv4:10.1.2.3:50051"),
        ("[fd00::7]:50051", ("[fd00::/8]:50051",), "ipv6:[fd00::7]:50051"),
        ("any.example:1", ("*:*",), "dns:///any.example:1"),
    ],
)
def test_what_is_listed_is_allowed(address: str, allowed: tuple[str, ...], target: str) -> None:
    assert check_target(address, allowed) == target


@pytest.mark.parametrize(
    ("address", "allowed"),
    [
        ("10.1.2.3:50051", ()),
        ("orders.example:443", ("orders.example:444",)),
        ("shop.example:443", ("*.shop.example:443",)),
        ("evilshop.example:443", ("*.shop.example:443",)),
        ("0x7f.0.0.0x1:80", ("127.0.0.0/8:80",)),
        ("10.example:443", ("10.0.0.0/8:*",)),
        ("[::ffff:10.0.0.1]:80", ("[::]:80", "[::ffff:0:0/96]:80")),
        ("169.254.169.254:80", ("10.0.0.0/8:*",)),
        ("[64:ff9b::7f00:1]:80", ()),
        ("localhost.example:80", ()),
    ],
)
def test_what_is_not_listed_is_refused(address: str, allowed: tuple[str, ...]) -> None:
    with pytest.raises(SourceError, match="TARGET_NOT_ALLOWED"):
        check_target(address, allowed)


@pytest.mark.parametrize(
    "address",
    [
        "", "localhost", "localhost:0", "localhost:70000", "unix:/run/x.sock", "unix:///run/x", "xds:///x:1",
        "http://localhost:1", "localhost:1/path", "a b:1", "user@localhost:1", "127.1:80", "2130706433:80",
        "[fe80::1%eth0]:1", "[::1:80", "-x:1", "dns:///localhost:1", "localhost:1\n", "x" * 400 + ":1", "ä.example:1",
    ],
)  # fmt: skip
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(SourceError, match="TARGET_INVALID"):
        check_target(address, ("*:*",))


@pytest.mark.parametrize("pattern", ["", "localhost", "10.0.0.0/40:1", "*.*:1", "a b:1", "[::1/200]:1", "1.2:3"])
def test_a_wrong_pattern_is_named(pattern: str) -> None:
    with pytest.raises(SourceError, match="TARGET_PATTERN_INVALID"):
        check_target("orders.example:443", (pattern,))


def test_loopback_is_told_from_the_rest() -> None:
    assert all(map(is_loopback, ("dns:///localhost:1", "ipv4:127.0.0.1:1", "ipv6:[::1]:1")))
    assert not any(map(is_loopback, ("dns:///a.example:1", "ipv4:10.0.0.1:1", "ipv6:[fd00::1]:1")))


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"name": "Orders"}, "REGISTRATION_INVALID", "name"),
        ({"target": "localhost:1"}, "TARGET_INVALID", "target"),
        ({"services": ("a.B", "a b")}, "REGISTRATION_INVALID", "services[1]"),
        ({"rules": {"a.B": None}}, "REGISTRATION_INVALID", "rules.a.B"),
        ({"call_timeout_s": 0.0}, "REGISTRATION_INVALID", "call_timeout_s"),
        ({"call_timeout_s": float("nan")}, "REGISTRATION_INVALID", "call_timeout_s"),
        ({"metadata": {"Authorization": "x"}}, "REGISTRATION_INVALID", "metadata.Authorization"),
        ({"metadata": {"authorization": "x"}}, "REGISTRATION_INVALID", "metadata.authorization"),
        ({"metadata": {"grpc-timeout": "1S"}}, "REGISTRATION_INVALID", "metadata.grpc-timeout"),
        ({"metadata": {"x": "a\r\nb"}}, "REGISTRATION_INVALID", "metadata.x"),
        ({"bearer": "a\nb"}, "REGISTRATION_INVALID", "bearer"),
        ({"bearer": "secret"}, "REGISTRATION_INVALID", "bearer"),
    ],
)
def test_a_wrong_registration_is_refused_by_field(changes: dict[str, object], code: str, field: str) -> None:
    facts: dict[str, object] = {"name": "orders", "target": "dns:///orders.example:443"}
    with pytest.raises(SourceError) as raised:
        GrpcRegistration(**(facts | changes))  # type: ignore[arg-type]
    assert (raised.value.code, raised.value.field) == (code, field)
    assert "secret" not in str(raised.value)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"root_certificates": b"nonsense"}, "tls.root_certificates"),
        ({"certificate_chain": b"x"}, "tls"),
        ({"private_key": b"x"}, "tls"),
        (
            {"root_certificates": b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"},
            "tls.root_certificates",
        ),
    ],
)
def test_certificates_that_gRPC_would_only_log_are_refused(changes: dict[str, Any], field: str) -> None:
    with pytest.raises(SourceError) as raised:
        Tls(**changes)
    assert (raised.value.code, raised.value.field) == ("TLS_INVALID", field)


def test_secrets_are_not_shown() -> None:
    registration = GrpcRegistration("a", "ipv4:127.0.0.1:1", bearer="hunter2", metadata={"x-key": "hunter2"})
    assert "hunter2" not in repr(registration)
