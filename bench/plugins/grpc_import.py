"""One import of a service in a fresh process: prints what it took as a line of JSON.

Arguments: a port on the loopback address.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time

import psutil

from bench.lag import INTERVAL_S
from plugins.sources.grpc_reflection import GrpcRegistration, GrpcSource, check_target
from plugins.sources.kernel_plugin import to_kernel_plugin


async def _measure(port: int) -> dict[str, float]:
    process = psutil.Process()
    source = GrpcSource(GrpcRegistration("large", check_target(f"127.0.0.1:{port}")))
    before = process.memory_info().rss
    late = [0.0]
    watch = asyncio.create_task(_watch(late))
    begun, processor_begun = time.perf_counter(), time.process_time()
    plugin = await source.read()
    read_s, read_processor_s = time.perf_counter() - begun, time.process_time() - processor_begun
    watch.cancel()
    read_bytes = process.memory_info().rss - before
    begun, processor_begun = time.perf_counter(), time.process_time()
    kernel_plugin = to_kernel_plugin(plugin)
    kernel_s, kernel_processor_s = time.perf_counter() - begun, time.process_time() - processor_begun
    kernel_bytes = process.memory_info().rss - before - read_bytes
    await source.aclose()
    return {
        "functions": len(kernel_plugin.functions),
        "read_s": read_s,
        "read_processor_s": read_processor_s,
        "read_bytes": read_bytes,
        "lag_s": max(late),
        "kernel_s": kernel_s,
        "kernel_processor_s": kernel_processor_s,
        "kernel_bytes": kernel_bytes,
    }


async def _watch(late: list[float]) -> None:
    """Note each time how late the event loop came to what was due; ends by being cancelled."""
    loop = asyncio.get_running_loop()
    while True:
        due = loop.time() + INTERVAL_S
        await asyncio.sleep(INTERVAL_S)
        late.append(loop.time() - due)


def main() -> None:
    """Measure and print."""
    print(json.dumps(asyncio.run(_measure(int(sys.argv[1])))))


if __name__ == "__main__":
    main()
