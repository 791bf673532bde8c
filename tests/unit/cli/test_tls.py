"""Over TLS: which authority is trusted, and for which name."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import grpc
import pytest
import trustme

from service.cli.caller import Connection, open_channel
from service.rpc.listen import TlsFiles
from service.rpc.server import RpcOptions
from tests.unit.cli.conftest import Service, Vaiven, serving


@pytest.fixture
def authority(tmp_path: Path) -> Path:
    """Make an authority and a certificate of it for `vaiven.example`; return the authority's file."""
    issuer = trustme.CA()
    certificate = issuer.issue_cert("vaiven.example")
    issuer.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    certificate.private_key_pem.write_to_path(str(tmp_path / "key.pem"))
    certificate.cert_chain_pems[0].write_to_path(str(tmp_path / "certificate.pem"))
    return tmp_path / "ca.pem"


@pytest.fixture
def secured(authority: Path) -> Iterator[Service]:
    files = TlsFiles(authority.with_name("certificate.pem"), authority.with_name("key.pem"))
    with serving(RpcOptions(address="127.0.0.1:0", tls=files)) as running:
        yield running


def test_it_trusts_the_named_authority_for_the_name(
    secured: Service, authority: Path, vaiven: Vaiven, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = ("--address", secured.address, "--tls-ca", str(authority))
    assert vaiven("health", *known, "--tls-server-name", "vaiven.example").code == 0
    assert vaiven("health", *known, "--tls-server-name", "other.example").code == 3
    assert vaiven("health", *known).code == 3
    monkeypatch.setenv("VAIVEN_ADDRESS", secured.address)
    assert vaiven("health").code == 3
    monkeypatch.setenv("VAIVEN_TLS_CA", str(authority))
    monkeypatch.setenv("VAIVEN_TLS_SERVER_NAME", "vaiven.example")
    assert vaiven("health").code == 0


def test_an_authority_that_cannot_be_read(vaiven: Vaiven) -> None:
    outcome = vaiven("health", "--tls-ca", "/nowhere/ca.pem")
    assert outcome.code == 2
    assert outcome.err == "✗ The certificate authority /nowhere/ca.pem cannot be read: No such file or directory.\n"


def test_an_authority_that_is_none(vaiven: Vaiven, tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("hello")
    outcome = vaiven("health", "--tls-ca", str(tmp_path / "ca.pem"))
    assert outcome.code == 2
    assert " ".join(outcome.err.split()).endswith("ca.pem is not a certificate in PEM.")


def test_who_calls_in_the_clear_or_by_another_name_is_told_of_tls(
    secured: Service, authority: Path, vaiven: Vaiven
) -> None:
    for options in ((), ("--tls-ca", str(authority))):
        outcome = vaiven("health", "--address", secured.address, *options)
        assert outcome.code == 3
        assert ".." not in outcome.err
        assert "--tls-ca" in outcome.err
        assert "--tls-server-name" in outcome.err


@pytest.mark.parametrize(
    ("address", "kind"),
    [
        ("127.0.0.1:50051", "insecure_channel"),
        ("[::1]:50051", "insecure_channel"),
        ("localhost:50051", "insecure_channel"),
        ("unix:/run/vaiven.sock", "insecure_channel"),
        ("192.0.2.1:50051", "secure_channel"),
        ("vaiven.example:50051", "secure_channel"),
    ],
)
def test_nothing_goes_to_another_machine_in_the_clear(monkeypatch: pytest.MonkeyPatch, address: str, kind: str) -> None:
    opened: list[str] = []
    for name in ("insecure_channel", "secure_channel"):
        monkeypatch.setattr(grpc, name, lambda *_args, name=name, **_options: opened.append(name))
    open_channel(Connection(address))
    assert opened == [kind]
