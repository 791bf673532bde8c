"""What `vaiven plugins add` makes of its options; what becomes of credentials is tested in tests/contract."""

from __future__ import annotations

from pathlib import Path

import pytest

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
