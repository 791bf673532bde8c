"""New settings without a restart: swapped as a whole, kept from runs that are going on, refused as a whole."""

from __future__ import annotations

import asyncio
import os
import signal
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from service.backends.fake import FakeGenerator
from service.bootstrap import App, serve
from service.errors import ModelLoadError
from service.routing.policy import Privacy
from service.runs.events import Completed, RoutingDecision, TextDelta
from service.runs.spec import LOCAL_PRINCIPAL, RunSpec
from service.settings import Settings
from service.settings_sources import SettingsError
from service.testing.app import scratch_settings, scripted_app
from service.testing.upstream import Upstream
from tests.contract.test_cloud_models import azure, ends

BEST = {"cost_weight": 0.0, "latency_weight": 0.0, "quality_weight": 1.0}


def settings_with(directory: Path, *deployments: dict[str, Any], **routing: Any) -> Settings:
    return scratch_settings(directory, azure_openai={"deployments": list(deployments)}, routing=BEST | routing)


async def test_models_policies_and_prices_change_together(tmp_path: Path) -> None:
    async with Upstream() as upstream, scripted_app(tmp_path, "From here.") as app:
        dear = azure(upstream.url, quality="high", price={"currency": "EUR", "input_per_mtok": 9, "output_per_mtok": 9})
        app.fleet.reload(settings_with(tmp_path, dear, policy={"privacy": "any", "min_quality": "high"}))
        decision, end = await ends(app, "models/gpt")
        assert decision.deployment == "gpt"
        assert end.cost.nanos == 252_000
        (kept,) = [one for one in app.fleet.plans.now.candidates if one.deployment == "gpt"]

        app.fleet.reload(settings_with(tmp_path, dear, azure(upstream.url, model_id="other")))
        assert kept in list(app.fleet.plans.now.candidates), "what did not change keeps its connections"
        app.fleet.reload(settings_with(tmp_path, policy={"privacy": "local_only"}))
        names = [card.model_id for card in (await app.ports.models.list(LOCAL_PRINCIPAL, 0, "")).items]
        assert names == ["fake"]
        assert (await app.ports.routes.policy(LOCAL_PRINCIPAL, None)).held.policy.privacy is Privacy.LOCAL_ONLY


async def test_a_run_that_is_going_on_keeps_its_models(tmp_path: Path) -> None:
    async with Upstream(pace_s=0.02) as upstream, scripted_app(tmp_path, "From here.") as app:
        app.fleet.reload(settings_with(tmp_path, azure(upstream.url, quality="high")))
        (old,) = [one for one in app.fleet.plans.now.candidates if one.deployment == "gpt"]
        spec = RunSpec(function="plugins/chat/functions/reply", arguments={"message": "Hello."})
        run = await app.ports.runs.start(LOCAL_PRINCIPAL, spec)
        payloads = []
        async for event in app.ports.runs.follow(LOCAL_PRINCIPAL, run.name, 0):
            payloads.append(event.payload)
            if isinstance(event.payload, RoutingDecision):
                app.fleet.reload(settings_with(tmp_path))
                await asyncio.sleep(0)
                assert old.card.state == "ready"
        assert isinstance(payloads[-1], Completed)
        assert any(isinstance(payload, TextDelta) for payload in payloads)
        await app.fleet.close()
        assert old.card.state == "failed"


async def test_what_is_wrong_changes_nothing(tmp_path: Path) -> None:
    async with Upstream() as upstream, scripted_app(tmp_path, "From here.") as app:
        app.fleet.reload(settings_with(tmp_path, azure(upstream.url)))
        plan = app.fleet.plans.now
        with pytest.raises(SettingsError, match="two models are called fake"):
            app.fleet.reload(settings_with(tmp_path, azure(upstream.url), azure(upstream.url, model_id="fake")))
        trust = {"ca_file": tmp_path / "none.pem"}
        with pytest.raises(ModelLoadError):
            app.fleet.reload(settings_with(tmp_path, azure(upstream.url, model_id="x", wire=trust)))
        assert app.fleet.plans.now is plan
        assert (await ends(app, "models/gpt"))[0].backend == "azure_openai"


async def test_sighup_takes_new_settings_and_stays_with_the_old_on_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[Settings | SettingsError] = [
        SettingsError("runs.max_concurrent: no."),
        settings_with(tmp_path, policy={"privacy": "local_only"}),
    ]
    asked = asyncio.Event()
    loop = asyncio.get_running_loop()

    def reread() -> Settings:
        found = read.pop(0)
        loop.call_soon_threadsafe(asked.set)
        if isinstance(found, SettingsError):
            raise found
        return found

    async def drive(app: App) -> None:
        before, reload, reloaded = app.fleet.plans.now, app.fleet.reload, asyncio.Event()

        def watched(settings: Settings) -> None:
            reload(settings)
            reloaded.set()

        monkeypatch.setattr(app.fleet, "reload", watched)
        os.kill(os.getpid(), signal.SIGHUP)
        await asked.wait()
        assert app.fleet.plans.now is before
        os.kill(os.getpid(), signal.SIGHUP)
        await reloaded.wait()
        assert app.fleet.plans.now.policies.default.privacy is Privacy.LOCAL_ONLY
        os.kill(os.getpid(), signal.SIGTERM)

    driving: list[asyncio.Task[None]] = []
    await serve(
        scratch_settings(tmp_path),
        lambda app: driving.append(asyncio.create_task(drive(app))),
        generators=[FakeGenerator("Hi.")],
        reread=reread,
    )
    await asyncio.gather(*driving)


async def test_what_needs_a_restart_is_named_without_its_value(tmp_path: Path) -> None:
    async with scripted_app(tmp_path, "From here.") as app:
        now = settings_with(tmp_path)
        changed = now.model_copy(
            update={
                "auth": now.auth.model_copy(update={"audiences": ("told-to-nobody",), "clock_skew_s": 1.0}),
                "logging": now.logging.model_copy(update={"level": "debug"}),
            }
        )
        with capture_logs() as told:
            app.fleet.reload(changed)
        (warning,) = [one for one in told if one["log_level"] == "warning"]
        assert (warning["event"], warning["settings"]) == (
            "settings_need_restart",
            ["auth.audiences", "auth.clock_skew_s", "logging.level"],
        )
        assert "told-to-nobody" not in str(told)
        with capture_logs() as told:
            app.fleet.reload(now)
        assert [one["event"] for one in told] == ["settings_reloaded"], "what is as it was needs none"
