"""The RPCs of PrivacyService over a real server; `test_rpcs` walks them with all others."""

from __future__ import annotations

import grpc
import pytest
from vaiven.v1 import privacy_pb2, privacy_service_pb2

from service.privacy.kinds import Kind
from service.runs.spec import LOCAL_PRINCIPAL
from tests.contract.edge import Edge, refusal


async def test_privacy_service_detect(edge: Edge) -> None:
    response = await edge.privacy.Detect(privacy_service_pb2.DetectRequest(text="Ana"))

    (finding,) = response.findings
    assert (finding.kind, finding.start, finding.end) == (privacy_pb2.PERSONAL_DATA_KIND_PERSON, 0, 3)
    assert edge.domain.privacy.calls == [("detect", LOCAL_PRINCIPAL, "Ana")]
    empty = edge.privacy.Detect(privacy_service_pb2.DetectRequest())
    assert await refusal(empty) == (grpc.StatusCode.INVALID_ARGUMENT, "INVALID_FIELD")


async def test_privacy_service_anonymize(edge: Edge) -> None:
    request = privacy_service_pb2.AnonymizeRequest(texts=["Ana", "Ana?"])
    response = await edge.privacy.Anonymize(request)
    with_session = await edge.privacy.Anonymize(privacy_service_pb2.AnonymizeRequest(texts=[""], session="sessions/s1"))

    assert (list(response.texts), response.restore_token) == (["‹PERSON_1›"] * 2, b"token")
    assert [(one.kind, one.values) for one in response.masked] == [(privacy_pb2.PERSONAL_DATA_KIND_PERSON, 1)]
    assert with_session.restore_token == b""
    assert edge.domain.privacy.calls == [
        ("anonymize", LOCAL_PRINCIPAL, ("Ana", "Ana?"), None),
        ("anonymize", LOCAL_PRINCIPAL, ("",), "sessions/s1"),
    ]
    nothing = edge.privacy.Anonymize(privacy_service_pb2.AnonymizeRequest())
    assert await refusal(nothing) == (grpc.StatusCode.INVALID_ARGUMENT, "INVALID_FIELD")


async def test_privacy_service_restore(edge: Edge) -> None:
    request = privacy_service_pb2.RestoreRequest(texts=["‹PERSON_1›"], restore_token=b"token", json=True)
    response = await edge.privacy.Restore(request)
    await edge.privacy.Restore(privacy_service_pb2.RestoreRequest(texts=["x"], session="sessions/s1"))

    assert (list(response.texts), response.unknown, response.altered) == (["Ana"], 2, 1)
    assert edge.domain.privacy.calls == [
        ("restore", LOCAL_PRINCIPAL, ("‹PERSON_1›",), None, b"token", True),
        ("restore", LOCAL_PRINCIPAL, ("x",), "sessions/s1", b"", False),
    ]
    without = edge.privacy.Restore(privacy_service_pb2.RestoreRequest(texts=["x"]))
    assert await refusal(without) == (grpc.StatusCode.INVALID_ARGUMENT, "INVALID_FIELD")


@pytest.mark.parametrize("kind", Kind)
def test_each_kind_has_its_word_in_the_contract(kind: Kind) -> None:
    assert privacy_pb2.PersonalDataKind.Value(f"PERSONAL_DATA_KIND_{kind.value}") > 0
    assert len(privacy_pb2.PersonalDataKind.values()) == len(Kind) + 1
