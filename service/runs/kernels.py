"""One kernel with the plugins, cloned for each run with the functions that the request allows."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterable, Mapping
from functools import cache
from typing import Any

from semantic_kernel import Kernel
from semantic_kernel.filters.filter_types import FilterTypes
from semantic_kernel.filters.functions.function_invocation_context import FunctionInvocationContext
from semantic_kernel.filters.kernel_filters_extension import _rebuild_function_invocation_context
from semantic_kernel.functions import KernelArguments, KernelFunction, KernelPlugin

from plugins.output import FunctionOutput
from service.errors import InternalError


def clone_of(kernel: Kernel, registered: Mapping[str, KernelPlugin], allowed: Mapping[str, Iterable[str]]) -> Kernel:
    """Return a clone of `kernel` for one run, which holds the functions that are `allowed` and nothing else.

    `allowed` are names of functions by plugin; a tenant's own plugins are `registered`. A clone can be changed and
    nobody else notices. Its functions are those of `kernel` and not copies: a run calls them and changes none.
    `Kernel.clone` copies what is known of every function, 3 ms of the event loop for each run; this takes 0.02 ms.
    """
    plugins = {}
    for plugin, functions in allowed.items():
        held = registered[plugin] if plugin in registered else kernel.plugins[plugin]
        # Functions that are handed to the constructor are copied; those that are set stay what they are.
        plugins[plugin] = KernelPlugin(name=held.name, description=held.description)
        plugins[plugin].functions = {function: held.functions[function] for function in functions}
    return Kernel(plugins=plugins)


@cache
def _complete() -> None:
    # Semantic Kernel does so at every call, which takes as long as the call itself.
    _rebuild_function_invocation_context()


async def output_of(
    function: KernelFunction, kernel: Kernel, arguments: Mapping[str, Any]
) -> AsyncGenerator[FunctionOutput, None]:
    """Return the function's own generator; `KernelFunction.invoke_stream` would leave it open behind its reader.

    Raises:
        InternalError: The function does not answer in pieces.
    """
    _complete()
    # Not as keywords: those that it has a use for itself, such as `settings`, would be taken from the function.
    given = KernelArguments()
    given.update(arguments)
    invocation = FunctionInvocationContext(function=function, kernel=kernel, arguments=given, is_streaming=True)
    await kernel.construct_call_stack(FilterTypes.FUNCTION_INVOCATION, function._invoke_internal_stream)(invocation)
    # Any: what a kernel function yields has no type; ours yield FunctionOutput, which the run's scope checks.
    stream: Any = None if invocation.result is None else invocation.result.value
    if not isinstance(stream, AsyncGenerator):
        raise InternalError(f"{function.fully_qualified_name} does not answer in pieces.", reason="PLUGIN_BROKEN")
    return stream
