"""A run from words or a named function to events, with the installed plugins and a scripted model."""

import json
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from plugins.manifest import load_installed
from plugins.support.ports import Passage
from service.backends.base import GenerationRequest, NoticePiece
from service.backends.connector import GeneratorChatCompletion
from service.backends.fake import FAKE_CARD, FakeAnswer, FakeGenerator
from service.errors import InvalidArgumentError, NotFoundError
from service.routing.candidates import Candidate, Candidates
from service.routing.plan import RoutingPlan, RoutingPlans
from service.runs import events
from service.runs.agent import PluginAgent
from service.runs.engine import RunEngine, RunLimits
from service.runs.events import Payload, RunEvent
from service.runs.plugins import PluginCatalogue
from service.runs.spec import LOCAL_PRINCIPAL, GenerationParameters, RunSpec
from service.runs.tickets import TicketDesk
from service.store import sessions, tickets
from service.store.sessions import SessionRow
from service.store.store import Store

from .conftest import events_of

DRAFT = "plugins/email/functions/draft"
MAIL = "Subject: Lunch\n\nHello Ana,\n\nlunch is at noon.\n\nBest,\nBo"
NOW = datetime(2026, 11, 24, tzinfo=UTC)


class Documents:
    """One passage, and one collection."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, tuple[str, ...]]] = []

    async def search(self, tenant: str, query: str, collections: Any, limit: int) -> list[Passage]:
        self.asked.append((tenant, query, tuple(collections)))
        return []

    async def get_collection(self, tenant: str, name: str) -> object:
        if name != "collections/shop":
            raise NotFoundError(f"There is no collection {name}.")
        return name


class House:
    """An engine with everything real but the model and the documents."""

    def __init__(self, store: Store) -> None:
        self.documents = Documents()
        self.generator = FakeGenerator(self._answer)
        self.answer: str | FakeAnswer = MAIL
        self.choice: dict[str, Any] = {"name": "email.draft"}
        self.arguments: dict[str, Any] = {"purpose": "lunch", "points": ["noon"], "recipient": "Ana", "sender": ""}
        self.plugins = PluginCatalogue(
            load_installed(), {"support": {"search": self.documents, "tickets": TicketDesk(store)}}
        )
        candidates = Candidates([Candidate(self.generator)])
        agent = PluginAgent(store, self.plugins, RoutingPlans(RoutingPlan(candidates)), self.documents)
        self.engine = RunEngine(store, agent, RunLimits())

    def _answer(self, request: GenerationRequest) -> str | FakeAnswer:
        if request.guidance is None or "topic" in request.guidance.value:
            return self.answer
        schema = json.loads(request.guidance.value)
        if "enum" in schema["properties"]["name"]:
            return FakeAnswer((json.dumps(self.choice),))
        name = schema["properties"]["name"]["const"]
        return FakeAnswer((json.dumps({"name": name, "arguments": self.arguments}),))

    async def run(self, spec: RunSpec) -> list[RunEvent]:
        started = await self.engine.start(LOCAL_PRINCIPAL, spec)
        return await events_of(self.engine, started.name)


@pytest.fixture
async def house(store: Store) -> AsyncIterator[House]:
    house = House(store)
    yield house
    await house.engine.drain(0)


def _kinds(seen: list[RunEvent]) -> list[str]:
    kinds = [type(event.payload).__name__ for event in seen]
    return [kind for position, kind in enumerate(kinds) if kind != "TextDelta" or kinds[position - 1] != "TextDelta"]


def _only(seen: list[RunEvent], kind: type[Payload]) -> Any:
    (found,) = [event.payload for event in seen if isinstance(event.payload, kind)]
    return found


async def test_a_sentence_becomes_a_mail(house: House) -> None:
    seen = await house.run(RunSpec(input="write Ana that lunch is at noon"))
    assert _kinds(seen) == ["RoutingDecision", "RunStarted", "TextDelta", "Completed"]
    started = _only(seen, events.RunStarted)
    assert (started.function, started.how) == (DRAFT, "chosen")
    assert started.arguments["purpose"] == "lunch"
    end = _only(seen, events.Completed)
    assert end.text == MAIL
    assert end.result["subject"] == "Lunch"
    assert end.usage.output_tokens > 0
    record = await house.engine.get(LOCAL_PRINCIPAL, seen[0].run)
    assert (record.function, record.model) == (DRAFT, "models/fake")


async def test_a_named_function_asks_the_model_once(house: House) -> None:
    seen = await house.run(RunSpec(function=DRAFT, arguments={"purpose": "lunch"}))
    assert _kinds(seen) == ["RunStarted", "RoutingDecision", "TextDelta", "Completed"]
    assert _only(seen, events.RunStarted).how == "named"
    assert len(house.generator.requests) == 1


async def test_a_notice_of_the_backend_is_one_warning(house: House) -> None:
    notice = NoticePiece("PROMPT_FLAGGED", "The content filter found in the prompt: hate.")
    house.answer = FakeAnswer((MAIL,), notices=(notice, notice))
    seen = await house.run(RunSpec(function=DRAFT, arguments={"purpose": "lunch"}))
    assert _only(seen, events.Warning) == events.Warning(notice.code, notice.message)
    assert _only(seen, events.Completed).text == MAIL


async def test_words_fill_what_the_named_function_lacks(house: House) -> None:
    seen = await house.run(RunSpec(function=DRAFT, input="lunch at noon", arguments={"tone": "formal"}))
    started = _only(seen, events.RunStarted)
    assert (started.how, started.arguments["purpose"], started.arguments["tone"]) == ("named", "lunch", "formal")


async def test_the_callers_parameters_are_for_the_answer_only(house: House) -> None:
    generation = GenerationParameters(temperature=1.5, max_output_tokens=4)
    seen = await house.run(RunSpec(input="write Ana", generation=generation))
    *choosing, answering = house.generator.requests
    assert [r.sampling.temperature for r in choosing] == [0.0, 0.0]
    assert (answering.sampling.temperature, answering.max_output_tokens) == (1.5, 4)
    assert isinstance(seen[-1].payload, events.Incomplete)


@pytest.mark.parametrize(
    ("spec", "error", "subject"),
    [
        (RunSpec(), InvalidArgumentError, "input"),
        (RunSpec(function="plugins/none/functions/x"), NotFoundError, None),
        (RunSpec(function="draft"), InvalidArgumentError, "function"),
        (RunSpec(function=DRAFT), InvalidArgumentError, "arguments.purpose"),
        (RunSpec(function=DRAFT, arguments={"purpose": 1}), InvalidArgumentError, "arguments.purpose"),
        (RunSpec(function=DRAFT, input="x", arguments={"nonsense": 1}), InvalidArgumentError, "arguments.nonsense"),
        (
            RunSpec(function=DRAFT, arguments={"purpose": "p"}, allowed_functions=("plugins/code",)),
            InvalidArgumentError,
            "function",
        ),
        (RunSpec(input="x", allowed_functions=("plugins/none",)), NotFoundError, None),
        (RunSpec(input="x", model="models/none"), NotFoundError, None),
        (RunSpec(input="x", collections=("collections/none",)), NotFoundError, None),
    ],
)
async def test_what_cannot_succeed_is_refused_at_once(
    house: House, spec: RunSpec, error: type[Exception], subject: str | None
) -> None:
    with pytest.raises(error) as refusal:
        await house.engine.start(LOCAL_PRINCIPAL, spec)
    if isinstance(refusal.value, InvalidArgumentError):
        assert [v.subject for v in refusal.value.violations] == [subject]
    assert (await house.engine.list(LOCAL_PRINCIPAL, 0, "", None, None)).items == ()


async def test_only_allowed_functions_are_there(house: House) -> None:
    callable_ = await house.plugins.of(LOCAL_PRINCIPAL)
    allowed = callable_.allowed(("plugins/email", "plugins/code/functions/explain"))
    assert {record.name.split("/")[1] for record in allowed} == {"email", "code"}
    kernel = callable_.kernel(allowed, GeneratorChatCompletion(house.generator))
    assert {f"{p}.{f}" for p, plugin in kernel.plugins.items() for f in plugin.functions} == {
        f"{r.name.split('/')[1]}.{r.name.split('/')[3]}" for r in allowed
    }
    house.choice = {"name": "code.generate"}
    seen = await house.run(RunSpec(input="write code", allowed_functions=("plugins/email",)))
    assert _only(seen, events.Failed).reason == "MODEL_ANSWER_INVALID"


async def test_a_choice_that_cannot_be_read_is_said_so(house: House) -> None:
    house.arguments = {"purpose": "x" * 10, "points": [], "nonsense": 1}
    seen = await house.run(RunSpec(input="write", function=DRAFT))
    failed = _only(seen, events.Failed)
    assert (failed.reason, failed.violations[0].subject) == ("ARGUMENT_INVALID", "arguments.nonsense")


async def test_what_the_documents_do_not_hold_becomes_a_ticket(house: House, store: Store) -> None:
    spec = RunSpec(
        function="plugins/support/functions/answer",
        input="Where is my parcel?",
        collections=("collections/shop",),
    )
    seen = await house.run(spec)
    assert house.documents.asked == [("local", "Where is my parcel?", ("collections/shop",))]
    assert _only(seen, events.Warning).code == "HANDED_OVER"
    ticket = _only(seen, events.Completed).result["ticket"]
    row = await store.read(lambda c: tickets.get_ticket(c, "local", ticket.removeprefix("tickets/")))
    assert row is not None
    assert (row.question, f"runs/{row.run_id}", row.state) == ("Where is my parcel?", seen[0].run, "OPEN")


async def test_what_the_planner_chose_for_nothing_that_is_known_becomes_none(house: House, store: Store) -> None:
    house.choice, house.arguments = {"name": "support.answer"}, {}
    seen = await house.run(RunSpec(input="hello, how are you?"))
    assert _only(seen, events.RunStarted).function == "plugins/support/functions/answer"
    assert _only(seen, events.Warning).code == "NOTHING_FOUND"
    assert _only(seen, events.Completed).result["ticket"] is None
    assert await store.read(lambda c: tickets.list_tickets(c, "local", before_id=None, limit=9, state=None)) == []


async def test_a_functions_word_to_its_caller_is_passed_on(house: House) -> None:
    seen = await house.run(RunSpec(function="plugins/email/functions/revise", arguments={"instruction": "shorter"}))
    failed = _only(seen, events.Failed)
    assert (failed.code, failed.reason) == ("FAILED_PRECONDITION", "FUNCTION_REFUSED")
    assert "no draft to revise" in failed.message


async def _session(store: Store, turns: int, text: Callable[[int], str] = str) -> str:
    def fill(connection: Any) -> None:
        sessions.insert_session(connection, SessionRow("local", "s", "", NOW, NOW))
        for turn in range(turns):
            pair = [("user", f"q{text(turn)}"), ("assistant", f"a{text(turn)}")]
            sessions.append_messages(connection, "local", "s", pair, run_id=str(turn), time=NOW)

    await store.write(fill)
    return "sessions/s"


REPLY = "plugins/chat/functions/reply"


async def test_a_session_gives_its_turns_and_gets_this_one(house: House, store: Store) -> None:
    session = await _session(store, 2)
    house.answer = "Fine, thanks."
    await house.run(RunSpec(function=REPLY, input="How are you?", session=session))
    said = [(m.role, m.content) for m in house.generator.requests[-1].messages]
    assert said[1:] == [
        ("user", "q0"), ("assistant", "a0"), ("user", "q1"), ("assistant", "a1"), ("user", "How are you?")
    ]  # fmt: skip
    kept = await store.read(lambda c: sessions.last_messages(c, "local", "s", limit=2))
    assert [(m.role, m.text) for m in kept] == [("user", "How are you?"), ("assistant", "Fine, thanks.")]


async def test_a_long_history_is_trimmed_by_whole_turns_and_said_so(house: House, store: Store) -> None:
    house.generator.change_card(replace(FAKE_CARD, context_tokens=400))
    session = await _session(store, 10, lambda turn: f"{turn} " + "word " * 20)
    house.answer = "Fine."
    seen = await house.run(RunSpec(function=REPLY, input="And now?", session=session))
    said = [m.content for m in house.generator.requests[-1].messages[1:]]
    assert said[-1] == "And now?"
    assert len(said) % 2 == 1
    assert 1 < len(said) < 21
    assert said[0].startswith("q")
    warning = _only(seen, events.Warning)
    assert (warning.code, warning.message.split()[0]) == ("HISTORY_TRIMMED", str(20 - len(said) + 1))


async def test_the_last_answer_is_known_to_the_planner(house: House, store: Store) -> None:
    session = await _session(store, 1, lambda _turn: MAIL)
    house.arguments = {"instruction": "shorter"}
    seen = await house.run(RunSpec(function="plugins/email/functions/revise", input="make it shorter", session=session))
    assert _only(seen, events.RunStarted).arguments["draft"] == f"a{MAIL}"


async def test_plugins_and_functions_are_listed(house: House) -> None:
    page = await house.plugins.list(LOCAL_PRINCIPAL, 2, "")
    rest = await house.plugins.list(LOCAL_PRINCIPAL, 2, page.next_page_token)
    names = [record.name for record in (*page.items, *rest.items)]
    assert names == ["plugins/chat", "plugins/code", "plugins/email", "plugins/support"]
    functions = (await house.plugins.functions(LOCAL_PRINCIPAL, "plugins/email", 0, "")).items
    email = await house.plugins.get(LOCAL_PRINCIPAL, "plugins/email")
    assert [record.name for record in functions] == sorted(email.functions)
    every = (await house.plugins.functions(LOCAL_PRINCIPAL, None, 0, "")).items
    assert len(every) == len((await house.plugins.of(LOCAL_PRINCIPAL)).allowed(()))
    with pytest.raises(NotFoundError):
        await house.plugins.get(LOCAL_PRINCIPAL, "plugins/none")
