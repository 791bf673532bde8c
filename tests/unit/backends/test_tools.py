"""Tool calling over a constrained generation: what the model is shown, and what is made of its words."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from planners.layout import FunctionLine, choice_system
from service.backends.base import (
    CallPiece,
    ChatMessage,
    Finished,
    GenerationPiece,
    GenerationRequest,
    Guidance,
    Sampling,
    TextPiece,
    ToolCall,
    ToolSpec,
    Usage,
)
from service.backends.onnx.tools import answer_with_tools, as_words, call_schema, with_tools
from service.errors import InternalError, InvalidArgumentError
from tests.unit.backends.scripted_generator import ScriptedGenerator, said

PARAMETERS = {"type": "object", "properties": {"to": {"type": "string"}, "cc": {"type": "string"}}, "required": ["to"]}
DRAFT = ToolSpec("email-draft", "Draft an e-mail.", PARAMETERS)
EXPLAIN = ToolSpec("code-explain", "Explain code.", {"type": "object", "properties": {}})
LINES = (
    FunctionLine("email.draft", ("to", "cc"), "Draft an e-mail."),
    FunctionLine("code.explain", (), "Explain code."),
)
NONE_LINE = FunctionLine("none", (), "Answer in words, without a function.")
REQUEST = GenerationRequest(
    [ChatMessage("system", "Be brief."), ChatMessage("user", "write to ana")],
    100,
    sampling=Sampling(stop=('"',)),
    tools=(DRAFT, EXPLAIN),
    tool_choice="required",
)


async def run(model: ScriptedGenerator, request: GenerationRequest) -> list[GenerationPiece]:
    return [piece async for piece in answer_with_tools(request, model.generate)]


async def test_required_call() -> None:
    model = ScriptedGenerator(said('{"name":"email.draft","arguments":{"to":"Ana ñ"}}'))
    call, finished = await run(model, REQUEST)
    assert isinstance(call, CallPiece)
    assert (call.call.name, call.call.arguments) == ("email-draft", '{"to":"Ana ñ"}')
    assert call.call.call_id.startswith("call_")
    assert isinstance(finished, Finished)
    assert finished.finish_reason == "tool_calls"
    (asked,) = model.requests
    assert asked.messages[0].content == "Be brief.\n" + choice_system(LINES)
    assert (asked.tools, asked.tool_choice, asked.sampling.stop) == ((), "none", ())
    assert asked.guidance is not None
    names = [choice["properties"]["name"]["const"] for choice in json.loads(asked.guidance.value)["anyOf"]]
    assert names == ["email.draft", "code.explain"]


async def test_declined_tools_become_an_answer_in_words() -> None:
    model = ScriptedGenerator(said('{"name":"none"}'), said("Hello there."))
    guidance = Guidance("regex", ".*")
    request = replace(REQUEST, tool_choice="auto", guidance=guidance)
    *text, finished = await run(model, request)
    assert "".join(piece.text for piece in text if isinstance(piece, TextPiece)) == "Hello there."
    assert isinstance(finished, Finished)
    assert finished.finish_reason == "stop"
    assert finished.usage == Usage(20, 8, 9)
    assert (finished.first_token_s, finished.total_s) == (1.2, 2.0)
    choosing, answering = model.requests
    assert choosing.messages[0].content.endswith(choice_system([*LINES, NONE_LINE]))
    assert answering == replace(request, tools=(), tool_choice="none")


async def test_a_call_cut_by_the_limit_is_no_call() -> None:
    model = ScriptedGenerator([TextPiece('{"name":"em'), Finished("length", Usage(10, 0, 3))])
    (finished,) = await run(model, REQUEST)
    assert finished == Finished("length", Usage(10, 0, 3))


async def test_a_stream_without_an_end_is_a_failure() -> None:
    with pytest.raises(InternalError):
        await run(ScriptedGenerator([TextPiece("{")]), REQUEST)


@pytest.mark.parametrize("names", [("a-b", "a.b"), ("none", "a-b")])
async def test_names_that_cannot_be_told_apart(names: tuple[str, ...]) -> None:
    tools = tuple(ToolSpec(name, "", {}) for name in names)
    with pytest.raises(InvalidArgumentError, match="names"):
        await run(ScriptedGenerator(), replace(REQUEST, tools=tools))


def test_tools_without_a_system_message() -> None:
    messages = with_tools([ChatMessage("user", "hi")], LINES)
    assert messages == (ChatMessage("system", choice_system(LINES)), ChatMessage("user", "hi"))


def test_earlier_calls_are_words() -> None:
    call = ToolCall("1", "email-draft", '{"to": "Zoë"}')
    messages = (ChatMessage("assistant", "", (call,)), ChatMessage("tool", "Sent.", tool_call_id="1"))
    assert as_words(messages) == (
        ChatMessage("assistant", '{"name":"email.draft","arguments":{"to":"Zoë"}}'),
        messages[1],
    )


def test_references_are_led_to_their_new_place() -> None:
    parameters = {"properties": {"a": {"items": {"$ref": "#/$defs/x"}}}, "$defs": {"x": {"type": "string"}}}
    schema = call_schema([EXPLAIN, ToolSpec("b", "", parameters)], may_decline=False)
    arguments = schema["anyOf"][1]["properties"]["arguments"]
    assert arguments["properties"]["a"]["items"]["$ref"] == "#/anyOf/1/properties/arguments/$defs/x"
    assert arguments["type"] == "object"
