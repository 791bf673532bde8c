"""Runs and sessions for tests of the edge: what was asked of them, and what they give."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from service.backends.base import Usage
from service.economics.money import Money
from service.errors import NotFoundError
from service.runs.engine import CANCELLED_BY_CALLER, SERVICE_DRAINING
from service.runs.events import (
    BackendSwitched,
    Cancelled,
    Completed,
    GenerationOutcome,
    Payload,
    Prediction,
    RoutingDecision,
    RoutingOutcome,
    RunEvent,
    RunStarted,
    TextDelta,
    Timing,
)
from service.runs.spec import (
    MessageRecord,
    Page,
    Principal,
    RunRecord,
    RunSpec,
    RunState,
    SessionRecord,
)

NOW = datetime(2026, 11, 24, 12, 30, tzinfo=UTC)
FREE = Money("EUR")
DRAFT = "plugins/email/functions/draft"
PREDICTED = Prediction(3, 512, 4, None, None, 0.5, 2.0, measured=True)
DETAIL = GenerationOutcome("models/colibri", "onnx", "colibri", PREDICTED, Usage(3, 1, 2), FREE, 0.5, "stop")
ROUTING = RoutingOutcome(1, 4, 2, None, FREE, 2.0, 0.5, (DETAIL,))
DONE = Completed("stop", "Hello Ada", {"subject": "Hi"}, Usage(3, 1, 2), FREE, Timing(0.1, 0.2, 0.5, 40.0), ROUTING)
SCRIPT: tuple[Payload, ...] = (RunStarted(DRAFT, "named", {"to": "Ada"}), TextDelta("Hello "), TextDelta("Ada"), DONE)


class FakeRuns:
    """An engine whose runs do what `script` says; without a terminal event they stay open until told otherwise."""

    def __init__(self) -> None:
        self.script: Sequence[Payload] = SCRIPT
        self.refuse: Exception | None = None
        self.specs: list[RunSpec] = []
        self.principals: list[Principal] = []
        self.listed: list[tuple[int, str, str | None, RunState | None]] = []
        self.cancelled: list[tuple[str, str | None, str]] = []
        self.records: dict[str, RunRecord] = {}
        self.events: dict[str, list[RunEvent]] = {}
        self.following = asyncio.Event()
        self.was_cancelled = asyncio.Event()
        self.drained_with_s: float | None = None
        self._changed = asyncio.Condition()

    async def start(self, principal: Principal, spec: RunSpec) -> RunRecord:
        self.principals.append(principal)
        self.specs.append(spec)
        if self.refuse is not None:
            raise self.refuse
        name = f"runs/r{len(self.specs)}"
        self.events[name] = []
        self.records[name] = RunRecord(name, RunState.RUNNING, spec.input, spec.session, spec.function, spec.model, NOW)
        for payload in self.script:
            await self.emit(name, payload)
        return self.records[name]

    async def emit(self, name: str, payload: Payload) -> None:
        event = RunEvent(name, len(self.events[name]) + 1, NOW, payload)
        if isinstance(payload, Completed):
            self.records[name] = replace(self.records[name], state=RunState.COMPLETED, end_time=NOW, terminal=payload)
        elif isinstance(payload, Cancelled):
            self.records[name] = replace(self.records[name], state=RunState.CANCELLED, end_time=NOW, terminal=payload)
        async with self._changed:
            self.events[name].append(event)
            self._changed.notify_all()

    async def follow(self, principal: Principal, run_name: str, after_sequence: int) -> AsyncIterator[RunEvent]:
        await self.get(principal, run_name)
        cursor = after_sequence
        while cursor < len(self.events[run_name]) or self.records[run_name].terminal is None:
            for event in self.events[run_name][cursor:]:
                yield event
                cursor = event.sequence
                if event.is_terminal:
                    return
            self.following.set()
            async with self._changed:
                while len(self.events[run_name]) <= cursor:
                    await self._changed.wait()

    async def get(self, principal: Principal, name: str) -> RunRecord:
        self.principals.append(principal)
        if name not in self.records:
            raise NotFoundError(f"There is no run {name}.")
        return self.records[name]

    async def routing(self, principal: Principal, name: str) -> Sequence[RoutingDecision | BackendSwitched]:
        payloads = [event.payload for event in self.events.get(name, ())]
        return [payload for payload in payloads if isinstance(payload, RoutingDecision | BackendSwitched)]

    async def list(
        self, principal: Principal, page_size: int, page_token: str, session: str | None, state: RunState | None
    ) -> Page[RunRecord]:
        self.listed.append((page_size, page_token, session, state))
        return Page(tuple(self.records.values()), "more")

    async def cancel(
        self, principal: Principal, name: str, request_id: str | None, *, reason: str = CANCELLED_BY_CALLER
    ) -> RunRecord:
        record = await self.get(principal, name)
        self.cancelled.append((name, request_id, reason))
        if record.state is RunState.RUNNING:
            await self.emit(name, Cancelled(reason, "Hello ", Usage(), FREE))
        self.was_cancelled.set()
        return self.records[name]

    async def drain(self, grace_s: float) -> None:
        self.drained_with_s = grace_s
        for name, record in self.records.items():
            if record.state is RunState.RUNNING:
                await self.emit(name, Cancelled(SERVICE_DRAINING, "", Usage(), FREE))


SESSION = SessionRecord("sessions/s1", "Orders", NOW, NOW, 2)


class FakeSessions:
    def __init__(self) -> None:
        self.calls: list[tuple[Any, ...]] = []

    async def create(self, principal: Principal, title: str, request_id: str | None) -> SessionRecord:
        self.calls.append(("create", principal, title, request_id))
        return replace(SESSION, title=title, message_count=0)

    async def get(self, principal: Principal, name: str) -> SessionRecord:
        if name != SESSION.name:
            raise NotFoundError(f"There is no session {name}.")
        return SESSION

    async def list(self, principal: Principal, page_size: int, page_token: str) -> Page[SessionRecord]:
        self.calls.append(("list", principal, page_size, page_token))
        return Page((SESSION,), "more")

    async def delete(self, principal: Principal, name: str, request_id: str | None) -> None:
        self.calls.append(("delete", principal, name, request_id))

    async def messages(
        self, principal: Principal, session: str, page_size: int, page_token: str
    ) -> Page[MessageRecord]:
        self.calls.append(("messages", principal, session, page_size, page_token))
        return Page(
            (
                MessageRecord("sessions/s1/messages/1", "user", "Hi", "runs/r1", NOW),
                MessageRecord("sessions/s1/messages/2", "assistant", "Hello", "runs/r1", NOW),
            )
        )
