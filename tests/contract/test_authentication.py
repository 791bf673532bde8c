"""A service that asks for credentials, over real connections: who is let in, to what, and that tenants are apart."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

import grpc
import grpc.aio
import pytest
from google.longrunning import operations_proto_pb2
from google.protobuf import field_mask_pb2
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc
from structlog.testing import capture_logs
from vaiven.v1 import (
    agent_service_pb2,
    cost_pb2,
    cost_service_pb2,
    knowledge_service_pb2,
    model_service_pb2,
    plan_pb2,
    plan_service_pb2,
    plugin_pb2,
    plugin_service_pb2,
    privacy_service_pb2,
    routing_pb2,
    routing_service_pb2,
    session_service_pb2,
    ticket_service_pb2,
)

from service.auth.key_file import change_keys
from service.bootstrap import App
from service.permissions import Permission
from service.rpc.convert.values import struct_to_proto
from service.rpc.listen import ConfigurationError, TlsFiles
from service.rpc.permissions import PERMISSIONS
from service.rpc.server import RpcOptions, build_server
from service.settings_sources import SettingsError
from service.testing.app import scratch_settings, scripted_app
from service.testing.client import add_key, keyed_channel
from tests.contract.edge import Edge, refusal, to_its_end
from tests.contract.loopback_certificate import certificate_for
from tests.contract.registering import registering, shop
from tests.unit.auth.tokens import AUDIENCE, ISSUER, Issued, key_set, public_rsa
from tests.unit.rpc.fakes import FakeDomain

REQUIRED: Final = {"mode": "required"}
REPLY: Final = "plugins/chat/functions/reply"
REQUEST_ID: Final = "0b5c1a4e-0000-4000-8000-000000000001"
NOT_FOUND: Final = (grpc.StatusCode.NOT_FOUND, "RESOURCE_NOT_FOUND")
MISSING: Final = (grpc.StatusCode.UNAUTHENTICATED, "CREDENTIALS_MISSING")
INVALID: Final = (grpc.StatusCode.UNAUTHENTICATED, "CREDENTIALS_INVALID")
DENIED: Final = (grpc.StatusCode.PERMISSION_DENIED, "PERMISSION_MISSING")
RUNS: Final = agent_service_pb2.ListRunsRequest()


@asynccontextmanager
async def keyed(app: App, key: str) -> AsyncIterator[Edge]:
    """Give the stubs of a caller with a key."""
    async with keyed_channel(f"127.0.0.1:{app.port}", key) as channel:
        yield Edge(channel, app.server, FakeDomain())


@asynccontextmanager
async def two_tenants(directory: Path, **areas: Any) -> AsyncIterator[tuple[App, Edge, Edge]]:
    """Run a service with two tenants, each with a key that allows everything."""
    areas = {"auth": REQUIRED, "models": {"operators": ("shop", "bank")}, **areas}
    settings = scratch_settings(directory, **{name: dict(values) for name, values in areas.items()})
    mine, theirs = add_key(settings, "shop"), add_key(settings, "bank")
    async with (
        scripted_app(directory, "Hello to you.", **areas) as app,
        keyed(app, mine) as own,
        keyed(app, theirs) as other,
    ):
        yield app, own, other


async def run_of(edge: Edge, **fields: Any) -> str:
    """Return the name of a run that has ended well."""
    fields = {"function": REPLY, "input": "Hi", **fields}
    if fields["function"] == REPLY:
        fields.setdefault("arguments", {"message": "Hi"})
    events = [event async for event in edge.agents.Run(agent_service_pb2.RunRequest(**fields))]
    assert events[-1].WhichOneof("payload") == "completed", events[-1]
    return events[-1].run


# --- What one tenant has, another does not find


async def test_runs_are_the_tenant_s(tmp_path: Path) -> None:
    async with two_tenants(tmp_path) as (_, own, other):
        run = await run_of(own, request_id=REQUEST_ID)
        assert [one.name for one in (await own.agents.ListRuns(RUNS)).runs] == [run]
        assert not (await other.agents.ListRuns(RUNS)).runs
        for call in (
            other.agents.GetRun(agent_service_pb2.GetRunRequest(name=run)),
            other.agents.WatchRun(agent_service_pb2.WatchRunRequest(name=run)),
            other.agents.CancelRun(agent_service_pb2.CancelRunRequest(name=run)),
            other.agents.DecideApproval(
                agent_service_pb2.DecideApprovalRequest(
                    name=f"{run}/approvals/a1", decision=agent_service_pb2.APPROVAL_DECISION_APPROVE
                )
            ),
        ):
            assert await refusal(call) == NOT_FOUND
        # The same id of a request is another request.
        assert await run_of(other, request_id=REQUEST_ID) != run
        assert len((await own.agents.ListRuns(RUNS)).runs) == 1


async def test_sessions_are_the_tenant_s(tmp_path: Path) -> None:
    async with two_tenants(tmp_path) as (_, own, other):
        request = session_service_pb2.CreateSessionRequest(title="Orders")
        session = (await own.sessions.CreateSession(request)).session.name
        await run_of(own, session=session)
        assert not (await other.sessions.ListSessions(session_service_pb2.ListSessionsRequest())).sessions
        for call in (
            other.sessions.GetSession(session_service_pb2.GetSessionRequest(name=session)),
            other.sessions.DeleteSession(session_service_pb2.DeleteSessionRequest(name=session)),
            other.sessions.ListMessages(session_service_pb2.ListMessagesRequest(parent=session)),
            other.agents.Run(agent_service_pb2.RunRequest(input="Hi", function=REPLY, session=session)),
        ):
            assert await refusal(call) == NOT_FOUND
        messages = await own.sessions.ListMessages(session_service_pb2.ListMessagesRequest(parent=session))
        assert len(messages.messages) == 2


async def test_knowledge_is_the_tenant_s(tmp_path: Path) -> None:
    create = knowledge_service_pb2.CreateCollectionRequest(collection_id="faq")
    file = knowledge_service_pb2.DocumentFile(file_name="a.md", content=b"# Returns\n\nReturns take 30 days.\n")
    ingest = knowledge_service_pb2.IngestDocumentsRequest(parent="collections/faq", files=[file])
    async with two_tenants(tmp_path) as (_, own, other):
        await own.knowledge.CreateCollection(create)
        document = (await own.knowledge.IngestDocuments(ingest)).outcomes[0].document.name
        lists = knowledge_service_pb2.ListCollectionsRequest()
        assert not (await other.knowledge.ListCollections(lists)).collections
        for call in (
            other.knowledge.IngestDocuments(ingest),
            other.knowledge.GetCollection(knowledge_service_pb2.GetCollectionRequest(name="collections/faq")),
            other.knowledge.GetDocument(knowledge_service_pb2.GetDocumentRequest(name=document)),
            other.knowledge.ListDocuments(knowledge_service_pb2.ListDocumentsRequest(parent="collections/faq")),
            other.knowledge.DeleteDocument(knowledge_service_pb2.DeleteDocumentRequest(name=document)),
            other.knowledge.DeleteCollection(knowledge_service_pb2.DeleteCollectionRequest(name="collections/faq")),
            other.knowledge.Search(
                knowledge_service_pb2.SearchRequest(query="returns", collections=["collections/faq"])
            ),
        ):
            assert await refusal(call) == NOT_FOUND
        found = knowledge_service_pb2.SearchRequest(query="returns")
        # A collection of the same name is another one.
        await other.knowledge.CreateCollection(create)
        assert not (await other.knowledge.Search(found)).hits
        assert len((await own.knowledge.Search(found)).hits) == 1


async def test_plugins_are_the_tenant_s(tmp_path: Path) -> None:
    async with shop() as target, two_tenants(tmp_path) as (_, own, other):
        plugin = (await own.plugins.RegisterPlugin(registering(target))).plugin
        function = plugin.functions[0]
        named = {p.name for p in (await other.plugins.ListPlugins(plugin_service_pb2.ListPluginsRequest())).plugins}
        assert plugin.name not in named
        functions = (await other.plugins.ListFunctions(plugin_service_pb2.ListFunctionsRequest())).functions
        assert function not in {one.name for one in functions}
        changed = plugin_pb2.Plugin(name=plugin.name, description="Mine.")
        mask = field_mask_pb2.FieldMask(paths=["description"])
        for call in (
            other.plugins.GetPlugin(plugin_service_pb2.GetPluginRequest(name=plugin.name)),
            other.plugins.ListFunctions(plugin_service_pb2.ListFunctionsRequest(parent=plugin.name)),
            other.plugins.InvokeFunction(plugin_service_pb2.InvokeFunctionRequest(name=function)),
            other.plugins.UpdatePlugin(plugin_service_pb2.UpdatePluginRequest(plugin=changed, update_mask=mask)),
            other.plugins.RefreshPlugin(plugin_service_pb2.RefreshPluginRequest(name=plugin.name)),
            other.plugins.DeletePlugin(plugin_service_pb2.DeletePluginRequest(name=plugin.name)),
        ):
            assert await refusal(call) == NOT_FOUND
        assert (await own.plugins.GetPlugin(plugin_service_pb2.GetPluginRequest(name=plugin.name))).plugin == plugin
        # The name is free for the other tenant.
        await other.plugins.RegisterPlugin(registering(target))


async def test_plans_are_the_tenant_s(tmp_path: Path) -> None:
    step = plan_pb2.PlanStep(id="a", function=REPLY, arguments=struct_to_proto({"message": "Hi"}))
    async with two_tenants(tmp_path) as (_, own, other):
        plan = (await own.plans.CreatePlan(plan_service_pb2.CreatePlanRequest(steps=[step]))).plan.name
        assert [one.name for one in (await own.plans.ListPlans(plan_service_pb2.ListPlansRequest())).plans] == [plan]
        assert not (await other.plans.ListPlans(plan_service_pb2.ListPlansRequest())).plans
        for call in (
            other.plans.GetPlan(plan_service_pb2.GetPlanRequest(name=plan)),
            other.plans.ExecutePlan(plan_service_pb2.ExecutePlanRequest(name=plan)),
        ):
            assert await refusal(call) == NOT_FOUND


async def test_tickets_are_the_tenant_s(tmp_path: Path) -> None:
    async with two_tenants(tmp_path) as (app, own, other):
        run = await run_of(own)
        tickets: Any = app.ports.tickets
        ticket = await tickets.open("shop", run=run, question="Where is it?", reason="NO_PASSAGE")
        lists = ticket_service_pb2.ListTicketsRequest()
        assert [one.name for one in (await own.tickets.ListTickets(lists)).tickets] == [ticket]
        assert not (await other.tickets.ListTickets(lists)).tickets
        for call in (
            other.tickets.GetTicket(ticket_service_pb2.GetTicketRequest(name=ticket)),
            other.tickets.CloseTicket(ticket_service_pb2.CloseTicketRequest(name=ticket, resolution="Mine.")),
        ):
            assert await refusal(call) == NOT_FOUND


async def test_operations_are_the_tenant_s(tmp_path: Path) -> None:
    request = model_service_pb2.BenchmarkModelRequest(name="models/fake", concurrency=[1], output_tokens=1)
    pb = operations_proto_pb2
    async with two_tenants(tmp_path) as (_, own, other):
        name = (await own.models.BenchmarkModel(request)).name
        assert (await own.operations.WaitOperation(pb.WaitOperationRequest(name=name))).name == name
        assert not (await other.operations.ListOperations(pb.ListOperationsRequest(name="operations"))).operations
        for call in (
            other.operations.GetOperation(pb.GetOperationRequest(name=name)),
            other.operations.WaitOperation(pb.WaitOperationRequest(name=name)),
            other.operations.CancelOperation(pb.CancelOperationRequest(name=name)),
            other.operations.DeleteOperation(pb.DeleteOperationRequest(name=name)),
        ):
            assert await refusal(call) == NOT_FOUND


async def test_policies_budgets_and_usage_are_the_tenant_s(tmp_path: Path) -> None:
    policy = routing_pb2.StoredPolicy(limits=routing_pb2.RoutingPolicy(excluded_models=["models/fake"]))
    change = routing_service_pb2.UpdatePolicyRequest(
        policy=policy, update_mask=field_mask_pb2.FieldMask(paths=["limits.excluded_models"])
    )
    budget = cost_pb2.Budget(name="budgets/none", period=cost_pb2.BUDGET_PERIOD_MONTH, token_limit=0)
    usage = cost_service_pb2.GetUsageRequest()
    async with two_tenants(tmp_path) as (_, own, other):
        await run_of(own)
        assert (await own.costs.GetUsage(usage)).records
        assert not (await other.costs.GetUsage(usage)).records
        await own.costs.SetBudget(cost_service_pb2.SetBudgetRequest(budget=budget))
        for call in (
            other.costs.GetBudget(cost_service_pb2.GetBudgetRequest(name=budget.name)),
            other.costs.DeleteBudget(cost_service_pb2.DeleteBudgetRequest(name=budget.name)),
        ):
            assert await refusal(call) == NOT_FOUND
        await own.routing.UpdatePolicy(change)
        shown = await other.routing.GetPolicy(routing_service_pb2.GetPolicyRequest())
        assert not shown.policy.excluded_models
        # Neither the one's policy nor its empty budget holds for the other.
        await run_of(other)


async def test_pseudonyms_are_the_tenant_s(tmp_path: Path) -> None:
    secret, key = "ada@shop.example", base64.b64encode(bytes(32)).decode()
    async with two_tenants(tmp_path, privacy={"key": key}) as (_, own, other):
        session = (await own.sessions.CreateSession(session_service_pb2.CreateSessionRequest())).session.name
        ask = privacy_service_pb2.AnonymizeRequest
        loose = await own.privacy.Anonymize(ask(texts=[f"Write to {secret}."]))
        kept = await own.privacy.Anonymize(ask(texts=[f"Write to {secret}."], session=session))
        assert secret not in f"{loose}{kept}"
        back = privacy_service_pb2.RestoreRequest(texts=loose.texts, restore_token=loose.restore_token)
        assert secret in (await own.privacy.Restore(back)).texts[0]
        code, _reason = await refusal(other.privacy.Restore(back))
        assert code is grpc.StatusCode.FAILED_PRECONDITION
        of_session = privacy_service_pb2.RestoreRequest(texts=kept.texts, session=session)
        assert secret in (await own.privacy.Restore(of_session)).texts[0]
        assert await refusal(other.privacy.Restore(of_session)) == NOT_FOUND
        assert await refusal(other.privacy.Anonymize(ask(texts=["Hi"], session=session))) == NOT_FOUND


# --- Who is let in


async def test_no_credentials_wrong_ones_and_revoked_ones(tmp_path: Path) -> None:
    settings = scratch_settings(tmp_path, auth=dict(REQUIRED))
    key, gone = add_key(settings, "shop"), add_key(settings, "bank")
    async with scripted_app(tmp_path, "Hello.", auth=REQUIRED) as app:
        address = f"127.0.0.1:{app.port}"
        async with grpc.aio.insecure_channel(address) as channel:
            nobody = Edge(channel, app.server, FakeDomain())
            assert await refusal(nobody.agents.ListRuns(RUNS)) == MISSING
            assert await refusal(nobody.agents.Run(agent_service_pb2.RunRequest(input="Hi"))) == MISSING
        said = set()
        for wrong in (key[:-1] + ("a" if key[-1] != "a" else "b"), "vvn_", "x", gone):
            async with keyed(app, wrong) as edge:
                if wrong == gone:
                    await edge.agents.ListRuns(RUNS)
                    change_keys(settings.auth.keys_file, lambda keys: (keys[:1], None))
                    await until_refused(lambda: edge.agents.ListRuns(RUNS))
                call = edge.agents.ListRuns(RUNS)
                assert await refusal(call) == INVALID
                said.add(await call.details())
        assert len(said) == 1
        async with keyed(app, key) as edge:
            await edge.agents.ListRuns(RUNS)


async def until_refused(call: Callable[[], Any]) -> None:
    """Call until it is refused."""
    try:
        while True:
            await call()
    except grpc.aio.AioRpcError as error:
        assert error.code() is grpc.StatusCode.UNAUTHENTICATED, error  # noqa: PT017 - any other end is the failure


@pytest.mark.parametrize("permission", Permission)
async def test_a_key_allows_what_it_says_and_nothing_else(permission: Permission, tmp_path: Path) -> None:
    settings = scratch_settings(tmp_path, auth=dict(REQUIRED))
    key = add_key(settings, "shop", permission)
    async with (
        scripted_app(tmp_path, "Hello.", auth=REQUIRED) as app,
        keyed_channel(f"127.0.0.1:{app.port}", key) as channel,
    ):
        for method, needed in PERMISSIONS.items():
            # An empty message: whatever becomes of it, the guard has spoken before.
            said = await refused_with(channel, method)
            assert (f"needs the permission `{needed}`" in said) == (needed is not permission), (method, said)


async def refused_with(channel: grpc.aio.Channel, method: str) -> str:
    streams = method.rpartition("/")[2] in ("Run", "WatchRun", "InvokeFunction", "ExecutePlan")
    make: Any = channel.unary_stream if streams else channel.unary_unary
    try:
        await to_its_end(make(method, request_serializer=bytes, response_deserializer=bytes)(b""))
    except grpc.aio.AioRpcError as error:
        return f"{error.code().name}: {error.details()}"
    return ""


async def test_probes_and_reflection_need_none(tmp_path: Path) -> None:
    async with (
        scripted_app(tmp_path, "Hello.", auth=REQUIRED, server={"reflection": True}) as app,
        grpc.aio.insecure_channel(f"127.0.0.1:{app.port}") as channel,
    ):
        health: Any = health_pb2_grpc.HealthStub(channel)
        answer = await health.Check(health_pb2.HealthCheckRequest())
        assert answer.status == health_pb2.HealthCheckResponse.SERVING
        asked = reflection_pb2.ServerReflectionRequest(list_services="")
        reflection: Any = reflection_pb2_grpc.ServerReflectionStub(channel)
        async for listed in reflection.ServerReflectionInfo(iter([asked])):
            assert "vaiven.v1.AgentService" in str(listed)


async def test_tokens_of_the_issuer(tmp_path: Path) -> None:
    jwks = tmp_path / "jwks.json"
    jwks.write_bytes(key_set(public_rsa("one")))
    auth = {
        **REQUIRED,
        "issuer": ISSUER,
        "audiences": (AUDIENCE,),
        "jwks_file": jwks,
        "roles": {"Clerk": ("use", "decide")},
    }
    async with scripted_app(tmp_path, "Hello.", auth=auth) as app:
        async with keyed(app, Issued(claims={"roles": ["Clerk"]}).token()) as edge:
            await run_of(edge)
            budget = cost_service_pb2.DeleteBudgetRequest(name="budgets/none")
            assert await refusal(edge.costs.DeleteBudget(budget)) == DENIED
        async with keyed(app, Issued(claims={"tid": "bank"}).token()) as edge:
            assert not (await edge.agents.ListRuns(RUNS)).runs
        async with keyed(app, Issued(claims={"exp": 1}).token()) as edge:
            expired = (grpc.StatusCode.UNAUTHENTICATED, "CREDENTIALS_EXPIRED")
            assert await refusal(edge.agents.ListRuns(RUNS)) == expired
        async with keyed(app, Issued(claims={"aud": "another"}).token()) as edge:
            assert await refusal(edge.agents.ListRuns(RUNS)) == INVALID


async def test_an_issuer_that_is_away_stops_neither_the_start_nor_keys(tmp_path: Path) -> None:
    auth = {**REQUIRED, "issuer": ISSUER, "audiences": (AUDIENCE,), "jwks_url": "http://127.0.0.1:1/keys"}
    key = add_key(scratch_settings(tmp_path, auth=dict(auth)), "shop")
    async with scripted_app(tmp_path, "Hello.", auth=auth) as app:
        async with keyed(app, key) as edge:
            await edge.agents.ListRuns(RUNS)
        async with keyed(app, Issued().token()) as edge:
            away = (grpc.StatusCode.UNAVAILABLE, "ISSUER_UNAVAILABLE")
            assert await refusal(edge.agents.ListRuns(RUNS)) == away


def on_disk(directory: Path) -> bytes:
    return b"".join(file.read_bytes() for file in directory.iterdir() if file.is_file())


async def test_nothing_of_a_key_is_logged_or_kept(tmp_path: Path) -> None:
    with capture_logs() as logs:
        async with two_tenants(tmp_path) as (_, own, other):
            await run_of(own)
            assert await refusal(other.agents.GetRun(agent_service_pb2.GetRunRequest(name="runs/none"))) == NOT_FOUND
    assert b"vvn_" not in on_disk(tmp_path)
    assert "vvn_" not in str(logs)
    assert any(line["event"] == "call ended" for line in logs)


# --- What a service does not start with


@pytest.mark.parametrize(
    ("auth", "said"),
    [
        ({}, r"auth\.keys_file: .*is no file of keys"),
        ({"jwks_file": "none.json"}, r"auth\.jwks_file: .*cannot be read"),
    ],
)
async def test_a_file_that_cannot_be_used_stops_the_start(tmp_path: Path, auth: dict[str, Any], said: str) -> None:
    if auth:
        auth |= {"issuer": ISSUER, "audiences": (AUDIENCE,)}
    else:
        (tmp_path / "keys.json").write_text("{")
    with pytest.raises(SettingsError, match=said):
        async with scripted_app(tmp_path, "Hello.", auth={**REQUIRED, **auth}):
            pass


async def test_a_public_address_needs_callers_with_credentials(tmp_path: Path) -> None:
    public, _ = certificate_for("vaiven.example", tmp_path)
    server = {"address": "0.0.0.0:0", "tls_certificate": public, "tls_key": tmp_path / "key.pem"}
    with pytest.raises(ConfigurationError, match=r"needs callers who show credentials: set auth\.mode to required"):
        async with scripted_app(tmp_path / "new", "Hello.", server=server):
            pass
    assert not (tmp_path / "new").exists()
    options = RpcOptions(address="0.0.0.0:0", tls=TlsFiles(public, tmp_path / "key.pem"))
    with pytest.raises(ConfigurationError, match="needs callers"):
        build_server(FakeDomain().ports(), options)
    async with scripted_app(tmp_path / "new", "Hello.", server=server, auth=REQUIRED) as app:
        assert app.port


async def test_a_service_without_keys_starts_and_says_so(tmp_path: Path) -> None:
    with capture_logs() as logs:
        async with scripted_app(tmp_path, "Hello.", auth=REQUIRED):
            pass
    assert [line["log_level"] for line in logs if line["event"] == "no_keys"] == ["warning"]
