"""An imported plugin as Semantic Kernel knows it."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing
from copy import copy
from typing import Any, Final, TypeAlias

from pydantic import Field
from semantic_kernel.filters.functions.function_invocation_context import FunctionInvocationContext
from semantic_kernel.functions import FunctionResult as KernelFunctionResult
from semantic_kernel.functions import KernelFunction, KernelParameterMetadata, KernelPlugin
from semantic_kernel.functions.kernel_function_metadata import KernelFunctionMetadata

from plugins.context import RunContext
from plugins.output import FunctionOutput
from plugins.sources.arguments import ArgumentCheck
from plugins.sources.base import RESERVED_ARGUMENTS, CallContext, ImportedFunction, ImportedPlugin, SourceLimits

RemainingTime: TypeAlias = Callable[[RunContext], float | None]
"""Returns what remains of a run, in seconds; None if it has no deadline."""

_NOBODY: Final = RunContext(tenant="", run="")
_DEFAULT_LIMITS: Final = SourceLimits()


def _unbounded(_run: RunContext) -> None:
    return None


def to_kernel_plugin(
    imported: ImportedPlugin, *, limits: SourceLimits = _DEFAULT_LIMITS, remaining_s: RemainingTime = _unbounded
) -> KernelPlugin:
    """Return `imported` as a plugin whose functions yield pieces of `plugins.output`, the result last.

    Arguments are held against the input schema before the source sees them; one that does not fit raises SourceError.
    The run comes from the kernel argument `run_context`, its remaining time from `remaining_s`.
    """
    functions: list[Any] = [
        ImportedKernelFunction.of(f, imported.name, limits, remaining_s) for f in imported.functions
    ]
    return KernelPlugin(name=imported.name, description=imported.description, functions=functions)


class ImportedKernelFunction(KernelFunction):
    """A kernel function that hands all arguments of the call to an imported one.

    Semantic Kernel's own `KernelFunctionFromMethod` would keep some names for itself (`kernel`, `service`,
    `arguments`), which a service of someone else may well use for its fields.
    """

    imported: ImportedFunction = Field(exclude=True)
    # Any: pydantic would otherwise try to check what it cannot know.
    check: Any = Field(exclude=True)
    remaining_s: Any = Field(exclude=True)

    @classmethod
    def of(
        cls, imported: ImportedFunction, plugin: str, limits: SourceLimits, remaining_s: RemainingTime
    ) -> ImportedKernelFunction:
        """Return the kernel function of `imported`."""
        metadata = KernelFunctionMetadata(
            name=imported.name,
            plugin_name=plugin,
            description=imported.description,
            parameters=parameters_of(imported.input_schema),
            is_prompt=False,
            is_asynchronous=True,
            return_parameter=KernelParameterMetadata(
                name="return", description="", type="object", schema_data=dict(imported.output_schema)
            ),
        )
        check = ArgumentCheck(imported.input_schema, limits)
        return cls(metadata=metadata, imported=imported, check=check, remaining_s=remaining_s)

    def function_copy(self, plugin_name: str | None = None) -> ImportedKernelFunction:
        """Copy the function; the schemas, which nobody changes and which may be large, are shared with the copy."""
        copied = copy(self)
        copied.metadata = self.metadata.model_copy(
            update={"plugin_name": plugin_name} if plugin_name else {}, deep=False
        )
        return copied

    async def _invoke_internal(self, context: FunctionInvocationContext) -> None:
        pieces = [piece async for piece in self._pieces(context)]
        context.result = KernelFunctionResult(function=self.metadata, value=pieces)

    async def _invoke_internal_stream(self, context: FunctionInvocationContext) -> None:
        context.result = KernelFunctionResult(function=self.metadata, value=self._pieces(context))

    async def _pieces(self, context: FunctionInvocationContext) -> AsyncGenerator[FunctionOutput, None]:
        arguments = {name: value for name, value in context.arguments.items() if name not in RESERVED_ARGUMENTS}
        run = context.arguments.get("run_context") or _NOBODY
        await self.check.check_soon(arguments)
        call = CallContext(run.tenant, run.run, self.remaining_s(run), context.kernel)
        if self.imported.stream is None:
            yield await self.imported.invoke(arguments, call)
            return
        async with aclosing(self.imported.stream(arguments, call)) as pieces:
            async for piece in pieces:
                yield piece


def parameters_of(input_schema: Mapping[str, Any]) -> list[KernelParameterMetadata]:
    """Return the metadata from which Semantic Kernel builds a schema that accepts what `input_schema` accepts.

    It puts each parameter's schema under `properties` of an object that has nothing else at its root. So definitions
    move into the first parameters that use them, and references are led there.
    """
    properties: Mapping[str, Any] = input_schema.get("properties", {})
    required = input_schema.get("required", ())
    definitions: Mapping[str, Any] = input_schema.get("$defs", {})
    holder = next((name for name, schema in properties.items() if _refers(schema)), "")
    place = f"#/properties/{holder}/$defs/"
    parameters = []
    for name, schema in properties.items():
        shown = _moved(schema, place) if definitions else schema
        if definitions and name == holder:
            shown = {**shown, "$defs": _moved(definitions, place)}
        parameters.append(
            KernelParameterMetadata(
                name=name,
                description=schema.get("description"),
                default_value=schema.get("default"),
                type="object",
                is_required=name in required,
                schema_data=shown if isinstance(shown, dict) else {},
            )
        )
    return parameters


def _refers(part: Any) -> bool:
    if isinstance(part, list):
        return any(map(_refers, part))
    return isinstance(part, dict) and ("$ref" in part or any(map(_refers, part.values())))


def _moved(part: Any, place: str) -> Any:
    """Return `part` with each `#/$defs/…` led to `place`."""
    if isinstance(part, list):
        return [_moved(item, place) for item in part]
    if not isinstance(part, dict):
        return part
    return {
        key: place + value[len("#/$defs/") :]
        if key == "$ref" and isinstance(value, str) and value.startswith("#/$defs/")
        else _moved(value, place)
        for key, value in part.items()
    }
