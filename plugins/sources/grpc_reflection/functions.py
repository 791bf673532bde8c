"""Methods of a service as functions of a plugin."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import grpc
from google.protobuf import descriptor_pb2, json_format, message_factory
from google.protobuf.descriptor import MethodDescriptor

from plugins.manifest import Effect
from plugins.sources.base import ImportedFunction, LeftOut, SourceError, SourceLimits
from plugins.sources.grpc_reflection.calls import MethodCall
from plugins.sources.grpc_reflection.codec import RequestCodec, ResponseCodec
from plugins.sources.grpc_reflection.description import Description, path_of
from plugins.sources.grpc_reflection.registration import GrpcRegistration, MethodRule
from plugins.sources.grpc_reflection.rules import FieldRule, field_rules
from plugins.sources.grpc_reflection.schema import SchemaBuilder, SchemaError, is_wrapped
from plugins.sources.names import assign_names, snake_case

_NO_RULE: Final = MethodRule()
_NO_SIDE_EFFECTS: Final = descriptor_pb2.MethodOptions.NO_SIDE_EFFECTS
_IDEMPOTENT: Final = descriptor_pb2.MethodOptions.IDEMPOTENT


@dataclass(frozen=True, slots=True)
class _Schemas:
    input: dict[str, Any]
    output: dict[str, Any]


class FunctionBuilder:
    """Makes functions of the methods of one description, called over `channel`."""

    def __init__(
        self, description: Description, registration: GrpcRegistration, channel: grpc.aio.Channel, limits: SourceLimits
    ) -> None:
        self._description = description
        self._registration = registration
        self._channel = channel
        self._limits = limits
        self._inputs = SchemaBuilder("input", description.annotations, limits)
        self._outputs = SchemaBuilder("output", description.annotations, limits)

    def build(self) -> tuple[tuple[ImportedFunction, ...], tuple[LeftOut, ...]]:
        """Return the functions by name, and what was left out: methods and fields.

        Raises:
            SourceError: `RULE_INVALID` if a rule does not fit its method.
        """
        self._check_rules()
        left_out = list(self._description.left_out)
        fitting: dict[str, tuple[MethodDescriptor, _Schemas]] = {}
        for method in self._description.methods:
            path = path_of(method)
            if method.client_streaming:
                left_out.append(LeftOut(path, "it takes a stream of requests"))
                continue
            try:
                fitting[path] = method, self._schemas(method)
            except SchemaError as error:
                left_out.append(LeftOut(path, str(error)))
        names, nameless = assign_names({path: _names(path) for path in fitting})
        left_out += [*nameless, *self._inputs.left_out.values()]
        functions = [self._function(names[path], *fitting[path]) for path in names]
        return tuple(sorted(functions, key=lambda f: f.name)), self._bounded(left_out)

    def _check_rules(self) -> None:
        known = {path_of(method) for method in self._description.methods}
        for path in self._registration.rules:
            if path not in known:
                raise SourceError("RULE_INVALID", "there is no such method", f"rules.{path}")

    def _schemas(self, method: MethodDescriptor) -> _Schemas:
        output = (self._outputs.of_stream if method.server_streaming else self._outputs.of_message)(method.output_type)
        return _Schemas(self._inputs.of_message(method.input_type, self._field_rule(method)), output)

    def _field_rule(self, method: MethodDescriptor) -> FieldRule | None:
        path = path_of(method)
        rule = self._registration.rules.get(path)
        if rule is None:
            return None
        where = f"rules.{path}"
        if is_wrapped(method.input_type):
            if rule.fields is not None or rule.fixed or rule.required:
                raise SourceError("RULE_INVALID", "the request has no fields that can be named", where)
            return None
        tree = field_rules(method.input_type, rule, where)
        self._check_fixed(method, rule.fixed, f"{where}.fixed")
        return tree

    def _check_fixed(self, method: MethodDescriptor, fixed: Mapping[str, Any], where: str) -> None:
        request = message_factory.GetMessageClass(method.input_type)()
        try:
            json_format.ParseDict(dict(fixed), request, descriptor_pool=self._description.pool)
        except (json_format.ParseError, TypeError, ValueError, AttributeError, RecursionError):
            raise SourceError("RULE_INVALID", f"is no JSON of {method.input_type.full_name}", where) from None

    def _function(self, name: str, method: MethodDescriptor, schemas: _Schemas) -> ImportedFunction:
        rule = self._registration.rules.get(path_of(method), _NO_RULE)
        pool, limits = self._description.pool, self._limits
        call = MethodCall(
            f"/{path_of(method)}",
            self._channel,
            self._registration.headers(),
            (
                RequestCodec(pool, method.input_type, rule.fixed, limits),
                ResponseCodec(pool, method.output_type, limits),
            ),
            limits,
            self._registration.call_timeout_s or limits.call_timeout_s,
        )
        effect, idempotent = _effect(method)
        return ImportedFunction(
            name=name,
            description=rule.description or self._described(method),
            effect=rule.effect or effect,
            input_schema=schemas.input,
            output_schema=schemas.output,
            invoke=call.stream if method.server_streaming else call.unary,
            idempotent=idempotent if rule.idempotent is None else rule.idempotent,
        )

    def _described(self, method: MethodDescriptor) -> str:
        service, _, name = method.full_name.rpartition(".")
        words = snake_case(name).replace("_", " ").capitalize()
        said = self._description.annotations.comments.get(method.full_name) or f"{words} ({service})."
        return f"Deprecated. {said}" if method.GetOptions().deprecated else said

    def _bounded(self, left_out: list[LeftOut]) -> tuple[LeftOut, ...]:
        most = self._limits.max_functions
        if len(left_out) <= most:
            return tuple(left_out)
        return (*left_out[:most], LeftOut("…", f"and {len(left_out) - most} more"))


def _names(path: str) -> tuple[str, str, str]:
    """Return the names that a function may get: `GetOrder`, `Orders.GetOrder`, `shop.v1.Orders.GetOrder`."""
    service, _, method = path.partition("/")
    return method, f"{service.rpartition('.')[2]}.{method}", f"{service}.{method}"


def _effect(method: MethodDescriptor) -> tuple[Effect, bool]:
    """Return the effect and whether the method may be called twice; what does not say so, writes."""
    level = method.GetOptions().idempotency_level
    if level == _NO_SIDE_EFFECTS:
        return "read", True
    return "write", level == _IDEMPOTENT
