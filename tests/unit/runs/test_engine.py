"""The engine: one terminal event whatever happens, runs that outlive their callers, sessions, limits."""

import asyncio
import sqlite3
import threading
from datetime import UTC, datetime

import pytest
from sqlalchemy import Connection

from plugins.output import Citation, FunctionResult, Note, TextDelta
from service.backends.base import Finished, FinishReason, ModelCard, Price, Usage
from service.economics.money import Money
from service.errors import (
    DrainingError,
    InvalidArgumentError,
    NotFoundError,
    QueueFullError,
    RequestIdReusedError,
    SessionBusyError,
    UnavailableError,
    VaivenError,
    WorkerDiedError,
)
from service.routing.decision import Decision, Verdict
from service.routing.facts import Prediction
from service.routing.request import Sent
from service.runs import events, live
from service.runs.engine import RunEngine, RunLimits
from service.runs.recovery import recover
from service.runs.scope import RunScope
from service.runs.spec import LOCAL_PRINCIPAL, Principal, RunSpec, RunState
from service.store import runs, sessions
from service.store.runs import RunRow
from service.store.sessions import SessionRow
from service.store.store import Store

from .conftest import ScriptedAgent, events_of

NOW = datetime(2026, 11, 24, tzinfo=UTC)
CARD = ModelCard(
    model_id="m",
    backend="fake",
    display_name="M",
    locality="local",
    context_tokens=100,
    max_output_tokens=50,
    supports_tools=False,
    supports_json_schema=False,
    supports_grammar=False,
    supports_vision=False,
    price=Price("EUR", 1.0, 2.0, 0.5),
)

PREDICTION = Prediction(900, 50, 25, Money("EUR", 0, 1_000_000), Money("EUR", 0, 950_000), 0.5, 2.0, measured=True)
SENT = Sent("m-1", PREDICTION, elapsed_s=0.75)


def _finished(reason: FinishReason = "stop") -> Finished:
    return Finished(reason, Usage(1000, 400, 11), queued_s=0.25, first_token_s=0.5, total_s=1.5)


async def _answer(scope: RunScope) -> None:
    await scope.emit(events.RunStarted("plugins/p/functions/f", "named", {"a": 1}))
    for text in ("Hello", " there"):
        await scope.take(TextDelta(text))
    await scope.take(Note("NOTE", "A note."))
    await scope.take(Citation(1, "documents/d", "p1", "quote"))
    scope.generated(CARD, _finished(), SENT)
    await scope.take(FunctionResult("Hello there", {"x": [1, 2]}))


async def _hang(scope: RunScope) -> None:
    await scope.take(TextDelta("partial"))
    scope.broken_off(CARD, Usage(10, 0, 3), SENT)
    await asyncio.Event().wait()


async def _until_text(engine: RunEngine, name: str) -> None:
    async for event in engine.follow(LOCAL_PRINCIPAL, name, 0):
        if isinstance(event.payload, events.TextDelta):
            return


async def test_a_run_from_start_to_end(engine: RunEngine, agent: ScriptedAgent) -> None:
    agent.script = _answer
    started = await engine.start(LOCAL_PRINCIPAL, RunSpec(input="hi"))
    assert started.state is RunState.RUNNING
    seen = await events_of(engine, started.name)
    assert [event.sequence for event in seen] == list(range(1, len(seen) + 1))
    assert "".join(e.payload.text for e in seen if isinstance(e.payload, events.TextDelta)) == "Hello there"
    end = seen[-1].payload
    assert isinstance(end, events.Completed)
    assert (end.finish_reason, end.text, end.result, end.usage) == (
        "stop",
        "Hello there",
        {"x": [1, 2]},
        Usage(1000, 400, 11),
    )
    assert (end.cost.currency, end.cost.units, end.cost.nanos) == ("EUR", 0, 822_000)
    assert end.routing is not None
    assert (end.routing.generations, end.routing.expected_tokens, end.routing.output_tokens) == (1, 25, 11)
    assert (end.routing.expected_cost, end.routing.cost) == (PREDICTION.expected_cost, end.cost)
    assert (end.routing.expected_s, end.routing.total_s) == (2.0, 1.5)
    (detail,) = end.routing.details
    assert (detail.model, detail.deployment, detail.predicted.measured) == ("models/m", "m-1", True)
    assert (detail.usage, detail.cost, detail.finish_reason) == (end.usage, end.cost, "stop")
    assert (end.timing.queued_s, end.timing.output_tokens_per_s) == (0.25, 10.0)
    assert end.timing.first_token_s is not None
    record = await engine.get(LOCAL_PRINCIPAL, started.name)
    assert (record.state, record.function, record.terminal) == (RunState.COMPLETED, "plugins/p/functions/f", end)
    assert await events_of(engine, started.name) == seen
    assert await events_of(engine, started.name, after=2) == seen[2:]
    assert await events_of(engine, started.name, after=len(seen)) == []


async def test_a_run_shows_who_answered_also_after_a_switch_and_back(engine: RunEngine, agent: ScriptedAgent) -> None:
    first, second = Verdict("m", "fake", deployment="m-1"), Verdict("n", "fake", deployment="n-1")
    decision = Decision((first, second), (first, second), "M answers.")

    async def switched(scope: RunScope) -> None:
        await scope.decided(decision)
        await scope.decided(decision)
        await scope.switched(first, second, UnavailableError("Gone.", reason="UPSTREAM_FAILED"), continued=False)
        scope.broken_off(CARD, Usage(10, 0, 3), SENT)
        if scope.spec.input == "back":
            await scope.decided(decision)
        await scope.take(FunctionResult("done", {}))

    agent.script = switched
    for said, model, kinds in (("", "models/n", 2), ("back", "models/m", 3)):
        started = await engine.start(LOCAL_PRINCIPAL, RunSpec(input=said))
        end = (await events_of(engine, started.name))[-1].payload
        assert isinstance(end, events.Completed)
        assert end.routing is not None
        assert [(one.finish_reason, one.total_s) for one in end.routing.details] == [(None, 0.75)]
        assert (await engine.get(LOCAL_PRINCIPAL, started.name)).model == model
        told = await engine.routing(LOCAL_PRINCIPAL, started.name)
        assert len(told) == kinds
        assert isinstance(told[1], events.BackendSwitched)
    with pytest.raises(NotFoundError):
        await engine.routing(Principal("other", "x"), started.name)


async def test_the_token_limit_makes_it_incomplete(engine: RunEngine, agent: ScriptedAgent) -> None:
    async def cut(scope: RunScope) -> None:
        scope.generated(CARD, _finished("length"), SENT)
        await scope.take(FunctionResult("cut", {}))

    agent.script = cut
    started = await engine.start(LOCAL_PRINCIPAL, RunSpec())
    assert isinstance((await events_of(engine, started.name))[-1].payload, events.Incomplete)
    assert (await engine.get(LOCAL_PRINCIPAL, started.name)).state is RunState.INCOMPLETE


@pytest.mark.parametrize(
    ("error", "reason", "retryable"),
    [
        (WorkerDiedError("The model's process ended.", retry_after_s=1.0), "MODEL_WORKER_DIED", True),
        (InvalidArgumentError("No."), "INVALID_FIELD", False),
        (ZeroDivisionError("secret 42"), "INTERNAL", False),
    ],
)
async def test_an_error_ends_the_run_in_words(
    engine: RunEngine, agent: ScriptedAgent, error: Exception, reason: str, retryable: bool
) -> None:
    async def fail(scope: RunScope) -> None:
        await scope.take(TextDelta("partial"))
        try:
            raise error
        except Exception as cause:
            raise RuntimeError("as Semantic Kernel wraps it") from cause

    agent.script = fail
    started = await engine.start(LOCAL_PRINCIPAL, RunSpec())
    end = (await events_of(engine, started.name))[-1].payload
    assert isinstance(end, events.Failed)
    assert (end.reason, end.retryable, end.text) == (reason, retryable, "partial")
    assert "secret" not in end.message
    assert (await engine.get(LOCAL_PRINCIPAL, started.name)).state is RunState.FAILED


@pytest.mark.parametrize(
    "pieces", [[], [FunctionResult("a", {}), TextDelta("late")], ["text"], [FunctionResult("a", {"x": object()})]]
)
async def test_a_broken_plugin_fails(engine: RunEngine, agent: ScriptedAgent, pieces: list[object]) -> None:
    async def broken(scope: RunScope) -> None:
        for piece in pieces:
            await scope.take(piece)  # type: ignore[arg-type]

    agent.script = broken
    started = await engine.start(LOCAL_PRINCIPAL, RunSpec())
    end = (await events_of(engine, started.name))[-1].payload
    assert isinstance(end, events.Failed)
    assert end.reason == "PLUGIN_BROKEN"


async def test_cancel_stops_the_work_and_says_so(engine: RunEngine, agent: ScriptedAgent) -> None:
    agent.script = _hang
    started = await engine.start(LOCAL_PRINCIPAL, RunSpec())
    await _until_text(engine, started.name)
    record = await engine.cancel(LOCAL_PRINCIPAL, started.name)
    assert record.state is RunState.CANCELLED
    end = record.terminal
    assert isinstance(end, events.Cancelled)
    assert (end.reason, end.text, end.usage) == ("CANCELLED_BY_CALLER", "partial", Usage(10, 0, 3))
    assert await engine.cancel(LOCAL_PRINCIPAL, started.name) == record
    assert engine.active == 0


async def test_work_that_does_not_stop_is_left_behind(
    engine: RunEngine, agent: ScriptedAgent, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "STOP_GRACE_S", 0.0)
    release = asyncio.Event()

    async def stubborn(scope: RunScope) -> None:
        await scope.take(TextDelta("partial"))
        while not release.is_set():
            try:
                await release.wait()
            except asyncio.CancelledError:
                continue

    agent.script = stubborn
    started = await engine.start(LOCAL_PRINCIPAL, RunSpec())
    await _until_text(engine, started.name)
    assert (await engine.cancel(LOCAL_PRINCIPAL, started.name)).state is RunState.CANCELLED
    release.set()


async def test_the_deadline_stops_the_work(engine: RunEngine, agent: ScriptedAgent) -> None:
    agent.script = _hang
    now = asyncio.get_running_loop().time()
    started = await engine.start(LOCAL_PRINCIPAL, RunSpec(deadline=now))
    end = (await events_of(engine, started.name))[-1].payload
    assert isinstance(end, events.Failed)
    assert end.code == "DEADLINE_EXCEEDED"


async def test_no_run_is_longer_than_allowed(store: Store, agent: ScriptedAgent) -> None:
    engine = RunEngine(store, agent, RunLimits(max_duration_s=0.0))
    agent.script = _hang
    started = await engine.start(LOCAL_PRINCIPAL, RunSpec())
    end = (await events_of(engine, started.name))[-1].payload
    assert isinstance(end, events.Failed)
    assert end.code == "DEADLINE_EXCEEDED"


async def test_a_follower_that_leaves_does_not_stop_the_run(engine: RunEngine, agent: ScriptedAgent) -> None:
    go_on = asyncio.Event()

    async def two_parts(scope: RunScope) -> None:
        await scope.take(TextDelta("a"))
        await go_on.wait()
        await scope.take(FunctionResult("ab", {}))

    agent.script = two_parts
    started = await engine.start(LOCAL_PRINCIPAL, RunSpec())
    await _until_text(engine, started.name)
    go_on.set()
    assert (await events_of(engine, started.name, after=1))[-1].is_terminal


async def test_a_request_id_follows_the_same_run(engine: RunEngine, agent: ScriptedAgent) -> None:
    agent.script = _answer
    spec = RunSpec(input="hi", request_id="r1")
    first, second = await asyncio.gather(*(engine.start(LOCAL_PRINCIPAL, spec) for _ in range(2)))
    assert first.name == second.name
    seen = await events_of(engine, first.name)
    again = await engine.start(LOCAL_PRINCIPAL, spec)
    assert (again.name, again.state) == (first.name, RunState.COMPLETED)
    assert await events_of(engine, again.name) == seen
    assert len(agent.asked) == 1
    with pytest.raises(RequestIdReusedError):
        await engine.start(LOCAL_PRINCIPAL, RunSpec(input="other", request_id="r1"))
    other = await engine.start(Principal("other", "x"), spec)
    assert other.name != first.name


async def test_a_refused_request_leaves_nothing(engine: RunEngine, agent: ScriptedAgent) -> None:
    agent.refusal = InvalidArgumentError("No.")
    with pytest.raises(InvalidArgumentError):
        await engine.start(LOCAL_PRINCIPAL, RunSpec(request_id="r"))
    agent.refusal = None
    with pytest.raises(NotFoundError):
        await engine.start(LOCAL_PRINCIPAL, RunSpec(session="sessions/none", request_id="r"))
    assert (await engine.list(LOCAL_PRINCIPAL, 0, "", None, None)).items == ()
    await engine.start(LOCAL_PRINCIPAL, RunSpec(request_id="r"))


async def test_more_runs_than_allowed_are_refused(engine: RunEngine, agent: ScriptedAgent) -> None:
    agent.script = _hang
    names = [(await engine.start(LOCAL_PRINCIPAL, RunSpec())).name for _ in range(4)]
    with pytest.raises(QueueFullError) as refusal:
        await engine.start(LOCAL_PRINCIPAL, RunSpec())
    assert refusal.value.retry_after_s is not None
    await engine.cancel(LOCAL_PRINCIPAL, names[0])
    await engine.start(LOCAL_PRINCIPAL, RunSpec())


async def test_one_run_at_a_time_on_a_session(engine: RunEngine, agent: ScriptedAgent, store: Store) -> None:
    await store.write(lambda c: sessions.insert_session(c, SessionRow("local", "s", "", NOW, NOW)))
    spec = RunSpec(input="hi", session="sessions/s")
    agent.script = _hang
    first = await engine.start(LOCAL_PRINCIPAL, spec)
    with pytest.raises(SessionBusyError):
        await engine.start(LOCAL_PRINCIPAL, spec)
    await engine.cancel(LOCAL_PRINCIPAL, first.name)
    agent.script = _answer
    second = await engine.start(LOCAL_PRINCIPAL, spec)
    await events_of(engine, second.name)
    kept = await store.read(lambda c: sessions.list_messages(c, "local", "s", after_position=0, limit=9))
    assert [(m.role, m.text, f"runs/{m.run_id}") for m in kept] == [
        ("user", "hi", second.name),
        ("assistant", "Hello there", second.name),
    ]


async def test_messages_are_there_when_the_end_is(engine: RunEngine, agent: ScriptedAgent, store: Store) -> None:
    await store.write(lambda c: sessions.insert_session(c, SessionRow("local", "s", "", NOW, NOW)))
    agent.script = _answer
    started = await engine.start(LOCAL_PRINCIPAL, RunSpec(input="hi", session="sessions/s"))
    async for event in engine.follow(LOCAL_PRINCIPAL, started.name, 0):
        kept = await store.read(lambda c: sessions.list_messages(c, "local", "s", after_position=0, limit=9))
        assert len(kept) == (2 if event.is_terminal else 0) or not event.is_terminal


async def test_drain_waits_then_stops_and_takes_nothing_new(engine: RunEngine, agent: ScriptedAgent) -> None:
    go_on = asyncio.Event()

    async def short(scope: RunScope) -> None:
        await go_on.wait()
        await _answer(scope)

    agent.script = short
    finishing = await engine.start(LOCAL_PRINCIPAL, RunSpec())
    draining = asyncio.create_task(engine.drain(60))
    await asyncio.sleep(0)
    with pytest.raises(DrainingError):
        await engine.start(LOCAL_PRINCIPAL, RunSpec())
    go_on.set()
    await draining
    assert (await engine.get(LOCAL_PRINCIPAL, finishing.name)).state is RunState.COMPLETED


async def test_drain_ends_what_is_left_at_the_grace_period(engine: RunEngine, agent: ScriptedAgent) -> None:
    agent.script = _hang
    started = await engine.start(LOCAL_PRINCIPAL, RunSpec())
    following = asyncio.create_task(events_of(engine, started.name))
    await engine.drain(0)
    end = (await following)[-1].payload
    assert isinstance(end, events.Cancelled)
    assert end.reason == "SERVICE_DRAINING"


async def test_a_caller_that_leaves_during_the_start(engine: RunEngine, agent: ScriptedAgent) -> None:
    agent.script = _hang
    for spec in (RunSpec(), RunSpec(cancel_on_disconnect=True)):
        starting = asyncio.create_task(engine.start(LOCAL_PRINCIPAL, spec))
        await asyncio.sleep(0)
        starting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await starting
    await engine.drain(0)
    page = await engine.list(LOCAL_PRINCIPAL, 0, "", None, None)
    reasons = {r.terminal.reason for r in page.items if isinstance(r.terminal, events.Cancelled)}
    assert reasons == {"SERVICE_DRAINING", "CLIENT_DISCONNECTED"}


async def test_work_begins_while_the_run_is_being_stored_and_nothing_leaves_before(
    engine: RunEngine, agent: ScriptedAgent, store: Store
) -> None:
    go_on, begun, left = threading.Event(), asyncio.Event(), list[RunRow | None]()

    async def sending(scope: RunScope) -> None:
        begun.set()
        await scope.until_stored()
        left.append(await store.read(lambda connection: runs.get_run(connection, "local", scope.run_id)))
        await scope.take(FunctionResult("", {}))

    agent.script = sending
    held = asyncio.create_task(store.write(lambda _connection: go_on.wait()))
    starting = asyncio.create_task(engine.start(LOCAL_PRINCIPAL, RunSpec()))
    await begun.wait()
    for _ in range(5):
        await asyncio.sleep(0)
    assert (left, starting.done()) == ([], False)
    go_on.set()
    await held
    await events_of(engine, (await starting).name)
    assert [row is not None for row in left] == [True]


async def test_a_run_that_cannot_be_stored_is_refused_and_sends_nothing(
    engine: RunEngine, agent: ScriptedAgent, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    left = list[str]()

    async def sending(scope: RunScope) -> None:
        await scope.emit(events.RunStarted("plugins/p/functions/f", "named"))
        await scope.until_stored()
        left.append(scope.name)

    agent.script = sending
    with monkeypatch.context() as broken:
        broken.setattr(runs, "insert_run", full)
        with pytest.raises(UnavailableError) as refused:
            await engine.start(LOCAL_PRINCIPAL, RunSpec())
    assert refused.value.reason == "STORE_UNAVAILABLE"
    await engine.drain(0)
    assert (left, engine.active) == ([], 0)
    assert (await engine.list(LOCAL_PRINCIPAL, 0, "", None, None)).items == ()


async def test_a_restart_ends_what_was_in_flight(engine: RunEngine, agent: ScriptedAgent, store: Store) -> None:
    row = RunRow("other", "1", "RUNNING", "hi", None, None, None, NOW)
    text = events.payload_to_json(events.TextDelta("half "))

    def left_behind(connection: Connection) -> None:
        runs.insert_run(connection, row)
        rows = [runs.EventRow("other", "1", n, NOW, "TextDelta", text) for n in (1, 2)]
        runs.append_events(connection, rows)

    await store.write(left_behind)
    assert (await recover(store)).ended == 1
    assert (await recover(store)).ended == 0
    seen = [event async for event in engine.follow(Principal("other", "x"), "runs/1", 0)]
    end = seen[-1].payload
    assert isinstance(end, events.Failed)
    assert (end.reason, end.retryable, end.text) == ("SERVICE_RESTARTED", True, "half half ")
    assert [event.sequence for event in seen] == [1, 2, 3]


async def test_other_tenants_see_nothing(engine: RunEngine, agent: ScriptedAgent) -> None:
    agent.script = _answer
    started = await engine.start(LOCAL_PRINCIPAL, RunSpec())
    await events_of(engine, started.name)
    other = Principal("other", "x")
    with pytest.raises(NotFoundError):
        await engine.get(other, started.name)
    with pytest.raises(NotFoundError):
        await engine.cancel(other, started.name)
    with pytest.raises(NotFoundError):
        _ = [event async for event in engine.follow(other, started.name, 0)]
    assert (await engine.list(other, 0, "", None, None)).items == ()


@pytest.mark.parametrize("name", ["runs/", "run/1", "runs/1/2", "x"])
async def test_a_malformed_name_is_refused(engine: RunEngine, name: str) -> None:
    with pytest.raises(VaivenError) as refusal:
        await engine.get(LOCAL_PRINCIPAL, name)
    assert refusal.value.code == "INVALID_ARGUMENT"


@pytest.mark.parametrize("count", [0, 1, 4, 7])
async def test_pages_hold_every_run_once(engine: RunEngine, store: Store, count: int) -> None:
    def fill(connection: Connection) -> None:
        for number in range(count):
            runs.insert_run(connection, RunRow("local", str(number), "COMPLETED", "", None, None, None, NOW))

    await store.write(fill)
    for size in range(1, 6):
        seen: list[str] = []
        token, pages = "", 0
        while token or not pages:
            page = await engine.list(LOCAL_PRINCIPAL, size, token, None, None)
            assert len(page.items) <= size
            seen.extend(record.name for record in page.items)
            token, pages = page.next_page_token, pages + 1
        assert seen == [f"runs/{number}" for number in reversed(range(count))]


async def test_a_page_token_of_another_filter_is_refused(engine: RunEngine, agent: ScriptedAgent) -> None:
    for _ in range(2):
        await events_of(engine, (await engine.start(LOCAL_PRINCIPAL, RunSpec())).name)
    token = (await engine.list(LOCAL_PRINCIPAL, 1, "", None, None)).next_page_token
    assert token
    for tenant, state in ((LOCAL_PRINCIPAL, RunState.FAILED), (Principal("other", "x"), None)):
        with pytest.raises(InvalidArgumentError):
            await engine.list(tenant, 1, token, None, state)
