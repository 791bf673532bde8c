"""Stored policies, and who said which limit."""

from __future__ import annotations

from typing import Final

from google.protobuf import field_mask_pb2
from vaiven.v1 import routing_pb2, routing_service_pb2

from service.errors import Violation
from service.routing.layers import HeldPolicy, LayerLimit, Origin
from service.rpc.convert.routing import policy_from_proto, policy_to_proto
from service.rpc.convert.values import request_id_from_proto, time_to_proto
from service.runs.policies import PolicyChange, StoredPolicy

_ORIGINS: Final = {
    Origin.SETTINGS: routing_pb2.POLICY_ORIGIN_SETTINGS,
    Origin.STORED: routing_pb2.POLICY_ORIGIN_STORED,
    Origin.REQUEST: routing_pb2.POLICY_ORIGIN_REQUEST,
}

_WHOLE: Final = frozenset({"*", "limits"})
"""Paths of a mask that name all limits."""

_PREFIX: Final = "limits."

_FIELDS: Final = {"max_cost": "max_costs", "max_latency": "max_latency_s"}
"""The contract's name of a limit to the code's, where they differ."""


def limits_to_proto(held: HeldPolicy) -> list[routing_pb2.PolicyLimit]:
    """Return who said which limit."""
    return [_limit(limit) for limit in held.limits]


def _limit(limit: LayerLimit) -> routing_pb2.PolicyLimit:
    return routing_pb2.PolicyLimit(
        field=limit.field,
        value=limit.value,
        origin=_ORIGINS[limit.layer.origin],
        subject=limit.layer.subject,
        holds=limit.holds,
    )


def conflicts_to_proto(held: HeldPolicy) -> list[str]:
    """Return where the policies leave nothing over, each a sentence."""
    return [_sentence(conflict) for conflict in held.conflicts]


def _sentence(conflict: Violation) -> str:
    return f"{conflict.subject}: {conflict.description}."


def stored_to_proto(stored: StoredPolicy) -> routing_pb2.StoredPolicy:
    """Return a policy as it is stored."""
    return routing_pb2.StoredPolicy(
        subject=stored.subject,
        limits=policy_to_proto(stored.policy),
        etag=stored.etag,
        update_time=None if stored.update_time is None else time_to_proto(stored.update_time),
    )


def change_from_proto(request: routing_service_pb2.UpdatePolicyRequest) -> PolicyChange:
    """Return the change that is asked.

    Raises:
        InvalidArgumentError: The amount of money is none, or below zero.
    """
    wanted = request.policy
    return PolicyChange(
        StoredPolicy(wanted.subject, policy_from_proto(wanted.limits), wanted.etag),
        _masked(request.update_mask),
        request.validate_only,
        request_id_from_proto(request.request_id),
    )


def _masked(mask: field_mask_pb2.FieldMask) -> frozenset[str] | None:
    paths = set(mask.paths)
    if not paths or paths & _WHOLE:
        return None
    names = {path.removeprefix(_PREFIX) if path.startswith(_PREFIX) else path for path in paths}
    return frozenset(_FIELDS.get(name, name) for name in names)
