"""A client that keeps a number of requests going: within `bench.throughput`, and as a process of its own.

As a process (`python -m bench.load ADDRESS --at-once 4`) it says `started` when the first text of each has come, and
goes on until its standard input closes; then it says how many tokens came.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import grpc.aio
from google.protobuf import struct_pb2
from vaiven.v1 import generation_pb2, plugin_service_pb2
from vaiven.v1.plugin_service_pb2_grpc import PluginServiceStub

from bench import mails

if TYPE_CHECKING:
    from vaiven.v1.plugin_service_pb2_grpc import PluginServiceAsyncStub


@dataclass(frozen=True, slots=True)
class Served:
    """One run: its tokens, its text, and seconds from the call to the first text."""

    tokens: int
    text: str
    first_text_s: float


class RunFailedError(RuntimeError):
    """A run did not end with text; then there is nothing to measure."""


async def ask(stub: PluginServiceAsyncStub, number: int, started: asyncio.Event | None = None) -> Served:
    """Draft the `number`-th mail.

    Raises:
        RunFailedError: It did not come to its end.
    """
    arguments = struct_pb2.Struct()
    arguments.update(mails.arguments(number))
    generation = generation_pb2.GenerationParameters(max_output_tokens=mails.MAX_OUTPUT_TOKENS)
    request = plugin_service_pb2.InvokeFunctionRequest(name=mails.FUNCTION, arguments=arguments, generation=generation)
    asked, first_text_s = time.perf_counter(), 0.0
    async for event in stub.InvokeFunction(request):
        match event.WhichOneof("payload"):
            case "text_delta" if not first_text_s:
                first_text_s = time.perf_counter() - asked
                if started is not None:
                    started.set()
            case "completed":
                return Served(event.completed.usage.output_tokens, event.completed.text, first_text_s)
            case "incomplete":
                return Served(event.incomplete.usage.output_tokens, event.incomplete.text, first_text_s)
            case "failed":
                raise RunFailedError(f"{event.failed.reason}: {event.failed.message}")
    raise RunFailedError("the stream ended without a terminal event")


async def all_of(stub: PluginServiceAsyncStub, count: int, at_once: int) -> list[Served]:
    """Draft the first `count` mails, `at_once` at a time, and return them in order."""
    numbers = enumerate(range(count))
    served: dict[int, Served] = {}

    async def worker() -> None:
        for place, number in numbers:
            served[place] = await ask(stub, number)

    async with asyncio.TaskGroup() as group:
        for _ in range(at_once):
            group.create_task(worker())
    return [served[place] for place in range(count)]


async def keep_going(address: str, at_once: int) -> int:
    """Keep `at_once` requests going until standard input closes; return how many tokens came."""
    numbers, tokens = itertools.count(), 0
    async with grpc.aio.insecure_channel(address) as channel:
        stub = PluginServiceStub(channel)

        async def worker(started: asyncio.Event) -> None:
            nonlocal tokens
            for number in numbers:
                tokens += (await ask(stub, number, started)).tokens

        async def until_told() -> None:
            await asyncio.gather(*(event.wait() for event in events))
            print("started", flush=True)
            await asyncio.to_thread(sys.stdin.read)

        events = [asyncio.Event() for _ in range(at_once)]
        workers = [asyncio.create_task(worker(event)) for event in events]
        told = asyncio.create_task(until_told())
        done, _ = await asyncio.wait({told, *workers}, return_when=asyncio.FIRST_COMPLETED)
        for task in workers:
            task.cancel()
        await asyncio.gather(*workers, return_exceptions=True)
        for task in done:
            task.result()
    return tokens


def main() -> None:
    """Keep a service busy until standard input closes."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("address")
    parser.add_argument("--at-once", type=int, default=4)
    given = parser.parse_args()
    print(asyncio.run(keep_going(given.address, given.at_once)), flush=True)


if __name__ == "__main__":
    main()
