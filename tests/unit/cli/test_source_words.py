"""What `vaiven plugins add` makes of its options; what becomes of credentials is tested in tests/contract."""

from __future__ import annotations

from pathlib import Path

import pytest

from service.registrations.spec import GrpcSpec, McpSpec, OpenApiSpec
from tests.unit.cli.conftest import Service, Vaiven

URL = "https://api.shop.example/openapi.json"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (f"{URL} --secret a --api-key b", "Say one of --secret and --api-key."),
        (f"{URL} --basic ada:b --client c:d --token-url {URL}", "Say one of --basic and --client."),
        (f"{URL} --api-key-in header:X-Key", "--api-key-in belongs to --api-key."),
        (f"{URL} --api-key a --api-key-in header", "--api-key-in takes PLACE:NAME"),
        (f"{URL} --basic ada", "--basic takes USER:SECRET"),
        (f"{URL} --basic :b", "--basic takes USER:SECRET"),
        (f"{URL} --client c:d", "--client needs --token-url"),
        (f"{URL} --token-url {URL}", "--client needs --token-url"),
        (f"{URL} --scope read", "--client needs --token-url"),
        (f"{URL} --client c --token-url {URL}", "--client takes ID:SECRET"),
        ("grpc://127.0.0.1:1 --api-key a", "--api-key does not belong to this source."),
        ("mcp+https://mcp.shop.example --basic a:b", "--basic does not belong to this source."),
        ("./prompt.yaml --client a:b", "--client does not belong to this source."),
        ("./prompt.yaml --effect hello=read", "--effect does not belong to this source."),
        (f"{URL} --fields a.B/C=d", "--fields does not belong to this source."),
        ("grpc://127.0.0.1:1 --target-cert a.pem --target-key k", "--target-cert belongs to grpcs://."),
        ("grpcs://127.0.0.1:1 --target-cert a.pem", "--target-cert and --target-key go together."),
        ("grpc://127.0.0.1:1 --header x-a", "--header takes NAME:VALUE."),
        ("grpc://127.0.0.1:1 --effect a.B/C", "--effect takes NAME=none, =read or =write."),
        ("grpc://127.0.0.1:1 --effect a.B/C=unspecified", "an effect is none, read or write."),
        ("grpc://127.0.0.1:1 --fields a.B/C", "--fields takes METHOD=FIELD,FIELD."),
    ],
)
def test_options_that_do_not_fit_are_not_sent(
    service: Service, vaiven: Vaiven, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, line: str, said: str
) -> None:
    (tmp_path / "prompt.yaml").write_text("name: hello\ntemplate: Say hello.\n")
    monkeypatch.chdir(tmp_path)
    outcome = vaiven("plugins", "add", *line.split())
    assert (outcome.code, outcome.out) == (2, "")
    assert said in outcome.err


def test_a_client_may_be_a_uri(service: Service, vaiven: Vaiven) -> None:
    line = f"plugins add {URL} --client api://app:secrets/client --token-url https://login.example/token --scope a"
    assert vaiven(*line.split()).code == 0


def test_what_is_said_of_the_calls_of_a_grpc_service(service: Service, vaiven: Vaiven, tmp_path: Path) -> None:
    certificate = tmp_path / "vaiven.pem"
    certificate.write_text("ours")
    line = (
        f"plugins add grpcs://orders.shop.example:443 --target-cert {certificate} --target-key orders_key "
        "--header X-Caller:vaiven --call-timeout 2.5 --effect shop.v1.Orders/GetOrder=read "
        "--fields shop.v1.Orders/UpdateOrder=order.id,order.note"
    )
    assert vaiven(*line.split()).code == 0
    (registered,) = service.domain.registrations.registered
    source = registered.source
    assert isinstance(source, GrpcSpec)
    assert source.tls is not None
    assert (source.tls.certificate_chain, source.tls.private_key_secret) == ("ours", "secrets/orders_key")
    assert (source.metadata, source.call_timeout_s) == ({"x-caller": "vaiven"}, 2.5)
    assert source.rules["shop.v1.Orders/GetOrder"].effect == "read"
    assert source.rules["shop.v1.Orders/UpdateOrder"].fields == ("order.id", "order.note")


@pytest.mark.parametrize(("source", "kind"), [(URL, "openapi"), ("mcp+https://tools.shop.example/mcp", "mcp")])
def test_what_is_said_of_the_calls_of_other_services(service: Service, vaiven: Vaiven, source: str, kind: str) -> None:
    line = f"plugins add {source} --header X-Caller:a:b --call-timeout 9 --effect find_order=none"
    assert vaiven(*line.split()).code == 0
    (registered,) = service.domain.registrations.registered
    assert isinstance(registered.source, OpenApiSpec | McpSpec)
    assert (registered.source.kind, registered.source.headers) == (kind, {"x-caller": "a:b"})
    assert registered.source.call_timeout_s == 9.0
    assert registered.source.rules["find_order"].effect == "none"
