"""`vaiven policy`: the operator's limits on who may answer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from service.cli.caller import Caller
from service.cli.command import command, new_group
from service.cli.names import function_name, short
from service.cli.screen import print_facts, print_json, printable, say

if TYPE_CHECKING:
    from vaiven.v1.routing_pb2 import RoutingPolicy

group = new_group("See the operator's limits on who may answer.", example="vaiven policy show")


@command(group, "show", example="vaiven policy show --function support.answer")
def show(
    caller: Caller,
    function: Annotated[
        str, typer.Option(help="What holds for this function, not for all.", metavar="PLUGIN.FUNCTION")
    ] = "",
) -> None:
    """Show the limits; a request may only make them stricter."""
    from vaiven.v1.routing_service_pb2 import GetPolicyRequest
    from vaiven.v1.routing_service_pb2_grpc import RoutingServiceStub

    request = GetPolicyRequest(function=function_name(function) if function else "")
    policy = caller.call(RoutingServiceStub(caller.channel).GetPolicy, request).policy
    if caller.connection.json:
        return print_json(policy)
    facts = [(name, printable(value)) for name, value in _facts(policy) if value]
    return print_facts(facts) if facts else say("Nothing is limited: any model may answer.")


def _facts(policy: RoutingPolicy) -> Iterator[tuple[str, str]]:
    from vaiven.v1.routing_pb2 import Capability, PrivacyLevel, QualityTier

    from service.cli.summary import money, seconds

    privacy = {
        PrivacyLevel.PRIVACY_LEVEL_ANY: "words may go anywhere",
        PrivacyLevel.PRIVACY_LEVEL_PSEUDONYMISED: "words leave this machine with pseudonyms only",
        PrivacyLevel.PRIVACY_LEVEL_LOCAL_ONLY: "words stay on the service's machine",
    }
    yield "Privacy", privacy.get(policy.privacy, "")
    yield "Cost", f"at most {money(policy.max_cost)} a generation" if policy.HasField("max_cost") else ""
    latency_s = policy.max_latency.seconds + policy.max_latency.nanos / 1e9
    yield "Time", f"at most {seconds(latency_s)} a generation" if policy.HasField("max_latency") else ""
    yield "Regions", ", ".join(policy.regions)
    quality = QualityTier.Name(policy.min_quality).removeprefix("QUALITY_TIER_").lower()
    yield "Quality", f"{quality} or better" if policy.min_quality else ""
    capabilities = (Capability.Name(one).removeprefix("CAPABILITY_").lower() for one in policy.capabilities)
    yield "Abilities", ", ".join(name.replace("_", " ") for name in capabilities)
    yield "Context", f"at least {policy.min_context_tokens:,} tokens" if policy.min_context_tokens else ""
    yield "Models", ", ".join(short(name) for name in policy.models)
    yield "Backends", ", ".join(policy.backends)
    yield "Not models", ", ".join(short(name) for name in policy.excluded_models)
    yield "Not backends", ", ".join(policy.excluded_backends)
    if policy.HasField("allow_continuation"):
        yield "Broken off", f"another model {'may' if policy.allow_continuation else 'may not'} go on with an answer"
    if policy.HasField("degrade_to_local"):
        yield "Budget short", "a cheaper model may answer" if policy.degrade_to_local else "the run fails"
