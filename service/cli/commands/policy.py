"""`vaiven policy`: who may answer, by your own word; the operator's and the request's hold beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from service.cli.caller import Caller
from service.cli.command import command, new_group
from service.cli.names import allowed_name, short
from service.cli.policy_options import LimitOptions
from service.cli.run_options import new_request_id
from service.cli.screen import print_json, print_table, printable, say

if TYPE_CHECKING:
    from collections.abc import Iterable

    from vaiven.v1.routing_pb2 import PolicyLimit, RoutingPolicy, StoredPolicy
    from vaiven.v1.routing_service_pb2_grpc import RoutingServiceStub

group = new_group("Say who may answer.", example="vaiven policy set support --privacy local-only")

COLUMNS: Final = ("Limit", "Value", "Said by", "For", "")

SubjectArgument = Annotated[
    str, typer.Argument(help="A plugin or a function; none: all requests.", metavar="[PLUGIN[.FUNCTION]]")
]


@command(group, "show", example="vaiven policy show email.draft")
def show(caller: Caller, subject: SubjectArgument = "") -> None:
    """Show what holds, who said which limit, and where nothing is left over."""
    from vaiven.v1.routing_service_pb2 import GetPolicyRequest

    answer = caller.call(_routing(caller).GetPolicy, GetPolicyRequest(function=_named(subject)))
    if caller.connection.json:
        return print_json(answer)
    return show_limits(answer.limits, answer.conflicts, empty="Nothing is limited.")


@command(group, "set", example='vaiven policy set --max-cost "0.05 EUR" --region data-zone-eu')
def set_policy(
    caller: Caller,
    limits: LimitOptions,
    subject: SubjectArgument = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show what would be stored.")] = False,
) -> None:
    """Set limits of your own; those that are not named stay, and all hold at once."""
    subject = _named(subject)
    _update(caller, subject, limits.said(), limits.changed(), dry_run=dry_run)


@command(group, "clear", example="vaiven policy clear support")
def clear(caller: Caller, subject: SubjectArgument = "") -> None:
    """Take all your own limits away, of just that plugin or function, or of those for all requests."""
    _update(caller, subject, {}, [], dry_run=False)


def _update(caller: Caller, subject: str, limits: dict[str, Any], changed: list[str], *, dry_run: bool) -> None:
    from google.protobuf.field_mask_pb2 import FieldMask
    from vaiven.v1.routing_pb2 import RoutingPolicy, StoredPolicy
    from vaiven.v1.routing_service_pb2 import UpdatePolicyRequest

    request = UpdatePolicyRequest(
        request_id="" if dry_run else new_request_id(),
        policy=StoredPolicy(subject=_named(subject), limits=RoutingPolicy(**limits)),
        update_mask=FieldMask(paths=[f"limits.{name}" for name in changed]),
        validate_only=dry_run,
    )
    stored = caller.call(_routing(caller).UpdatePolicy, request).policy
    if caller.connection.json:
        print_json(stored)
        return
    _say_stored(stored, dry_run=dry_run)


def _say_stored(stored: StoredPolicy, *, dry_run: bool) -> None:
    about = short(stored.subject) if stored.subject else "all requests"
    lines = list(_lines(stored.limits))
    being = "would be" if dry_run else "are"
    print_table(("Limit", "Value"), lines, empty=f"No limits of your own {being} left for {about}.")
    if lines:
        say(f"These {being} your own limits for {about}; `vaiven policy show` has all that hold.")


def _lines(policy: RoutingPolicy) -> Iterable[tuple[str, str]]:
    from google.protobuf.json_format import MessageToDict

    from service.cli.summary import money

    for name, value in MessageToDict(policy, preserving_proto_field_name=True).items():
        if name == "privacy" and value == "PRIVACY_LEVEL_ANY":
            continue
        words = ", ".join(map(_word, value)) if isinstance(value, list) else _word(value)
        yield name.replace("_", "-"), money(policy.max_cost) if name == "max_cost" else words


def _word(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    text = str(value)
    for prefix in ("PRIVACY_LEVEL_", "QUALITY_TIER_", "CAPABILITY_"):
        if text.startswith(prefix):
            return text.removeprefix(prefix).lower()
    return printable(text.removeprefix("models/"))


def show_limits(limits: Iterable[PolicyLimit], conflicts: Iterable[str], *, empty: str) -> None:
    """Print who said which limit, then where they leave nothing over."""
    print_table(COLUMNS, (_row(limit) for limit in limits), empty=empty)
    for conflict in conflicts:
        say(f"! {conflict}", style="yellow")


def _row(limit: PolicyLimit) -> tuple[str, ...]:
    from vaiven.v1.routing_pb2 import PolicyOrigin

    said_by = {"SETTINGS": "the operator", "STORED": "you", "REQUEST": "the request"}
    origin = PolicyOrigin.Name(limit.origin).removeprefix("POLICY_ORIGIN_")
    subject = limit.subject if not limit.subject.startswith("plugins/") else short(limit.subject)
    return (
        limit.field.replace("_", "-"),
        printable(limit.value),
        said_by.get(origin, origin.lower()),
        printable(subject) or "all",
        "" if limit.holds else "another is stricter",
    )


def _named(subject: str) -> str:
    return allowed_name(subject) if subject else ""


def _routing(caller: Caller) -> RoutingServiceStub:
    from vaiven.v1.routing_service_pb2_grpc import RoutingServiceStub

    return RoutingServiceStub(caller.channel)
