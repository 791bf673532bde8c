"""What is known of a long operation, and how it is written into the store."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal, TypeAlias

import orjson
from pydantic import TypeAdapter

from service.backends.base import ModelCard, Price
from service.errors import OperationCancelledError, VaivenError
from service.models.benchmark_records import BenchmarkPoint, BenchmarkReport
from service.models.comparison.records import ComparisonReport
from service.runs.names import operation_name
from service.store.operations import OperationRow

Action: TypeAlias = Literal["PULL", "LOAD", "BENCHMARK", "QUANTIZE", "COMPARE"]

_COMPARISON: Final = TypeAdapter(ComparisonReport)

SUCCEEDED = "SUCCEEDED"
FAILED = "FAILED"
CANCELLED = "CANCELLED"


@dataclass(frozen=True, slots=True)
class Progress:
    """What is done now, and how much of it: `done` of `total` in `unit`; `total` 0: not known."""

    stage: str = ""
    done: int = 0
    total: int = 0
    unit: str = ""


Outcome: TypeAlias = ModelCard | BenchmarkReport | ComparisonReport
"""What an operation gives that went well."""

_KINDS: Final[dict[type, str]] = {ModelCard: "model", BenchmarkReport: "benchmark", ComparisonReport: "comparison"}


@dataclass(frozen=True, slots=True)
class OperationFailure:
    """How an operation failed, in the words of the error that ended it."""

    code: str
    reason: str
    message: str
    retry_after_s: float | None


@dataclass(frozen=True, slots=True)
class OperationRecord:
    """An operation as it is now; `outcome` is None until it has ended."""

    name: str
    action: Action
    model_id: str
    progress: Progress
    create_time: datetime
    outcome: Outcome | OperationFailure | None = None
    end_time: datetime | None = None


def record_of(row: OperationRow, progress: Progress | None = None) -> OperationRecord:
    """Return what a row says; `progress` is that of now, where it is being worked on."""
    action: Any = row.action
    return OperationRecord(
        name=operation_name(row.id),
        action=action,
        model_id=row.model,
        progress=progress or Progress(**orjson.loads(row.progress)),
        create_time=row.create_time,
        outcome=None if row.outcome is None else _decode_outcome(orjson.loads(row.outcome)),
        end_time=row.end_time,
    )


def encode_progress(progress: Progress) -> bytes:
    """Return the progress as JSON."""
    return orjson.dumps(progress)


def state_of(outcome: Outcome | VaivenError) -> str:
    """Return the state in which the outcome leaves an operation."""
    if isinstance(outcome, OperationCancelledError):
        return CANCELLED
    return FAILED if isinstance(outcome, VaivenError) else SUCCEEDED


def encode_outcome(outcome: Outcome | VaivenError) -> bytes:
    """Return the outcome as JSON."""
    if isinstance(outcome, VaivenError):
        failure = OperationFailure(outcome.code.value, outcome.reason, outcome.message, outcome.retry_after_s)
        return orjson.dumps({"failure": dataclasses.asdict(failure)})
    return orjson.dumps({_KINDS[type(outcome)]: dataclasses.asdict(outcome)})


def _decode_outcome(stored: dict[str, Any]) -> Outcome | OperationFailure:
    if (failure := stored.get("failure")) is not None:
        return OperationFailure(**failure)
    if (card := stored.get("model")) is not None:
        price = card.pop("price")
        card |= {name: tuple(card.get(name, ())) for name in ("languages", "adapters")}
        return ModelCard(**card, price=None if price is None else Price(**price))
        languages = tuple(card.pop("languages"))
        return ModelCard(**card, languages=languages, price=None if price is None else Price(**price))
    if (comparison := stored.get("comparison")) is not None:
        return _COMPARISON.validate_python(comparison)
    report = stored["benchmark"]
    points = tuple(BenchmarkPoint(**point) for point in report.pop("points"))
    return BenchmarkReport(**report, points=points)
