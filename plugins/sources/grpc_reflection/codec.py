"""Arguments to the bytes of a request, and the bytes of a response to JSON, both within bounds."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from google.protobuf import any_pb2, json_format, message, message_factory, struct_pb2
from google.protobuf.descriptor import Descriptor
from google.protobuf.descriptor_pool import DescriptorPool

from plugins.sources.base import SourceError, SourceLimits
from plugins.sources.grpc_reflection.rules import merged
from plugins.sources.grpc_reflection.schema import ANY, is_wrapped

_MAX_ANY_DEPTH: Final = 8
_FAILED_FIELD = re.compile(r"Failed to parse (\w{1,100}) field", re.ASCII)
_FIELD_CHARACTERS: Final = 100


class RequestCodec:
    """Writes the requests of one method; `fixed` values are put into every one."""

    def __init__(
        self, pool: DescriptorPool, descriptor: Descriptor, fixed: Mapping[str, Any], limits: SourceLimits
    ) -> None:
        self._pool = pool
        self._descriptor = descriptor
        self._wrapped = is_wrapped(descriptor)
        self._fixed = fixed
        self._max_bytes = limits.max_request_bytes

    def encode(self, arguments: Mapping[str, Any]) -> bytes:
        """Return the request as sent.

        Raises:
            SourceError: `ARGUMENTS_INVALID` with the field's path, or `ARGUMENTS_TOO_LARGE`.
        """
        given: Any = merged(arguments, self._fixed)
        if self._wrapped:
            given = given.get("value")
        try:
            blank = message_factory.GetMessageClass(self._descriptor)()
            request = json_format.ParseDict(given, blank, descriptor_pool=self._pool)
            data = request.SerializeToString()
        except message.EncodeError:
            raise SourceError("ARGUMENTS_INVALID", "a field that the service requires is missing") from None
        # json_format lets errors of the types through where a value is of another kind than the field.
        except (json_format.ParseError, TypeError, ValueError, AttributeError, RecursionError) as error:
            path = ".".join(_FAILED_FIELD.findall(str(error)))[:_FIELD_CHARACTERS]
            raise SourceError("ARGUMENTS_INVALID", "is no JSON of the field's type", path) from None
        if len(data) > self._max_bytes:
            raise SourceError("ARGUMENTS_TOO_LARGE", f"the request is larger than {self._max_bytes} bytes")
        return data


class ResponseCodec:
    """Reads the responses of one method."""

    def __init__(self, pool: DescriptorPool, descriptor: Descriptor, limits: SourceLimits) -> None:
        self._pool = pool
        self._descriptor = descriptor
        self._limits = limits
        self.wrapped = is_wrapped(descriptor)

    def decode(self, data: bytes, max_values: int) -> tuple[Any, int]:
        """Return the response in JSON, fields without presence always there, and how many values it holds.

        Raises:
            SourceError: `RESPONSE_INVALID` if it is not what the descriptor says, `RESPONSE_TOO_LARGE` if it holds more
                than `max_values`.
        """
        try:
            response = message_factory.GetMessageClass(self._descriptor).FromString(data)
            left = self._inspect(response, max_values)
            result = json_format.MessageToDict(
                response,
                preserving_proto_field_name=True,
                always_print_fields_with_no_presence=True,
                descriptor_pool=self._pool,
            )
        except (message.DecodeError, json_format.Error, TypeError, ValueError, RecursionError):
            raise SourceError("RESPONSE_INVALID", "the answer is not what the service's descriptor says") from None
        return result, max_values - left

    def _inspect(self, response: message.Message, max_values: int) -> int:
        """Return what is left of `max_values`; an Any of an unknown type is replaced by a Struct that says so.

        A response of a megabyte can hold half a million messages, each of which would be written with all its fields.
        """
        left = max_values
        waiting = [(response, 0)]
        while waiting:
            found, depth = waiting.pop()
            left -= 1 + len(found.DESCRIPTOR.fields)
            if found.DESCRIPTOR.full_name == ANY:
                inner = self._unpacked(found, depth)
                if inner is not None:
                    waiting.append((inner, depth + 1))
                continue
            for one, value in found.ListFields():
                if one.message_type is not None and one.message_type.GetOptions().map_entry:
                    left -= len(value)
                    holds_messages = one.message_type.fields_by_name["value"].message_type is not None
                    below = value.values() if holds_messages and left >= 0 else ()
                elif one.is_repeated:
                    left -= len(value)
                    below = value if one.message_type is not None and left >= 0 else ()
                else:
                    below = (value,) if one.message_type is not None else ()
                waiting.extend((item, depth) for item in below)
            if left < 0:
                raise SourceError("RESPONSE_TOO_LARGE", f"the answer holds more than {max_values} values")
        return left

    def _unpacked(self, packed: Any, depth: int) -> message.Message | None:
        """Return what lies in an Any; one that cannot be read is shown by its type and size."""
        if not packed.type_url:
            return None
        if depth >= _MAX_ANY_DEPTH:
            raise SourceError("RESPONSE_INVALID", f"google.protobuf.Any lies in itself {_MAX_ANY_DEPTH} times")
        try:
            descriptor = self._pool.FindMessageTypeByName(packed.type_url.rpartition("/")[2])
            return message_factory.GetMessageClass(descriptor).FromString(packed.value)
        except (KeyError, message.DecodeError):
            shown = struct_pb2.Struct()
            shown.update({"unreadable_type": packed.type_url[:200], "size_bytes": len(packed.value)})
            replacement = any_pb2.Any()
            replacement.Pack(shown)
            packed.type_url, packed.value = replacement.type_url, replacement.value
            return None
