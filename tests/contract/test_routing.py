"""Routing in a whole service: policies of the operator and the caller, failover, and budgets that hold."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import grpc.aio
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc

from service.backends.base import Image
from service.bootstrap import App
from service.economics.budgets import Budget
from service.economics.money import Money
from service.economics.scope import Period
from service.economics.usage import Dimension, UsageQuery
from service.routing.policy import Privacy, RoutingPolicy
from service.runs import events
from service.runs.events import BackendSwitched, Completed, Failed, Payload, RoutingDecision
from service.runs.routes import RouteQuery
from service.runs.spec import LOCAL_PRINCIPAL, RunSpec
from service.settings_cloud import AzureOpenAISettings
from service.settings_sources import SettingsError, load_settings
from service.testing.app import scripted_app
from service.testing.upstream import Upstream
from service.testing.upstream_frames import USAGE
from tests.contract.test_cloud_models import azure

BEST = {"cost_weight": 0.0, "latency_weight": 0.0, "quality_weight": 1.0}


@asynccontextmanager
async def house(
    directory: Path, fault: str = "none", privacy: dict[str, Any] | None = None, **routing: Any
) -> AsyncIterator[App]:
    """Run a service with a model elsewhere, the better one, and a scripted one here."""
    async with Upstream(fault=fault) as upstream:
        deployment = azure(upstream.url, quality="high", wire={"attempts": 1})
        areas: dict[str, Any] = {
            "azure_openai": {"deployments": [deployment]},
            "routing": BEST | routing,
            "privacy": privacy or {},
        }
        async with scripted_app(directory, "From here.", **areas) as app:
            yield app


async def said(app: App, **spec: Any) -> list[Payload]:
    asked = RunSpec(function="plugins/chat/functions/reply", arguments={"message": "Good morning."}, **spec)
    run = await app.ports.runs.start(LOCAL_PRINCIPAL, asked)
    return [event.payload async for event in app.ports.runs.follow(LOCAL_PRINCIPAL, run.name, 0)]


async def test_the_better_model_answers_and_the_event_says_why(tmp_path: Path) -> None:
    async with house(tmp_path) as app:
        payloads = await said(app)
        (decision,) = [payload for payload in payloads if isinstance(payload, RoutingDecision)]
        assert (decision.model, decision.deployment) == ("models/gpt", "gpt")
        local, cloud = decision.candidates
        assert cloud.score is not None
        assert local.score is not None
        assert cloud.score < local.score
        assert cloud.prediction is not None
        assert cloud.prediction.worst_cost is not None
        assert cloud.prediction.worst_cost.currency == "EUR"
        assert (cloud.region, cloud.quality) == ("swedencentral", "high")
        end = payloads[-1]
        assert isinstance(end, Completed)
        assert end.routing is not None
        assert (end.routing.expected_cost, end.routing.cost) == (cloud.prediction.expected_cost, end.cost)
        assert end.routing.output_tokens == end.usage.output_tokens


@pytest.mark.parametrize("privacy", [Privacy.LOCAL_ONLY, Privacy.PSEUDONYMISED])
async def test_a_policy_of_the_caller_keeps_words_here(tmp_path: Path, privacy: Privacy) -> None:
    policy = RoutingPolicy(privacy=privacy)
    async with house(tmp_path, privacy={"masking": False}) as app:
        payloads = await said(app, policy=policy)
        (decision,) = [payload for payload in payloads if isinstance(payload, RoutingDecision)]
        assert decision.model == "models/fake"
        end = (await said(app, policy=policy, model="models/gpt"))[-1]
        assert isinstance(end, Failed)
        assert end.reason == "NO_ROUTE"
        assert any("the policy" in violation.description for violation in end.violations)


async def test_a_policy_of_the_operator_holds_for_its_function_only(tmp_path: Path) -> None:
    functions = {"plugins/chat": {"privacy": "local_only", "max_cost": {"currency": "EUR", "amount": "0.5"}}}
    async with house(tmp_path, functions=functions) as app:
        (decision,) = [payload for payload in await said(app) if isinstance(payload, RoutingDecision)]
        assert decision.model == "models/fake"
        routes = app.ports.routes
        explained = await routes.explain(LOCAL_PRINCIPAL, RouteQuery("hello", "plugins/chat/functions/reply"))
        assert explained.decision.model == "models/fake"
        assert explained.held.policy == RoutingPolicy(
            privacy=Privacy.LOCAL_ONLY, max_costs=(Money("EUR", 0, 500_000_000),)
        )
        assert (await routes.explain(LOCAL_PRINCIPAL, RouteQuery("hello"))).decision.model == "models/gpt"


async def test_a_model_that_is_down_is_replaced(tmp_path: Path) -> None:
    async with house(tmp_path, fault="status-503") as app:
        payloads = await said(app)
        (switch,) = [payload for payload in payloads if isinstance(payload, BackendSwitched)]
        assert (switch.from_model, switch.to_model, switch.continued) == ("models/gpt", "models/fake", False)
        end = payloads[-1]
        assert isinstance(end, Completed)
        assert (end.text, end.cost.total_nanos) == ("From here.", 0)
        assert end.routing is not None
        (detail,) = end.routing.details
        assert (detail.model, detail.usage, detail.finish_reason) == ("models/fake", end.usage, "stop")
        assert detail.predicted.expected_tokens >= 1


async def test_a_backend_that_keeps_failing_is_shown_as_such(tmp_path: Path) -> None:
    async with (
        house(tmp_path, fault="status-503", breaker_failures=1) as app,
        grpc.aio.insecure_channel(f"127.0.0.1:{app.port}") as channel,
    ):
        stub = health_pb2_grpc.HealthStub(channel)

        async def health(backend: str) -> int:
            await app.server.tell_backends(app.fleet.plans.now.candidates.serving())
            return int((await stub.Check(health_pb2.HealthCheckRequest(service=f"backends/{backend}"))).status)

        serving, not_serving = health_pb2.HealthCheckResponse.SERVING, health_pb2.HealthCheckResponse.NOT_SERVING
        assert (await health("azure_openai"), await health("fake")) == (serving, serving)
        await said(app)
        assert (await health("azure_openai"), await health("fake")) == (not_serving, serving)
        card = await app.ports.models.get(LOCAL_PRINCIPAL, "models/gpt")
        assert card.state == "failed"
        assert card.state_message.startswith("It failed too often and is left alone for another")
        app.fleet.reload(app.settings.model_copy(update={"azure_openai": AzureOpenAISettings()}))
        assert await health("azure_openai") == not_serving


async def test_a_budget_refuses_or_degrades_and_never_blocks_what_is_free(tmp_path: Path) -> None:
    async with house(tmp_path) as app:
        budget = Budget("budgets/day", "", Period.DAY, Money("EUR", 0, 100_000))
        await app.ports.budgets.set("local", budget)
        end = (await said(app))[-1]
        assert isinstance(end, Failed)
        assert (end.reason, end.violations[0].subject) == ("BUDGET_TOO_SMALL", "budgets/day")
        assert isinstance((await said(app, model="models/fake"))[-1], Completed)
        payloads = await said(app, policy=RoutingPolicy(degrade_to_local=True))
        assert [payload.code for payload in payloads if isinstance(payload, events.Warning)] == ["BUDGET_DEGRADED"]
        assert isinstance(payloads[-1], Completed)


async def test_what_a_run_took_is_on_the_books(tmp_path: Path) -> None:
    async with house(tmp_path) as app:
        await app.ports.budgets.set("local", Budget("budgets/day", "", Period.DAY, Money("EUR", 5)))
        end = (await said(app))[-1]
        assert isinstance(end, Completed)
        query = UsageQuery(by=frozenset({Dimension.FUNCTION, Dimension.MODEL}))
        (record,) = (await app.ports.usage.get("local", query)).items
        assert (record.plugin, record.function, record.model) == ("chat", "reply", "gpt")
        assert (record.usage, record.cost) == (USAGE, end.cost)
        status = (await app.ports.budgets.get("local", "budgets/day")).status
        assert status is not None
        assert (status.spent, status.reserved_tokens) == (end.cost, 0)


async def test_images_lead_to_a_model_that_sees_and_reach_it_beside_the_words(tmp_path: Path) -> None:
    picture = Image("data:image/png;base64,iVBORw0KGgo=")
    async with Upstream() as upstream:
        seeing = azure(upstream.url, quality="basic", supports_vision=True, image_tokens=300)
        dearer = {"cost_weight": 1.0, "latency_weight": 0.0, "quality_weight": 0.0}
        areas: dict[str, Any] = {"azure_openai": {"deployments": [seeing]}, "routing": dearer}
        async with scripted_app(tmp_path, "From here.", **areas) as app:
            (decision,) = [one for one in await said(app) if isinstance(one, RoutingDecision)]
            assert decision.model == "models/fake", "words alone go where it is cheap"
            payloads = await said(app, images=(picture,))
            (decision,) = [one for one in payloads if isinstance(one, RoutingDecision)]
            local, cloud = decision.candidates
            assert (decision.model, local.reasons) == ("models/gpt", ("it cannot see images",))
            assert cloud.prediction is not None
            assert cloud.prediction.prompt_tokens > 300
            (asked,) = upstream.requests
            *_, newest = asked.body["messages"]
            assert newest["content"][1:] == [{"type": "image_url", "image_url": {"url": picture.url}}]
            assert newest["content"][0]["text"] == "Good morning."
    async with house(tmp_path) as app:
        end = (await said(app, images=(picture,)))[-1]
        assert isinstance(end, Failed)
        assert end.reason == "NO_ROUTE"
        assert all("it cannot see images" in violation.description for violation in end.violations)


def test_policies_in_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "vaiven.toml").write_text(
        '[routing.policy]\nregions = ["a"]\n[routing.functions."plugins/chat"]\nprivacy = "local_only"\n'
    )
    routing = load_settings().routing
    assert routing.policy.regions == frozenset({"a"})
    assert routing.functions["plugins/chat"].privacy == "local_only"
    (tmp_path / "vaiven.toml").write_text('[routing.functions.chat]\nprivacy = "local_only"\n')
    with pytest.raises(SettingsError, match=r"routing.functions \(vaiven.toml\): chat must be plugins/PLUGIN"):
        load_settings()
