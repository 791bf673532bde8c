"""What a gRPC plugin costs: the import of a service of 1,000 methods, and each call beside a direct one.

python -m bench.plugins.grpc [--methods N] [--calls N] [--rounds N]

The service is a process of its own on the loopback address. Each import is a process of its own too, so that memory
counts from the beginning. Of calls there are three kinds, in turns of some hundred, all unary, one at a time, with the
same ten fields: the stub of a generated module; the imported function; and the function as a kernel calls it, which
checks the arguments first. The processor's time of this process is told beside the clock's, since the difference of two
waits says little where others use the machine. Nothing but loopback is used.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import platform
import statistics
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import metadata
from typing import Any, Final

import grpc
import psutil
from google.protobuf import message_factory
from google.protobuf.descriptor_pool import DescriptorPool
from rich.table import Table
from semantic_kernel import Kernel
from semantic_kernel.functions import KernelArguments

from bench.child import child
from bench.machine import console
from bench.plugins.grpc_service import METHODS, SERVICE, descriptor
from bench.plugins.imports import table as import_table
from plugins.sources.base import CallContext
from plugins.sources.grpc_reflection import GrpcRegistration, GrpcSource, check_target
from plugins.sources.kernel_plugin import to_kernel_plugin

CALLS: Final = 2_000
ROUNDS: Final = 5
IMPORTS: Final = 5
AIM_S: Final = 0.001
"""What a call through a plugin may take more than a direct one."""

DIRECT: Final = "direct stub"
FUNCTION: Final = "imported function"
KERNEL: Final = "kernel function"

ARGUMENTS: Final[Mapping[str, Any]] = {
    **{f"text_{number}": f"a text of some words {number}" for number in range(1, 9)},
    "order_id": 1042,
    "shared": {"text_1": "inner", "state": "STATE_3"},
}

Call = Callable[[], Awaitable[None]]


@dataclass
class Found:
    """Seconds of the clock for each call, and of the processor for all of them."""

    seconds: list[float] = field(default_factory=list)
    processor_s: float = 0.0

    @property
    def processor_per_call_s(self) -> float:
        """Return the processor's time of one call."""
        return self.processor_s / len(self.seconds)


async def imports(port: int) -> list[Mapping[str, float]]:
    """Return what each import took, in processes of their own."""
    found = []
    for _ in range(IMPORTS):
        async with child("bench.plugins.grpc_import", str(port)) as process:
            found.append(json.loads(await process.line()))
    return found


async def calls(port: int, methods: int, count: int, rounds: int) -> dict[str, Found]:
    """Return what was found, by kind of call."""
    target = check_target(f"127.0.0.1:{port}")
    source = GrpcSource(GrpcRegistration("large", target, services=(f"{SERVICE}/Method0",)))
    function = (await source.read()).functions[0]
    kernel = Kernel()
    kernel.add_plugin(to_kernel_plugin(await source.read()))
    context = CallContext("bench", "runs/bench")
    held = kernel.get_function("large", function.name)

    async def imported() -> None:
        await function.invoke(ARGUMENTS, context)

    async def by_kernel() -> None:
        async for _ in held.invoke_stream(kernel, KernelArguments(**ARGUMENTS)):
            pass

    async with grpc.aio.insecure_channel(target) as channel:
        kinds: dict[str, Call] = {DIRECT: direct(channel, methods), FUNCTION: imported, KERNEL: by_kernel}
        found = {name: Found() for name in kinds}
        for call in kinds.values():
            await _timed(call, count // 10, Found())
        for _ in range(rounds):
            for name, call in kinds.items():
                await _timed(call, count // rounds, found[name])
    await source.aclose()
    return found


def direct(channel: grpc.aio.Channel, methods: int) -> Call:
    """Return a call as generated code makes it, with the same fields set one by one and read one by one."""
    pool = DescriptorPool()
    pool.AddSerializedFile(descriptor(methods).SerializeToString())
    request_class: Any = message_factory.GetMessageClass(pool.FindMessageTypeByName("bench.v1.Request0"))
    response_class: Any = message_factory.GetMessageClass(pool.FindMessageTypeByName("bench.v1.Response0"))
    stub: Any = channel.unary_unary(
        f"/{SERVICE}/Method0",
        request_serializer=request_class.SerializeToString,
        response_deserializer=response_class.FromString,
    )

    async def call() -> None:
        request = request_class(**ARGUMENTS)
        response = await stub(request, timeout=30.0)
        assert response.order_id == ARGUMENTS["order_id"]

    return call


async def _timed(call: Call, count: int, found: Found) -> None:
    processor_begun = time.process_time()
    for _ in range(count):
        begun = time.perf_counter()
        await call()
        found.seconds.append(time.perf_counter() - begun)
    found.processor_s += time.process_time() - processor_begun


def show(imported: Sequence[Mapping[str, float]], called: Mapping[str, Found]) -> None:
    """Print both tables."""
    out = console()
    versions = ", ".join(f"{name} {metadata.version(name)}" for name in ("grpcio", "protobuf", "semantic-kernel"))
    load = " ".join(f"{one:.1f}" for one in psutil.getloadavg())
    out.print(f"Python {platform.python_version()}, {versions}; load {load}\n")
    title = f"Import of {imported[0]['functions']:.0f} functions"
    out.print(import_table(imported, title, "read: reflection, check, types, schemas"))
    direct = called[DIRECT]
    table = Table(title=f"One unary call at a time ({len(direct.seconds)} of each kind)")
    for heading in ("", "median", "p99", "ratio", "processor", "more than direct"):
        table.add_column(heading, justify="left" if not heading else "right")
    for name, one in called.items():
        median = statistics.median(one.seconds)
        table.add_row(
            name,
            f"{median * 1000:.3f} ms",
            f"{statistics.quantiles(one.seconds, n=100)[98] * 1000:.3f} ms",
            f"{median / statistics.median(direct.seconds):.2f}",
            f"{one.processor_per_call_s * 1000:.3f} ms",
            f"{(one.processor_per_call_s - direct.processor_per_call_s) * 1000:.3f} ms",
        )
    out.print(table)
    over = called[KERNEL].processor_per_call_s - direct.processor_per_call_s
    out.print(f"Overhead {over * 1000:.3f} ms; aim below {AIM_S * 1000:.0f} ms: {'met' if over < AIM_S else 'MISSED'}.")


async def _main(methods: int, count: int, rounds: int) -> None:
    async with child("bench.plugins.grpc_service", "--methods", str(methods)) as service:
        port = int(await service.line())
        imported = await imports(port)
        called = await calls(port, methods, count, rounds)
    show(imported, called)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--methods", type=int, default=METHODS)
    parser.add_argument("--calls", type=int, default=CALLS)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    arguments = parser.parse_args()
    asyncio.run(_main(arguments.methods, arguments.calls, arguments.rounds))


if __name__ == "__main__":
    main()
