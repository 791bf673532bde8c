"""A person's word on the calls of runs: asked for by the run, given by `DecideApproval`, kept in the store."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final, Literal, Protocol

from pydantic import TypeAdapter
from sqlalchemy import Connection

from planners.approvals import ApprovalRequest, Decision
from service.errors import FailedPreconditionError, InvalidArgumentError, NotFoundError, Violation
from service.runs import events
from service.runs.names import approval_name, approval_parts
from service.runs.planning.records import resource_of
from service.runs.spec import Principal, RunRecord
from service.store import approvals, idempotency, runs
from service.store.approvals import ApprovalRow
from service.store.changes import touch
from service.store.idempotency import RequestKey
from service.store.instances import asked_topic
from service.store.runs import RUNNING, WAITING
from service.store.store import Store

_ASKED: Final = TypeAdapter(ApprovalRequest)
_DECISION: Final = TypeAdapter(Decision)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a person decides; `text` and `result` only with `done`."""

    verdict: Literal["approved", "rejected", "done"]
    reason: str = ""
    text: str = ""
    result: Mapping[str, Any] = field(default_factory=dict)

    def decision(self) -> Decision:
        """Return it as planners know it.

        Raises:
            InvalidArgumentError: It has a result and is not `done`.
        """
        if self.verdict != "done" and (self.text or self.result):
            wrong = "belongs to APPROVAL_DECISION_DONE only"
            field_name = "text" if self.text else "result"
            raise InvalidArgumentError(f"{field_name} {wrong}.", violations=(Violation(field_name, wrong),))
        return Decision(self.verdict, self.reason, self.text, dict(self.result))


class Wakes(Protocol):
    """Lets runs go on."""

    def refuse_if_full(self) -> None:
        """Refuse, where no further run may go on now.

        Raises:
            QueueFullError: As many are going on as are allowed.
            DrainingError: The service is shutting down.
        """
        ...

    def wake(self, tenant: str, run_id: str) -> None:
        """Let a stored run go on that nothing works on."""
        ...

    async def get(self, principal: Principal, name: str) -> RunRecord:
        """Return a run."""
        ...


class ApprovalDesk:
    """Keeps what is asked and decided; runs ask by way of `RunApprovals`."""

    def __init__(self, store: Store) -> None:
        """Keep it in `store`."""
        self._store = store
        self._waiting: dict[tuple[str, str, str], asyncio.Event] = {}

    async def register(self, tenant: str, run_id: str, request: ApprovalRequest) -> Decision | None:
        """Keep that something is asked; return what was decided, if it was."""
        row = ApprovalRow(tenant, run_id, request.key, _ASKED.dump_json(request), datetime.now(UTC))
        kept = await self._store.write(lambda connection: approvals.ask(connection, row))
        return None if kept.decision is None else _DECISION.validate_json(kept.decision)

    async def was_told(self, tenant: str, run_id: str, name: str) -> bool:
        """Return whether an event of the run tells the question."""
        rows = await self._store.read(
            lambda connection: runs.events_of_kind(connection, tenant, run_id, events.ApprovalRequired.__name__)
        )
        told = (events.payload_from_json(row.kind, row.payload) for row in rows)
        return any(isinstance(one, events.ApprovalRequired) and one.name == name for one in told)

    async def wait(self, tenant: str, run_id: str, request: ApprovalRequest) -> Decision:
        """Return what is decided, however long that takes; the run waits meanwhile."""
        key = (tenant, run_id, request.key)
        decided = self._waiting[key] = asyncio.Event()
        try:
            while (decision := await self.register(tenant, run_id, request)) is None:
                await self._store.write(lambda connection: _rest(connection, tenant, run_id, request.key))
                await decided.wait()
                decided.clear()
        finally:
            del self._waiting[key]
        return decision

    async def look(self) -> None:
        """Let the calls that wait look whether another process has taken a decision."""
        for waiting in self._waiting.values():
            waiting.set()

    async def decide(
        self, wakes: Wakes, principal: Principal, name: str, verdict: Verdict, request_id: str | None
    ) -> RunRecord:
        """Keep what was decided and let the run go on; see `DecidedRuns`."""
        run_id, approval_id = approval_parts(name)
        decision, tenant = verdict.decision(), principal.tenant
        key = None
        if request_id is not None:
            body = hashlib.sha256(name.encode() + b"\n" + _DECISION.dump_json(decision)).hexdigest()
            key = RequestKey(tenant, "DecideApproval", request_id, body)
        wakes.refuse_if_full()
        goes_on = await self._store.write(
            lambda connection: _decide(connection, key, (tenant, run_id, approval_id), decision, principal.subject)
        )
        if (waiting := self._waiting.get((tenant, run_id, approval_id))) is not None:
            waiting.set()
        elif goes_on:
            wakes.wake(tenant, run_id)
        return await wakes.get(principal, f"runs/{run_id}")


class DecidedRuns:
    """Takes decisions and lets the runs go on; see `service.rpc.ports.Approvals`."""

    def __init__(self, desk: ApprovalDesk, wakes: Wakes) -> None:
        """Decide at `desk`."""
        self._desk = desk
        self._wakes = wakes

    async def decide(self, principal: Principal, name: str, verdict: Verdict, request_id: str | None) -> RunRecord:
        """Keep what was decided and return the run, which goes on.

        Raises:
            NotFoundError: The tenant's run asked no such thing.
            FailedPreconditionError: It was decided otherwise before, or the run has ended.
            InvalidArgumentError: There is a result and the decision is not `done`.
            QueueFullError: Too many runs are going on for this one to go on now.
        """
        return await self._desk.decide(self._wakes, principal, name, verdict, request_id)


class RunApprovals:
    """What one run asks; see `planners.approvals.Approvals`.

    With `patient` the call waits for the answer. Without, a question that nobody has answered yet is postponed, so that
    the run can be put aside; `postponed` has those questions.
    """

    def __init__(self, desk: ApprovalDesk, tenant: str, run_id: str, *, patient: bool) -> None:
        """Ask at `desk`."""
        self._desk = desk
        self._tenant = tenant
        self._run_id = run_id
        self._patient = patient
        self._told: set[str] = set()
        self.postponed: set[str] = set()

    async def ask(self, request: ApprovalRequest) -> Decision:
        """Return what was decided."""
        if self._patient:
            return await self._desk.wait(self._tenant, self._run_id, request)
        decision = await self._desk.register(self._tenant, self._run_id, request)
        if decision is not None:
            return decision
        self.postponed.add(request.key)
        return Decision("postponed")

    async def told(self, request: ApprovalRequest) -> events.ApprovalRequired | None:
        """Keep the question and return the event that tells it; None where it was told or decided before."""
        name = approval_name(self._run_id, request.key)
        decided = await self._desk.register(self._tenant, self._run_id, request)
        if decided is not None or name in self._told or await self._desk.was_told(self._tenant, self._run_id, name):
            return None
        self._told.add(name)
        return events.ApprovalRequired(
            name=name,
            step=request.step,
            function=resource_of(request.function),
            effect=request.effect,
            arguments=dict(request.arguments),
            why=request.why,
        )


def _decide(
    connection: Connection, key: RequestKey | None, asked: tuple[str, str, str], decision: Decision, subject: str
) -> bool:
    """Keep the decision; return whether it lets a run go on that was put aside, and so belongs to nobody."""
    tenant, run_id, approval_id = asked
    row = approvals.get_approval(connection, tenant, run_id, approval_id)
    if row is None:
        raise NotFoundError(f"{approval_name(run_id, approval_id)} was not asked.")

    def make() -> str:
        if row.decision is not None:
            if _DECISION.validate_json(row.decision) != decision:
                raise _decided("It was decided otherwise before.")
            return ""
        run = runs.get_run(connection, tenant, run_id)
        if run is None or run.state not in (RUNNING, WAITING):
            raise _decided("The run has ended.")
        approvals.decide(connection, row, _DECISION.dump_json(decision), subject, datetime.now(UTC))
        return ""

    idempotency.once(connection, key, make)
    runs.set_state(connection, tenant, run_id, before=WAITING, after=RUNNING)
    run = runs.get_run(connection, tenant, run_id)
    if run is None or run.state != RUNNING:
        return False
    if run.owner is not None:
        touch(connection, asked_topic(run.owner))
    return run.owner is None


def _rest(connection: Connection, tenant: str, run_id: str, approval_id: str) -> None:
    """Say that the run waits, unless the question was answered meanwhile."""
    if not approvals.any_decided(connection, tenant, run_id, (approval_id,)):
        runs.set_state(connection, tenant, run_id, before=RUNNING, after=WAITING)


def _decided(message: str) -> FailedPreconditionError:
    return FailedPreconditionError(message, reason="APPROVAL_DECIDED")
