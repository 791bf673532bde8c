from __future__ import annotations

import asyncio
import inspect
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import grpc
import pytest
import trustme
from google.protobuf import any_pb2, message_factory, timestamp_pb2
from google.protobuf.descriptor_pool import DescriptorPool

from plugins.output import FunctionResult
from plugins.sources.base import CallContext, ImportedFunction, SourceError, SourceLimits
from plugins.sources.grpc_reflection import GrpcRegistration, GrpcSource, MethodRule, Tls
from tests.unit.sources.grpc_reflection.loopback import Reflection, echo, serving, streaming, unary
from tests.unit.sources.grpc_reflection.protos import compiled, files_of

NOTES = """
syntax = "proto3";
package notes.v1;
import "google/protobuf/any.proto";
import "google/protobuf/struct.proto";
message Note {
  string text = 1; repeated Note notes = 2; google.protobuf.Any any = 3; map<string, Note> named = 4;
  google.protobuf.Value value = 5; string tenant = 6; int32 n = 7;
}
service Notes { rpc Get(Note) returns (Note); rpc Watch(Note) returns (stream Note); }
"""
GET, WATCH = "/notes.v1.Notes/Get", "/notes.v1.Notes/Watch"
CALLER = CallContext("acme", "runs/1")

POOL = DescriptorPool()
for _file in files_of(compiled(NOTES)):
    POOL.AddSerializedFile(_file.SerializeToString())
Note: Any = message_factory.GetMessageClass(POOL.FindMessageTypeByName("notes.v1.Note"))


@asynccontextmanager
async def notes(
    behaviour: Any = None, limits: SourceLimits | None = None, **facts: Any
) -> AsyncIterator[ImportedFunction]:
    """Yield the function whose method has the given behaviour: `get`, or `watch` for an async generator."""
    streams = inspect.isasyncgenfunction(behaviour)
    methods = {WATCH: streaming(behaviour)} if streams else {GET: unary(behaviour or echo)}
    async with serving(methods) as target:
        source = GrpcSource(
            GrpcRegistration("notes", target, descriptor_set=compiled(NOTES), **facts), limits or SourceLimits()
        )
        plugin = await source.read()
        yield next(f for f in plugin.functions if f.name == ("watch" if streams else "get"))
        await source.aclose()


async def failure(
    function: ImportedFunction, arguments: dict[str, Any] | None = None, context: CallContext = CALLER
) -> SourceError:
    with pytest.raises(SourceError) as raised:
        await function.invoke(arguments or {}, context)
    return raised.value


# ---- what is sent ----


async def test_fixed_values_are_always_sent_and_win() -> None:
    rule = MethodRule(fixed={"tenant": "acme", "named": {"a": {"n": 1}}})
    async with notes(rules={GET[1:]: rule}) as get:
        said = (await get.invoke({"text": "x", "tenant": "evil"}, CALLER)).data
    assert (said["text"], said["tenant"], said["named"]["a"]["n"]) == ("x", "acme", 1)


async def test_headers_go_with_reflection_and_with_calls() -> None:
    seen: list[dict[str, Any]] = []

    async def answer(request: bytes, context: Any) -> bytes:
        seen.append(dict(context.invocation_metadata()))
        return request

    async with notes(answer, bearer="hunter2", metadata={"x-team": "blue"}) as get:
        await get.invoke({}, CALLER)
    assert (seen[0]["authorization"], seen[0]["x-team"]) == ("Bearer hunter2", "blue")


async def test_a_call_has_the_shorter_of_its_own_and_the_run_s_time() -> None:
    seen: list[float] = []

    async def answer(request: bytes, context: Any) -> bytes:
        seen.append(context.time_remaining())
        return request

    async with notes(answer, call_timeout_s=100.0) as get:
        await get.invoke({}, CALLER)
        await get.invoke({}, CallContext("acme", "runs/1", deadline_s=50.0))
        await get.invoke({}, CallContext("acme", "runs/1", deadline_s=5000.0))
        assert (await failure(get, context=CallContext("acme", "runs/1", deadline_s=0.0))).code == "CALL_TIMEOUT"
    assert [60 < left < 110 for left in seen] == [True, False, True]


async def test_a_request_that_is_too_large_is_not_sent() -> None:
    async with notes(limits=SourceLimits(max_request_bytes=100)) as get:
        assert (await failure(get, {"text": "x" * 200})).code == "ARGUMENTS_TOO_LARGE"


async def test_what_only_protobuf_knows_to_be_wrong_is_named_by_field() -> None:
    async with notes() as get:
        error = await failure(get, {"notes": [{"text": "hunter2\ud800"}]})
    assert (error.code, error.field) == ("ARGUMENTS_INVALID", "notes.text")
    assert "hunter2" not in str(error)


# ---- what comes back ----


@pytest.mark.parametrize(
    ("status", "code", "retryable"),
    [
        ("NOT_FOUND", "CALL_REFUSED", False),
        ("INVALID_ARGUMENT", "CALL_REFUSED", False),
        ("FAILED_PRECONDITION", "CALL_REFUSED", False),
        ("ABORTED", "CALL_REFUSED", True),
        ("UNAVAILABLE", "TARGET_UNREACHABLE", True),
        ("DEADLINE_EXCEEDED", "CALL_TIMEOUT", True),
        ("UNAUTHENTICATED", "TARGET_DENIED", False),
        ("PERMISSION_DENIED", "TARGET_DENIED", False),
        ("UNIMPLEMENTED", "METHOD_GONE", False),
        ("RESOURCE_EXHAUSTED", "CALL_EXHAUSTED", False),
        ("INTERNAL", "CALL_FAILED", False),
        ("UNKNOWN", "CALL_FAILED", False),
        ("DATA_LOSS", "CALL_FAILED", False),
    ],
)
async def test_each_status_has_its_meaning(status: str, code: str, retryable: bool) -> None:
    async def answer(_request: bytes, context: Any) -> bytes:
        await context.abort(grpc.StatusCode[status], "no order\n1042\x1b[2J")
        raise AssertionError

    async with notes(answer) as get:
        error = await failure(get)
    assert (error.code, error.retryable) == (code, retryable)
    # The service's words are for the caller only where they are an answer; a crash's text may hold anything.
    assert ("no order 1042 [2J" in error.message) == (code == "CALL_REFUSED")


async def test_a_service_that_is_gone_is_unreachable() -> None:
    async with notes() as get:
        assert (await get.invoke({"text": "a"}, CALLER)).data["text"] == "a"
        stopped = get
    source = GrpcSource(GrpcRegistration("notes", "ipv4:127.0.0.1:1", descriptor_set=compiled(NOTES)))
    get = (await source.read()).functions[0]
    assert (await failure(get)).code == "TARGET_UNREACHABLE"
    await source.aclose()
    with pytest.raises((SourceError, grpc.aio.UsageError)):
        await stopped.invoke({}, CALLER)


async def test_a_service_that_never_answers_is_given_up() -> None:
    async def answer(_request: bytes, _context: Any) -> bytes:
        await asyncio.Event().wait()
        raise AssertionError

    async with notes(answer, call_timeout_s=0.05) as get:
        error = await failure(get)
    assert (error.code, error.retryable) == ("CALL_TIMEOUT", True)


async def test_cancelling_the_run_cancels_the_call() -> None:
    started, ended = asyncio.Event(), asyncio.Event()

    async def answer(request: bytes, _context: Any) -> bytes:
        started.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()
        return request

    async with notes(answer) as get:
        task = asyncio.ensure_future(get.invoke({}, CALLER))
        await started.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await ended.wait()


@pytest.mark.parametrize(
    ("data", "limits", "code"),
    [
        (b"\xff\xff\xff", {}, "RESPONSE_INVALID"),
        (Note(text="x" * 5_000).SerializeToString(), {"max_response_bytes": 1_000}, "CALL_EXHAUSTED"),
        (b"\x12\x00" * 5_000, {"max_result_values": 10_000}, "RESPONSE_TOO_LARGE"),
        (b"\x12\x00" * 50_000, {}, "RESPONSE_TOO_LARGE"),
        (Note(value={"number_value": float("nan")}).SerializeToString(), {}, "RESPONSE_INVALID"),
    ],
    ids=["garbage", "bytes", "values", "values_in_a_thread", "no_json"],
)
async def test_an_answer_that_cannot_be_shown_is_an_error(data: bytes, limits: dict[str, int], code: str) -> None:
    async def answer(_request: bytes, _context: Any) -> bytes:
        return data

    async with notes(answer, SourceLimits(**limits)) as get:
        assert (await failure(get)).code == code


async def test_a_large_answer_comes_whole() -> None:
    async with notes() as get:
        assert (await get.invoke({"text": "x" * 100_000}, CALLER)).data["text"] == "x" * 100_000


async def test_large_arguments_are_sent_whole() -> None:
    notes_ = [{"n": i} for i in range(2_000)]
    async with notes() as get:
        said = (await get.invoke({"notes": notes_}, CALLER)).data
    assert [note["n"] for note in said["notes"]] == list(range(2_000))


async def test_an_answer_that_is_small_only_while_compressed_is_refused() -> None:
    async def answer(_request: bytes, context: Any) -> bytes:
        context.set_compression(grpc.Compression.Gzip)
        return bytes(Note(text="0" * 3_000_000).SerializeToString())

    async with notes(answer) as get:
        assert (await failure(get)).code == "CALL_EXHAUSTED"


async def test_an_any_is_shown_by_its_type_where_the_service_describes_it() -> None:
    known, unknown, broken = any_pb2.Any(), any_pb2.Any(), any_pb2.Any()
    known.Pack(Note(text="inner"))
    unknown.Pack(timestamp_pb2.Timestamp(seconds=1))
    unknown.type_url = "type.googleapis.com/other.v1.Unknown"
    broken.type_url, broken.value = "type.googleapis.com/notes.v1.Note", b"\xff"
    note = Note(notes=[{"any": {}}, {"any": {}}, {"any": {}}, {"any": {}}])
    for one, packed in zip(note.notes, (known, unknown, broken, any_pb2.Any()), strict=True):
        one.any.type_url, one.any.value = packed.type_url, packed.value

    async def answer(_request: bytes, _context: Any) -> bytes:
        return bytes(note.SerializeToString())

    async with notes(answer) as get:
        shown = [n["any"] for n in (await get.invoke({}, CALLER)).data["notes"]]
    assert shown[0]["text"] == "inner"
    assert shown[1]["value"] == {"unreadable_type": "type.googleapis.com/other.v1.Unknown", "size_bytes": 2.0}
    assert shown[2]["value"]["unreadable_type"] == "type.googleapis.com/notes.v1.Note"
    assert shown[3] == {}


async def test_an_any_in_an_any_in_an_any_ends() -> None:
    packed = Note(text="bottom")
    for _ in range(200):
        outer = Note()
        outer.any.type_url, outer.any.value = "x/notes.v1.Note", packed.SerializeToString()
        packed = outer

    async def answer(_request: bytes, _context: Any) -> bytes:
        return bytes(packed.SerializeToString())

    async with notes(answer) as get:
        assert (await failure(get)).code == "RESPONSE_INVALID"


# ---- streams ----


async def test_an_endless_stream_is_cut_and_cancelled() -> None:
    ended = asyncio.Event()

    async def answer(request: bytes, _context: Any) -> AsyncIterator[bytes]:
        try:
            while True:
                yield request
        finally:
            ended.set()

    async with notes(answer, SourceLimits(max_stream_messages=5)) as watch:
        said = (await watch.invoke({"text": "a"}, CALLER)).data
        await ended.wait()
    assert [m["text"] for m in said["messages"]] == ["a"] * 5
    assert said["truncated"] is True


@pytest.mark.parametrize(
    ("limits", "kept"),
    [({}, 10), ({"max_response_bytes": 5_000}, 4), ({"max_result_values": 40}, 5), ({"max_stream_messages": 10}, 10)],
)
async def test_a_stream_is_cut_at_each_limit(limits: dict[str, int], kept: int) -> None:
    async def answer(_request: bytes, _context: Any) -> AsyncIterator[bytes]:
        for i in range(10):
            yield Note(n=i, text="x" * 1_000).SerializeToString()

    async with notes(answer, SourceLimits(**limits)) as watch:
        said = (await watch.invoke({}, CALLER)).data
    assert [m["n"] for m in said["messages"]] == list(range(kept))
    assert said["truncated"] is (kept < 10)


async def test_a_stream_that_breaks_is_an_error_and_not_a_short_list() -> None:
    async def answer(request: bytes, context: Any) -> AsyncIterator[bytes]:
        yield request
        await context.abort(grpc.StatusCode.NOT_FOUND, "gone")

    async with notes(answer) as watch:
        assert (await failure(watch)).code == "CALL_REFUSED"


@pytest.mark.parametrize(("data", "code"), [(b"\xff", "RESPONSE_INVALID"), (b"\x12\x00" * 9_000, "RESPONSE_TOO_LARGE")])
async def test_a_first_message_that_cannot_be_shown_is_an_error(data: bytes, code: str) -> None:
    async def answer(_request: bytes, _context: Any) -> AsyncIterator[bytes]:
        yield data

    async with notes(answer) as watch:
        assert (await failure(watch)).code == code


async def test_an_empty_stream_is_an_empty_list() -> None:
    async def answer(_request: bytes, _context: Any) -> AsyncIterator[bytes]:
        for nothing in list[bytes]():
            yield nothing

    async with notes(answer) as watch:
        assert await watch.invoke({}, CALLER) == FunctionResult(
            '{"messages":[],"truncated":false}', {"messages": [], "truncated": False}
        )


# ---- TLS ----


async def test_tls_with_both_sides_known() -> None:
    ours, theirs = trustme.CA(), trustme.CA()
    server, client = theirs.issue_cert("orders.example"), ours.issue_cert("vaiven.example")
    credentials = grpc.ssl_server_credentials(
        [(server.private_key_pem.bytes(), server.cert_chain_pems[0].bytes())],
        root_certificates=ours.cert_pem.bytes(),
        require_client_auth=True,
    )
    roots = theirs.cert_pem.bytes()
    known = Tls(roots, client.cert_chain_pems[0].bytes(), client.private_key_pem.bytes(), "orders.example")
    reflection = Reflection(compiled(NOTES))
    async with serving({GET: unary(echo)}, reflection.answer, credentials=credentials) as target:
        source = GrpcSource(GrpcRegistration("notes", target, tls=known, bearer="hunter2"))
        get = (await source.read()).functions[0]
        assert (await get.invoke({"text": "x"}, CALLER)).data["text"] == "x"
        await source.aclose()
        for wrong in (
            None,
            Tls(roots, server_name="orders.example"),
            Tls(roots, known.certificate_chain, known.private_key),
        ):
            source = GrpcSource(GrpcRegistration("notes", target, tls=wrong))
            with pytest.raises(SourceError, match="TARGET_UNREACHABLE"):
                await source.read()
            await source.aclose()
