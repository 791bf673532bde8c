from __future__ import annotations

import socket
from pathlib import Path
from typing import Any, cast

import pytest

from service.rpc.listen import ConfigurationError, TlsFiles, check, is_loopback, listen
from tests.contract.loopback_certificate import certificate_for

LOOPBACK = [
    "127.0.0.1:50051",
    "127.9.8.7:0",
    "[::1]:50051",
    "localhost:50051",
    "unix:/run/vaiven.sock",
    "unix:relative.sock",
    "unix-abstract:vaiven",
]
REACHABLE = [
    "0.0.0.0:50051",
    "[::]:50051",
    "10.0.0.1:50051",
    "192.168.1.2:50051",
    "[::ffff:127.0.0.1]:50051",
    "[fe80::1]:50051",
    "vaiven.example:50051",
    "localhost.example:50051",
    "127.0.0.1.example:50051",
    "dns:///localhost:50051",
    "ipv4:127.0.0.1:50051",
    "127.1:50051",
    ":50051",
    "*:50051",
]
NO_PORT = ["127.0.0.1", "127.0.0.1:65536", "localhost:99999", "localhost:²", "127.0.0.1:", "vaiven.example", "::", ""]


class FakeServer:
    def __init__(self, refuse: bool = False) -> None:
        self.bound: list[tuple[str, bool]] = []
        self._refuse = refuse

    def add_insecure_port(self, address: str) -> int:
        if self._refuse:
            raise RuntimeError("Failed to bind to address")
        self.bound.append((address, False))
        return 4711

    def add_secure_port(self, address: str, credentials: object) -> int:
        self.bound.append((address, True))
        return 4712


def bind(server: FakeServer, address: str, tls: TlsFiles | None = None, authenticated: bool = True) -> int:
    return listen(cast(Any, server), address, tls, authenticated=authenticated)


@pytest.mark.parametrize("address", LOOPBACK)
def test_the_machine_itself_needs_no_tls(address: str) -> None:
    server = FakeServer()

    assert is_loopback(address)
    assert bind(server, address) == (0 if address.startswith("unix") else 4711)
    assert server.bound == [(address, False)]


@pytest.mark.parametrize("address", REACHABLE)
def test_any_other_address_needs_tls_and_says_so(address: str) -> None:
    server = FakeServer()

    assert not is_loopback(address)
    with pytest.raises(ConfigurationError, match="needs TLS: set a certificate and a key"):
        bind(server, address)
    assert server.bound == []


@pytest.mark.parametrize("address", REACHABLE)
def test_any_other_address_needs_callers_with_credentials_and_says_so(address: str, tmp_path: Path) -> None:
    public, _ = certificate_for("vaiven.example", tmp_path)
    server = FakeServer()

    with pytest.raises(ConfigurationError, match=r"needs callers who show credentials: set auth\.mode"):
        bind(server, address, TlsFiles(public, tmp_path / "key.pem"), authenticated=False)
    with pytest.raises(ConfigurationError, match=r"needs TLS.*; and it needs callers"):
        bind(server, address, authenticated=False)
    assert server.bound == []


@pytest.mark.parametrize("address", LOOPBACK)
def test_the_machine_itself_may_ask_for_none(address: str) -> None:
    assert bind(FakeServer(), address, authenticated=False) == (0 if address.startswith("unix") else 4711)


@pytest.mark.parametrize("address", NO_PORT)
def test_an_address_without_a_port_is_told_how_to_be_written(address: str) -> None:
    server = FakeServer()

    assert not is_loopback(address)
    with pytest.raises(ConfigurationError, match="names no port: write host:port"):
        bind(server, address)
    assert server.bound == []


def test_with_tls_any_address_is_served_and_never_in_the_clear(tmp_path: Path) -> None:
    public, _ = certificate_for("vaiven.example", tmp_path)
    server = FakeServer()

    assert bind(server, "0.0.0.0:50051", TlsFiles(public, tmp_path / "key.pem")) == 4712
    assert server.bound == [("0.0.0.0:50051", True)]


def test_a_key_of_another_certificate_is_named(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    public, _ = certificate_for("vaiven.example", tmp_path)
    certificate_for("vaiven.example", tmp_path / "other")

    with pytest.raises(ConfigurationError, match=r"other/key\.pem is not that of the certificate"):
        bind(FakeServer(), "0.0.0.0:50051", TlsFiles(public, tmp_path / "other" / "key.pem"))


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"key .*key\.pem cannot be read"):
        bind(FakeServer(), "127.0.0.1:0", TlsFiles(tmp_path / "cert.pem", tmp_path / "key.pem"))


def test_a_file_that_is_no_pem_is_named(tmp_path: Path) -> None:
    (tmp_path / "key.pem").write_text("-----BEGIN X-----\n")
    (tmp_path / "cert.pem").write_text("hello")

    with pytest.raises(ConfigurationError, match=r"certificate .*cert\.pem is not PEM"):
        bind(FakeServer(), "127.0.0.1:0", TlsFiles(tmp_path / "cert.pem", tmp_path / "key.pem"))


def test_an_address_that_cannot_be_had_is_named() -> None:
    with pytest.raises(ConfigurationError, match=r"Cannot listen on '127\.0\.0\.1:50051'"):
        bind(FakeServer(refuse=True), "127.0.0.1:50051")


@pytest.mark.parametrize("address", ["unix:/run/vaiven.sock", "127.0.0.1:0", "localhost:0"])
def test_what_can_be_had_is_known_before(address: str) -> None:
    check(address, None, authenticated=True)


def test_what_cannot_be_had_is_known_before_and_why(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(ConfigurationError, match=f"Cannot listen on '{address}': Address already in use"):
            check(address, None, authenticated=True)
    for address in (*NO_PORT, *REACHABLE):
        with pytest.raises(ConfigurationError, match=r"names no port|needs TLS"):
            check(address, None, authenticated=True)
    public, _ = certificate_for("vaiven.example", tmp_path)
    files = TlsFiles(public, tmp_path / "key.pem")
    for address in ("dns:///localhost:0", "*:0", "[::ffff:127.0.0.1]:0"):
        check(address, files, authenticated=True)
