"""Each RPC of the contract can be called from the command line: a line for each, and the server saw the call.

The list is walked: an RPC without a line fails, and so does a line that calls something else.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import vaiven.v1
from prometheus_client import CollectorRegistry

from service.rpc.server import RpcOptions
from tests.unit.cli.conftest import Vaiven, serving

LINES = {
    "AgentService.Run": "ask hello",
    "AgentService.GetRun": "runs show r1",
    "AgentService.ListRuns": "runs list",
    "AgentService.WatchRun": "runs watch r1",
    "AgentService.CancelRun": "runs cancel r1",
    "AgentService.DecideApproval": "runs decide r1/a1 approve",
    "PlanService.CreatePlan": "plan hello",
    "PlanService.GetPlan": "plans show p1",
    "PlanService.ListPlans": "plans list",
    "PlanService.ExecutePlan": "plans run p1 --yes",
    "PluginService.RegisterPlugin": "plugins add grpc://127.0.0.1:50052 --name orders",
    "PluginService.UpdatePlugin": "plugins update orders --description Orders",
    "PluginService.DeletePlugin": "plugins remove orders",
    "PluginService.RefreshPlugin": "plugins refresh orders",
    "PluginService.ListPlugins": "plugins list",
    "PluginService.GetPlugin": "plugins show email",
    "PluginService.ListFunctions": "plugins functions",
    "PluginService.InvokeFunction": "email draft --to Ada --purpose lunch",
    "SessionService.CreateSession": "sessions create",
    "SessionService.GetSession": "sessions show s1",
    "SessionService.ListSessions": "sessions list",
    "SessionService.DeleteSession": "sessions delete s1",
    "SessionService.ListMessages": "sessions messages s1",
    "TicketService.ListTickets": "tickets list",
    "TicketService.GetTicket": "tickets show t1",
    "TicketService.CloseTicket": "tickets close t1",
    "KnowledgeService.CreateCollection": "knowledge create shop",
    "KnowledgeService.GetCollection": "knowledge show faq",
    "KnowledgeService.ListCollections": "knowledge collections",
    "KnowledgeService.DeleteCollection": "knowledge delete faq",
    "KnowledgeService.GetDocument": "knowledge show faq/d1",
    "KnowledgeService.ListDocuments": "knowledge documents faq",
    "KnowledgeService.DeleteDocument": "knowledge remove faq/d1",
    "KnowledgeService.IngestDocuments": "knowledge add faq README.md",
    "KnowledgeService.Search": "knowledge search return",
    "ModelService.ListModels": "models list",
    "ModelService.GetModel": "models show colibri",
    "ModelService.PullModel": "models pull phi --known phi-4-mini --no-wait",
    "ModelService.LoadModel": "models load phi --no-wait",
    "ModelService.UnloadModel": "models unload phi",
    "ModelService.BenchmarkModel": "models benchmark phi",
    "ModelService.CompareModels": "models compare full small",
    "ModelService.QuantizeModel": "models quantize small --from big --precision int4 --no-wait",
    "ModelService.ListAdapters": "models adapters phi",
    "ModelService.ImportAdapter": "models import-adapter phi mail --from /in/mail",
    "ModelService.LoadAdapter": "models load-adapter phi mail",
    "ModelService.UnloadAdapter": "models unload-adapter phi mail",
    "ModelService.DeleteAdapter": "models delete-adapter phi mail",
    "CostService.GetUsage": "usage --by model",
    "CostService.SetBudget": "budgets set mail --tokens 1000",
    "CostService.GetBudget": "budgets show mail",
    "CostService.ListBudgets": "budgets list",
    "CostService.DeleteBudget": "budgets delete mail",
    "RoutingService.ExplainRoute": "route hello",
    "RoutingService.GetPolicy": "policy show",
    "RoutingService.UpdatePolicy": "policy set --privacy any",
    "PrivacyService.Detect": "privacy detect hello",
    "PrivacyService.Anonymize": "privacy anonymize hello",
    "PrivacyService.Restore": "privacy restore --session s1 hello",
}


@dataclass(frozen=True)
class Observed:
    """A running server that counts its calls."""

    registry: CollectorRegistry

    def calls(self, rpc: str) -> float:
        labels = {"method": f"/vaiven.v1.{rpc.replace('.', '/')}", "code": "OK"}
        return self.registry.get_sample_value("vaiven_rpcs_total", labels) or 0


@pytest.fixture
def observed(monkeypatch: pytest.MonkeyPatch) -> Iterator[Observed]:
    registry = CollectorRegistry()
    with serving(RpcOptions(address="127.0.0.1:0"), registry=registry) as running:
        monkeypatch.setenv("VAIVEN_ADDRESS", running.address)
        yield Observed(registry)


def rpcs() -> set[str]:
    modules = [m.name for m in pkgutil.iter_modules(vaiven.v1.__path__) if m.name.endswith("_pb2")]
    files = [importlib.import_module(f"vaiven.v1.{name}").DESCRIPTOR for name in modules]
    services = [service for file in files for service in file.services_by_name.values()]
    return {f"{service.name}.{method.name}" for service in services for method in service.methods}


def test_every_rpc_has_a_command_and_no_other() -> None:
    assert set(LINES) == rpcs()


@pytest.mark.parametrize("rpc", LINES)
def test_the_command_calls_it(
    observed: Observed, vaiven: Vaiven, rpc: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "README.md").write_text("# Hello\n")
    monkeypatch.chdir(tmp_path)
    assert vaiven("ask", "hello").code == 0
    before = observed.calls(rpc)
    outcome = vaiven(*LINES[rpc].split())
    assert (outcome.code, observed.calls(rpc)) == (0, before + 1), outcome.err
