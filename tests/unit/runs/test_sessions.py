"""Sessions and models as callers see them."""

from datetime import UTC, datetime

import pytest

from service.backends.fake import FakeGenerator
from service.errors import InvalidArgumentError, NotFoundError, RequestIdReusedError, SessionBusyError
from service.routing.candidates import Candidate, Candidates
from service.runs.sessions import SessionDesk
from service.runs.spec import LOCAL_PRINCIPAL, Principal
from service.store import runs, sessions
from service.store.runs import RunRow
from service.store.store import Store

OTHER = Principal("other", "x")


@pytest.fixture
def desk(store: Store) -> SessionDesk:
    return SessionDesk(store)


async def test_a_session_is_made_once_for_a_request_id(desk: SessionDesk) -> None:
    first = await desk.create(LOCAL_PRINCIPAL, "trip", "r")
    assert (first.title, first.message_count) == ("trip", 0)
    assert await desk.create(LOCAL_PRINCIPAL, "trip", "r") == first
    assert await desk.get(LOCAL_PRINCIPAL, first.name) == first
    with pytest.raises(RequestIdReusedError):
        await desk.create(LOCAL_PRINCIPAL, "another", "r")
    assert (await desk.create(LOCAL_PRINCIPAL, "trip", None)).name != first.name
    assert (await desk.create(OTHER, "trip", "r")).name != first.name


async def test_other_tenants_see_nothing(desk: SessionDesk) -> None:
    name = (await desk.create(LOCAL_PRINCIPAL, "", None)).name
    for call in (
        desk.get(OTHER, name),
        desk.delete(OTHER, name, None),
        desk.messages(OTHER, name, 0, ""),
    ):
        with pytest.raises(NotFoundError):
            await call
    assert (await desk.list(OTHER, 0, "")).items == ()


async def test_sessions_and_messages_are_paged(desk: SessionDesk, store: Store) -> None:
    names = [(await desk.create(LOCAL_PRINCIPAL, str(n), None)).name for n in range(3)]
    first = await desk.list(LOCAL_PRINCIPAL, 2, "")
    second = await desk.list(LOCAL_PRINCIPAL, 2, first.next_page_token)
    assert {record.name for record in (*first.items, *second.items)} == set(names)
    assert second.next_page_token == ""
    session_id = names[0].removeprefix("sessions/")
    turns = [("user", "a"), ("assistant", "b"), ("user", "c")]
    now = datetime.now(UTC)
    await store.write(lambda c: sessions.append_messages(c, "local", session_id, turns, run_id="1", time=now))
    page = await desk.messages(LOCAL_PRINCIPAL, names[0], 2, "")
    rest = await desk.messages(LOCAL_PRINCIPAL, names[0], 2, page.next_page_token)
    assert [(m.name, m.role, m.text, m.run) for m in (*page.items, *rest.items)] == [
        (f"{names[0]}/messages/1", "user", "a", "runs/1"),
        (f"{names[0]}/messages/2", "assistant", "b", "runs/1"),
        (f"{names[0]}/messages/3", "user", "c", "runs/1"),
    ]
    with pytest.raises(InvalidArgumentError):
        await desk.messages(LOCAL_PRINCIPAL, names[1], 2, page.next_page_token)


async def test_a_session_is_deleted_once_and_not_while_a_run_works_on_it(desk: SessionDesk, store: Store) -> None:
    name = (await desk.create(LOCAL_PRINCIPAL, "", None)).name
    now = datetime.now(UTC)
    run = RunRow("local", "1", "RUNNING", "", name.removeprefix("sessions/"), None, None, now, owner="somebody")
    await store.write(lambda c: runs.insert_run(c, run))
    with pytest.raises(SessionBusyError):
        await desk.delete(LOCAL_PRINCIPAL, name, "d")
    await store.write(lambda c: runs.end_run(c, "local", "1", state="FAILED", time=now, kind="Failed", payload=b""))
    await desk.delete(LOCAL_PRINCIPAL, name, "d")
    await desk.delete(LOCAL_PRINCIPAL, name, "d")
    with pytest.raises(NotFoundError):
        await desk.delete(LOCAL_PRINCIPAL, name, "e")


def test_two_models_of_one_id_are_refused() -> None:
    generator = FakeGenerator("")
    candidate = Candidate(generator)
    with pytest.raises(ValueError, match="two models are called fake"):
        Candidates([candidate, candidate])
