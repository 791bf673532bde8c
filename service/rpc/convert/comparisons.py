"""Comparisons of variants of a model."""

from __future__ import annotations

from typing import Final

from vaiven.v1 import model_operation_pb2 as pb
from vaiven.v1 import model_service_pb2

from service.models.comparison.records import CompareOrder, ComparisonReport, Match, TaskOrder, VariantReport
from service.runs.names import id_in

_MATCHES: Final[dict[int, Match]] = {
    model_service_pb2.ModelTask.MATCH_UNSPECIFIED: "exact",
    model_service_pb2.ModelTask.MATCH_EXACT: "exact",
    model_service_pb2.ModelTask.MATCH_CONTAINS: "contains",
    model_service_pb2.ModelTask.MATCH_JSON: "json",
}


def compare_from_proto(request: model_service_pb2.CompareModelsRequest) -> CompareOrder:
    """Return what is to be compared."""
    default = CompareOrder()
    return CompareOrder(
        models=tuple(id_in(name, "models", "models") for name in request.models),
        paths=tuple(request.paths),
        checkpoint=id_in(request.checkpoint, "models", "checkpoint") if request.checkpoint else "",
        reference=request.reference,
        text=request.text,
        text_tokens=request.text_tokens or default.text_tokens,
        tasks=tuple(_task(task) for task in request.tasks),
        own_examples=request.own_examples if request.HasField("own_examples") else None,
        output_tokens=request.output_tokens or default.output_tokens,
        repeats=request.repeats or default.repeats,
        memory_bytes=request.memory_bytes,
        least_quality=request.least_quality if request.HasField("least_quality") else default.least_quality,
    )


def _task(task: model_service_pb2.ModelTask) -> TaskOrder:
    default = TaskOrder("", ())
    return TaskOrder(
        prompt=task.prompt,
        expected=tuple(task.expected),
        system=task.system,
        match=_MATCHES[task.match],
        kind=task.kind or default.kind,
        max_output_tokens=task.max_output_tokens or default.max_output_tokens,
    )


def comparison_to_proto(report: ComparisonReport) -> pb.ModelComparison:
    """Return what a comparison found."""
    best = report.recommendation
    return pb.ModelComparison(
        reference=report.reference,
        text_tokens=report.text_tokens,
        variants=[_variant(variant) for variant in report.variants],
        recommendation=pb.ModelRecommendation(name=best.name, explanation=best.explanation, reasons=best.reasons),
    )


def _variant(variant: VariantReport) -> pb.ModelVariant:
    return pb.ModelVariant(
        name=variant.name,
        precision=variant.precision,
        size_bytes=variant.size_bytes,
        memory_bytes=variant.memory_bytes,
        load_s=variant.load_s,
        output_tokens_per_s=variant.output_tokens_per_s,
        first_token_s=variant.first_token_s,
        perplexity=variant.perplexity,
        kl_divergence=variant.kl_divergence,
        top1_agreement=variant.top1_agreement,
        score=variant.score,
        tasks=[pb.ModelTaskScore(name=task.name, right=task.right, total=task.total) for task in variant.tasks],
        quality=variant.quality,
        problem=variant.problem,
    )
