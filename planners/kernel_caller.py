"""Calls functions of a Semantic Kernel; the kernel holds those that a run allows, and no others."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing
from typing import Any

from semantic_kernel import Kernel
from semantic_kernel.exceptions import KernelFunctionNotFoundError, KernelPluginNotFoundError
from semantic_kernel.filters import FilterTypes, FunctionInvocationContext
from semantic_kernel.filters.kernel_filters_extension import _rebuild_function_invocation_context
from semantic_kernel.functions import KernelArguments

from planners.calling import CallContext, CallError
from plugins.context import RunContext
from plugins.output import FunctionOutput


def unworded(_: Exception) -> CallError | None:
    """Know no error of the host."""
    return None


class KernelCaller:
    """Calls what `kernel` has; functions find the run as `run_context` and the call as `call_context`."""

    def __init__(
        self,
        kernel: Kernel,
        run_context: RunContext,
        worded: Callable[[Exception], CallError | None] = unworded,
    ) -> None:
        """Word errors that functions raise with `worded`; those that it does not know leave as they are."""
        self._kernel = kernel
        self._run_context = run_context
        self._worded = worded

    async def call(
        self, function: str, arguments: Mapping[str, Any], context: CallContext
    ) -> AsyncGenerator[FunctionOutput, None]:
        """Yield what the function says; see `planners.calling.FunctionCaller`."""
        try:
            async with aclosing(await self._stream(function, arguments, context)) as pieces:
                async for piece in pieces:
                    yield piece
        except Exception as error:
            if (known := self._worded(error)) is not None:
                raise known from error
            if type(error) is ValueError:  # a subclass is a defect, a bare one is a function's word to its caller
                raise CallError("FUNCTION_REFUSED", f"{function}: {error}.", happened="no") from error
            raise

    async def _stream(
        self, function: str, arguments: Mapping[str, Any], context: CallContext
    ) -> AsyncGenerator[FunctionOutput, None]:
        """Return the function's own generator: `KernelFunction.invoke_stream` would leave it open behind its reader."""
        plugin, _, name = function.partition(".")
        try:
            held = self._kernel.get_function(plugin, name)
        except (KernelFunctionNotFoundError, KernelPluginNotFoundError) as error:
            raise CallError("FUNCTION_UNKNOWN", f"There is no function {function}.", happened="no") from error
        _rebuild_function_invocation_context()
        # Not as keywords: those that it has a use for itself, such as `settings`, would be taken from the function.
        given = KernelArguments()
        given.update({**arguments, "run_context": self._run_context, "call_context": context})
        invocation = FunctionInvocationContext(function=held, kernel=self._kernel, arguments=given, is_streaming=True)
        stack = self._kernel.construct_call_stack(FilterTypes.FUNCTION_INVOCATION, held._invoke_internal_stream)
        await stack(invocation)
        # Any: what a kernel function yields has no type; the host refuses what is no output of a function.
        stream: Any = None if invocation.result is None else invocation.result.value
        if not isinstance(stream, AsyncGenerator):
            raise CallError("PLUGIN_BROKEN", f"{function} does not answer in pieces.")
        return stream
