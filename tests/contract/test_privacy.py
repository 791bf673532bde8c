"""Personal data in a whole service: what the wire carried, what callers see, what is stored, and what is destroyed."""

from __future__ import annotations

import base64
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import orjson
import pytest

from service.bootstrap import App
from service.errors import NotFoundError
from service.privacy.vaults import VaultLockedError
from service.routing.policy import Privacy, RoutingPolicy
from service.runs import events
from service.runs.events import BackendSwitched, Completed, MaskedKind, Payload, PrivacyAction, TextDelta
from service.runs.privacy import VaultKeyMissingError
from service.runs.spec import LOCAL_PRINCIPAL, Principal, RunSpec
from service.testing.app import scripted_app
from service.testing.upstream import Received, Upstream
from service.testing.upstream_frames import Reply
from tests.contract.test_cloud_models import azure

BEST = {"cost_weight": 0.0, "latency_weight": 0.0, "quality_weight": 1.0}
KEY, OTHER_KEY = (base64.b64encode(bytes([number] * 32)).decode() for number in (1, 2))
MASKED = RoutingPolicy(privacy=Privacy.PSEUDONYMISED)
SAID = "My name is Ana Costa, my mail is ana.costa@alder.example. Where is order K-20417?"
VALUES = ("Ana", "Costa", "ana.costa", "alder.example", "K-20417")
ELSE = Principal("else", "else")


def echo(received: Received) -> Reply:
    """Answer with what the user said, three characters at a time."""
    said = received.body["messages"][-1]["content"]
    return Reply(text=tuple(said[place : place + 3] for place in range(0, len(said), 3)))


@asynccontextmanager
async def house(
    directory: Path, upstream: Upstream, *, wire: dict[str, Any] | None = None, **privacy: Any
) -> AsyncIterator[App]:
    """Run a service with a model elsewhere, the better one, and a scripted one here."""
    deployment = azure(upstream.url, quality="high", wire=wire or {"attempts": 1})
    areas: dict[str, Any] = {
        "azure_openai": {"deployments": [deployment]},
        "routing": BEST,
        "privacy": {"patterns": [r"K-\d{5}"]} | privacy,
    }
    async with scripted_app(directory, "From here.", **areas) as app:
        yield app


async def said(app: App, message: str = SAID, **spec: Any) -> tuple[str, list[Payload]]:
    asked = RunSpec(
        function="plugins/chat/functions/reply", arguments={"message": message}, **{"policy": MASKED} | spec
    )
    run = await app.ports.runs.start(LOCAL_PRINCIPAL, asked)
    return run.name, [event.payload async for event in app.ports.runs.follow(LOCAL_PRINCIPAL, run.name, 0)]


def assert_hidden(upstream: Upstream) -> None:
    assert upstream.requests
    sent = b"".join(orjson.dumps(one.body) for one in upstream.requests).decode()
    assert [value for value in VALUES if value in sent] == []
    assert "‹PERSON_1›" in sent


async def test_what_leaves_is_masked_what_is_shown_and_stored_is_not(tmp_path: Path) -> None:
    async with Upstream(echo) as upstream, house(tmp_path, upstream) as app:
        name, payloads = await said(app)
        end = payloads[-1]
        assert isinstance(end, Completed)
        assert end.text == SAID
        assert "".join(one.text for one in payloads if isinstance(one, TextDelta)) == SAID
        kinds = [type(one) for one in payloads]
        assert kinds.index(PrivacyAction) < kinds.index(TextDelta)
        (action,) = [one for one in payloads if isinstance(one, PrivacyAction)]
        assert (action.model, action.deployment) == ("models/gpt", "gpt")
        assert [(one.kind.value, one.values) for one in action.masked] == [
            ("EMAIL", 1),
            ("PERSON", 1),
            ("REFERENCE", 1),
        ]
        assert not any(isinstance(one, events.Warning) for one in payloads)
        assert_hidden(upstream)
        stored = (await app.ports.runs.get(LOCAL_PRINCIPAL, name)).terminal
        assert isinstance(stored, Completed)
        assert stored.text == SAID


async def test_a_retry_sends_what_was_masked(tmp_path: Path) -> None:
    wire = {"attempts": 2}
    async with Upstream(echo, fault="status-503-once") as upstream, house(tmp_path, upstream, wire=wire) as app:
        _, payloads = await said(app)
        assert isinstance(payloads[-1], Completed)
        assert payloads[-1].text == SAID
        assert len(upstream.requests) == 2
        assert_hidden(upstream)


async def test_the_local_model_in_its_place_gets_the_words_as_they_are(tmp_path: Path) -> None:
    async with Upstream(fault="status-500") as upstream, house(tmp_path, upstream) as app:
        _, payloads = await said(app)
        assert any(isinstance(one, BackendSwitched) for one in payloads)
        assert isinstance(payloads[-1], Completed)
        assert payloads[-1].text == "From here."
        assert_hidden(upstream)


async def test_without_the_policy_nothing_is_masked(tmp_path: Path) -> None:
    async with Upstream(echo) as upstream, house(tmp_path, upstream) as app:
        _, payloads = await said(app, policy=RoutingPolicy())
        assert not any(isinstance(one, PrivacyAction) for one in payloads)
        assert upstream.requests[0].body["messages"][-1]["content"] == SAID


async def test_a_session_remembers_over_runs_and_restarts_until_it_is_deleted(tmp_path: Path) -> None:
    async with Upstream(echo) as upstream:
        async with house(tmp_path, upstream, key=KEY) as app:
            session = (await app.ports.sessions.create(LOCAL_PRINCIPAL, "", None)).name
            await said(app, "I am Tom Rivera.", session=session)
        async with house(tmp_path, upstream, key=KEY) as app:
            await said(app, "Ana Costa asks for Tom Rivera.", session=session)
            last = upstream.requests[-1].body["messages"][-1]["content"]
            assert last == "‹PERSON_2› asks for ‹PERSON_1›."
            restored = await app.ports.privacy.restore(LOCAL_PRINCIPAL, [last], session, b"", in_json=False)
            assert restored.texts == ("Ana Costa asks for Tom Rivera.",)
            with pytest.raises(NotFoundError):
                await app.ports.privacy.restore(ELSE, [last], session, b"", in_json=False)
            held = (tmp_path / "vaiven.db").read_bytes() + (tmp_path / "vaiven.db-wal").read_bytes()
            assert "‹PERSON_2›".encode() not in held
            await app.ports.sessions.delete(LOCAL_PRINCIPAL, session, None)
        with sqlite3.connect(tmp_path / "vaiven.db") as connection:
            assert connection.execute("SELECT count(*) FROM privacy_vaults").fetchone() == (0,)
        connection.close()


async def test_another_key_opens_nothing_and_sends_nothing(tmp_path: Path) -> None:
    async with Upstream(echo) as upstream:
        async with house(tmp_path, upstream, key=KEY) as app:
            session = (await app.ports.sessions.create(LOCAL_PRINCIPAL, "", None)).name
            await said(app, "I am Tom Rivera.", session=session)
        before = len(upstream.requests)
        async with house(tmp_path, upstream, key=OTHER_KEY) as app:
            _, payloads = await said(app, session=session)
            assert getattr(payloads[-1], "reason", "") == "VAULT_LOCKED"
            assert len(upstream.requests) == before


async def test_anonymize_and_restore_with_a_token(tmp_path: Path) -> None:
    async with Upstream(echo) as upstream, house(tmp_path, upstream) as app:
        privacy = app.ports.privacy
        done = await privacy.anonymize(LOCAL_PRINCIPAL, [SAID, "Ana?"], None)
        assert done.texts[1] == "‹PERSON_1B›?"
        assert [value for value in VALUES if value in done.texts[0]] == []
        assert b"Ana Costa" not in done.token
        back = await privacy.restore(LOCAL_PRINCIPAL, [*done.texts, "‹EMAIL_9›"], None, done.token, in_json=False)
        assert (back.texts, back.unknown) == ((SAID, "Ana?", "‹EMAIL_9›"), 1)
        for principal, token in ((ELSE, done.token), (LOCAL_PRINCIPAL, done.token[:-1] + b"x")):
            with pytest.raises(VaultLockedError):
                await privacy.restore(principal, done.texts, None, token, in_json=False)
        session = (await app.ports.sessions.create(LOCAL_PRINCIPAL, "", None)).name
        with pytest.raises(VaultKeyMissingError):
            await privacy.anonymize(LOCAL_PRINCIPAL, [SAID], session)


async def test_a_run_and_anonymize_share_the_pseudonyms_of_a_session(tmp_path: Path) -> None:
    async with Upstream(echo) as upstream, house(tmp_path, upstream, key=KEY) as app:
        session = (await app.ports.sessions.create(LOCAL_PRINCIPAL, "", None)).name
        done = await app.ports.privacy.anonymize(LOCAL_PRINCIPAL, ["Tom Rivera"], session)
        _, payloads = await said(app, session=session)
        action = next(one for one in payloads if isinstance(one, PrivacyAction))
        assert (done.texts, done.token) == (("‹PERSON_1›",), b"")
        assert MaskedKind(action.masked[1].kind, 1) in action.masked
        assert "‹PERSON_2›" in upstream.requests[-1].body["messages"][-1]["content"]
