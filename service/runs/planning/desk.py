"""Plans as resources: made and checked, kept, shown."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any, Final, Literal, Protocol

from pydantic import TypeAdapter
from sqlalchemy import Connection

from planners.facts import FunctionFacts
from planners.plan import Plan
from service.economics.money import Money
from service.errors import NotFoundError
from service.routing.policy import NO_POLICY, RoutingPolicy
from service.runs.agent import Collections
from service.runs.names import id_in, plan_name, run_name
from service.runs.planning.costs import ANY_ROUTE, Route
from service.runs.planning.functions import FunctionBook, functions_of
from service.runs.planning.making import PlanMaker, invalid_now
from service.runs.planning.records import Origin, PlannerName, PlanRecord, plan_record, resource_of
from service.runs.spec import Page, Principal
from service.store import idempotency, plans
from service.store.idempotency import RequestKey
from service.store.ids import new_id
from service.store.paging import decode_page_token, encode_page_token, page_limit
from service.store.plans import PlanRow
from service.store.store import Store

NAMES: Final = TypeAdapter(tuple[str, ...])


@dataclass(frozen=True, slots=True)
class PlanRequest:
    """What a plan is to be made of: a recipe and its arguments, `steps` (JSON as `Plan.read` takes it), or words.

    All names are resource names but those in `steps`. `deadline` is on the clock of the running loop. A plan that may
    cost more than `max_cost` is refused.
    """

    input: str = ""
    request_id: str | None = None
    recipe: str | None = None
    arguments: Mapping[str, Any] = field(default_factory=dict)
    steps: tuple[Mapping[str, Any], ...] = ()
    answer_step: str = ""
    allowed_functions: tuple[str, ...] = ()
    model: str | None = None
    locality: Literal["local", "cloud"] | None = None
    policy: RoutingPolicy = NO_POLICY
    collections: tuple[str, ...] = ()
    validate_only: bool = False
    deadline: float | None = None
    max_cost: Money | None = None

    @property
    def route(self) -> Route:
        """Return who may answer in the steps, if the plan is executed as it was asked for."""
        return Route(self.model, self.locality, self.policy)

    def fingerprint(self) -> str:
        """Return a digest of what is asked: two requests with the same one are the same."""
        body = asdict(self)
        del body["request_id"], body["deadline"]
        if self.max_cost is None:  # so that requests of before there was one are still recognised
            del body["max_cost"]
        return hashlib.sha256(json.dumps(body, sort_keys=True, default=sorted).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class KeptPlan:
    """A stored plan, and what its steps may call and search."""

    plan: Plan
    origin: Origin
    allowed: tuple[str, ...]
    collections: tuple[str, ...]


class PlanWriter(Protocol):
    """Makes plans of words."""

    async def write(
        self, principal: Principal, plan_id: str, request: PlanRequest, facts: Mapping[str, FunctionFacts]
    ) -> Plan:
        """Return a plan that may run.

        Raises:
            FailedPreconditionError: The model wrote none that may.
        """
        ...


class PlanDesk:
    """Keeps plans in the store; see `service.rpc.ports.Plans`."""

    def __init__(
        self, store: Store, book: FunctionBook, maker: PlanMaker, writer: PlanWriter, collections: Collections
    ) -> None:
        """Make plans over the functions of `book`."""
        self._store = store
        self._book = book
        self._maker = maker
        self._writer = writer
        self._collections = collections

    async def create(self, principal: Principal, request: PlanRequest) -> PlanRecord:
        """Make and check a plan, and store it unless it is only to be checked.

        Raises:
            InvalidArgumentError: The caller's plan may not run, or the request id came before with another body.
            NotFoundError: A recipe, function, model or collection does not exist.
            FailedPreconditionError: A model wrote no plan that may run.
        """
        tenant, key = principal.tenant, None
        if request.request_id is not None and not request.validate_only:
            key = RequestKey(tenant, "CreatePlan", request.request_id, request.fingerprint())
            found = key
            if (stored := await self._store.read(lambda connection: idempotency.find(connection, found))) is not None:
                return await self._shown(principal, stored, request.route)
        for collection in request.collections:
            await self._collections.get_collection(tenant, collection)
        needed = [resource_of(str(step["function"])) for step in request.steps]
        plan_id = new_id()
        facts = await self._book.facts(principal, request.allowed_functions, needed, request.route)
        plan, planner = await self._made(principal, plan_id, request, facts)
        if request.validate_only:
            return plan_record(plan, Origin("", planner, request.recipe or ""), facts, self._maker.limits)
        row = PlanRow(
            tenant,
            plan_id,
            planner or "",
            request.recipe or "",
            json.dumps(plan.to_json()).encode(),
            NAMES.dump_json(request.allowed_functions),
            NAMES.dump_json(request.collections),
            datetime.now(UTC),
        )

        def unit(connection: Connection) -> str:
            def make() -> str:
                plans.insert_plan(connection, row)
                return plan_name(row.id)

            return idempotency.once(connection, key, make).result

        return await self._shown(principal, await self._store.write(unit), request.route)

    async def get(self, principal: Principal, name: str) -> PlanRecord:
        """Return one plan.

        Raises:
            NotFoundError: The tenant has none of that name.
        """
        return await self._shown(principal, name, ANY_ROUTE)

    async def _shown(self, principal: Principal, name: str, route: Route) -> PlanRecord:
        kept = await self.kept(principal, name)
        facts = await self._book.facts(principal, (), functions_of(kept.plan), route)
        return plan_record(kept.plan, kept.origin, facts, self._maker.limits)

    async def list(self, principal: Principal, page_size: int, page_token: str) -> Page[PlanRecord]:
        """Return a page of the tenant's plans, newest first."""
        limit, scope = page_limit(page_size), f"plans:{principal.tenant}"
        key = decode_page_token(scope, page_token, (str,))
        before_id = None if key is None else str(key[0])
        rows = await self._store.read(
            lambda connection: plans.list_plans(connection, principal.tenant, before_id=before_id, limit=limit + 1)
        )
        token = encode_page_token(scope, (rows[limit - 1].id,)) if len(rows) > limit else ""
        facts = await self._book.facts(principal)
        kept = [_kept(row) for row in rows[:limit]]
        return Page(tuple(plan_record(one.plan, one.origin, facts, self._maker.limits) for one in kept), token)

    async def kept(self, principal: Principal, name: str) -> KeptPlan:
        """Return a plan as it is stored.

        Raises:
            NotFoundError: The tenant has none of that name.
        """
        plan_id = id_in(name, "plans")
        row = await self._store.read(lambda connection: plans.get_plan(connection, principal.tenant, plan_id))
        if row is None:
            raise NotFoundError(f"There is no plan {name}.")
        return _kept(row)

    async def executable(
        self, principal: Principal, name: str, route: Route = ANY_ROUTE, max_cost: Money | None = None
    ) -> KeptPlan:
        """Return a plan that may run now on that route, and cost `max_cost` at most.

        Raises:
            NotFoundError: The tenant has none of that name.
            FailedPreconditionError: Its functions are no longer what they were, or it may cost more.
        """
        kept = await self.kept(principal, name)
        facts = await self._book.facts(principal, kept.allowed, functions_of(kept.plan), route)
        if wrong := kept.plan.validate(facts, self._maker.limits_with(max_cost)):
            raise invalid_now(wrong)
        return kept

    async def _made(
        self, principal: Principal, plan_id: str, request: PlanRequest, facts: Mapping[str, FunctionFacts]
    ) -> tuple[Plan, PlannerName | None]:
        maker, said, most = self._maker, request.input, request.max_cost
        if request.recipe is not None:
            plan = maker.of_recipe(request.recipe, request.arguments, said, facts, request.collections, most)
            return plan, "recipe"
        if request.steps:
            return maker.of_steps(request.steps, request.answer_step, said, facts, request.collections, most), None
        return await self._writer.write(principal, plan_id, request, facts), "structured"


def _kept(row: PlanRow) -> KeptPlan:
    planners: dict[str, PlannerName] = {"recipe": "recipe", "structured": "structured"}
    last_run = None if row.last_run_id is None else run_name(row.last_run_id)
    return KeptPlan(
        plan=Plan.read(json.loads(row.plan)),
        origin=Origin(plan_name(row.id), planners.get(row.planner), row.recipe, row.create_time, last_run),
        allowed=NAMES.validate_json(row.allowed),
        collections=NAMES.validate_json(row.collections),
    )
