"""Which permission each RPC needs. One that is not here can be called by nobody who has to show credentials."""

from __future__ import annotations

from typing import Final

from service.permissions import Permission

_NEEDED: Final[dict[Permission, dict[str, str]]] = {
    Permission.USE: {
        "vaiven.v1.AgentService": "Run GetRun ListRuns WatchRun CancelRun",
        "vaiven.v1.PlanService": "CreatePlan GetPlan ListPlans ExecutePlan",
        "vaiven.v1.PluginService": "ListPlugins GetPlugin ListFunctions InvokeFunction",
        "vaiven.v1.SessionService": "CreateSession GetSession ListSessions DeleteSession ListMessages",
        "vaiven.v1.KnowledgeService": "GetCollection ListCollections GetDocument ListDocuments Search",
        "vaiven.v1.ModelService": "ListModels GetModel ListAdapters",
        "vaiven.v1.CostService": "GetUsage GetBudget ListBudgets",
        "vaiven.v1.RoutingService": "ExplainRoute GetPolicy",
        "vaiven.v1.TicketService": "ListTickets GetTicket",
        "vaiven.v1.PrivacyService": "Detect Anonymize",
        "google.longrunning.Operations": "ListOperations GetOperation WaitOperation",
    },
    Permission.DECIDE: {
        "vaiven.v1.AgentService": "DecideApproval",
        "vaiven.v1.TicketService": "CloseTicket",
    },
    Permission.KNOWLEDGE: {
        "vaiven.v1.KnowledgeService": "CreateCollection DeleteCollection DeleteDocument IngestDocuments",
    },
    Permission.PLUGINS: {"vaiven.v1.PluginService": "RegisterPlugin UpdatePlugin DeletePlugin RefreshPlugin"},
    Permission.MODELS: {
        "vaiven.v1.ModelService": "PullModel LoadModel UnloadModel BenchmarkModel CompareModels QuantizeModel "
        "ImportAdapter LoadAdapter UnloadAdapter DeleteAdapter",
        # All operations are work on models.
        "google.longrunning.Operations": "CancelOperation DeleteOperation",
    },
    Permission.BUDGETS: {"vaiven.v1.CostService": "SetBudget DeleteBudget"},
    Permission.POLICIES: {"vaiven.v1.RoutingService": "UpdatePolicy"},
    Permission.RESTORE: {"vaiven.v1.PrivacyService": "Restore"},
}

PERMISSIONS: Final = {
    f"/{service}/{method}": permission
    for permission, services in _NEEDED.items()
    for service, methods in services.items()
    for method in methods.split()
}
"""The permission by the method's full name, e.g. `/vaiven.v1.AgentService/Run`."""
