"""The measurement of function calls: its requests, how an outcome is judged, and what is read of an answer."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from bench.calls import __main__ as bench_calls
from bench.calls.dataset import ABSTAIN, Asked, abstention, functions, offered, requests
from bench.calls.scoring import Judged, Outcome, Share, score
from bench.calls.ways import DirectWay, FreeChooser, FreeTools, UnreadableError
from models.colibri.corpus.functions_synthetic import FAMILIES
from planners.validation import violations
from service.backends.base import CallPiece, ChatMessage, Finished, GenerationRequest, ToolSpec
from service.backends.fake import FakeGenerator
from service.errors import FailedPreconditionError
from tests.unit.plugins.scripted_chat import ScriptedChat

NUMBER = re.compile(r"\d+(?:\.\d+)?")


def test_there_are_200_requests_over_40_functions_each_with_several_plausible_ones() -> None:
    asked = requests()
    assert len(asked) == len({one.say for one in asked}) == 200
    assert len(functions()) == 40
    fitting = Counter(one.function for one in asked)
    assert set(fitting) == {*functions(), None}
    assert min(fitting.values()) >= 4
    assert fitting[None] >= 30
    for one in asked:
        assert len(set(one.near) - {one.function}) == len(one.near) >= 4
        assert set(one.near) <= set(functions())


@pytest.mark.parametrize("asked", [one for one in requests() if one.function], ids=lambda one: one.say)
def test_the_right_arguments_fit_their_function_and_stand_in_the_request(asked: Asked) -> None:
    assert asked.function is not None
    schema = functions()[asked.function].input_schema
    assert violations(schema, asked.arguments) == ()
    for name, values in asked.accepted.items():
        for value in values:
            if isinstance(value, str):
                assert "enum" in schema["properties"][name] or value.lower() in asked.say.lower()
            else:
                assert value in [float(number) for number in NUMBER.findall(asked.say)]


def test_the_training_of_the_embedded_model_knows_neither_the_functions_nor_the_requests() -> None:
    assert not {name for family in FAMILIES for name in family.names} & set(functions())
    described = {description for family in FAMILIES for description in family.descriptions}
    assert not [one.name for one in functions().values() if one.description in described]
    told = [phrase for family in FAMILIES for phrase in family.requests]
    # With a single word between its slots a phrasing matches nearly anything.
    patterns = [_pattern(phrase) for phrase in told if len(re.findall(r"\w+", re.sub(r"\{\w+\}", "", phrase))) > 1]
    assert not [one.say for one in requests() if any(pattern.fullmatch(one.say) for pattern in patterns)]


def _pattern(phrase: str) -> re.Pattern[str]:
    literal = re.escape(phrase.rstrip(".?!"))
    return re.compile(re.sub(r"\\{\w+\\}", r"\\S+(?: \\S+){0,4}", literal) + "[.?!]?", re.IGNORECASE)


def test_what_is_offered_holds_the_right_one_and_those_near_to_it_and_is_always_the_same() -> None:
    for one in requests():
        names = [facts.name for facts in offered(one, 7)]
        assert len(set(names)) == 7
        assert names == sorted(names) == [facts.name for facts in offered(one, 7)]
        assert {*one.near, *([one.function] if one.function else [])} <= set(names)
        assert len(offered(one, 40)) == 40
    assert abstention().name == ABSTAIN


ASKED = Asked(0, "Order 2 lamps", "orders.place_order", (), {"product": ("lamps", "lamp"), "quantity": (2,)})


@pytest.mark.parametrize(
    ("arguments", "right"),
    [
        ({"product": "lamps", "quantity": 2}, True),
        ({"product": "The lamp.", "quantity": 2.0}, True),
        ({"product": "lamps", "quantity": 2, "note": ""}, True),
        ({"product": "lamps", "quantity": 3}, False),
        ({"product": "lamps", "quantity": "2"}, False),
        ({"product": "lamps", "quantity": True}, False),
        ({"product": "2 lamps", "quantity": 2}, False),
        ({"product": "lamps"}, False),
        ({"product": "lamps", "quantity": 2, "note": "soon"}, False),
    ],
)
def test_arguments_are_right_whatever_their_case_and_articles_and_wrong_otherwise(
    arguments: Mapping[str, Any], right: bool
) -> None:
    assert Judged(ASKED, Outcome(ASKED.function, arguments)).right is right


def test_the_figures_tell_selection_arguments_and_abstention_apart() -> None:
    fitless = Asked(1, "Hello", None, ())
    judged = [
        Judged(ASKED, Outcome(ASKED.function, {"product": "lamp", "quantity": 2})),
        Judged(ASKED, Outcome(ASKED.function, {"product": "sofa", "quantity": 2})),
        Judged(ASKED, Outcome(ASKED.function, fault="misfit")),
        Judged(ASKED, Outcome("stock.check", {})),
        Judged(ASKED, Outcome()),
        Judged(fitless, Outcome()),
        Judged(fitless, Outcome("stock.check", {})),
        Judged(fitless, Outcome(fault="unreadable")),
    ]
    found = score(judged)
    assert found.selected == Share(3, 5)
    assert found.arguments == Share(1, 3)
    assert found.called == Share(1, 5)
    assert found.abstained == Share(1, 3)
    assert found.withheld == Share(1, 5)
    assert found.faults == Share(2, 8)
    row = [next(iter(column.cells)) for column in bench_calls.table({"a": found}).columns]
    assert row == ["a", "60%", "33% of 3", "20%", "33%", "20%", "25%"]


class Answers:
    """Answers with what it was given, in turn."""

    def __init__(self, *answers: dict[str, Any]) -> None:
        self._answers = iter(answers)

    async def complete_json(self, system: str, user: str, schema: dict[str, Any]) -> dict[str, Any]:
        return next(self._answers)


@pytest.mark.parametrize(
    ("answers", "outcome"),
    [
        (
            [{"name": "stock.check"}, {"name": "stock.check", "arguments": {"product": "lamps"}}],
            Outcome("stock.check", {"product": "lamps"}),
        ),
        ([{"name": "stock.check"}, {"name": "stock.check", "arguments": {}}], Outcome("stock.check", fault="misfit")),
        ([{"name": ABSTAIN}], Outcome()),
        ([{"name": "no.such"}], Outcome(fault="unknown")),
    ],
)
async def test_one_call_tells_what_was_chosen_even_where_no_call_comes_of_it(
    answers: Sequence[dict[str, Any]], outcome: Outcome
) -> None:
    asked = Asked(0, "Are there lamps?", "stock.check", ("stock.set_price",))
    assert await DirectWay(Answers(*answers), 4).ask(asked) == outcome


@pytest.mark.parametrize("words", ["I would check the stock.", "[1]", '{"name": "stock'])
async def test_a_free_answer_that_is_no_object_is_unreadable(words: str) -> None:
    chat = ScriptedChat(answers=[words])
    with pytest.raises(UnreadableError):
        await FreeChooser(chat).complete_json("", "Are there lamps?", {})


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ('{"name":"orders.get","arguments":{"id":7}}', [("orders-get", '{"id": 7}'), "tool_calls"]),
        ('{"name":"none"}', ["stop"]),
    ],
)
async def test_a_model_with_tools_that_is_held_to_nothing_is_read(said: str, found: list[Any]) -> None:
    assert await _heard(said) == found


@pytest.mark.parametrize("said", ["Sure!", "[]", '{"name":"orders.take"}', '{"arguments":{}}'])
async def test_what_cannot_be_read_as_a_call_is_none(said: str) -> None:
    with pytest.raises(FailedPreconditionError):
        await _heard(said)


async def _heard(said: str) -> list[Any]:
    tool = ToolSpec("orders-get", "Get it.", {})
    request = GenerationRequest((ChatMessage("user", "Where is 7?"),), max_output_tokens=96, tools=(tool,))
    pieces = [piece async for piece in FreeTools(FakeGenerator(said)).generate(request)]
    return [
        (piece.call.name, piece.call.arguments) if isinstance(piece, CallPiece) else piece.finish_reason
        for piece in pieces
        if isinstance(piece, CallPiece | Finished)
    ]
