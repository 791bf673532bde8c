"""Models over the network in a whole service: named in settings, shown, and answering beside a local one."""

from collections.abc import AsyncIterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from service.bootstrap import App, open_app
from service.economics.money import Money
from service.errors import ModelLoadError
from service.runs.events import Completed, Incomplete, RoutingDecision, Terminal
from service.runs.spec import LOCAL_PRINCIPAL, GenerationParameters, RunSpec
from service.settings_sources import SettingsError, load_settings
from service.testing.app import scratch_settings, scripted_app
from service.testing.tiny_model import TINY_MODEL_DIR
from service.testing.upstream import Upstream
from service.testing.upstream_frames import USAGE

PRICE = {"currency": "EUR", "input_per_mtok": 1.0, "output_per_mtok": 10.0, "cached_input_per_mtok": 0.5}


def azure(url: str, **facts: Any) -> dict[str, Any]:
    return {
        "model_id": "gpt",
        "endpoint": url,
        "deployment": "gpt-prod",
        "api_key": "sk-loopback",
        "context_tokens": 8000,
        "max_output_tokens": 1000,
        "region": "swedencentral",
        "price": PRICE,
    } | facts


@pytest_asyncio.fixture
async def upstream() -> AsyncIterator[Upstream]:
    async with Upstream() as running:
        yield running


async def ends(app: App, model: str) -> tuple[RoutingDecision, Terminal]:
    spec = RunSpec(
        function="plugins/chat/functions/reply",
        arguments={"message": "Good morning."},
        model=model,
        generation=GenerationParameters(max_output_tokens=8),
    )
    run = await app.ports.runs.start(LOCAL_PRINCIPAL, spec)
    payloads = [event.payload async for event in app.ports.runs.follow(LOCAL_PRINCIPAL, run.name, 0)]
    (decision,) = [payload for payload in payloads if isinstance(payload, RoutingDecision)]
    end = payloads[-1]
    assert isinstance(end, Completed | Incomplete)
    return decision, end


async def test_the_same_call_is_answered_by_azure_or_by_the_local_model(tmp_path: Path, upstream: Upstream) -> None:
    onnx = {"embedded": False, "models": {"tiny": TINY_MODEL_DIR}, "allow_unverified": True}
    settings = scratch_settings(tmp_path, onnx=onnx, azure_openai={"deployments": [azure(upstream.url)]})
    async with open_app(settings) as app:
        decision, end = await ends(app, "models/gpt")
        assert (decision.model, decision.backend) == ("models/gpt", "azure_openai")
        assert isinstance(end, Completed)
        assert (end.text, end.usage) == ("Good morning, Cádiz ☀.", USAGE)
        assert end.cost == Money.from_decimal("EUR", Decimal("0.000083"))
        (asked,) = upstream.requests
        assert asked.path == "/openai/v1/chat/completions"
        assert (asked.headers["api-key"], asked.body["model"]) == ("sk-loopback", "gpt-prod")

        decision, end = await ends(app, "models/tiny")
        assert (decision.model, decision.backend) == ("models/tiny", "onnx")
        assert end.cost.total_nanos == 0
        assert len(upstream.requests) == 1

        page = await app.ports.models.list(LOCAL_PRINCIPAL, 0, "")
        assert [(card.model_id, card.locality) for card in page.items] == [("gpt", "cloud"), ("tiny", "local")]


async def test_a_service_without_a_local_model(tmp_path: Path, upstream: Upstream) -> None:
    openai = {
        "model_id": "qwen",
        "base_url": f"{upstream.url}/v1",
        "model": "qwen3",
        "context_tokens": 8000,
        "max_output_tokens": 1000,
    }
    settings = scratch_settings(tmp_path, onnx={"embedded": False}, openai={"deployments": [openai]})
    async with open_app(settings) as app:
        decision, _ = await ends(app, "models/qwen")
        assert decision.backend == "openai"
        (card,) = (await app.ports.models.list(LOCAL_PRINCIPAL, 0, "")).items
        assert card.price is None


async def test_a_price_comes_from_the_book_by_model_and_region(tmp_path: Path) -> None:
    book = tmp_path / "prices.toml"
    row = (
        'backend = "azure_openai"\nmodel = "gpt"\ncurrency = "EUR"\ncached_input = 0\ndate = 2026-01-02\nsource = "x"\n'
    )
    book.write_text(
        f'[[price]]\n{row}regions = ["swedencentral"]\ninput = 2\noutput = 3\n'
        f'[[price]]\n{row}regions = ["global"]\ninput = 4\noutput = 5\n'
    )
    deployments = [
        azure("https://a.example", price=None),
        azure("https://b.example", price=None, model_id="other", price_model="gpt", region="global"),
        azure("https://c.example", price=None, model_id="gpt-unheard-of"),
    ]
    areas: dict[str, Any] = {"economics": {"price_book": book}, "azure_openai": {"deployments": deployments}}
    async with scripted_app(tmp_path, "Hi.", **areas) as app:
        cards = {card.model_id: card for card in (await app.ports.models.list(LOCAL_PRINCIPAL, 0, "")).items}
        prices = {name: card.price and card.price.input_per_mtok for name, card in cards.items()}
        assert prices == {"fake": 0.0, "gpt": 2.0, "other": 4.0, "gpt-unheard-of": None}


async def test_a_wrong_price_book_stops_the_start(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="cannot be read"):
        async with scripted_app(tmp_path, "Hi.", economics={"price_book": tmp_path / "none.toml"}):
            pass


async def test_a_cloud_model_with_the_id_of_a_local_one_stops_the_start(tmp_path: Path) -> None:
    deployments = [azure("https://a.example", model_id="fake")]
    with pytest.raises(SettingsError, match="two models are called fake"):
        async with scripted_app(tmp_path, "Hi.", azure_openai={"deployments": deployments}):
            pass


async def test_a_trust_file_that_is_not_there_stops_the_start(tmp_path: Path) -> None:
    deployments = [azure("https://a.example", wire={"ca_file": tmp_path / "none.pem"})]
    with pytest.raises(ModelLoadError, match="ca_file"):
        async with scripted_app(tmp_path, "Hi.", azure_openai={"deployments": deployments}):
            pass


def test_deployments_in_a_file_and_what_is_wrong_with_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    table = (
        '[[azure_openai.deployments]]\nmodel_id = "gpt"\ndeployment = "d"\nendpoint = "https://a.example"\n'
        'api_key = "sk-secret"\ncontext_tokens = 10\nmax_output_tokens = 5\n'
    )
    (tmp_path / "vaiven.toml").write_text(table)
    settings = load_settings()
    (deployment,) = settings.azure_openai.deployments
    assert (deployment.quality, deployment.region, deployment.weight) == ("standard", "global", 1.0)
    assert "sk-secret" not in repr(settings)

    (tmp_path / "vaiven.toml").write_text(table.replace("https", "http"))
    with pytest.raises(SettingsError) as error:
        load_settings()
    assert str(error.value).startswith(
        "azure_openai.deployments.0 (vaiven.toml): endpoint must begin with https://; set allow_http"
    )
    assert "sk-secret" not in str(error.value)

    (tmp_path / "vaiven.toml").write_text(table + table)
    with pytest.raises(SettingsError, match="the settings: two deployments are called gpt"):
        load_settings()
