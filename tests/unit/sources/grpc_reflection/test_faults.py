"""Servers that are slow, broken, enormous, or lie about their types."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from typing import Any

import grpc
import pytest
from google.protobuf import descriptor_pb2
from grpc_reflection.v1alpha import reflection_pb2

from plugins.sources.base import ImportedPlugin, SourceError, SourceLimits
from plugins.sources.grpc_reflection import GrpcRegistration, GrpcSource
from tests.unit.sources.grpc_reflection.loopback import V1, Answer, Reflection, files_response, serving
from tests.unit.sources.grpc_reflection.protos import SHOP, compiled, files_of, set_of

File = descriptor_pb2.FileDescriptorProto
Field = descriptor_pb2.FieldDescriptorProto

SMALL = """
syntax = "proto3";
package s;
message M { string a = 1; map<string, int32> m = 2; oneof o { string b = 3; string c = 4; } optional int32 d = 5; }
enum E { ZERO = 0; }
service S { rpc Do(M) returns (M); }
"""


async def read(answer: Answer, limits: SourceLimits | None = None, **facts: Any) -> ImportedPlugin:
    async with serving({}, answer) as target:
        source = GrpcSource(GrpcRegistration("plugin", target, **facts), limits or SourceLimits())
        try:
            return await source.read()
        finally:
            await source.aclose()


async def failure(answer: Answer, limits: SourceLimits | None = None, **facts: Any) -> SourceError:
    with pytest.raises(SourceError) as raised:
        await read(answer, limits, **facts)
    return raised.value


def lie(change: Callable[[File], None]) -> Answer:
    """Return reflection of SMALL after the change."""
    (file,) = files_of(compiled(SMALL))
    change(file)
    return Reflection(set_of(file), services=["s.S"]).answer


# ---- the server as such ----


async def test_a_closed_port_is_unreachable() -> None:
    source = GrpcSource(GrpcRegistration("plugin", "ipv4:127.0.0.1:1"))
    with pytest.raises(SourceError, match="TARGET_UNREACHABLE: target") as raised:
        await source.read()
    assert raised.value.retryable
    await source.aclose()


async def test_a_server_without_reflection_says_what_to_do() -> None:
    async with serving({}) as target:
        source = GrpcSource(GrpcRegistration("plugin", target))
        with pytest.raises(SourceError, match=r"REFLECTION_UNAVAILABLE.*descriptor set"):
            await source.read()


async def test_slow_reflection_is_given_up() -> None:
    async def never(_request: Any) -> Any:
        await asyncio.Event().wait()

    assert (await failure(never, SourceLimits(read_timeout_s=0.05))).code == "SOURCE_TIMEOUT"


async def test_reading_can_be_cancelled() -> None:
    asked = asyncio.Event()

    async def never(_request: Any) -> Any:
        asked.set()
        await asyncio.Event().wait()

    task = asyncio.create_task(read(never))
    await asked.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


@pytest.mark.parametrize(
    "response",
    [
        None,
        b"\xff\xff",
        reflection_pb2.ServerReflectionResponse(),
        files_response(),
        reflection_pb2.ServerReflectionResponse(error_response=reflection_pb2.ErrorResponse(error_code=5)),
    ],
    ids=["end", "garbage", "empty", "another_kind", "error"],
)
async def test_an_answer_that_is_none_is_an_error(response: Any) -> None:
    async def answer(_request: Any) -> Any:
        return response

    assert (await failure(answer)).code == "REFLECTION_INVALID"


async def test_a_server_that_answers_once_and_hangs_up_is_an_error() -> None:
    async def once(requests: Any, _context: Any) -> Any:
        request = reflection_pb2.ServerReflectionRequest.FromString(await anext(aiter(requests)))
        yield (await Reflection(b"", services=["s.S"]).answer(request)).SerializeToString()

    methods: dict[str, Any] = {V1: grpc.stream_stream_rpc_method_handler(once)}
    async with serving(methods) as target:
        source = GrpcSource(GrpcRegistration("plugin", target))
        # gRPC's core tells an end that comes while one writes in another way than one that has come before.
        with pytest.raises(SourceError, match=r"REFLECTION_(INVALID|FAILED)"):
            await source.read()


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (grpc.StatusCode.UNAUTHENTICATED, "TARGET_DENIED"),
        (grpc.StatusCode.PERMISSION_DENIED, "TARGET_DENIED"),
        (grpc.StatusCode.RESOURCE_EXHAUSTED, "SOURCE_TOO_LARGE"),
        (grpc.StatusCode.INTERNAL, "REFLECTION_FAILED"),
    ],
)
async def test_a_refusal_of_reflection_is_told_apart(status: grpc.StatusCode, code: str) -> None:
    async def refuse(_requests: Any, context: Any) -> Any:
        await context.abort(status, "no")
        yield b""

    methods: dict[str, Any] = {V1: grpc.stream_stream_rpc_method_handler(refuse)}
    async with serving(methods) as target:
        source = GrpcSource(GrpcRegistration("plugin", target))
        with pytest.raises(SourceError, match=code):
            await source.read()


# ---- size ----


async def test_a_list_of_very_many_services_is_refused() -> None:
    names = [f"pkg.Service{i}" for i in range(3_000)]
    error = await failure(Reflection(compiled(SMALL), services=names).answer)
    assert (error.code, error.field) == ("SOURCE_TOO_LARGE", "services")


async def test_a_million_methods_are_refused_by_the_size_of_their_descriptors() -> None:
    file = File(name="m.proto", package="m", syntax="proto3")
    file.message_type.add(name="M")
    method = descriptor_pb2.MethodDescriptorProto(name="Method", input_type=".m.M", output_type=".m.M")
    file.service.add(name="S").method.extend([method] * 40_000)
    # As a server of a million methods would send them: the same 25 times over, in one message.
    huge = files_response(file.SerializeToString() * 25)

    async def answer(request: Any) -> Any:
        return await Reflection(b"", services=["m.S"]).answer(request) if request.list_services else huge

    error = await failure(answer)
    assert (error.code, error.field) == ("SOURCE_TOO_LARGE", "services")


async def test_more_methods_than_allowed_can_be_imported_by_name() -> None:
    methods = "".join(f"rpc Method{i}(M) returns (M);" for i in range(50))
    data = compiled(f'syntax = "proto3"; package m; message M {{}} service S {{ {methods} }}')
    limits = SourceLimits(max_functions=10)
    assert (await failure(Reflection(data).answer, limits)).code == "SOURCE_TOO_LARGE"
    plugin = await read(Reflection(data).answer, limits, services=("m.S/Method7",))
    assert [f.name for f in plugin.functions] == ["method7"]


@pytest.mark.parametrize(
    "bomb",
    [b"\x22\x00", b"\x2a\x00", b"\x1a\x00", b"\x32\x00", b"\x22\x02\x12\x00", b"\x22\x02\x1a\x00", b"\x2a\x02\x12\x00"],
    ids=["messages", "enums", "imports", "services", "fields", "nested", "values"],
)
async def test_a_descriptor_of_nothing_but_parts_is_refused(bomb: bytes) -> None:
    data = File(name="s.proto", package="s").SerializeToString() + bomb * 250_000

    async def answer(request: Any) -> Any:
        return (
            await Reflection(b"", services=["s.S"]).answer(request) if request.list_services else files_response(data)
        )

    assert (await failure(answer)).code == "SOURCE_TOO_LARGE"


async def test_imports_without_end_are_refused() -> None:
    async def answer(request: Any) -> Any:
        if request.list_services:
            return await Reflection(b"", services=["s.S"]).answer(request)
        if request.file_containing_symbol:
            (file,) = files_of(compiled(SMALL))
            file.dependency.append("next0.proto")
            return files_response(file.SerializeToString())
        number = int(re.sub("[^0-9]", "", request.file_by_filename))
        return files_response(
            File(name=f"next{number}.proto", dependency=[f"next{number + 1}.proto"]).SerializeToString()
        )

    assert (await failure(answer, SourceLimits(max_descriptor_files=20))).code == "SOURCE_TOO_LARGE"


async def test_a_descriptor_set_has_the_same_limits() -> None:
    limits = SourceLimits(max_document_bytes=100)
    source = GrpcSource(GrpcRegistration("p", "ipv4:127.0.0.1:1", descriptor_set=compiled(SHOP)), limits)
    with pytest.raises(SourceError, match="SOURCE_TOO_LARGE"):
        await source.read()


@pytest.mark.parametrize(
    "data", [b"nonsense", b"\x0a", b"\x0a\xff\xff\xff\xff\xff\xff\xff", b"\x0a\x05ab", b"\x0a\x01\xff"]
)
async def test_a_descriptor_set_that_is_none_is_refused(data: bytes) -> None:
    source = GrpcSource(GrpcRegistration("p", "ipv4:127.0.0.1:1", descriptor_set=data))
    with pytest.raises(SourceError, match="DESCRIPTOR_INVALID"):
        await source.read()


async def test_an_empty_descriptor_set_has_no_function() -> None:
    source = GrpcSource(GrpcRegistration("p", "ipv4:127.0.0.1:1", descriptor_set=b""))
    with pytest.raises(SourceError, match="SOURCE_EMPTY"):
        await source.read()


# ---- lies ----


def _drop_type(file: File) -> None:
    file.message_type[0].field[0].type_name, file.message_type[0].field[0].type = ".gone.Gone", Field.TYPE_MESSAGE


def _type_as_enum(file: File) -> None:
    file.message_type[0].field[0].type_name, file.message_type[0].field[0].type = ".s.E", Field.TYPE_MESSAGE


def _enum_as_type(file: File) -> None:
    file.message_type[0].field[0].type_name, file.message_type[0].field[0].type = ".s.M", Field.TYPE_ENUM


def _import_of_oneself(file: File) -> None:
    file.dependency.append(file.name)


def _map_without_key(file: File) -> None:
    del file.message_type[0].nested_type[0].field[0]


def _map_that_is_no_map(file: File) -> None:
    file.message_type[0].options.map_entry = True


def _map_entry_as_request(file: File) -> None:
    file.service[0].method[0].input_type = ".s.M.MEntry"


def _map_of_one(file: File) -> None:
    file.message_type[0].field[1].label = Field.LABEL_OPTIONAL


def _two_maps_of_one_entry(file: File) -> None:
    copied = file.message_type[0].field.add()
    copied.CopyFrom(file.message_type[0].field[1])
    copied.name, copied.number, copied.json_name = "n", 20, "n"


def _map_of_float_keys(file: File) -> None:
    file.message_type[0].nested_type[0].field[0].type = Field.TYPE_FLOAT


def _number_twice(file: File) -> None:
    file.message_type[0].field[1].number = 1


def _number_zero(file: File) -> None:
    file.message_type[0].field[0].number = 0


def _name_of_a_method(file: File) -> None:
    file.message_type[0].field[0].name = "SerializeToString"


def _name_with_a_dot(file: File) -> None:
    file.message_type[0].field[0].name = "a.b"


def _oneof_out_of_range(file: File) -> None:
    file.message_type[0].field[0].oneof_index = 7


def _enum_without_values(file: File) -> None:
    del file.enum_type[0].value[:]


def _unknown_syntax(file: File) -> None:
    file.syntax = "proto9"


def _unknown_edition(file: File) -> None:
    file.syntax, file.edition = "editions", descriptor_pb2.EDITION_99999_TEST_ONLY


def _no_type(file: File) -> None:
    file.message_type[0].field[0].ClearField("type")


def _relative_type_of_nothing(file: File) -> None:
    file.service[0].method[0].input_type = "Nowhere"


def _name_without_end(file: File) -> None:
    file.message_type[0].field[0].name = "a" * 10_000


def _nested_deeply(file: File) -> None:
    message = file.message_type[0]
    for _ in range(60):
        message = message.nested_type.add(name="N")


def _own_timestamp(file: File) -> None:
    file.package = "google.protobuf"
    file.message_type[0].name = "Timestamp"
    file.service[0].method[0].input_type = file.service[0].method[0].output_type = ".google.protobuf.Timestamp"


def _name_in_use(file: File) -> None:
    file.message_type.add(name="E")


LIES = [
    _drop_type, _type_as_enum, _enum_as_type, _import_of_oneself, _map_without_key, _map_that_is_no_map,
    _map_entry_as_request, _map_of_one, _two_maps_of_one_entry, _map_of_float_keys, _number_twice, _number_zero,
    _name_of_a_method, _name_with_a_dot, _oneof_out_of_range, _enum_without_values, _unknown_syntax, _unknown_edition,
    _no_type, _relative_type_of_nothing, _name_without_end, _nested_deeply, _name_in_use,
]  # fmt: skip


@pytest.mark.parametrize("change", LIES, ids=[change.__name__.strip("_") for change in LIES])
async def test_a_lie_about_types_is_refused(change: Callable[[File], None]) -> None:
    error = await failure(lie(change))
    assert error.code == "DESCRIPTOR_INVALID"
    assert len(str(error)) < 600


async def test_a_timestamp_of_its_own_is_refused() -> None:
    (file,) = files_of(compiled(SMALL))
    _own_timestamp(file)
    error = await failure(Reflection(set_of(file), services=["google.protobuf.S"]).answer)
    assert error.code == "DESCRIPTOR_INVALID"


async def test_the_truth_is_not_refused() -> None:
    plugin = await read(lie(lambda file: None))
    assert [f.name for f in plugin.functions] == ["do"]


async def test_imports_in_a_circle_are_refused() -> None:
    first, second = File(name="a.proto", dependency=["b.proto"]), File(name="b.proto", dependency=["a.proto"])
    (file,) = files_of(compiled(SMALL))
    file.dependency.append("a.proto")
    error = await failure(Reflection(set_of(file, first, second)).answer)
    assert error.code == "DESCRIPTOR_INVALID"
    assert "a.proto > b.proto > a.proto" in error.message


async def test_a_file_that_was_sent_twice_must_be_the_same() -> None:
    (file,) = files_of(compiled(SMALL))
    other = File.FromString(file.SerializeToString())
    other.message_type[0].name = "Other"

    async def answer(request: Any) -> Any:
        if request.list_services:
            return await Reflection(b"", services=["s.S"]).answer(request)
        return files_response(file.SerializeToString(), other.SerializeToString())

    assert "sent twice" in (await failure(answer)).message


async def test_a_service_that_is_listed_and_not_described_is_left_out() -> None:
    plugin = await read(Reflection(compiled(SMALL), services=["s.S", "s.Ghost"]).answer)
    assert [(item.subject, item.reason) for item in plugin.left_out] == [
        ("s.Ghost", "the server lists it but does not describe it")
    ]


async def test_another_file_than_was_asked_for_does_not_end_in_a_circle() -> None:
    plugin = await read(lie(lambda f: f.dependency.append("missing.proto")))
    assert [f.name for f in plugin.functions] == ["do"]
