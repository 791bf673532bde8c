"""Policies that tenants store, in a whole service: in force at once, kept over a restart, changed with care."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from service.bootstrap import App
from service.economics.money import Money
from service.errors import InvalidArgumentError, NotFoundError, RequestIdReusedError, StaleEtagError
from service.routing.policy import NO_POLICY, Privacy, RoutingPolicy
from service.runs.events import Failed, RoutingDecision
from service.runs.policies import PolicyChange, StoredPolicy
from service.runs.routes import RouteQuery
from service.runs.spec import LOCAL_PRINCIPAL, Principal
from service.testing.app import scripted_app
from tests.contract.test_routing import house, said

REPLY = "plugins/chat/functions/reply"
HERE = RoutingPolicy(privacy=Privacy.LOCAL_ONLY)


async def change(app: App, subject: str, policy: RoutingPolicy, *limits: str, **more: Any) -> StoredPolicy:
    etag = more.pop("etag", "")
    wanted = StoredPolicy(subject, policy, etag)
    asked = PolicyChange(wanted, frozenset(limits) or None, **more)
    return await app.ports.routes.update_policy(LOCAL_PRINCIPAL, asked)


async def answered_by(app: App) -> str:
    (decision,) = [payload for payload in await said(app) if isinstance(payload, RoutingDecision)]
    return decision.model


async def test_a_stored_policy_holds_at_once_for_its_plugin_and_tenant_and_over_a_restart(tmp_path: Path) -> None:
    async with house(tmp_path) as app:
        assert await answered_by(app) == "models/gpt"
        stored = await change(app, "plugins/chat", HERE)
        assert (stored.policy, stored.update_time is None) == (HERE, False)
        assert await answered_by(app) == "models/fake"
        explained = await app.ports.routes.explain(LOCAL_PRINCIPAL, RouteQuery("hello", REPLY))
        assert explained.decision.model == "models/fake"
        (limit,) = explained.held.limits
        assert (limit.field, limit.layer.words) == ("privacy", "the stored policy of plugins/chat")
        other = await app.ports.routes.explain(Principal("other", "x"), RouteQuery("hello", REPLY))
        assert other.decision.model == "models/gpt"
        app.fleet.reload(app.settings)
        assert await answered_by(app) == "models/fake", "a reload of the settings leaves what is stored"
    async with house(tmp_path) as app:
        assert await answered_by(app) == "models/fake"
        await change(app, "plugins/chat", NO_POLICY)
        assert await answered_by(app) == "models/gpt"


async def test_policies_that_leave_nothing_over_are_told_by_name(tmp_path: Path) -> None:
    async with house(tmp_path, policy={"regions": ["swedencentral"]}) as app:
        await change(app, "", RoutingPolicy(regions=frozenset({"westeurope"})))
        end = (await said(app, model="models/gpt"))[-1]
        assert isinstance(end, Failed)
        assert end.reason == "NO_ROUTE"
        (conflict,) = [violation for violation in end.violations if violation.subject == "policy.regions"]
        assert "routing.policy says swedencentral; the stored policy of the tenant says westeurope" in (
            conflict.description
        )
        shown = await app.ports.routes.policy(LOCAL_PRINCIPAL, None)
        assert shown.held.policy.regions == frozenset()
        assert shown.held.conflicts == (conflict,)


async def test_a_change_touches_the_limits_that_it_names(tmp_path: Path) -> None:
    async with scripted_app(tmp_path, "Hi.") as app:
        cheap = (Money("EUR", 0, 5),)
        await change(app, REPLY, RoutingPolicy(Privacy.LOCAL_ONLY, cheap, 2.5))
        after = await change(app, REPLY, RoutingPolicy(max_latency_s=9.0), "max_latency_s", "privacy")
        assert after.policy == RoutingPolicy(max_costs=cheap, max_latency_s=9.0)
        dry = await change(app, REPLY, HERE, validate_only=True)
        assert (dry.policy, dry.etag, dry.update_time) == (HERE, "", None)
        shown = await app.ports.routes.policy(LOCAL_PRINCIPAL, REPLY)
        assert shown.stored == after
        assert shown.held.policy == after.policy
        with pytest.raises(InvalidArgumentError) as refused:
            await change(app, REPLY, HERE, "privacy", "colour")
        assert [violation.description for violation in refused.value.violations] == ["limits.colour does not exist"]
        for nothing in ("plugins/none", "plugins/chat/functions/none"):
            with pytest.raises(NotFoundError):
                await change(app, nothing, HERE)
            with pytest.raises(NotFoundError):
                await app.ports.routes.policy(LOCAL_PRINCIPAL, nothing)


async def test_a_stale_etag_is_refused_and_a_request_is_repeatable(tmp_path: Path) -> None:
    request_id = "0b5c1a4e-0000-4000-8000-000000000000"
    async with scripted_app(tmp_path, "Hi.") as app:
        none = (await app.ports.routes.policy(LOCAL_PRINCIPAL, "plugins/chat")).stored
        first = await change(app, "plugins/chat", HERE, etag=none.etag, request_id=request_id)
        with pytest.raises(StaleEtagError):
            await change(app, "plugins/chat", NO_POLICY, etag=none.etag)
        second = await change(app, "plugins/chat", NO_POLICY, etag=first.etag)
        assert second.etag not in ("", first.etag, none.etag)
        assert await change(app, "plugins/chat", HERE, etag=none.etag, request_id=request_id) == first
        shown = await app.ports.routes.policy(LOCAL_PRINCIPAL, "plugins/chat")
        assert shown.stored == second, "a replay changes nothing"
        assert shown.held.policy == NO_POLICY
        with pytest.raises(RequestIdReusedError):
            await change(app, "plugins/chat", NO_POLICY, request_id=request_id)
