"""What the service holds when all runs are over does not depend on how many there were."""

import asyncio
import gc
from collections import Counter
from pathlib import Path

import grpc.aio
from vaiven.v1 import agent_service_pb2, agent_service_pb2_grpc, session_service_pb2, session_service_pb2_grpc

from service.backends.fake import FakeAnswer, FakeGenerator
from service.bootstrap import open_app
from service.testing.app import scratch_settings

FUNCTION = "plugins/chat/functions/reply"

LEFT_TO_SETTLE = 2000
TIMERS = 128
"""A loop lets go of cancelled timers when they are more than a hundred; each holds the call in which it was made."""

HELD_BY_TIMERS = ("service.rpc.interceptors.chain.Call", "vaiven.v1.")


def held() -> Counter[str]:
    """Return how many objects of each of this project's kinds there are."""
    gc.collect()
    kinds = (type(one) for one in gc.get_objects())
    names = (f"{kind.__module__}.{kind.__qualname__}" for kind in kinds)
    return Counter(name for name in names if name.startswith(("service.", "planners.", "plugins.", "vaiven.v1.")))


def more(before: Counter[str]) -> dict[str, int]:
    """Return of what there is more than before, but for what timers hold, and that is not much."""
    found = held() - before
    return {name: count for name, count in found.items() if not name.startswith(HELD_BY_TIMERS) or count > TIMERS}


async def test_finished_runs_leave_nothing(tmp_path: Path) -> None:
    model = FakeGenerator(FakeAnswer(("Hello ", "to you.")))
    async with (
        open_app(scratch_settings(tmp_path), generators=[model]) as app,
        grpc.aio.insecure_channel(f"127.0.0.1:{app.port}") as channel,
    ):
        agents = agent_service_pb2_grpc.AgentServiceStub(channel)
        sessions = session_service_pb2_grpc.SessionServiceStub(channel)

        async def run(number: int) -> None:
            session = (await sessions.CreateSession(session_service_pb2.CreateSessionRequest())).session.name
            asked = agent_service_pb2.RunRequest(input=f"hello {number}", function=FUNCTION, session=session)
            events = [event async for event in agents.Run(asked)]
            assert events[-1].completed.text == "Hello to you."
            left = agents.Run(agent_service_pb2.RunRequest(input="hello", function=FUNCTION, cancel_on_disconnect=True))
            await left.read()
            left.cancel()
            model.requests.clear()

        for number in range(20):
            await run(number)
        first = held()
        for number in range(100):
            await run(number)
        for _ in range(LEFT_TO_SETTLE):
            # What follows the last event of a run takes some turns of the loop and of the store's thread.
            if not more(first):
                break
            await asyncio.sleep(0)
        assert more(first) == {}
