from __future__ import annotations

from typing import Any

import orjson
import pytest

from service.backends.base import CallPiece, FinishReason, GenerationPiece, NoticePiece, TextPiece, ToolCall, Usage
from service.backends.openai_protocol.answer import Answer, joined
from service.backends.openai_protocol.errors import UpstreamMalformedError, UpstreamTruncatedError

STOP = {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}


def said(**delta: Any) -> dict[str, Any]:
    return {"choices": [{"index": 0, "delta": delta, "finish_reason": None}]}


def part(index: int | None, arguments: Any, call_id: str | None = None, name: str | None = None) -> dict[str, Any]:
    return {"index": index, "id": call_id, "function": {"name": name, "arguments": arguments}}


def read(*frames: object) -> tuple[Answer, list[GenerationPiece]]:
    answer = Answer("Model")
    pieces = [piece for frame in frames for piece in answer.take(orjson.dumps(frame))]
    return answer, pieces


def calls(*frames: object) -> tuple[FinishReason, list[ToolCall]]:
    answer, _ = read(*frames, STOP)
    reason, last = answer.end()
    return reason, [piece.call for piece in last if isinstance(piece, CallPiece)]


def test_text_and_its_end() -> None:
    answer, pieces = read(said(content="a"), said(content=""), said(content="b"), STOP)
    assert pieces == [TextPiece("a"), TextPiece("b")]
    assert answer.end() == ("stop", [])
    assert answer.said == ["a", "b"]


@pytest.mark.parametrize("reason", ["stop", "eos_token", "stop_sequence"])
def test_reasons_that_mean_stop(reason: str) -> None:
    answer, _ = read({"choices": [{"index": 0, "delta": {"content": "a"}, "finish_reason": reason}]})
    assert answer.end() == ("stop", [])


def test_a_late_filter_wins_over_the_end() -> None:
    filtered = {"choices": [{"index": 0, "finish_reason": "content_filter"}]}
    assert read(STOP, filtered)[0].end()[0] == "content_filter"
    assert read(filtered, STOP)[0].end()[0] == "content_filter"


def test_nothing_has_begun_before_something_that_is_paid_for() -> None:
    answer, _ = read({"choices": []}, said(role="assistant", content=""))
    assert not answer.begun
    for frame in (
        said(content="a"),
        said(reasoning_content="Hm."),
        said(reasoning="Hm."),
        said(tool_calls=[part(0, "")]),
        STOP,
    ):
        assert read(frame)[0].begun


def test_an_answer_without_a_reason_is_cut() -> None:
    with pytest.raises(UpstreamTruncatedError):
        read(said(content="a"))[0].end()


def test_done_is_no_reason() -> None:
    answer = Answer("Model")
    assert list(answer.take(b"[DONE]")) == []
    assert answer.done
    with pytest.raises(UpstreamTruncatedError):
        answer.end()


def test_parts_of_calls_come_by_turns() -> None:
    reason, found = calls(
        said(tool_calls=[part(0, "", "a", "one"), part(1, '{"x":', "b", "two")]),
        said(tool_calls=[part(0, "{}")]),
        said(tool_calls=[part(1, "1}")]),
    )
    assert reason == "tool_calls"
    assert found == [ToolCall("a", "one", "{}"), ToolCall("b", "two", '{"x":1}')]


def test_servers_that_count_wrongly() -> None:
    _, found = calls(
        said(tool_calls=[part(0, '{"n":1}', "a", "one")]),
        said(tool_calls=[part(0, '{"n":2}', "b", "one")]),
    )
    assert found == [ToolCall("a", "one", '{"n":1}'), ToolCall("b", "one", '{"n":2}')]


def test_servers_that_do_not_count() -> None:
    _, found = calls(
        {"choices": [{"message": {"tool_calls": [part(None, "{}", "a", "one"), part(None, "{}", "b", "two")]}}]}
    )
    assert [call.name for call in found] == ["one", "two"]


def test_servers_that_repeat_the_name_and_send_objects_without_an_id() -> None:
    _, found = calls(said(tool_calls=[part(0, "", None, "one")]), said(tool_calls=[part(0, {"n": 1}, None, "one")]))
    (call,) = found
    assert (call.name, call.arguments) == ("one", '{"n":1}')
    assert call.call_id.startswith("call_")


def test_no_arguments_are_an_empty_object() -> None:
    assert calls(said(tool_calls=[part(0, "", "a", "one")]))[1] == [ToolCall("a", "one", "{}")]


@pytest.mark.parametrize("arguments", ['{"n":', "[1]", "1", "null"])
def test_arguments_that_are_no_object(arguments: str) -> None:
    answer, _ = read(said(tool_calls=[part(0, arguments, "a", "one")]), STOP)
    with pytest.raises(UpstreamMalformedError):
        answer.end()


def test_a_call_without_a_name_and_no_call_at_all() -> None:
    answer, _ = read(said(tool_calls=[part(0, "{}", "a")]), STOP)
    with pytest.raises(UpstreamMalformedError):
        answer.end()
    answer, _ = read({"choices": [{"index": 0, "delta": {}, "finish_reason": "tool_calls"}]})
    with pytest.raises(UpstreamMalformedError):
        answer.end()


@pytest.mark.parametrize("reason", ["length", "content_filter"])
def test_calls_of_a_cut_answer_are_dropped_and_said(reason: str) -> None:
    answer, _ = read(
        said(tool_calls=[part(0, "{}", "a", "one"), part(1, "{", "b", "two")]),
        {"choices": [{"index": 0, "delta": {}, "finish_reason": reason}]},
    )
    found, last = answer.end()
    assert found == reason
    assert [piece.code for piece in last if isinstance(piece, NoticePiece)] == ["CALLS_DROPPED"]
    assert len(last) == 1


def test_a_refusal_is_text_a_notice_and_a_filter() -> None:
    answer, pieces = read(said(refusal="No"), said(refusal=", sorry."), STOP)
    assert [type(piece) for piece in pieces] == [NoticePiece, TextPiece, TextPiece]
    assert answer.end() == ("content_filter", [])


@pytest.mark.parametrize(
    ("usage", "expected"),
    [
        (None, None),
        ({}, None),
        ({"prompt_tokens": None}, None),
        ({"prompt_tokens": 7, "completion_tokens": 3}, Usage(7, 0, 3)),
        ({"prompt_tokens": 7, "completion_tokens": 3, "prompt_tokens_details": None}, Usage(7, 0, 3)),
        ({"prompt_tokens": 7, "completion_tokens": 3, "prompt_tokens_details": {"cached_tokens": 5}}, Usage(7, 5, 3)),
        (
            {"prompt_tokens": 7, "completion_tokens": 3, "prompt_tokens_details": {"cached_tokens": None}},
            Usage(7, 0, 3),
        ),
        ({"prompt_tokens": 0}, Usage(0, 0, 0)),
    ],
)
def test_usage(usage: Any, expected: Usage | None) -> None:
    assert read({"choices": [], "usage": usage})[0].usage == expected


def test_the_newest_usage_counts_and_silence_does_not_undo_it() -> None:
    answer, _ = read(
        {"choices": [], "usage": {"prompt_tokens": 7, "completion_tokens": 1}},
        {"choices": [], "usage": {"prompt_tokens": 7, "completion_tokens": 2}},
        {"choices": [], "usage": None},
    )
    assert answer.usage == Usage(7, 0, 2)


def test_other_choices_are_nobodys() -> None:
    _, pieces = read({"choices": [{"index": 1, "delta": {"content": "x"}, "finish_reason": "stop"}]})
    assert pieces == []


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"{",
        b"[]",
        b"1",
        b'"text"',
        b"\xff",
        b'{"choices": 1}',
        b'{"choices": [1]}',
        b'{"choices": [{"delta": "x"}]}',
        b'{"choices": [{"delta": {"content": 1}}]}',
        b'{"choices": [{"delta": {"content": ["x"]}}]}',
        b'{"choices": [{"delta": {"refusal": {}, "tool_calls": 1}}]}',
        b'{"choices": [{"delta": {"tool_calls": [1]}}]}',
        b'{"choices": [{"delta": {"tool_calls": [{"index": [], "function": {}}]}}]}',
        b'{"choices": [{"delta": {}, "finish_reason": []}]}',
        b'{"choices": [{"delta": {}, "finish_reason": "?"}]}',
        b'{"choices": [], "usage": 1}',
        b'{"choices": [], "usage": {"prompt_tokens": "many"}}',
        b'{"choices": [{"delta": {"content": "\\ud83d"}}]}',
    ],
)
def test_what_is_not_of_the_protocol(payload: bytes) -> None:
    with pytest.raises(UpstreamMalformedError):
        list(Answer("Model").take(payload))


def test_neighbouring_texts_become_one() -> None:
    notice = NoticePiece("A", "a")
    assert joined([TextPiece("a"), TextPiece("b"), notice, TextPiece("c")]) == [TextPiece("ab"), notice, TextPiece("c")]
    assert joined([]) == []


def annotated(**choice: Any) -> list[GenerationPiece]:
    return read({"choices": [{"index": 0, "finish_reason": None, **choice}]})[1]


def test_annotations_of_an_answer() -> None:
    safe = {"filtered": False, "severity": "safe"}
    assert annotated(content_filter_results={"hate": safe, "violence": safe}) == []
    (notice,) = annotated(
        content_filter_results={
            "hate": {"filtered": False, "severity": "medium"},
            "custom_blocklists": {"filtered": True},
        }
    )
    assert isinstance(notice, NoticePiece)
    assert (notice.code, notice.message) == (
        "ANSWER_FLAGGED",
        "The content filter found in the answer: hate, a blocklist.",
    )


def test_annotations_are_told_once() -> None:
    frame = {"choices": [{"index": 0, "content_filter_results": {"hate": {"severity": "low"}}}]}
    assert len(read(frame, frame)[1]) == 1


def test_words_of_an_upstream_do_not_leave_by_annotations() -> None:
    assert annotated(content_filter_results={"secret": {"filtered": True}, "hate": {"severity": "secret"}}) == []
    assert annotated(content_filter_results=["secret"], content_filter_result={"error": {"code": "secret"}}) == []


@pytest.mark.parametrize("name", ["prompt_filter_results", "prompt_annotations"])
def test_annotations_of_a_prompt(name: str) -> None:
    found = {"content_filter_results": {"indirect_attack": {"detected": True, "filtered": False}}}
    (notice,) = read({"choices": [], name: [{"prompt_index": 0, **found}, "x"]})[1]
    assert isinstance(notice, NoticePiece)
    assert (notice.code, notice.message) == (
        "PROMPT_FLAGGED",
        "The content filter found in the prompt: an attack inside a document.",
    )


@pytest.mark.parametrize("name", ["content_filter_results", "content_filter_result"])
def test_a_filter_that_did_not_run(name: str) -> None:
    (notice,) = annotated(**{name: {"error": {"code": "content_filter_error", "message": "not filtered"}}})
    assert isinstance(notice, NoticePiece)
    assert notice.code == "FILTER_UNAVAILABLE"
