"""SIGHUP to the process that `vaiven serve` is: new settings at once, wrong ones never, a mended file again."""

from __future__ import annotations

import asyncio
import signal
from pathlib import Path

import pytest
from vaiven.v1 import routing_pb2, routing_service_pb2
from vaiven.v1.routing_service_pb2_grpc import RoutingServiceStub

from tests.e2e.client import connected, hello
from tests.e2e.entries import command
from tests.e2e.processes import TINY_MODEL, Service, serving

pytestmark = pytest.mark.usefixtures("fork_server")


async def logged(service: Service, words: str) -> None:
    """Wait until the service has written `words` to its log; the test's own limit bounds it."""
    while words not in await asyncio.to_thread(service.log):
        pass


async def test_settings_are_read_again_and_the_old_ones_stay_where_the_new_are_wrong(tmp_path: Path) -> None:
    file = tmp_path / "vaiven.toml"
    file.write_text('[routing.policy]\nregions = ["eu-a"]\n')
    arguments = ("--json", "serve", "--config", str(file), "--listen", "127.0.0.1:0")
    async with (
        serving(tmp_path, command, *arguments, environment={**TINY_MODEL, "VAIVEN_LOGGING__FORMAT": "json"}) as service,
        connected(service.address) as client,
    ):
        routing = RoutingServiceStub(client.channel)

        async def policy() -> routing_pb2.RoutingPolicy:
            return (await routing.GetPolicy(routing_service_pb2.GetPolicyRequest())).policy

        assert list((await policy()).regions) == ["eu-a"]

        file.write_text('[routing.policy]\nregions = ["eu-b"]\nprivacy = "nowhere"\n')
        service.tell(signal.SIGHUP)
        await logged(service, "settings_not_reloaded")
        assert "routing.policy.privacy" in service.log()
        assert list((await policy()).regions) == ["eu-a"], "what is wrong in a part changes nothing at all"

        file.write_text('[routing.policy]\nregions = ["eu-b"]\nprivacy = "local_only"\n[runs]\nmax_concurrent = 7\n')
        service.tell(signal.SIGHUP)
        await logged(service, "settings_reloaded")
        now = await policy()
        assert (list(now.regions), now.privacy) == (["eu-b"], routing_pb2.PRIVACY_LEVEL_LOCAL_ONLY)
        assert '"settings": ["runs.max_concurrent"]' in service.log()
        assert [event async for event in client.agents.Run(hello())][-1].WhichOneof("payload") == "incomplete"
