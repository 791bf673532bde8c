"""What every source of plugins has in common: the functions it imports, what it leaves out, its limits and errors."""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal, Protocol, TypeAlias

from plugins.manifest import Effect, ModelUse
from plugins.output import FunctionOutput, FunctionResult

if TYPE_CHECKING:
    from semantic_kernel import Kernel

SourceKind: TypeAlias = Literal["grpc", "openapi", "mcp", "prompt"]

RESERVED_ARGUMENTS: Final = frozenset({"call_context", "run_context"})
"""Names that no property of an input schema may have: the host passes kernel arguments of its own under them."""

_NO_MODELS: Final = ModelUse(generations=0)
_NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")
_ARGUMENT_NAME = re.compile(r"[0-9A-Za-z_-]+")
"""Source: semantic_kernel.utils.validation.FUNCTION_PARAM_NAME_REGEX."""


class SourceError(Exception):
    """A source cannot be read, or a call of one of its functions failed.

    `code` is UPPER_SNAKE and stable; `message` is for a person and holds no secret; `field` is the path of what is
    wrong in the registration or the arguments, or empty. `retryable`: the same call may succeed later; whether it may
    be made twice is the function's `idempotent`.
    """

    def __init__(self, code: str, message: str, field: str = "", *, retryable: bool = False) -> None:
        super().__init__(f"{code}: {field}: {message}" if field else f"{code}: {message}")
        self.code = code
        self.message = message
        self.field = field
        self.retryable = retryable


def check_plugin_name(name: str) -> None:
    """Refuse what is no name of a plugin: [a-z][a-z0-9_]*, at most 64 characters.

    Raises:
        SourceError: `REGISTRATION_INVALID`.
    """
    if not _NAME.fullmatch(name):
        raise SourceError("REGISTRATION_INVALID", "must be lower snake case, at most 64 characters", "name")


@dataclass(frozen=True, slots=True)
class SourceLimits:
    """What a source may cost. Sizes are in bytes as sent, times in seconds; each bound is inclusive."""

    max_document_bytes: int = 16 * 1024 * 1024
    max_descriptor_response_bytes: int = 4 * 1024 * 1024
    max_descriptor_file_bytes: int = 2 * 1024 * 1024
    max_descriptor_files: int = 1_000
    max_descriptor_items: int = 200_000
    max_functions: int = 2_000
    max_types_per_function: int = 200
    max_fields_per_function: int = 2_000
    max_schema_characters: int = 256 * 1024
    max_plugin_schema_characters: int = 16 * 1024 * 1024
    max_enum_values: int = 500
    max_description_characters: int = 1_000
    max_argument_depth: int = 32
    max_argument_values: int = 20_000
    max_request_bytes: int = 256 * 1024
    max_response_bytes: int = 1024 * 1024
    max_result_values: int = 20_000
    max_stream_messages: int = 100
    read_timeout_s: float = 20.0
    call_timeout_s: float = 30.0


@dataclass(frozen=True, slots=True)
class CallContext:
    """For whom a function is called.

    `deadline_s` is what remains of the run, in seconds from now; None: the source's own timeout alone bounds the call.
    `kernel` is the run's, with one chat service, for functions that ask a model.
    """

    tenant: str
    run: str
    deadline_s: float | None = None
    kernel: Kernel | None = None


Invoke: TypeAlias = Callable[[Mapping[str, Any], CallContext], Awaitable[FunctionResult]]
Stream: TypeAlias = Callable[[Mapping[str, Any], CallContext], AsyncGenerator[FunctionOutput, None]]


@dataclass(frozen=True, slots=True)
class ImportedFunction:
    """A function of a source.

    Both schemas are JSON Schema 2020-12 of `type: object`, that of the input with `additionalProperties: false`; parts
    of them may be shared among functions and are not to be changed. `invoke` is given arguments that fit `input_schema`
    and raises SourceError.
    `stream`, for functions whose text comes in pieces, is what the kernel calls instead; its last piece is the result.
    `idempotent`: a second call with the same arguments changes nothing more, so that a write may be retried. `models`
    is the most that a call asks of this service's models; what another service charges is not part of it.

    Raises:
        ValueError: a name cannot be a function's or an argument's, or a schema is not of that form.
    """

    name: str
    description: str
    effect: Effect
    input_schema: Mapping[str, Any]
    output_schema: Mapping[str, Any]
    invoke: Invoke
    stream: Stream | None = None
    idempotent: bool = False
    models: ModelUse = _NO_MODELS

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name):
            raise ValueError(f"not a function's name: {self.name[:100]!r}")
        if self.input_schema.get("type") != "object" or self.input_schema.get("additionalProperties") is not False:
            raise ValueError(f"{self.name}: the input schema is not of type object with additionalProperties false")
        if self.output_schema.get("type") != "object":
            raise ValueError(f"{self.name}: the output schema is not of type object")
        for argument in self.input_schema.get("properties", {}):
            if argument in RESERVED_ARGUMENTS or not _ARGUMENT_NAME.fullmatch(argument):
                raise ValueError(f"{self.name}: not an argument's name: {argument[:100]!r}")


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Something that did not become a function or an argument: `subject` as the source names it, and why."""

    subject: str
    reason: str


@dataclass(frozen=True, slots=True)
class ImportedPlugin:
    """What was read of a source. `fingerprint` is the SHA-256, in hex, of what the functions depend on."""

    name: str
    version: str
    description: str
    functions: tuple[ImportedFunction, ...]
    left_out: tuple[LeftOut, ...]
    fingerprint: str
    kind: SourceKind

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name):
            raise ValueError(f"not a plugin's name: {self.name[:100]!r}")
        names = [function.name for function in self.functions]
        if len(set(names)) < len(names):
            raise ValueError(f"{self.name}: two functions have one name")


class PluginSource(Protocol):
    """One registration's source; it holds the connections that its functions use until it is closed."""

    async def read(self) -> ImportedPlugin:
        """Read the source and return the plugin.

        Raises:
            SourceError: it cannot be reached, lies, or is too large.
        """
        ...

    async def refresh(self, fingerprint: str) -> ImportedPlugin:
        """Read the source again and return the plugin as it is now.

        Raises:
            SourceError: `PLUGIN_DRIFTED` if it is no longer the one of `fingerprint` and the registration says to
                refuse it then; or as `read`.
        """
        ...

    async def aclose(self) -> None:
        """Close the connections; calls in flight fail."""
        ...
