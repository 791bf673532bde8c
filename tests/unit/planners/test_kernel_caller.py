"""Functions of a kernel, called for a planner: their pieces, their errors, and that nothing is left open."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing

import pytest
from semantic_kernel import Kernel
from semantic_kernel.filters import FilterTypes, FunctionInvocationContext
from semantic_kernel.functions import KernelArguments, kernel_function

from planners.calling import CallContext, CallError
from planners.kernel_caller import KernelCaller
from plugins.context import RunContext
from plugins.output import FunctionOutput, FunctionResult, TextDelta

CONTEXT = CallContext("runs/r1", "s", 1, "key", 5.0)


class KnownError(Exception):
    pass


class Tools:
    def __init__(self) -> None:
        self.closed = 0

    @kernel_function(name="greet", description="Greet.")
    async def greet(self, arguments: KernelArguments, name: str) -> AsyncGenerator[FunctionOutput, None]:
        try:
            yield TextDelta(f"Hi {name}")
            run, call = arguments["run_context"], arguments["call_context"]
            yield FunctionResult(f"{run.tenant} {call.idempotency_key}")
        finally:
            self.closed += 1

    @kernel_function(name="refuse", description="Refuse.")
    async def refuse(self) -> AsyncGenerator[FunctionOutput, None]:
        raise ValueError("there is no draft")
        yield TextDelta("")

    @kernel_function(name="stumble", description="Fail in a way that the host knows.")
    async def stumble(self) -> AsyncGenerator[FunctionOutput, None]:
        raise KnownError
        yield TextDelta("")


def caller() -> tuple[KernelCaller, Tools]:
    kernel, tools = Kernel(), Tools()
    kernel.add_plugin(tools, "a")

    def worded(error: Exception) -> CallError | None:
        return CallError("KNOWN", "Busy.", retryable=True) if isinstance(error, KnownError) else None

    return KernelCaller(kernel, RunContext("local", "runs/r1"), worded), tools


async def call(one: KernelCaller, function: str, **arguments: str) -> list[FunctionOutput]:
    async with aclosing(one.call(function, arguments, CONTEXT)) as pieces:
        return [piece async for piece in pieces]


async def test_pieces_come_as_they_are_and_the_function_knows_for_what_it_is_called() -> None:
    one, tools = caller()
    assert await call(one, "a.greet", name="Ana") == [TextDelta("Hi Ana"), FunctionResult("local key")]
    assert tools.closed == 1


async def test_leaving_closes_the_function_itself() -> None:
    one, tools = caller()
    async with aclosing(one.call("a.greet", {"name": "Ana"}, CONTEXT)) as pieces:
        await anext(pieces)
        assert tools.closed == 0
    assert tools.closed == 1
    assert len(asyncio.all_tasks()) == 1


@pytest.mark.parametrize(
    ("function", "code", "message", "happened"),
    [
        ("a.refuse", "FUNCTION_REFUSED", "a.refuse: there is no draft.", "no"),
        ("a.stumble", "KNOWN", "Busy.", "unknown"),
        ("a.absent", "FUNCTION_UNKNOWN", "There is no function a.absent.", "no"),
        ("b.absent", "FUNCTION_UNKNOWN", "There is no function b.absent.", "no"),
    ],
)
async def test_errors_are_worded(function: str, code: str, message: str, happened: str) -> None:
    with pytest.raises(CallError) as caught:
        await call(caller()[0], function)
    assert (caught.value.code, caught.value.message, caught.value.happened) == (code, message, happened)


async def test_filters_of_the_kernel_are_heard() -> None:
    kernel = Kernel()
    kernel.add_plugin(Tools(), "a")

    @kernel.filter(FilterTypes.FUNCTION_INVOCATION)
    async def swallow(
        context: FunctionInvocationContext,
        next: Callable[[FunctionInvocationContext], Awaitable[None]],  # noqa: A002
    ) -> None:
        assert context.arguments["name"] == "Ana"

    one = KernelCaller(kernel, RunContext("local", "runs/r1"))
    with pytest.raises(CallError, match="does not answer in pieces"):
        await call(one, "a.greet", name="Ana")


async def test_what_nobody_knows_leaves_as_it_is() -> None:
    kernel = Kernel()
    kernel.add_plugin(Tools(), "a")
    with pytest.raises(KnownError):
        await call(KernelCaller(kernel, RunContext("local", "runs/r1")), "a.stumble")
