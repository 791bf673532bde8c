"""Everything that is looked up, made and deleted: the right call, readable words, and JSON that parses back."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from google.protobuf.json_format import Parse
from google.protobuf.message import Message
from vaiven.v1 import (
    agent_service_pb2,
    knowledge_pb2,
    knowledge_service_pb2,
    model_pb2,
    model_service_pb2,
    plugin_pb2,
    plugin_service_pb2,
    routing_service_pb2,
    run_pb2,
    session_pb2,
    session_service_pb2,
    ticket_pb2,
    ticket_service_pb2,
)

from service.rpc.server import RpcOptions
from service.runs.spec import TicketState
from tests.unit.cli.conftest import Service, Vaiven, serving

KNOWN: list[tuple[str, tuple[str, ...], type[Message]]] = [
    ("runs list", ("r1", "completed", "hello"), agent_service_pb2.ListRunsResponse),
    ("runs show r1", ("runs/r1", "completed", "40 tokens/s", "Hello Ada"), run_pb2.Run),
    ("sessions list", ("s1", "Orders"), session_service_pb2.ListSessionsResponse),
    ("sessions show s1", ("sessions/s1", "Orders"), session_pb2.Session),
    ("sessions create --title Orders", ("sessions/s1",), session_pb2.Session),
    ("sessions messages s1", ("You", "Hi", "vaiven", "Hello"), session_service_pb2.ListMessagesResponse),
    ("tickets list", ("t1", "open", "no passages", "Where is it?"), ticket_service_pb2.ListTicketsResponse),
    ("tickets show t1", ("tickets/t1", "open", "Where is it?", "runs/r1"), ticket_pb2.Ticket),
    ("plugins list", ("email", "1.2.0", "draft"), plugin_service_pb2.ListPluginsResponse),
    ("plugins show email", ("plugins/email", "email.draft"), plugin_pb2.Plugin),
    ("plugins functions", ("email.draft", "read"), plugin_service_pb2.ListFunctionsResponse),
    ("plugins functions email.draft", ("Draft an e-mail.", "to *", "string"), plugin_pb2.Function),
    ("models list", ("colibri", "ready", "this machine, cpu", "2,048", "8.0 MB"), model_service_pb2.ListModelsResponse),
    (
        "models show colibri",
        ("models/colibri", "int4", "this machine, cpu", "call functions", "€0.15 in"),
        model_pb2.Model,
    ),
    ("policy show", ("local_only", "2.5 s", "the operator"), routing_service_pb2.GetPolicyResponse),
    ("knowledge collections", ("faq", "Questions"), knowledge_service_pb2.ListCollectionsResponse),
    ("knowledge documents faq", ("faq/d1", "faq.md"), knowledge_service_pb2.ListDocumentsResponse),
    ("knowledge show faq", ("collections/faq", "Questions"), knowledge_pb2.Collection),
    ("knowledge show faq/d1", ("faq/documents/d1", "faq.md", "text/markdown", "12 bytes"), knowledge_pb2.Document),
    ("knowledge search return", ("1. faq.md › Returns", "Within 30 days."), knowledge_service_pb2.SearchResponse),
]


@pytest.mark.parametrize(("line", "words", "kind"), KNOWN, ids=[line for line, _, _ in KNOWN])
def test_what_is_known_in_words_and_as_json(
    service: Service, vaiven: Vaiven, line: str, words: tuple[str, ...], kind: type[Message]
) -> None:
    assert vaiven("ask", "hello").code == 0
    outcome = vaiven(*line.split())
    assert outcome.code == 0
    assert [word for word in words if word not in outcome.out] == []
    as_json = vaiven(*line.split(), "--json")
    assert Parse(as_json.out, kind()) != kind()


@pytest.mark.parametrize("line", ["runs list", "models list", "plugins list", "knowledge documents faq"])
def test_a_narrow_terminal_folds_but_loses_nothing(
    service: Service, vaiven: Vaiven, monkeypatch: pytest.MonkeyPatch, line: str
) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    outcome = vaiven(*line.split())
    assert outcome.code == 0
    assert max(map(len, outcome.out.splitlines()), default=0) <= 40
    assert "…" not in outcome.out


def test_lists_are_asked_for_by_page_and_say_how_to_go_on(service: Service, vaiven: Vaiven) -> None:
    outcome = vaiven("runs", "list", "--limit", "7", "--page-token", "t", "--state", "failed", "--session", "s1")
    assert service.domain.runs.listed == [(7, "t", "sessions/s1", "FAILED")]
    assert outcome.out == ""
    assert outcome.err.splitlines() == ["There are no runs.", "There are more; go on with --page-token more"]


def test_runs_are_watched_from_where_one_was(service: Service, vaiven: Vaiven) -> None:
    assert vaiven("ask", "hello").code == 0
    assert vaiven("runs", "watch", "r1").out == "Hello Ada\n"
    assert vaiven("runs", "watch", "runs/r1", "--after", "2").out == "Ada\n"
    beyond = vaiven("runs", "watch", "r1", "--after", "4")
    assert (beyond.code, beyond.err.splitlines()[0]) == (1, "✗ Nothing comes after event 4: the run has ended.")


def test_what_is_stopped_and_deleted(service: Service, vaiven: Vaiven) -> None:
    assert vaiven("ask", "hello").code == 0
    assert vaiven("runs", "cancel", "r1").err == "runs/r1 is completed.\n"
    assert vaiven("sessions", "delete", "s1").err == "sessions/s1 is deleted.\n"
    assert vaiven("knowledge", "create", "shop", "--description", "x").err.startswith("collections/shop is there")
    assert vaiven("knowledge", "remove", "faq/d1").err == "collections/faq/documents/d1 is removed.\n"
    assert vaiven("knowledge", "delete", "faq").err == "collections/faq is deleted.\n"
    calls = [call[0] for call in service.domain.library.calls if call[0] != "list_documents"]
    assert calls == ["create_collection", "delete_document", "delete_collection"]


def test_a_ticket_is_closed_with_words(service: Service, vaiven: Vaiven) -> None:
    vaiven("tickets", "list", "--limit", "7", "--page-token", "t", "--state", "open")
    assert vaiven("tickets", "close", "t1", "--resolution", "Called back.").err == "tickets/t1 is closed.\n"
    (_, _, *listed), *_, (_, _, *closed) = service.domain.tickets.calls
    assert listed == [7, "t", TicketState.OPEN]
    assert closed[:2] == ["tickets/t1", "Called back."]
    assert closed[2]
    assert "Called back." in vaiven("tickets", "show", "t1").out


def test_files_are_added_and_a_bad_one_is_named(service: Service, vaiven: Vaiven, tmp_path: Path) -> None:
    good, bad = tmp_path / "good.md", tmp_path / "bad.md"
    good.write_text("# Good\n")
    bad.write_text("")
    assert vaiven("knowledge", "add", "faq", str(good)).code == 0
    outcome = vaiven("knowledge", "add", "faq", str(good), str(bad))
    assert outcome.code == 1
    assert [word for word in ("good.md", "added", "not added", "bad.md is empty.") if word not in outcome.out] == []
    folder = vaiven("knowledge", "add", "faq", str(tmp_path), "--json")
    assert folder.code == 1
    assert "docs/*.md" in folder.out


def test_a_file_that_is_not_there_is_named_and_the_others_are_added(
    service: Service, vaiven: Vaiven, tmp_path: Path
) -> None:
    good, gone = tmp_path / "good.md", tmp_path / "gone.md"
    good.write_text("# Good\n")
    outcome = vaiven("knowledge", "add", "faq", str(gone), str(good), "--json")
    told = {one["file_name"]: one for one in json.loads(outcome.out)["outcomes"]}
    assert outcome.code == 1
    assert told["good.md"]["state"] == "STATE_INGESTED"
    assert told["gone.md"]["error"]["reason"] == "FILE_UNREADABLE"
    assert str(gone) in told["gone.md"]["error"]["message"]


def test_two_files_of_one_name_are_refused_instead_of_one_lost(vaiven: Vaiven, tmp_path: Path) -> None:
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "index.md").write_text("# Hello\n")
    files = [str(tmp_path / folder / "index.md") for folder in ("a", "b")]
    outcome = vaiven("knowledge", "add", "faq", *files)
    assert outcome.code == 2
    assert "have the same name." in outcome.err


def test_many_files_go_in_several_calls(
    service: Service, vaiven: Vaiven, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.cli.file_batches.BATCH_BYTES", 10)
    files = [tmp_path / f"{number}.md" for number in range(3)]
    for file in files:
        file.write_text("6bytes")
    outcome = vaiven("knowledge", "add", "faq", *map(str, files), "--json")
    assert outcome.code == 0
    assert len(json.loads(outcome.out)["outcomes"]) == 3
    assert [len(call[3]) for call in service.domain.library.calls] == [1, 1, 1]


def test_a_file_that_no_message_holds_is_named_and_the_rest_is_added(vaiven: Vaiven, tmp_path: Path) -> None:
    for name, size in (("a.md", 3), ("b.md", 3), ("big.md", 6), ("c.md", 1)):
        (tmp_path / name).write_bytes(b"x" * size * 1024 * 1024)
    files = [str(path) for path in sorted(tmp_path.iterdir())]
    with serving(RpcOptions(address="127.0.0.1:0", max_message_bytes=5 * 1024 * 1024)) as running:
        outcome = vaiven("knowledge", "add", "faq", *files, "--address", running.address, "--json")
        sent = [call for call in running.domain.library.calls if call[0] == "ingest"]
    assert outcome.code == 1
    told = {one["file_name"]: one.get("error") for one in json.loads(outcome.out)["outcomes"]}
    assert list(told) == ["a.md", "b.md", "big.md", "c.md"]
    assert [name for name, error in told.items() if error] == ["big.md"]
    assert told["big.md"]["reason"] == "DOCUMENT_TOO_LARGE"
    assert "server.max_message_bytes" in told["big.md"]["message"]
    assert [[file.name for file in call[3]] for call in sent] == [["a.md"], ["b.md"], ["c.md"]]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("runs show nope", "✗ There is no run runs/nope."),
        ("models show nope", "✗ There is no model models/nope."),
        ("plugins functions email.nope", "✗ There is no function email.nope."),
        ("runs show NOPE", "✗ name: does not match regex pattern `^runs/[a-z0-9-]{1,63}$`"),
        ("health nope", "✗ The server has no service nope."),
    ],
)
def test_what_is_not_there(service: Service, vaiven: Vaiven, line: str, message: str) -> None:
    outcome = vaiven(*line.split())
    assert (outcome.code, outcome.out, outcome.err.splitlines()[0]) == (1, "", message)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("knowledge show ../shop/x", "✗ '..' is not the name of one of the collections."),
        ("runs show NOPE!", "✗ 'NOPE!' is not the name of one of the runs."),
        ("ask hi --function email", "✗ 'email' is not the name of a function."),
        ("ask hi --allow ../x", "✗ '../x' is not the name of a function."),
        ("ask hi --collection a/b", "✗ 'a/b' is not the name of one of the collections."),
        ("knowledge remove shop", "✗ 'shop' is not the name of a document."),
        ("knowledge create Shop", "✗ 'Shop' cannot be the name of a collection."),
        ("runs list --state odd", "Error: Invalid value for '--state': 'odd' is not one of 'running', "),
    ],
)
def test_what_cannot_be_a_name_or_a_choice_is_not_sent(vaiven: Vaiven, line: str, message: str) -> None:
    outcome = vaiven(*line.split())
    assert (outcome.code, outcome.out) == (2, "")
    assert message in outcome.err


def test_runs_keep_what_is_short_in_one_line_at_80_columns(
    service: Service, vaiven: Vaiven, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert vaiven("ask", "hello").code == 0
    monkeypatch.setattr("service.cli.commands.runs.short", lambda name: "0" * 32 if name.startswith("runs/") else name)
    # The run is of a fixed day, today's clock is not.
    monkeypatch.setattr("service.cli.commands.runs.age", lambda _: "just now")
    monkeypatch.setenv("COLUMNS", "80")
    outcome = vaiven("runs", "list")
    assert "completed" in outcome.out
    assert "just now" in outcome.out
    assert max(map(len, outcome.out.splitlines())) <= 80


def test_health(service: Service, vaiven: Vaiven) -> None:
    assert vaiven("health").code == 0
    assert json.loads(vaiven("health", "vaiven.v1.AgentService", "--json").out) == {"status": "SERVING"}
    assert vaiven("health", "--address", "127.0.0.1:1").code == 3


def test_what_the_text_holds_is_no_markup(service: Service, vaiven: Vaiven) -> None:
    assert vaiven("ask", "[bold]x[/] :smile: \x1b[31m").code == 0
    assert "[bold]x[/] :smile: �[31m" in vaiven("runs", "list").out
