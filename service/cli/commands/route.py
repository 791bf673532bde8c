"""`vaiven route`: who would answer, and why; nobody is asked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from service.cli.amounts import money_from_words
from service.cli.caller import Caller
from service.cli.command import command
from service.cli.commands.policy import show_limits
from service.cli.names import function_name, short, whole
from service.cli.policy_options import Level, privacy_level
from service.cli.screen import print_json, print_table, printable, say
from service.cli.words import joined

if TYPE_CHECKING:
    from rich.text import Text
    from vaiven.v1.routing_pb2 import RoutePrediction
    from vaiven.v1.run_event_pb2 import CandidateVerdict, RoutingDecision

COLUMNS = ("Deployment", "Model", "Backend", "Region", "Quality", "At worst", "Expected", "Seconds", "Score", "Verdict")


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    command(app, "route", example='vaiven route --max-cost "0.01 EUR" "summarise this contract"')(route)


def route(
    caller: Caller,
    text: Annotated[list[str], typer.Argument(help="What you would ask; `-` reads standard input.", metavar="TEXT")],
    function: Annotated[
        str, typer.Option(help="Let the policy of this function hold too.", metavar="PLUGIN.FUNCTION")
    ] = "",
    model: Annotated[str, typer.Option(help="Let only this model answer.", metavar="MODEL")] = "",
    local_only: Annotated[bool, typer.Option("--local-only", help="Let nothing leave the service's machine.")] = False,
    privacy: Annotated[
        Level | None, typer.Option(help="Where your words may go.", metavar="any|pseudonymised|local-only")
    ] = None,
    max_cost: Annotated[str, typer.Option(help="The most that it may cost.", metavar="AMOUNT")] = "",
    max_output_tokens: Annotated[
        int | None, typer.Option(help="The most tokens of the answer.", metavar="NUMBER", min=1)
    ] = None,
    region: Annotated[
        list[str] | None, typer.Option(help="Compute in this region only; may be repeated.", metavar="REGION")
    ] = None,
    adapter: Annotated[
        str | None, typer.Option(help="Let only models beside which it is loaded answer.", metavar="ADAPTER")
    ] = None,
) -> None:
    """See which model would answer, at what cost, and why."""
    from vaiven.v1 import routing_pb2
    from vaiven.v1.generation_pb2 import GenerationParameters
    from vaiven.v1.routing_service_pb2 import ExplainRouteRequest
    from vaiven.v1.routing_service_pb2_grpc import RoutingServiceStub

    level = Level.LOCAL_ONLY if local_only else privacy
    policy = routing_pb2.RoutingPolicy(
        privacy=privacy_level(level),
        max_cost=money_from_words(max_cost, "--max-cost") if max_cost else None,
        regions=region or (),
    )
    request = ExplainRouteRequest(
        input=joined(text),
        function=function_name(function) if function else "",
        model=whole("models", model) if model else "",
        generation=GenerationParameters(max_output_tokens=max_output_tokens, adapter=adapter),
        policy=policy,
    )
    answer = caller.call(RoutingServiceStub(caller.channel).ExplainRoute, request)
    if caller.connection.json:
        return print_json(answer)
    _show(answer.decision)
    if answer.limits:
        show_limits(answer.limits, answer.conflicts, empty="")
    return None


def _show(decision: RoutingDecision) -> None:
    ranked = sorted(decision.candidates, key=lambda c: (not c.admitted, c.deployment != decision.deployment, c.score))
    rows = [_row(candidate, decision) for candidate in ranked]
    columns: tuple[str, ...] = COLUMNS
    if all(candidate.deployment == short(candidate.model) for candidate in ranked):
        # One deployment for each model, as mostly: the second column would say the first again.
        columns, rows = COLUMNS[1:], [row[1:] for row in rows]
    print_table(columns, rows, empty="No models.")
    say(printable(decision.explanation))


def _row(candidate: CandidateVerdict, decision: RoutingDecision) -> tuple[str | Text, ...]:
    from rich.text import Text
    from vaiven.v1.routing_pb2 import QualityTier

    chosen = candidate.deployment == decision.deployment
    verdict = "answers" if chosen else "may answer" if candidate.admitted else "; ".join(candidate.reasons)
    style = "green" if chosen else "" if candidate.admitted else "yellow"
    return (
        printable(candidate.deployment),
        short(candidate.model),
        candidate.backend,
        printable(candidate.region) or "this machine",
        QualityTier.Name(candidate.quality).removeprefix("QUALITY_TIER_").lower(),
        *_predicted(candidate.prediction if candidate.HasField("prediction") else None),
        f"{candidate.score:.2f}" if candidate.HasField("score") else "",
        Text(printable(verdict), style=style),
    )


def _predicted(prediction: RoutePrediction | None) -> tuple[str, str, str]:
    from service.cli.summary import money

    if prediction is None:
        return ("", "", "")
    worst = money(prediction.worst_cost) if prediction.HasField("worst_cost") else "not known"
    expected = money(prediction.expected_cost) if prediction.HasField("expected_cost") else "not known"
    return (worst, expected, f"{'' if prediction.measured else '~'}{prediction.total_s:.1f}")
