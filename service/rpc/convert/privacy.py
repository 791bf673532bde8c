"""Personal data to the contract's words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from vaiven.v1 import privacy_pb2, run_event_pb2

from service.privacy.kinds import Finding, Kind
from service.runs import events

KINDS: Final = {kind: privacy_pb2.PersonalDataKind.Value(f"PERSONAL_DATA_KIND_{kind.value}") for kind in Kind}


def counts_to_proto(counts: Mapping[Kind, int]) -> list[privacy_pb2.MaskedCount]:
    """Return how much of which kind was replaced."""
    return [privacy_pb2.MaskedCount(kind=KINDS[kind], values=values) for kind, values in counts.items()]


def findings_to_proto(findings: Iterable[Finding]) -> list[privacy_pb2.PersonalDataFinding]:
    """Return where personal data is."""
    return [privacy_pb2.PersonalDataFinding(kind=KINDS[one.kind], start=one.start, end=one.end) for one in findings]


def action_to_proto(payload: events.PrivacyAction) -> run_event_pb2.PrivacyAction:
    """Return what was masked for which deployment."""
    return run_event_pb2.PrivacyAction(
        model=payload.model,
        backend=payload.backend,
        deployment=payload.deployment,
        masked=counts_to_proto({one.kind: one.values for one in payload.masked}),
    )
