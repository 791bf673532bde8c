"""What a person sees of a switch to another model, and of what was expected beside what came."""

from __future__ import annotations

import pytest
from vaiven.v1.routing_pb2 import BackendSwitched as SwitchMessage

from service.cli.summary import switch_line
from service.runs.events import BackendSwitched, RoutingDecision, TextDelta
from tests.unit.cli.conftest import Service, Vaiven
from tests.unit.rpc.fakes_runs import DONE

SWITCH = BackendSwitched("models/gpt", "openai", "gpt-a", "models/phi", "onnx", "phi", "GONE", continued=True)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"to_model": "models/phi"}, "↪ gpt failed (X); phi answers instead."),
        ({"to_model": "models/phi", "continued": True}, "↪ gpt failed (X); phi goes on."),
        ({"to_model": "models/gpt", "to_deployment": "b"}, "↪ gpt (a) failed (X); gpt (b) answers instead."),
    ],
)
def test_a_switch_in_words(fields: dict[str, object], said: str) -> None:
    switch = SwitchMessage(from_model="models/gpt", from_deployment="a", reason="X", **fields)  # type: ignore[arg-type]
    assert switch_line(switch) == said


def test_a_run_says_that_another_model_goes_on_and_that_it_answered(vaiven: Vaiven, service: Service) -> None:
    chosen = RoutingDecision("models/gpt", "openai", (), "Gpt answers.", "gpt-a")
    service.domain.runs.script = (chosen, TextDelta("Hello "), SWITCH, TextDelta("Ada"), DONE)
    outcome = vaiven("ask", "hello")
    assert outcome.code == 0
    assert outcome.out.split() == ["Hello", "Ada"]
    assert "↪ gpt failed (GONE); phi goes on." in outcome.err
    assert "onnx/phi" in outcome.err.replace("\u00a0", " ")

    shown = " ".join(vaiven("runs", "show", "r1").out.split())
    expected = "Expected 4 tokens of answer · a cost that is not known · 2.0 s"
    for words in ("Routing Gpt answers.", "Switched ↪ gpt failed", expected):
        assert words in shown
