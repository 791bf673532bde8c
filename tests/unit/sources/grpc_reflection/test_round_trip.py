"""Random arguments by the schema that a model sees, sent to a service that gives them back."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from google.protobuf import json_format, message_factory
from google.protobuf.descriptor_pool import DescriptorPool
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from plugins.sources.arguments import ArgumentCheck
from plugins.sources.base import CallContext, ImportedFunction, SourceLimits
from plugins.sources.grpc_reflection import GrpcRegistration, GrpcSource
from tests.unit.sources.grpc_reflection.loopback import echo, echo_thrice, serving, streaming, unary
from tests.unit.sources.grpc_reflection.protos import EVERYTHING, LEGACY, compiled, files_of

_MAX_DEPTH = 3
_CALLER = CallContext("tenant", "runs/1")

_TEXTS = {
    r"^-?[0-9]{1,19}$": st.integers(-(2**63), 2**63 - 1).map(str),
    r"^[0-9]{1,20}$": st.integers(0, 2**64 - 1).map(str),
    r"^-?[0-9]{1,12}(?:\.[0-9]{1,9})?s$": st.integers(-(10**10), 10**10).map(lambda n: f"{n / 1000:.3f}s"),
    r"^(?:[A-Za-z0-9.]+(?:,[A-Za-z0-9.]+)*)?$": st.lists(
        st.from_regex(r"[a-z]{1,5}(\.[a-z]{1,5}[A-Z][a-z]{1,3})?", fullmatch=True), max_size=3
    ).map(",".join),
}
_TIMES = st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30)).map(
    lambda t: t.replace(tzinfo=UTC).isoformat().replace("+00:00", "Z")
)
_JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(), inner, max_size=2),
    max_leaves=4,
)


def values(schema: dict[str, Any], root: dict[str, Any], depth: int = 0) -> st.SearchStrategy[Any]:
    """Return what fits a schema of the kind that the source writes."""
    if "$ref" in schema:
        return values(root["$defs"][schema["$ref"].removeprefix("#/$defs/")], root, depth + 1)
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    if "anyOf" in schema and "properties" not in schema:
        return st.one_of([values(part, root, depth) for part in schema["anyOf"]])
    kind = schema.get("type")
    if isinstance(kind, list):
        return st.one_of([values({**schema, "type": one}, root, depth) for one in kind])
    if kind == "object":
        return objects(schema, root, depth)
    if kind == "array":
        return st.lists(values(schema["items"], root, depth + 1), max_size=0 if depth > _MAX_DEPTH else 2)
    if kind == "string":
        return texts(schema)
    if kind == "integer":
        return st.integers(schema.get("minimum", -(2**63)), schema.get("maximum", 2**63 - 1))
    if kind == "number":
        return st.floats(allow_nan=False, allow_infinity=False, width=32)
    return {"boolean": st.booleans(), "null": st.none(), None: _JSON}[kind]


def texts(schema: dict[str, Any]) -> st.SearchStrategy[str]:
    if schema.get("contentEncoding") == "base64":
        return st.binary(max_size=9).map(lambda data: base64.b64encode(data).decode())
    if schema.get("format") == "date-time":
        return _TIMES
    return _TEXTS[schema["pattern"]] if "pattern" in schema else st.text(max_size=9)


def objects(schema: dict[str, Any], root: dict[str, Any], depth: int) -> st.SearchStrategy[dict[str, Any]]:
    if "properties" not in schema:
        patterns: dict[str, Any] = schema.get("patternProperties", {})
        item: Any = schema.get("additionalProperties")
        if item is None and not patterns:
            return st.dictionaries(st.text(), _JSON, max_size=2)
        keys = st.text()
        for pattern, inner in patterns.items():
            keys, item = _TEXTS[pattern], inner
        return st.dictionaries(keys, values(item, root, depth + 1), max_size=0 if depth > _MAX_DEPTH else 2)
    must = schema.get("required", [])
    may = [] if depth > _MAX_DEPTH else [name for name in schema["properties"] if name not in must]
    names = st.lists(st.sampled_from(may), unique=True, max_size=6) if may else st.just([])
    return names.map(lambda some: one_of_each_choice([*must, *some], schema)).flatmap(
        lambda some: st.fixed_dictionaries({n: values(schema["properties"][n], root, depth + 1) for n in some})
    )


def one_of_each_choice(names: list[str], schema: dict[str, Any]) -> list[str]:
    for choice in [schema] if "anyOf" in schema else schema.get("allOf", []):
        members = {name for part in choice["anyOf"] for name in part["properties"]}
        names = [n for i, n in enumerate(names) if n not in members or not members & set(names[:i])]
    return names


class Echoed:
    """Functions of a service that gives back what it gets, and the types to compare by."""

    def __init__(self, runner: asyncio.Runner, text: str, service: str) -> None:
        self._runner = runner
        self._set = compiled(text)
        self._service = service
        self.pool = DescriptorPool()
        for file in files_of(self._set):
            self.pool.AddSerializedFile(file.SerializeToString())

    async def start(self) -> None:
        service = f"/{self._service}"
        methods = {f"{service}/{name}": unary(echo) for name in ("Echo", "Keep", "Nothing", "Text")}
        self._server = serving({**methods, f"{service}/EchoMany": streaming(echo_thrice)})
        target = await self._server.__aenter__()
        self._source = GrpcSource(GrpcRegistration("echo", target, descriptor_set=self._set))
        plugin = await self._source.read()
        self.functions = {function.name: function for function in plugin.functions}

    async def stop(self) -> None:
        await self._source.aclose()
        await self._server.__aexit__(None, None, None)

    def call(self, function: ImportedFunction, arguments: dict[str, Any]) -> dict[str, Any]:
        # Exactly what the kernel does before a call.
        ArgumentCheck(function.input_schema, SourceLimits()).check(arguments)
        return self._runner.run(function.invoke(arguments, _CALLER)).data  # type: ignore[arg-type]

    def message(self, name: str, said: Any) -> Any:
        blank = message_factory.GetMessageClass(self.pool.FindMessageTypeByName(name))()
        return json_format.ParseDict(said, blank, descriptor_pool=self.pool)


@pytest.fixture
def echoed(request: pytest.FixtureRequest) -> Iterator[Echoed]:
    with asyncio.Runner() as runner:
        service = Echoed(runner, *request.param)
        runner.run(service.start())
        yield service
        runner.run(service.stop())


_SETTINGS = settings(
    max_examples=25,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
_PROTO3 = (EVERYTHING, "all.v1.Echo")
_PROTO2 = (LEGACY, "old.v1.Old")


@pytest.mark.parametrize(
    ("echoed", "name", "of"),
    [(_PROTO3, "echo", "all.v1.Everything"), (_PROTO2, "keep", "old.v1.Legacy")],
    indirect=["echoed"],
    ids=["proto3", "proto2"],
)
def test_what_a_model_may_say_comes_back_as_it_was_said(echoed: Echoed, name: str, of: str) -> None:
    function = echoed.functions[name]
    schema = dict(function.input_schema)
    Draft202012Validator.check_schema(schema)
    fits = Draft202012Validator(dict(function.output_schema))

    @_SETTINGS
    @given(values(schema, schema))
    def check(arguments: dict[str, Any]) -> None:
        said = echoed.call(function, arguments)
        fits.validate(said)
        assert echoed.message(of, said) == echoed.message(of, arguments)

    check()


@pytest.mark.parametrize("echoed", [_PROTO3], indirect=True)
def test_a_stream_comes_back_as_a_list(echoed: Echoed) -> None:
    one, many = echoed.functions["echo"], echoed.functions["echo_many"]
    arguments = {"f_int64": "-9223372036854775808", "by_int": {"-3": "RED"}, "as_part": {"count": 5}}
    said = echoed.call(many, arguments)
    assert said == {"messages": [echoed.call(one, arguments)] * 3, "truncated": False}
    Draft202012Validator(dict(many.output_schema)).validate(said)


@pytest.mark.parametrize("echoed", [_PROTO3], indirect=True)
def test_well_known_types_as_requests_lie_in_value(echoed: Echoed) -> None:
    assert echoed.call(echoed.functions["text"], {"value": "hola"}) == {"value": "hola"}
    assert echoed.call(echoed.functions["nothing"], {}) == {}
