"""Prices in a whole service: of a machine of one's own, of the page's examples; and until when money is reserved."""

from __future__ import annotations

import asyncio
import re
import tomllib
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, select

from service.backends.base import GenerationRequest
from service.backends.fake import FakeAnswer
from service.bootstrap_models import price_book, priced_cloud
from service.economics.budgets import Budget
from service.economics.money import Money
from service.economics.scope import Period
from service.errors import UnavailableError
from service.routing.policy import RoutingPolicy
from service.runs.events import Completed, Payload
from service.runs.spec import LOCAL_PRINCIPAL, RunSpec
from service.settings import Settings
from service.settings_sources import SettingsError
from service.store.budget_tables import reservations
from service.testing.app import scratch_settings, scripted_app
from service.testing.upstream import Upstream
from tests.contract.test_cloud_models import azure

DOCS = Path(__file__).resolve().parents[2] / "docs"

OWN = """
[hardware.workstation]
currency = "EUR"
purchase_price = 8766
years = 1
utilisation = 1
watts = 0
price_per_kwh = 0.28

[[own]]
backend = "fake"
model = "fake"
hardware = "workstation"
input_tokens_per_s = 1000
output_tokens_per_s = 100
date = 2026-11-24
"""
"""An hour of this machine costs 1 EUR: a million tokens of answer 2.78 EUR, of prompt 0.28 EUR."""


async def said(app: Any, **spec: Any) -> list[Payload]:
    asked = RunSpec(function="plugins/chat/functions/reply", arguments={"message": "Good morning."}, **spec)
    run = await app.ports.runs.start(LOCAL_PRINCIPAL, asked)
    return [event.payload async for event in app.ports.runs.follow(LOCAL_PRINCIPAL, run.name, 0)]


def own_prices(directory: Path) -> dict[str, Any]:
    file = directory / "prices.toml"
    file.write_text(OWN)
    return {"economics": {"price_book": file}}


async def test_a_model_on_a_machine_with_a_price_is_paid_for_until_the_price_is_gone(tmp_path: Path) -> None:
    async with scripted_app(tmp_path, "From here.", **own_prices(tmp_path)) as app:
        card = await app.ports.models.get(LOCAL_PRINCIPAL, "models/fake")
        assert card.price is not None
        assert (card.price.currency, round(card.price.output_per_mtok, 2)) == ("EUR", 2.78)
        end = (await said(app))[-1]
        assert isinstance(end, Completed)
        assert end.cost.currency == "EUR"
        assert end.cost.total_nanos > 0
        await app.ports.budgets.set("local", Budget("budgets/day", "", Period.DAY, Money("EUR", 0, 1)))
        assert getattr((await said(app))[-1], "reason", "") == "BUDGET_TOO_SMALL"

        app.fleet.reload(scratch_settings(tmp_path))
        end = (await said(app))[-1]
        assert isinstance(end, Completed), "what is free again is not held to the budget"
        assert end.cost.total_nanos == 0


async def test_what_a_free_model_began_and_a_paid_one_ended_adds_up(tmp_path: Path) -> None:
    broken = FakeAnswer(("Good",), error=UnavailableError("It is gone."))
    async with Upstream() as upstream:
        areas: dict[str, Any] = {
            "azure_openai": {"deployments": [azure(upstream.url)]},
            "routing": {"cost_weight": 1.0, "latency_weight": 0.0, "quality_weight": 0.0},
        }
        async with scripted_app(tmp_path, broken, **areas) as app:
            end = (await said(app, policy=RoutingPolicy(allow_continuation=True)))[-1]
            assert isinstance(end, Completed), end
            assert (end.cost.currency, end.cost.total_nanos > 0) == ("EUR", True)


async def test_prices_in_two_currencies_stop_the_start_and_change_nothing_later(tmp_path: Path) -> None:
    dollars = azure("https://a.example", price={"currency": "USD", "input_per_mtok": 1, "output_per_mtok": 2})
    areas = own_prices(tmp_path) | {"azure_openai": {"deployments": [dollars]}}
    with pytest.raises(SettingsError, match="Prices are in EUR and USD"):
        async with scripted_app(tmp_path, "From here.", **areas):
            pass
    async with scripted_app(tmp_path, "From here.") as app:
        plan = app.fleet.plans.now
        with pytest.raises(SettingsError, match="Prices are in EUR and USD"):
            app.fleet.reload(scratch_settings(tmp_path, **areas))
        assert app.fleet.plans.now is plan


async def test_what_is_reserved_outlives_no_run_by_more_than_a_minute(tmp_path: Path) -> None:
    asked, go_on = asyncio.Event(), asyncio.Event()

    def script(request: GenerationRequest) -> FakeAnswer:
        asked.set()
        return FakeAnswer(("From here.",), before=go_on)

    areas = own_prices(tmp_path) | {"runs": {"max_duration_s": 30.0}}
    async with scripted_app(tmp_path, script, **areas) as app:
        await app.ports.budgets.set("local", Budget("budgets/day", "", Period.DAY, Money("EUR", 5)))
        before = datetime.now(UTC)
        saying = asyncio.create_task(said(app))
        await asked.wait()
        engine = create_engine(f"sqlite:///{tmp_path / 'vaiven.db'}")
        with engine.connect() as connection:
            (expires,) = connection.execute(select(reservations.c.expire_time)).scalars()
        engine.dispose()
        assert before + timedelta(seconds=90) <= expires <= datetime.now(UTC) + timedelta(seconds=90)
        go_on.set()
        assert isinstance((await saying)[-1], Completed)


def test_each_deployment_of_the_example_has_a_price() -> None:
    blocks = re.findall(r"```toml\n(.*?)```", (DOCS / "configuration.md").read_text(encoding="utf-8"), re.DOTALL)
    (example,) = [block for block in blocks if "deployments]]" in block]
    settings = Settings(**tomllib.loads(example))
    deployments = priced_cloud(settings, price_book(settings))
    assert len(deployments) == 2
    assert all(one.price is not None for one in deployments)
