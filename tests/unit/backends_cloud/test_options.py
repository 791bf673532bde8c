from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr, ValidationError

from service.backends.azure_openai import AzureOpenAIOptions, azure_openai_model
from service.backends.base import Price
from service.backends.foundry import FoundryOptions, foundry_model
from service.backends.huggingface import HuggingFaceOptions, huggingface_model
from service.backends.openai import OpenAIOptions, openai_model
from service.backends.openai_protocol import ModelOptions, WireOptions
from service.errors import ModelLoadError

SECRET = "sk-very-secret"
FACTS: dict[str, Any] = {
    "model_id": "gpt-4o",
    "context_tokens": 128_000,
    "max_output_tokens": 16_000,
    "price": {"currency": "EUR", "input_per_mtok": 2.5, "output_per_mtok": 10.0},
    "api_key": SECRET,
}
MADE: list[tuple[type[ModelOptions], dict[str, Any], str]] = [
    (AzureOpenAIOptions, {"deployment": "d"}, "endpoint"),
    (OpenAIOptions, {"model": "m"}, "base_url"),
    (HuggingFaceOptions, {"model": "m"}, "base_url"),
    (FoundryOptions, {"model": "m"}, "endpoint"),
]
providers = pytest.mark.parametrize(("kind", "fields", "address"), MADE, ids=[kind.__name__ for kind, _, _ in MADE])


@providers
def test_options_are_frozen_closed_and_do_not_show_their_key(
    kind: type[ModelOptions], fields: dict[str, Any], address: str
) -> None:
    options = kind(**FACTS, **fields, **{address: "https://model.example"})
    assert SECRET not in repr(options)
    assert SECRET not in options.model_dump_json()
    with pytest.raises(ValidationError):
        options.model_id = "other"  # type: ignore[misc]
    with pytest.raises(ValidationError):
        kind(**FACTS, **fields, **{address: "https://model.example", "unknown": 1})


@providers
@pytest.mark.parametrize(
    "url",
    [
        "model.example",
        "ftp://model.example",
        "https://",
        "https://user:secret@model.example",
        "https://model.example/v1?key=1",
        "https://model.example/#v1",
        # A key is not sent in the open.
        "http://model.example",
    ],
)
def test_addresses_that_are_refused(kind: type[ModelOptions], fields: dict[str, Any], address: str, url: str) -> None:
    with pytest.raises(ValidationError):
        kind(**FACTS, **fields, **{address: url})


@providers
@pytest.mark.parametrize(
    ("url", "more"),
    [
        ("https://model.example/", {}),
        ("http://127.0.0.1:8000/v1", {}),
        ("http://localhost:8000/v1/", {}),
        ("http://[::1]:8000", {}),
        ("http://vllm.models.example:8000/v1", {"allow_http": True}),
    ],
)
def test_addresses_that_are_taken(
    kind: type[ModelOptions], fields: dict[str, Any], address: str, url: str, more: dict[str, Any]
) -> None:
    options = kind(**FACTS, **fields, **{address: url}, **more)
    assert getattr(options, address) == url.rstrip("/")


def azure(**fields: Any) -> AzureOpenAIOptions:
    return AzureOpenAIOptions(**{**FACTS, "endpoint": "https://r.openai.azure.example", "deployment": "d-1", **fields})


def test_azures_routes() -> None:
    assert azure().url() == "https://r.openai.azure.example/openai/v1/chat/completions"
    assert azure(api_version="2024-10-21").url() == (
        "https://r.openai.azure.example/openai/deployments/d-1/chat/completions?api-version=2024-10-21"
    )
    with pytest.raises(ValidationError):
        azure(endpoint="https://r.openai.azure.example/openai/v1/")
    with pytest.raises(ValidationError):
        azure(deployment="../admin")


def test_dialects_by_provider() -> None:
    assert azure().dialect.limit_field == "max_completion_tokens"
    assert HuggingFaceOptions(**FACTS, model="m").dialect.limit_field == "max_tokens"
    assert HuggingFaceOptions(**FACTS, model="m").dialect.any_schema
    # One key of a dialect leaves the others at what the provider has.
    assert HuggingFaceOptions(**FACTS, model="m", dialect={"top_k": True}).dialect.limit_field == "max_tokens"
    assert FoundryOptions(**FACTS, model="m", endpoint="https://f.example").dialect.limit_field == "max_tokens"


def test_the_card() -> None:
    card = azure(supports_vision=True, languages=("en", "es")).card("azure_openai")
    assert (card.model_id, card.display_name, card.backend, card.locality) == (
        "gpt-4o",
        "gpt-4o",
        "azure_openai",
        "cloud",
    )
    # A cached token is never cheaper by silence.
    assert card.price == Price("EUR", 2.5, 10.0, 2.5)
    assert card.supports_vision
    assert not card.supports_grammar
    assert card.state == "ready"


@pytest.mark.parametrize(
    "fields",
    [
        {"model_id": "GPT 4o"},
        {"context_tokens": 100},
        {"price": {"currency": "euro", "input_per_mtok": 1, "output_per_mtok": 1}},
        {"price": {"currency": "EUR", "input_per_mtok": -1, "output_per_mtok": 1}},
        {"price": {"currency": "EUR", "input_per_mtok": float("inf"), "output_per_mtok": 1}},
        {"wire": {"attempts": 0}},
        {"wire": {"idle_timeout_s": 0}},
        {"wire": {"proxy": "proxy.example:3128"}},
    ],
)
def test_facts_that_are_refused(fields: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        azure(**fields)


def test_authorities_that_cannot_be_read_are_said_when_the_model_is_made(tmp_path: Path) -> None:
    missing = WireOptions(ca_file=tmp_path / "none.pem")
    (tmp_path / "bad.pem").write_text("no certificate")
    bad = WireOptions(ca_file=tmp_path / "bad.pem")
    for wire in (missing, bad):
        with pytest.raises(ModelLoadError, match="ca_file"):
            azure_openai_model(azure(wire=wire))


async def test_models_are_made_without_a_connection() -> None:
    made = [
        azure_openai_model(azure()),
        openai_model(OpenAIOptions(**{**FACTS, "api_key": None}, model="m", organization="o", project="p")),
        huggingface_model(HuggingFaceOptions(**FACTS, model="m", bill_to="o")),
        foundry_model(FoundryOptions(**FACTS, model="m", endpoint="https://f.example")),
    ]
    assert [model.card.backend for model in made] == ["azure_openai", "openai", "huggingface", "foundry"]
    for model in made:
        assert SECRET not in repr(vars(model))
        await model.close()


@pytest.mark.parametrize("key", ["", "sk-a b", "sk-a\n", "sk-ñ", "sk-\x00"])
def test_a_key_that_cannot_be_sent_is_refused_and_not_shown(key: str) -> None:
    with pytest.raises(ValidationError) as error:
        azure(api_key=key)
    assert not key or key not in str(error.value)
    assert "sk-" not in str(error.value)


def test_names_that_cannot_be_sent_are_refused() -> None:
    with pytest.raises(ValidationError):
        OpenAIOptions(**FACTS, model="m", organization="a\r\nx: y")


def test_a_secret_may_be_given_as_such() -> None:
    assert azure(api_key=SecretStr(SECRET)).api_key == SecretStr(SECRET)
