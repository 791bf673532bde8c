from __future__ import annotations

from typing import TypeVar

import grpc
import pytest
from google.protobuf.message import Message
from google.rpc import code_pb2, error_details_pb2, status_pb2

import service.knowledge.errors  # noqa: F401 - so that its errors are walked too
from service.errors import (
    Code,
    FailedPreconditionError,
    InvalidArgumentError,
    NoRouteError,
    PermissionDeniedError,
    QueueFullError,
    UnavailableError,
    VaivenError,
    Violation,
)
from service.rpc.status import (
    INTERNAL_MESSAGE,
    MAX_DETAILS_BYTES,
    MAX_MESSAGE_BYTES,
    internal_status,
    new_correlation_id,
    to_status,
)
from tests.unit.rpc.fakes import subclasses

D = TypeVar("D", bound=Message)


def detail(status: status_pb2.Status, kind: type[D]) -> D | None:
    for box in status.details:
        found = kind()
        if box.Unpack(found):
            return found
    return None


@pytest.mark.parametrize("cls", subclasses(VaivenError), ids=lambda cls: cls.__name__)
def test_every_error_has_its_code_message_and_reason(cls: type[VaivenError]) -> None:
    status = to_status(cls("Do this instead."))

    assert status.code == code_pb2.Code.Value(cls.code.value)
    assert status.message == "Do this instead."
    info = detail(status, error_details_pb2.ErrorInfo)
    assert info is not None
    assert (info.reason, info.domain) == (cls.default_reason, "vaiven")
    assert info.reason == info.reason.upper()


@pytest.mark.parametrize("cls", subclasses(VaivenError), ids=lambda cls: cls.__name__)
def test_every_error_that_says_when_to_retry_carries_retry_info(cls: type[VaivenError]) -> None:
    error = cls("Later.")
    error.retry_after_s = 1.5

    retry = detail(to_status(error), error_details_pb2.RetryInfo)

    assert retry is not None
    assert retry.retry_delay.ToTimedelta().total_seconds() == 1.5


@pytest.mark.parametrize("code", list(Code))
def test_every_code_is_one_of_grpc(code: Code) -> None:
    assert code_pb2.Code.Value(code.value) == grpc.StatusCode[code.value].value[0]


def test_no_retry_info_without_a_time() -> None:
    assert detail(to_status(UnavailableError("Gone.")), error_details_pb2.RetryInfo) is None


def test_a_bad_field_is_named() -> None:
    violations = (Violation("input", "is empty"), Violation("stop[0]", "is too long"))
    status = to_status(InvalidArgumentError("input is empty", violations=violations))

    bad = detail(status, error_details_pb2.BadRequest)
    assert bad is not None
    assert [(v.field, v.description, v.reason) for v in bad.field_violations] == [
        ("input", "is empty", "INVALID_FIELD"),
        ("stop[0]", "is too long", "INVALID_FIELD"),
    ]


def test_no_route_has_a_violation_for_each_candidate() -> None:
    violations = [Violation(f"models/m{n}", "is in the cloud") for n in range(3)]
    status = to_status(NoRouteError("No model fits.", violations=violations))

    assert status.code == code_pb2.FAILED_PRECONDITION
    failure = detail(status, error_details_pb2.PreconditionFailure)
    assert failure is not None
    assert [(v.type, v.subject, v.description) for v in failure.violations] == [
        ("NO_ROUTE", f"models/m{n}", "is in the cloud") for n in range(3)
    ]


def test_a_full_queue_says_what_is_full_and_when_to_come_back() -> None:
    status = to_status(
        QueueFullError("Full.", retry_after_s=2, violations=[Violation("models/colibri", "8 requests wait")])
    )

    quota = detail(status, error_details_pb2.QuotaFailure)
    assert quota is not None
    assert [(v.subject, v.description) for v in quota.violations] == [("models/colibri", "8 requests wait")]
    assert detail(status, error_details_pb2.RetryInfo) is not None


def test_violations_of_other_codes_are_not_lost() -> None:
    status = to_status(PermissionDeniedError("No.", violations=[Violation("runs/r1", "belongs to another")]))

    assert detail(status, error_details_pb2.PreconditionFailure) is not None


def test_a_narrower_reason_replaces_the_class_s_own() -> None:
    info = detail(to_status(FailedPreconditionError("Load it.", reason="MODEL_LOADING")), error_details_pb2.ErrorInfo)

    assert info is not None
    assert info.reason == "MODEL_LOADING"


@pytest.mark.parametrize("letter", ["x", "ñ", "漢"])
def test_a_status_fits_the_trailers_whatever_is_in_it(letter: str) -> None:
    violations = [Violation(letter * 300, letter * 900) for _ in range(200)]
    status = to_status(InvalidArgumentError(letter * 5000, violations=violations, retry_after_s=1))

    bad = detail(status, error_details_pb2.BadRequest)
    assert bad is not None
    assert bad.field_violations[-1].description == f"and {200 - (len(bad.field_violations) - 1)} more"
    assert sum(box.ByteSize() for box in status.details) <= MAX_DETAILS_BYTES + 3 * 64
    assert len(status.message.encode()) <= MAX_MESSAGE_BYTES
    assert status.message.endswith("…")


def test_an_unforeseen_error_has_a_fixed_text_and_an_id_alone() -> None:
    correlation_id = new_correlation_id()
    status = internal_status(correlation_id)

    assert status.code == code_pb2.INTERNAL
    assert status.message == f"{INTERNAL_MESSAGE} ({correlation_id})"
    info = detail(status, error_details_pb2.ErrorInfo)
    assert info is not None
    assert dict(info.metadata) == {"correlation_id": correlation_id}
    assert correlation_id != new_correlation_id()
