"""`vaiven ask` and the commands that call a function: what is sent, and what is shown where."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from google.protobuf.json_format import Parse
from vaiven.v1.run_event_pb2 import RunEvent

from service.backends.base import Guidance, Usage
from service.cli import screen
from service.cli.failures import Problem, show_problem
from service.economics.money import Money
from service.errors import QueueFullError, Violation
from service.routing.policy import Privacy, RoutingPolicy
from service.runs import events
from service.runs.spec import GenerationParameters
from tests.unit.cli.conftest import Service, Vaiven
from tests.unit.rpc.fakes_runs import DONE, DRAFT

DECISION = events.RoutingDecision("models/colibri", "onnx", (), "colibri is the only model.")
STARTED = events.RunStarted(DRAFT, "chosen", {})
CITED = events.Citation(1, "collections/faq/documents/d1", "p1", "You have\n30 days.", "Returns")
FAILED = events.Failed(
    code="UNAVAILABLE",
    reason="MODEL_WORKER_DIED",
    message="The model's worker ended.",
    retryable=True,
    retry_after_s=2.5,
    text="Hel",
    usage=Usage(3, 0, 1),
    cost=Money("EUR"),
    violations=(Violation("models/colibri", "has died"),),
)


def test_text_to_stdout_and_everything_about_it_to_stderr(service: Service, vaiven: Vaiven) -> None:
    service.domain.runs.script = (DECISION, STARTED, events.TextDelta("Hello "), events.TextDelta("Ada"), DONE)
    outcome = vaiven("ask", "write", "to Ada")
    assert (outcome.code, outcome.out) == (0, "Hello Ada\n")
    line = outcome.err.replace("\u00a0", " ").replace("\n", " ").strip()
    assert line == (
        "onnx/colibri (int4, cpu) · email.draft (chosen) · first token 200 ms · 40 tokens/s · "
        "3 (1 cached) → 2 tokens · €0"
    )
    assert service.domain.runs.specs[0].input == "write to Ada"
    assert service.domain.runs.specs[0].cancel_on_disconnect


def test_options_become_the_request(service: Service, vaiven: Vaiven) -> None:
    options = "--session s1 --function email.draft --allow email --allow code.review --collection faq --model colibri"
    numbers = "--max-output-tokens 9 --temperature 0.5 --top-p 0.9 --top-k 4 --seed 7 --stop END --where local"
    assert vaiven("ask", "hello", *options.split(), *numbers.split(), "--keep-running").code == 0
    spec = service.domain.runs.specs[0]
    assert (spec.session, spec.function, spec.model, spec.locality) == ("sessions/s1", DRAFT, "models/colibri", "local")
    assert spec.allowed_functions == ("plugins/email", "plugins/code/functions/review")
    assert spec.collections == ("collections/faq",)
    assert spec.generation == GenerationParameters(9, 0.5, 0.9, 4, 7, ("END",))
    assert not spec.cancel_on_disconnect
    assert spec.request_id


def test_how_to_generate_becomes_the_request(service: Service, vaiven: Vaiven, tmp_path: Path) -> None:
    (tmp_path / "g.lark").write_text('start: "a"')
    numbers = (
        "--min-p 0.1 --repetition-penalty 1.5 --presence-penalty -1 --logit-bias 7=-100 --logprobs 2 --priority -3"
    )
    assert vaiven("ask", "hello", *numbers.split(), "--grammar", str(tmp_path / "g.lark")).code == 0
    assert service.domain.runs.specs[0].generation == GenerationParameters(
        min_p=0.1, repetition_penalty=1.5, presence_penalty=-1.0, logit_bias=((7, -100.0),), logprobs=2, priority=-3,
        guidance=Guidance("lark_grammar", 'start: "a"'),
    )  # fmt: skip
    (tmp_path / "s.json").write_text("{}")
    for options, guidance in (
        (("--regex", "[0-9]+"), Guidance("regex", "[0-9]+")),
        (("--schema", str(tmp_path / "s.json")), Guidance("json_schema", "{}")),
    ):
        assert vaiven("ask", "hello", *options).code == 0
        assert service.domain.runs.specs[-1].generation.guidance == guidance


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--regex", "a", "--grammar", "b.lark"), "Give one of"),
        (("--grammar", "/nowhere.lark"), "cannot be read"),
        (("--logit-bias", "seven=1"), "is not TOKEN=BIAS"),
    ],
)
def test_a_wrong_way_to_generate_is_not_sent(vaiven: Vaiven, options: tuple[str, ...], words: str) -> None:
    outcome = vaiven("ask", "hello", *options)
    assert outcome.code == 2
    assert words in outcome.err


@pytest.mark.parametrize("place", [("--json", "ask", "hi"), ("ask", "hi", "--json")])
def test_json_is_one_line_for_each_event(service: Service, vaiven: Vaiven, place: tuple[str, ...]) -> None:
    outcome = vaiven(*place)
    assert (outcome.code, outcome.err) == (0, "")
    read = [Parse(line, RunEvent()) for line in outcome.out.splitlines()]
    assert [event.sequence for event in read] == [1, 2, 3, 4]
    assert read[-1].completed.result["subject"] == "Hi"


def test_sources_and_warnings_follow_the_text(service: Service, vaiven: Vaiven) -> None:
    warning = events.Warning("HISTORY_TRIMMED", "Two turns were left out.")
    service.domain.runs.script = (warning, events.TextDelta("30 days [1]."), CITED, DONE)
    outcome = vaiven("ask", "how long?")
    assert outcome.out == "30 days [1].\n"
    assert outcome.err.splitlines()[:2] == [
        "[1] faq.md › Returns “You have 30 days.”",
        "! Two turns were left out.  HISTORY_TRIMMED",
    ]


def test_a_terminal_gets_whole_words_and_colour(
    service: Service, vaiven: Vaiven, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "24")
    service.domain.runs.script = (events.TextDelta("Please bring the bud"), events.TextDelta("get [1]."), CITED, DONE)
    outcome = vaiven("ask", "hello")
    assert outcome.code == 0
    assert outcome.out == "Please bring the budget\n[1].\n"
    assert "\x1b[1m[1] \x1b[0m" in outcome.err


def test_a_failed_run_is_told_in_words(service: Service, vaiven: Vaiven) -> None:
    service.domain.runs.script = (events.TextDelta("Hel"), FAILED)
    outcome = vaiven("ask", "hello")
    assert (outcome.code, outcome.out) == (1, "Hel\n")
    assert outcome.err.splitlines() == [
        "✗ The run failed: The model's worker ended.",
        "  • models/colibri: has died",
        "  Try again in 2.5 s.",
        "  The same request may succeed later.",
        "  reason MODEL_WORKER_DIED (UNAVAILABLE)",
    ]


def test_an_answer_that_is_cut_off_is_no_success(service: Service, vaiven: Vaiven) -> None:
    cut = events.Incomplete("length", "Hel", {}, DONE.usage, DONE.cost, DONE.timing)
    service.domain.runs.script = (events.TextDelta("Hel"), cut)
    outcome = vaiven("ask", "hello")
    assert (outcome.code, outcome.out) == (1, "Hel\n")
    assert "cut off at the token limit" in outcome.err


def test_a_run_that_somebody_else_cancelled(service: Service, vaiven: Vaiven) -> None:
    service.domain.runs.script = (events.Cancelled("CANCELLED_BY_CALLER", "", Usage(), Money("EUR")),)
    outcome = vaiven("ask", "hello")
    assert outcome.code == 1
    assert "runs/r1 was cancelled (CANCELLED_BY_CALLER)" in outcome.err


def test_a_refusal_is_told_in_words_and_as_json(service: Service, vaiven: Vaiven) -> None:
    service.domain.runs.refuse = QueueFullError("Too many runs at once.", retry_after_s=1.0)
    outcome = vaiven("ask", "hello")
    assert (outcome.code, outcome.out) == (1, "")
    assert outcome.err.splitlines() == [
        "✗ Too many runs at once.",
        "  Try again in 1 s.",
        "  reason QUEUE_FULL (RESOURCE_EXHAUSTED)",
    ]
    error = json.loads(vaiven("ask", "hello", "--json").err)["error"]
    assert (error["code"], error["reason"], error["retry_after_s"]) == ("RESOURCE_EXHAUSTED", "QUEUE_FULL", 1.0)


def test_words_from_standard_input(service: Service, vaiven: Vaiven, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO("¿qué tal?".encode())))
    assert vaiven("ask", "-").code == 0
    assert service.domain.runs.specs[0].input == "¿qué tal?"
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(b"\xff")))
    outcome = vaiven("ask", "-")
    assert (outcome.code, outcome.err.splitlines()[0]) == (2, "✗ standard input is not text in UTF-8.")
    assert vaiven("ask", " ").code == 2


@pytest.mark.parametrize(
    ("line", "function", "arguments"),
    [
        (
            "email draft --to Ana --from Tom --purpose lunch --point noon --point Tuesday --tone firm --language es",
            "email/functions/draft",
            {
                "recipient": "Ana",
                "sender": "Tom",
                "purpose": "lunch",
                "points": ["noon", "Tuesday"],
                "tone": "firm",
                "language": "es",
            },
        ),
        ("email draft --purpose lunch", "email/functions/draft", {"purpose": "lunch"}),
        ("email revise FILE --instruction shorter", "email/functions/revise", {"draft": "x", "instruction": "shorter"}),
        ("email reply FILE --point yes", "email/functions/reply", {"message": "x", "points": ["yes"]}),
        ("email summarize FILE", "email/functions/summarize_thread", {"thread": "x"}),
        ("code generate a sum", "code/functions/generate", {"task": "a sum"}),
        ("code explain FILE", "code/functions/explain", {"code": "x"}),
        ("code review FILE", "code/functions/review", {"code": "x"}),
        ("code test FILE", "code/functions/write_tests", {"code": "x"}),
        ("support answer how long", "support/functions/answer", {"question": "how long"}),
        ("support classify late again", "support/functions/classify", {"message": "late again"}),
    ],
)
def test_functions_are_called_with_what_was_given(
    service: Service, vaiven: Vaiven, tmp_path: Path, line: str, function: str, arguments: dict[str, object]
) -> None:
    file = tmp_path / "given.txt"
    file.write_text("x")
    outcome = vaiven(*(str(file) if word == "FILE" else word for word in line.split()))
    assert (outcome.code, outcome.out) == (0, "Hello Ada\n")
    spec = service.domain.runs.specs[0]
    assert (spec.function, dict(spec.arguments)) == (f"plugins/{function}", arguments)


def test_support_searches_the_named_collections(service: Service, vaiven: Vaiven) -> None:
    assert vaiven("support", "answer", "hello", "--collection", "faq").code == 0
    assert service.domain.runs.specs[0].collections == ("collections/faq",)


def test_a_file_that_is_not_there(vaiven: Vaiven) -> None:
    outcome = vaiven("code", "explain", "/nowhere/x.py")
    assert (outcome.code, outcome.err.splitlines()[0]) == (
        2,
        "✗ /nowhere/x.py cannot be read: No such file or directory.",
    )


@pytest.mark.parametrize(
    ("problem", "words"),
    [
        (
            Problem("There is no plugin plugins/x; PluginService.ListPlugins names those there are."),
            "; `vaiven plugins list` names those there are.",
        ),
        (
            Problem("target: is not among the addresses.", "PERMISSION_DENIED", "TARGET_NOT_ALLOWED"),
            "plugins.allowed_targets",
        ),
        (Problem("No.", reason="TARGET_NOT_ALLOWED", hint="Ask Ada."), "Ask Ada."),
    ],
)
def test_what_is_said_to_programs_is_said_in_commands(
    capsys: pytest.CaptureFixture[str], problem: Problem, words: str
) -> None:
    screen.error_console.cache_clear()
    show_problem(problem)
    said = " ".join(capsys.readouterr().err.split())
    assert words in said
    assert "Service." not in said


@pytest.mark.parametrize("address", ["blah", "127.0.0.1:99999", "vaiven.example:http", "[::1]"])
def test_an_address_that_is_none_is_told_how_to_be_written(vaiven: Vaiven, address: str) -> None:
    outcome = vaiven("--address", address, "ask", "hello")
    assert outcome.code == 2
    assert outcome.err.splitlines()[0] == f"✗ {address!r} is not where a service can be."
    assert "Write HOST:PORT" in outcome.err


def test_nobody_answers(vaiven: Vaiven) -> None:
    outcome = vaiven("--address", "127.0.0.1:1", "ask", "hello")
    assert (outcome.code, outcome.out) == (3, "")
    assert outcome.err.splitlines() == [
        "✗ No vaiven service answers at 127.0.0.1:1: Connection refused.",
        "  Start one with `vaiven serve`, or say where it is: --address, with TLS --tls-ca and --tls-server-name.",
    ]


def test_pictures_are_sent_with_the_words(vaiven: Vaiven, service: Service, tmp_path: Path) -> None:
    picture = tmp_path / "cat.PNG"
    picture.write_bytes(b"\x89PNG\r\n\x1a\n")
    assert vaiven("ask", "--image", str(picture), "what is this?").code == 0
    (spec,) = service.domain.runs.specs
    assert [image.url for image in spec.images] == ["data:image/png;base64,iVBORw0KGgo="]
    for wrong, words in (("cat.svg", "is no picture"), ("none.png", "cannot be read")):
        outcome = vaiven("ask", "--image", str(tmp_path / wrong), "what is this?")
        assert (outcome.code, words in outcome.err) == (2, True)


@pytest.mark.parametrize("line", [("ask", "hello"), ("email", "draft", "--purpose", "lunch")])
def test_limits_of_one_request_are_sent(vaiven: Vaiven, service: Service, line: tuple[str, ...]) -> None:
    limits = ["--privacy", "pseudonymised", "--max-generation-cost", "0.01 EUR", "--region", "eu-a"]
    limits += ["--max-cost", "0.05 EUR"]
    limits += ["--allow-continuation", "--no-degrade-to-local"]
    assert vaiven(*line, *limits).code == 0
    (spec,) = service.domain.runs.specs
    assert spec.policy == RoutingPolicy(
        privacy=Privacy.PSEUDONYMISED,
        max_costs=(Money("EUR", 0, 10_000_000),),
        regions=frozenset({"eu-a"}),
        allow_continuation=True,
        degrade_to_local=False,
    )
    assert spec.max_cost == Money("EUR", 0, 50_000_000)
