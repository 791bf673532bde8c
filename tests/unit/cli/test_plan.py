"""`vaiven plan`, `vaiven plans` and `vaiven runs decide`: what is sent, and what is shown where."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from vaiven.v1.plan_pb2 import StepState

from planners.journal import StepState as State
from service.cli.plan_tree import MARKS
from service.runs import events
from service.runs.planning.approvals import Verdict
from tests.unit.cli.conftest import Service, Vaiven
from tests.unit.rpc.fakes_plans import PLAN
from tests.unit.rpc.fakes_runs import DONE

ANSWER = "plugins/support/functions/answer"
ASKED = events.ApprovalRequired("runs/r1/approvals/a1", "answer", ANSWER, "write", {"question": "When?"}, "needed")
SCRIPT = (
    events.RunStarted("", "named", planner="recipe", explanation="The caller named the plan."),
    events.PlanUpdated(PLAN, (events.StepStatus("answer", State.PENDING), events.StepStatus("all", State.PENDING))),
    ASKED,
    events.StepStarted("answer", ANSWER, {"question": "When?"}, 1, answers=False),
    events.StepFinished("answer", State.DONE, "Today."),
    events.StepStarted("all", "", {}, 1, answers=True),
    events.TextDelta("Hel"),
    events.TextDelta("lo Ada"),
    events.StepFinished("all", State.DONE, "Hello Ada"),
    DONE,
)
TREE = """\
Tell Ada
└── ○ answer support.answer  writes  asks first
    └── ○ all gather  Both.
2 steps · at most 1 call · at most 62 s · at most 0.0124 EUR · asks before answer
"""


def test_a_plan_is_shown_as_a_tree_and_not_run_where_nobody_can_say_yes(service: Service, vaiven: Vaiven) -> None:
    outcome = vaiven("plan", "tell", "Ada", "--recipe", "answer_and_email", "--argument", "n=2", "--argument", "t=a b")
    assert (outcome.code, outcome.out) == (0, "")
    assert outcome.err == f"{TREE}Not run. `vaiven plans run p1 --yes` runs it.\n"
    (asked,) = service.domain.plans.requests
    assert (asked.input, asked.recipe, asked.arguments) == ("tell Ada", "answer_and_email", {"n": 2, "t": "a b"})
    assert service.domain.runs.specs == []


def test_on_yes_each_step_s_state_is_told_and_the_answer_comes_whole(service: Service, vaiven: Vaiven) -> None:
    service.domain.runs.script = SCRIPT
    outcome = vaiven("plan", "tell Ada", "--yes", "--model", "colibri")
    assert (outcome.code, outcome.out) == (0, "Hello Ada\n")
    told = outcome.err.removeprefix(TREE).splitlines()
    assert told[:8] == [
        "? answer waiting",
        "? answer: may this be called: support.answer",
        "    question: When?",
        "Decide with `vaiven runs decide r1/a1 approve`, or reject.",
        "▶ answer running",
        "✓ answer done",
        "▶ all running",
        "✓ all done",
    ]
    assert "recipe" in told[-1]
    (spec,) = service.domain.runs.specs
    assert (spec.plan, spec.model, spec.cancel_on_disconnect) == ("plans/p1", "models/colibri", True)


def test_who_is_asked_about_a_call_that_was_cut_off_is_told_what_to_do(service: Service, vaiven: Vaiven) -> None:
    service.domain.runs.script = (replace(ASKED, why="uncertain"), DONE)
    said = " ".join(vaiven("plan", "tell Ada", "--yes").err.split())
    assert "answer: it is not known whether this call had its effect: support.answer" in said
    assert "`vaiven runs decide r1/a1 done --result JSON` if so, `approve` to call it all the same, or `reject`" in said


def test_as_json_the_plan_is_a_document_and_its_run_lines(service: Service, vaiven: Vaiven) -> None:
    service.domain.runs.script = SCRIPT
    plan = json.loads(vaiven("plan", "tell Ada", "--json").out)
    assert (plan["name"], plan["steps"][0]["function"]) == ("plans/p1", ANSWER)
    lines = vaiven("plan", "tell Ada", "--json", "--yes").out.splitlines()
    assert [next(key for key in json.loads(line) if key not in ("run", "sequence", "time")) for line in lines][:3] == [
        "run_started",
        "plan_updated",
        "approval_required",
    ]


def test_steps_come_from_a_file(service: Service, vaiven: Vaiven, tmp_path: Path) -> None:
    file = tmp_path / "plan.yaml"
    file.write_text(
        "answer: b\n"
        "steps:\n"
        "  - {id: a, function: support.answer, arguments: {question: When}, approval: always, idempotent: false}\n"
        '  - {id: b, arguments: {text: "${steps.a.text}"}, depends_on: [a], deadline_s: 2.5, description: Both.}\n'
    )
    assert vaiven("plan", "--file", str(file)).code == 0
    (asked,) = service.domain.plans.requests
    assert asked.answer_step == "b"
    first, second = asked.steps
    assert (first["function"], first["approval"], first["idempotent"]) == ("support.answer", "always", False)
    assert (second["function"], second["depends_on"], second["deadline_s"]) == ("gather", ("a",), 2.5)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("[", "neither JSON nor YAML"),
        ("steps: 1", "has no list of steps"),
        ("[1]", "steps[0] is no step"),
        ("[{id: a, fly: 1}]", "there is no field fly"),
        ("[{id: a, deadline_s: soon}]", "a field is of the wrong type"),
    ],
)
def test_a_file_that_holds_no_plan_is_told_so(
    service: Service, vaiven: Vaiven, tmp_path: Path, content: str, said: str
) -> None:
    file = tmp_path / "plan.yaml"
    file.write_text(content)
    outcome = vaiven("plan", "--file", str(file))
    assert outcome.code == 2
    # A long path of the file moves where the lines are broken.
    assert said in " ".join(outcome.err.split())


def test_an_argument_without_a_name_is_refused(service: Service, vaiven: Vaiven) -> None:
    assert vaiven("plan", "x", "--recipe", "r", "--argument", "=1").code == 2


def test_plans_are_listed_and_shown(service: Service, vaiven: Vaiven) -> None:
    listed = vaiven("plans", "list", "--limit", "3")
    assert "p1" in listed.out
    assert "answer_and_email" in listed.out
    assert service.domain.plans.listed == [(3, "")]
    assert vaiven("plans", "show", "p1").out == TREE
    assert json.loads(vaiven("plans", "show", "p1", "--json").out)["answer_step"] == "all"


def test_a_run_is_asked_for_by_recipe_or_planner(service: Service, vaiven: Vaiven) -> None:
    assert vaiven("ask", "hello", "--recipe", "agents_in_turn").code == 0
    assert vaiven("ask", "hello", "--planner", "tool_loop").code == 0
    assert [(spec.recipe, spec.planner) for spec in service.domain.runs.specs] == [
        ("agents_in_turn", None),
        (None, "tool_loop"),
    ]


def test_a_run_that_is_watched_shows_its_steps_and_what_it_asks(service: Service, vaiven: Vaiven) -> None:
    failed = replace(SCRIPT[8], state=State.FAILED, message="It broke.")
    service.domain.runs.script = (*SCRIPT[:8], failed, DONE)
    outcome = vaiven("ask", "hello", "--recipe", "r")
    assert outcome.out == "Hello Ada\n"
    for line in ("→ answer support.answer", "Decide with `vaiven runs decide r1/a1 approve`", "! all: It broke."):
        assert line in outcome.err


def test_a_decision_is_sent(service: Service, vaiven: Vaiven) -> None:
    outcome = vaiven(
        "runs", "decide", "r1/a1", "done", "--text", "Paid.", "--result", '{"paid": true}', "--reason", "x"
    )
    assert outcome.code == 0
    assert "runs/r1 is waiting" in outcome.err
    ((name, verdict, request_id),) = service.domain.approvals.decided
    assert (name, verdict) == ("runs/r1/approvals/a1", Verdict("done", "x", "Paid.", {"paid": True}))
    assert request_id
    assert vaiven("runs", "decide", "runs/r1/approvals/a1", "reject").code == 0
    for wrong in (("r1", "approve"), ("r1/a1", "done", "--result", "["), ("r1/a1", "done", "--result", "[1]")):
        assert vaiven("runs", "decide", *wrong).code == 2


def test_every_state_has_its_mark() -> None:
    assert {number for name, number in StepState.items() if name != "STEP_STATE_UNSPECIFIED"} == set(MARKS)


def test_a_plan_of_nothing_is_refused_before_anyone_is_asked(service: Service, vaiven: Vaiven) -> None:
    outcome = vaiven("plan")
    assert (outcome.code, outcome.err.splitlines()[0]) == (2, "✗ A plan needs a request, a --recipe or a --file.")
