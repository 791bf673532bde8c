"""What a registered function costs when it is called over the service, beside the same call of a plugin by hand.

python -m bench.plugins.invoke [--calls N] [--rounds N]

Three ways, in turns, one call at a time, unary, with the same ten fields: the stub of a generated module, straight to
the service that answers; `InvokeFunction` of an installed plugin that calls it by such a stub; and `InvokeFunction` of
the function that was registered by reflection. The last two are runs: stored, watched, told as events. What the
registration itself adds is the difference between them. The service and the one that answers are processes of their
own; the processor's time is that of the vaiven service. Nothing but loopback is used.
"""

from __future__ import annotations

import argparse
import asyncio
import platform
import statistics
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import grpc.aio
import psutil
from google.protobuf import struct_pb2
from rich.table import Table
from vaiven.v1 import plugin_pb2, plugin_service_pb2, plugin_service_pb2_grpc

from bench.child import child
from bench.machine import console
from bench.plugins.grpc import AIM_S, ARGUMENTS, direct
from bench.plugins.grpc_service import SERVICE
from bench.plugins.invoke_service import FUNCTION, INSTALLED

CALLS: Final = 600
ROUNDS: Final = 12
METHODS: Final = 10

DIRECT: Final = "direct stub"
BY_HAND: Final = "InvokeFunction, by hand"
REGISTERED: Final = "InvokeFunction, registered"

Call = Callable[[], Awaitable[None]]


@dataclass
class Found:
    """Of each round the median of the clock; of all calls the processor's time of the service. In seconds."""

    medians: list[float] = field(default_factory=list)
    calls: int = 0
    processor_s: float = 0.0

    @property
    def processor_per_call_s(self) -> float:
        """Return the processor's time of one call."""
        return self.processor_s / self.calls


async def measure(count: int, rounds: int) -> dict[str, Found]:
    """Return what was found, by way; of each way `count` calls in `rounds` rounds, the other one first each time."""
    async with child("bench.plugins.grpc_service", "--methods", str(METHODS)) as large:
        target = f"127.0.0.1:{int(await large.line())}"
        async with (
            child("bench.plugins.invoke_service", target.rpartition(":")[2]) as service,
            grpc.aio.insecure_channel(f"127.0.0.1:{int(await service.line())}") as channel,
            grpc.aio.insecure_channel(target) as straight,
        ):
            stub = plugin_service_pb2_grpc.PluginServiceStub(channel)
            source = plugin_pb2.GrpcSource(target=target, services=[f"{SERVICE}/Method0"])
            plugin = plugin_pb2.Plugin(source=plugin_pb2.PluginSource(grpc=source))
            await stub.RegisterPlugin(plugin_service_pb2.RegisterPluginRequest(plugin_id="large", plugin=plugin))
            ways: dict[str, Call] = {
                DIRECT: direct(straight, METHODS),
                BY_HAND: _invoking(stub, f"plugins/{INSTALLED}/functions/{FUNCTION}"),
                REGISTERED: _invoking(stub, f"plugins/large/functions/{FUNCTION}"),
            }
            found = {name: Found() for name in ways}
            process = psutil.Process(service.pid)
            for call in ways.values():
                await _timed(call, max(1, count // rounds), Found(), process)
            for turn in range(rounds):
                for name in ways if turn % 2 else reversed(ways):
                    await _timed(ways[name], max(1, count // rounds), found[name], process)
    return found


def _invoking(stub: Any, name: str) -> Call:
    arguments = struct_pb2.Struct()
    arguments.update(ARGUMENTS)
    request = plugin_service_pb2.InvokeFunctionRequest(name=name, arguments=arguments)

    async def call() -> None:
        last = None
        async for event in stub.InvokeFunction(request):
            last = event
        assert last is not None
        assert last.WhichOneof("payload") == "completed", last
        assert last.completed.result["order_id"] == str(ARGUMENTS["order_id"])

    return call


async def _timed(call: Call, count: int, found: Found, process: psutil.Process) -> None:
    before = process.cpu_times()
    seconds = []
    for _ in range(count):
        begun = time.perf_counter()
        await call()
        seconds.append(time.perf_counter() - begun)
    after = process.cpu_times()
    found.medians.append(statistics.median(seconds))
    found.calls += count
    found.processor_s += after.user + after.system - before.user - before.system


def show(found: Mapping[str, Found], count: int, rounds: int) -> None:
    """Print the table, and whether the aim is met."""
    out = console()
    load = " ".join(f"{one:.1f}" for one in psutil.getloadavg())
    out.print(f"Python {platform.python_version()}; load {load}\n")
    table = Table(title=f"One unary call at a time ({count} of each kind, medians of {rounds} rounds)")
    for heading in ("", "time", "service's processor"):
        table.add_column(heading, justify="left" if not heading else "right")
    for name, one in found.items():
        processor = "" if name == DIRECT else f"{one.processor_per_call_s * 1000:.2f} ms"
        table.add_row(name, f"{statistics.median(one.medians) * 1000:.2f} ms", processor)
    out.print(table)
    registered, by_hand = found[REGISTERED], found[BY_HAND]
    pairs = zip(registered.medians, by_hand.medians, strict=True)
    time_s = statistics.median(one - other for one, other in pairs)
    over_s = registered.processor_per_call_s - by_hand.processor_per_call_s
    verdict = "met" if over_s < AIM_S else "MISSED"
    out.print(f"The registration's own: {time_s * 1000:.2f} ms of the clock (median of the rounds' differences),")
    out.print(f"{over_s * 1000:.2f} ms of the processor; aim of the latter below {AIM_S * 1000:.0f} ms: {verdict}.")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--calls", type=int, default=CALLS)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    given = parser.parse_args()
    show(asyncio.run(measure(given.calls, given.rounds)), given.calls, given.rounds)


if __name__ == "__main__":
    main()
