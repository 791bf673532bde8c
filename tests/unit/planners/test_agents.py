"""Agents: what they may call, how they hand over, and the recipes in which they work in turn or at once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from semantic_kernel import Kernel
from semantic_kernel.agents import ChatCompletionAgent
from semantic_kernel.functions import kernel_function

from planners.agent_cards import AgentFileError, load_agents
from planners.agent_functions import AGENT_DEADLINE_S, HAND_OVER
from planners.agents import AgentCaller, AgentPorts, AgentTeam
from planners.calling import CallContext, CallError
from planners.executor import ExecutionPorts, PlanExecutor
from planners.facts import FunctionFacts
from planners.journal import StepState
from planners.kernel_caller import KernelCaller
from planners.loop_pieces import LoopPiece, ToolCallReady
from planners.plan_events import PlanEvent
from planners.recipe import load_recipes
from planners.tool_loop import LoopLimits
from plugins.context import RunContext
from plugins.output import FunctionOutput, FunctionResult, TextDelta
from tests.unit.planners.chats import Call, ToolChat
from tests.unit.planners.fakes import MemoryJournal, People, ending
from tests.unit.planners.test_call import ScriptedModel
from tests.unit.planners.test_recipes import INSTALLED

TEAM = AgentTeam(load_agents())
CONTEXT = CallContext("runs/r1", "s", 1, "key", 5.0)
CATALOGUE = {**INSTALLED, **TEAM.facts(INSTALLED)}
RECIPES = {name: one for name, one in load_recipes().items() if name.startswith("agents_")}


class Email:
    @kernel_function(name="draft", description="Draft a new e-mail.")
    async def draft(self, purpose: str) -> AsyncGenerator[FunctionOutput, None]:
        yield FunctionResult(f"Mail on {purpose}", {"subject": "", "body": purpose})


class Support:
    @kernel_function(name="answer", description="Answer a question.")
    async def answer(self, question: str) -> AsyncGenerator[FunctionOutput, None]:
        yield FunctionResult(f"30 days, to: {question}")

    @kernel_function(name="secret", description="Not on the agent's list.")
    async def secret(self) -> AsyncGenerator[FunctionOutput, None]:
        yield FunctionResult("secret")


def hand(to: str, reason: str = "It is yours.") -> Call:
    return Call("agents-hand_over", {"to": to, "reason": reason}, "h1")


@dataclass
class Bench:
    chat: ToolChat
    chooser: ScriptedModel = field(default_factory=ScriptedModel)
    told: list[LoopPiece] = field(default_factory=list)
    limits: LoopLimits = field(default_factory=LoopLimits)
    small: bool = False

    def caller(self) -> AgentCaller:
        kernel = Kernel()
        kernel.add_plugin(Email(), "email")
        kernel.add_plugin(Support(), "support")

        async def tell(piece: LoopPiece) -> None:
            self.told.append(piece)

        tools = KernelCaller(kernel, RunContext("local", "runs/r1"))
        ports = AgentPorts(
            kernel,
            self.chat,
            tools,
            self.chooser,
            People(),
            INSTALLED,
            tell=tell,
            small=self.small,
        )
        return AgentCaller(AgentTeam(load_agents(), self.limits), ports)

    async def call(self, function: str, **arguments: Any) -> list[FunctionOutput]:
        async with aclosing(self.caller().call(function, arguments, CONTEXT)) as pieces:
            return [piece async for piece in pieces]

    async def run(self, recipe: str, **arguments: Any) -> list[PlanEvent]:
        plan = RECIPES[recipe].plan(arguments)
        executor = PlanExecutor(ExecutionPorts(self.caller(), People()))
        async with aclosing(executor.execute(plan, CATALOGUE, MemoryJournal(), "runs/r1")) as events:
            return [event async for event in events]


def bench(*turns: list[str | Call], **more: Any) -> Bench:
    return Bench(ToolChat(turns=list(turns)), **more)


def result(pieces: list[FunctionOutput]) -> dict[str, Any]:
    assert isinstance(pieces[-1], FunctionResult)
    return pieces[-1].data


def test_an_agent_is_semantic_kernel_s_with_its_own_functions_alone() -> None:
    kernel, chat = Kernel(), ToolChat(turns=[])
    kernel.add_plugin(Email(), "email")
    kernel.add_plugin(Support(), "support")
    agent = TEAM.agent("support", kernel, chat)
    assert isinstance(agent, ChatCompletionAgent)
    assert (agent.name, agent.service) == ("support", chat)
    assert {(plugin, name) for plugin, one in agent.kernel.plugins.items() for name in one.functions} == {
        ("support", "answer")
    }
    assert agent.instructions is not None
    assert "support agent" in agent.instructions
    assert agent.function_choice_behavior is not None
    assert agent.function_choice_behavior.filters == {"included_functions": ["support-answer", "support-classify"]}
    with pytest.raises(KeyError):
        TEAM.agent("sales", kernel, chat)


def test_the_agents_call_functions_that_there_are() -> None:
    assert {function for card in TEAM.cards.values() for function in card.functions} <= set(INSTALLED)


def test_an_agent_has_the_strongest_effect_of_its_functions_and_asks_for_each_call_itself() -> None:
    found = TEAM.facts(INSTALLED)
    assert {name: (one.effect, one.needs_approval, one.deadline_s) for name, one in found.items()} == {
        "agents.email": ("none", False, AGENT_DEADLINE_S),
        "agents.code": ("none", False, AGENT_DEADLINE_S),
        "agents.support": ("write", False, AGENT_DEADLINE_S),
        "agents.choose": ("none", False, AGENT_DEADLINE_S),
        "agents.answer": ("write", False, AGENT_DEADLINE_S),
        "agents.take_over": ("write", False, AGENT_DEADLINE_S),
    }


async def test_an_agent_answers_with_its_functions_and_its_instructions() -> None:
    one = bench([Call("support-answer", {}, "c1")], ["You have ", "30 days."])
    pieces = await one.call("agents.support", request="How long?", material="Shoes.")
    assert pieces == [
        TextDelta("You have "),
        TextDelta("30 days."),
        FunctionResult(
            "You have 30 days.", {"text": "You have 30 days.", "agent": "support", "handed_to": "", "reason": ""}
        ),
    ]
    first, second = one.chat.asked
    assert first.tools == ["support-answer", "agents-hand_over"]
    assert first.messages[0][1].startswith("You are the support agent.")
    assert first.messages[1] == ("user", "How long?\n\nMaterial:\nShoes.")
    assert second.messages[-1] == ("tool", "c1: 30 days, to: How long?")
    assert [type(piece).__name__ for piece in one.told] == ["ToolCallStarted", "ToolCallReady", "ToolCallResult"]


async def test_an_agent_that_says_nothing_after_its_calls_lets_them_speak() -> None:
    one = bench([Call("support-answer", {}, "c1")], [""])
    pieces = await one.call("agents.support", request="How long?")
    assert pieces[-2] == TextDelta("30 days, to: How long?")
    assert result(pieces)["text"] == "30 days, to: How long?"


async def test_an_agent_of_a_small_model_makes_one_call_and_answers_with_its_words() -> None:
    one = bench(chooser=ScriptedModel({"name": "support.answer"}), small=True)
    pieces = await one.call("agents.support", request="How long?", material="Shoes.")
    assert result(pieces) == {
        "text": "30 days, to: How long?\n\nShoes.",
        "agent": "support",
        "handed_to": "",
        "reason": "",
    }
    assert one.chat.asked == []
    assert [type(piece).__name__ for piece in one.told] == ["ToolCallStarted", "ToolCallReady", "ToolCallResult"]


async def test_an_agent_of_a_small_model_hands_over_in_words() -> None:
    one = bench(chooser=ScriptedModel({"name": "email"}), small=True)
    pieces = await one.call("agents.support", request="Write to Ana")
    assert result(pieces) == {"text": "", "agent": "support", "handed_to": "email", "reason": ""}
    (said,) = pieces
    assert isinstance(said, FunctionResult)
    assert said.text == "That is for the agent email."
    assert one.told == []


async def test_an_agent_that_may_not_hand_over_is_not_offered_it() -> None:
    one = bench(["30 days."])
    await one.call("agents.support", request="How long?", may_hand_over=False)
    assert one.chat.asked[0].tools == ["support-answer"]
    alone = bench(chooser=ScriptedModel({"name": "email"}, checked=False), small=True)
    # Nothing is left to choose from: it has one function.
    pieces = await alone.call("agents.support", request="How long?", may_hand_over=False)
    assert result(pieces)["text"] == "30 days, to: How long?"


async def test_an_agent_of_a_small_model_that_can_make_no_call_says_why() -> None:
    one = bench(chooser=ScriptedModel({"name": "nobody"}, checked=False), small=True)
    with pytest.raises(CallError) as failed:
        await one.call("agents.support", request="How long?")
    assert (failed.value.code, failed.value.happened) == ("MODEL_ANSWER_INVALID", "no")


async def test_what_is_not_on_its_list_is_not_called() -> None:
    one = bench([Call("support-secret", {}, "c1"), Call("email-draft", {"purpose": "x"}, "c2")], ["Sorry."])
    await one.call("agents.support", request="How long?")
    assert not any(isinstance(piece, ToolCallReady) for piece in one.told)


async def test_an_agent_hands_over_to_those_it_may() -> None:
    one = bench([hand("sales")], ["One moment.", hand("email", "Write to Ana.")])
    assert result(await one.call("agents.support", request="x")) == {
        "text": "One moment.",
        "agent": "support",
        "handed_to": "email",
        "reason": "Write to Ana.",
    }
    assert HAND_OVER in [piece.name for piece in one.told if isinstance(piece, ToolCallReady)]


async def test_taking_over_goes_on_or_passes_on() -> None:
    done = {"text": "30 days.", "agent": "support", "handed_to": "", "reason": ""}
    one = bench()
    assert await one.call("agents.take_over", request="x", previous=done) == [
        TextDelta("30 days."),
        FunctionResult("30 days.", done),
    ]
    assert one.chat.asked == []

    one = bench(["Dear Ana"])
    handed = {"text": "", "agent": "support", "handed_to": "email", "reason": "Write to Ana."}
    assert result(await one.call("agents.take_over", request="x", previous=handed))["agent"] == "email"
    assert one.chat.asked[0].messages[1] == ("user", "x\n\nMaterial:\nWrite to Ana.")


async def test_the_agent_is_chosen_among_those_there_are() -> None:
    one = bench(chooser=ScriptedModel({"name": "code"}))
    assert result(await one.call("agents.choose", request="def f(): ...")) == {"agent": "code"}
    ((system, user, _),) = one.chooser.asked
    assert "\nAnswers customers' questions" in system
    assert system.endswith(": support")
    assert user == "def f(): ..."
    with pytest.raises(CallError, match="none of the agents"):
        await bench(chooser=ScriptedModel({"name": "sales"}, checked=False)).call("agents.choose", request="x")


async def test_other_functions_are_called_as_ever() -> None:
    assert await bench().call("email.draft", purpose="x") == [FunctionResult("Mail on x", {"subject": "", "body": "x"})]
    with pytest.raises(CallError, match=r"There is no function agents\.sales"):
        await bench().call("agents.sales", request="x")


async def test_an_agent_that_runs_out_of_time_has_no_answer() -> None:
    one = bench(["Well"], limits=LoopLimits(max_s=0.01))
    one.chat.hang = True
    with pytest.raises(CallError, match="ran out of time"):
        await one.call("agents.code", request="x")


def test_the_recipes_fit_the_agents() -> None:
    assert set(RECIPES) == {"agents_in_turn", "agents_at_once", "agents_hand_over"}
    for recipe in RECIPES.values():
        assert recipe.validate(CATALOGUE) == ()
        assert recipe.plan({"request": "x"}).validate(CATALOGUE) == ()


async def test_agents_work_in_turn() -> None:
    one = bench(
        [Call("support-answer", {}, "c1")], ["30 days [1]."], [Call("email-draft", {"purpose": "p"})], ["Dear Ana"]
    )
    end = ending(await one.run("agents_in_turn", request="How long?"))
    assert (end.state, end.outcome.text) == (StepState.DONE, "Dear Ana")
    assert one.chat.asked[2].messages[1][1] == "Reply with this answer: 30 days [1].\n\nHow long?"


async def test_agents_work_at_once() -> None:
    gate = asyncio.Barrier(3)

    class Meeting(ToolChat):
        async def _inner_get_streaming_chat_message_contents(self, *args: Any, **more: Any) -> AsyncGenerator[Any, Any]:
            await gate.wait()
            async for contents in super()._inner_get_streaming_chat_message_contents(*args, **more):
                yield contents

    end = ending(await Bench(Meeting(turns=[["a"], ["b"], ["c"]])).run("agents_at_once", request="x"))
    assert end.state is StepState.DONE
    assert sorted(end.outcome.text.split("\n\n")) == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("turns", "text", "agents"),
    [
        ([["30 days."]], "30 days.", "support"),
        ([[hand("email")], ["Dear Ana"]], "Dear Ana", "email"),
        ([[hand("email")], [hand("code")], ["def f(): ..."]], "def f(): ...", "code"),
    ],
)
async def test_agents_hand_over(turns: list[list[str | Call]], text: str, agents: str) -> None:
    one = bench(*turns, chooser=ScriptedModel({"name": "support"}))
    events = await one.run("agents_hand_over", request="x")
    end = ending(events)
    assert (end.state, end.outcome.text, end.outcome.data["agent"]) == (StepState.DONE, text, agents)
    assert len(one.chat.asked) == len(turns)
    assert "".join(event.text for event in events if isinstance(event, TextDelta)) == text


GOOD = """
agents:
  - {name: a, description: d, instructions: i, functions: [p.f], hands_over_to: [b]}
  - {name: b, description: d, instructions: i, functions: [p.f]}
"""


@pytest.mark.parametrize(
    ("change", "field"),
    [
        (lambda text: text.replace("name: b", "name: a"), "agents[0].name"),
        (lambda text: text.replace("name: b", "name: choose"), "agents[0].hands_over_to"),
        (lambda text: text.replace("name: a", "name: answer"), "agents[0].name"),
        (lambda text: text.replace("[b]", "[a]"), "agents[0].hands_over_to"),
        (lambda text: text.replace("[p.f]}", "[pf]}"), "agents[1].functions[0]"),
        (lambda text: text.replace("[p.f]}", "[]}"), "agents[1].functions"),
        (
            lambda text: text.replace("instructions: i, functions: [p.f]}", "functions: [p.f]}"),
            "agents[1].instructions",
        ),
        (lambda text: text.replace("agents:", "people:"), "agents"),
        (lambda _: "agents: [", ""),
    ],
)
def test_a_wrong_file_names_the_field(tmp_path: Path, change: Callable[[str], str], field: str) -> None:
    path = tmp_path / "agents.yaml"
    path.write_text(GOOD, encoding="utf-8")
    assert [card.name for card in load_agents(path)] == ["a", "b"]
    path.write_text(change(GOOD), encoding="utf-8")
    with pytest.raises(AgentFileError) as caught:
        load_agents(path)
    assert (caught.value.source, caught.value.field) == (str(path), field)
    with pytest.raises(AgentFileError, match="cannot be read"):
        load_agents(tmp_path / "absent.yaml")


def test_an_agent_without_known_functions_has_no_effect() -> None:
    nothing: dict[str, FunctionFacts] = {}
    assert TEAM.facts(nothing)["agents.support"].effect == "none"
