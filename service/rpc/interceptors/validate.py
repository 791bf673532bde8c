"""Holds every request to the rules that the contract states beside its fields."""

from __future__ import annotations

from protovalidate import Validator
from protovalidate import Violation as RuleViolation

from service.errors import InvalidArgumentError, Violation
from service.rpc.interceptors.chain import Call, Guard

WHOLE_REQUEST = "request"
"""The subject of a rule on several fields together."""


class ValidateGuard(Guard):
    """Refuses a malformed request with a violation for each rule it breaks; values are never repeated."""

    def __init__(self) -> None:
        """Make the one validator, which keeps the rules that it compiled."""
        self._validator = Validator()

    async def enter(self, call: Call) -> None:
        """Check the request."""
        found = self._validator.collect_violations(call.request)
        if found:
            violations = [_violation(v) for v in found]
            first = violations[0]
            raise InvalidArgumentError(f"{first.subject}: {first.description}", violations=violations)


def _violation(found: RuleViolation) -> Violation:
    """Return the violation with its field path, e.g. `generation.stop[0]`."""
    proto = found.proto
    elements = proto.field.elements if proto.field is not None else []
    path = ".".join(_element(e) for e in elements)
    return Violation(path or WHOLE_REQUEST, proto.message)


def _element(element: object) -> str:
    subscript = getattr(element, "subscript", None)
    name = str(getattr(element, "field_name", ""))
    if subscript is None:
        return name
    # A map's key is the caller's own text, so only a list's index is shown.
    return f"{name}[{subscript.value}]" if subscript.field == "index" else f"{name}[…]"
