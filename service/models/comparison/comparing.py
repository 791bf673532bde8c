"""Measures variants side by side: each in turn with the others in fresh processes, then what each makes of a text."""

from __future__ import annotations

import asyncio
import json
import math
import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Final

from service.backends.onnx.catalogue import ModelEntry
from service.backends.onnx.client import OnnxModel
from service.backends.onnx.files import need_room
from service.backends.onnx.options import OnnxEngineOptions
from service.backends.onnx.scoring_order import MOST_KEPT_BYTES, Passage, Scored, ScoringOrder
from service.errors import InvalidArgumentError, ModelLoadError, VaivenError, Violation
from service.models.comparison.likelihood import read_text
from service.models.comparison.recommendation import recommend
from service.models.comparison.records import CompareOrder, ComparisonReport, TaskScore, VariantReport, share_right
from service.models.comparison.tasks import Assignment, assignment_of, is_akin, own_assignments
from service.models.comparison.trial import Speed, scores_of, speed_of
from service.models.inventory import Inventory
from service.models.operations import Reporter
from service.models.staging import discard
from service.runs.names import model_name
from service.store.ids import new_id

TEXT: Final = Path(__file__).with_name("text.txt")
"""What is read where the caller gives no text and the model has no tasks of its own."""

OWN_EXAMPLES: Final = 10

_LARGE_VOCABULARY: Final = 262_144


@dataclass(slots=True)
class _Variant:
    """A variant while it is measured."""

    name: str
    entry: ModelEntry
    speeds: list[Speed] = field(default_factory=list)
    tasks: tuple[TaskScore, ...] = ()
    scored: Scored | None = None
    problems: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class ComparerParts:
    """What a comparison works with: `make` prepares a model, `embedded` is the embedded one's folder."""

    inventory: Inventory
    options: OnnxEngineOptions
    make: Callable[[ModelEntry], OnnxModel]
    embedded: Path
    inherited: Mapping[str, str]


class Comparer:
    """Compares; see `compare`."""

    def __init__(self, parts: ComparerParts) -> None:
        """Work with `parts`."""
        self._parts = parts

    def check(self, order: CompareOrder) -> None:
        """Check what can be known before anything is measured; blocking.

        Raises:
            NotFoundError: There is no such model, folder or checkpoint.
            FailedPreconditionError: One cannot be read.
            PermissionDeniedError: A path is not in an allowed directory.
            InvalidArgumentError: There are fewer than two variants, or the reference is none of them.
        """
        self._reference(self._variants(order), order)

    async def compare(self, order: CompareOrder, reporter: Reporter) -> ComparisonReport:
        """Measure the variants and return what was found.

        Raises:
            DiskFullError: There is too little room for the reference's probabilities.
        """
        variants = await asyncio.to_thread(self._variants, order)
        reference = self._reference(variants, order)
        assignments = await asyncio.to_thread(self._assignments, variants, order)
        await self._measure(variants, assignments, order, reporter)
        await self._read(variants, reference, self._passages(assignments, order), order, reporter)
        reports = _reports(variants, reference)
        best = recommend(reports, memory_bytes=order.memory_bytes, least_quality=order.least_quality)
        judged = 0 if reference.scored is None else reference.scored.judged
        return ComparisonReport(reference.name, judged, tuple(reports), best)

    def _variants(self, order: CompareOrder) -> list[_Variant]:
        inventory = self._parts.inventory
        found = [_Variant(model_name(name), inventory.entry(name)) for name in order.models]
        found += [_Variant(path, inventory.folder(path)) for path in order.paths]
        if order.checkpoint:
            known = {variant.name for variant in found}
            built = [_Variant(model_name(one.model_id), one) for one in inventory.built_from(order.checkpoint)]
            found += [variant for variant in built if variant.name not in known]
        if len(found) < 2:
            field_ = "checkpoint" if order.checkpoint else "models"
            raise InvalidArgumentError(
                "There is nothing to compare with: name two variants, or a checkpoint of which two were built.",
                violations=(Violation(field_, "leads to fewer than two variants"),),
            )
        return found

    def _reference(self, variants: Sequence[_Variant], order: CompareOrder) -> _Variant:
        if not order.reference:
            return next((one for one in variants if one.entry.precision == "fp32"), variants[0])
        for variant in variants:
            if variant.name == order.reference:
                return variant
        raise InvalidArgumentError(
            f"The reference {order.reference} is none of the variants.",
            violations=(Violation("reference", "is none of the variants, as they are named"),),
        )

    def _assignments(self, variants: Sequence[_Variant], order: CompareOrder) -> list[Assignment]:
        given = [assignment_of(task) for task in order.tasks]
        count = order.own_examples
        if count is None:
            count = 0 if given else OWN_EXAMPLES
        akin = all(is_akin(variant.entry.path, self._parts.embedded) for variant in variants)
        return given + (own_assignments(count) if count and akin else [])

    def _passages(self, assignments: Sequence[Assignment], order: CompareOrder) -> tuple[Passage, ...]:
        """Return what is read. A model that only ever answered knows nothing of a text without a question."""
        if order.text.strip():
            return (Passage(order.text),)
        if assignments and not order.tasks:
            # In turn, so that each kind is read where not all are.
            kinds = list(dict.fromkeys(one.kind for one in assignments))
            by_kind = [[one for one in assignments if one.kind == kind] for kind in kinds]
            return tuple(one.passage() for row in zip(*by_kind, strict=True) for one in row)
        return (Passage(TEXT.read_text(encoding="utf-8")),)

    async def _measure(
        self, variants: Sequence[_Variant], assignments: Sequence[Assignment], order: CompareOrder, reporter: Reporter
    ) -> None:
        """Start and ask each variant in turn, so that what else the machine does falls on all alike."""
        reporter.stage("measuring", order.repeats * len(variants), "starts")
        done = 0
        for round_ in range(order.repeats):
            for variant in variants:
                if not variant.problems:
                    await self._once(variant, assignments if round_ == 0 else (), order)
                done += 1
                reporter.done(done)

    async def _once(self, variant: _Variant, assignments: Sequence[Assignment], order: CompareOrder) -> None:
        model = self._parts.make(variant.entry)
        try:
            variant.speeds.append(await speed_of(model, order.output_tokens))
            if assignments:
                variant.tasks = await scores_of(model, assignments)
        except VaivenError as error:
            variant.problems.append(_worded(error, variant))
        except ExceptionGroup as group:
            variant.problems.append(_first(group, variant))
        finally:
            await model.close()

    async def _read(
        self,
        variants: Sequence[_Variant],
        reference: _Variant,
        passages: tuple[Passage, ...],
        order: CompareOrder,
        reporter: Reporter,
    ) -> None:
        """Let each variant read the text, the reference first, whose probabilities are kept meanwhile."""
        place = await asyncio.to_thread(self._parts.inventory.staging.place, f"compare-{new_id()}")
        try:
            await asyncio.to_thread(need_room, place, _kept_bytes(reference.entry.path, order.text_tokens))
            for variant in [reference, *(one for one in variants if one is not reference)]:
                reporter.stage(f"reading with {variant.entry.model_id}", order.text_tokens, "tokens")
                if variant.problems:
                    continue
                kept = str(place / "logprobs.bin")
                asked = ScoringOrder(
                    model_dir=str(variant.entry.path),
                    options=asdict(self._parts.options),
                    passages=passages,
                    most_tokens=order.text_tokens,
                    write=kept if variant is reference else "",
                    read="" if variant is reference else kept,
                )
                try:
                    variant.scored = await read_text(asked, self._parts.inherited, reporter.done)
                except ModelLoadError as error:
                    variant.problems.append(f"it cannot read the text: {_worded(error, variant)}")
        finally:
            await asyncio.to_thread(discard, place)


def _reports(variants: Sequence[_Variant], reference: _Variant) -> list[VariantReport]:
    best = share_right(reference.tasks)
    return [_report(variant, reference, best) for variant in variants]


def _report(variant: _Variant, reference: _Variant, best: float | None) -> VariantReport:
    report = VariantReport(variant.name, variant.entry.precision, variant.entry.size_bytes, tasks=variant.tasks)
    if variant.speeds:
        report = replace(
            report,
            memory_bytes=max(speed.memory_bytes for speed in variant.speeds),
            load_s=statistics.median(speed.load_s for speed in variant.speeds),
            first_token_s=statistics.median(speed.first_token_s for speed in variant.speeds),
            output_tokens_per_s=statistics.median(speed.output_tokens_per_s for speed in variant.speeds),
        )
    top1: float | None = None
    scored = variant.scored
    if scored is not None and scored.judged:
        kl, top1 = (0.0, 1.0) if variant is reference else (scored.kl, scored.top1)
        if kl is None:
            variant.problems.append(_incomparable(reference))
        report = replace(report, perplexity=_perplexity(scored), kl_divergence=kl, top1_agreement=top1)
    own = share_right(variant.tasks)
    quality = top1 if own is None or not best else min(1.0, own / best)
    return replace(report, quality=quality, problem="; ".join(variant.problems))


def _perplexity(scored: Scored) -> float:
    return math.exp(scored.nll)


def _incomparable(reference: _Variant) -> str:
    if reference.scored is None:
        return f"there is nothing to compare it with, since {reference.name} could not be measured"
    return f"its tokens are others than those of {reference.name}, so they are not compared"


def _kept_bytes(model_dir: Path, tokens: int) -> int:
    """Return the room that the reference's probabilities take."""
    model = json.loads((model_dir / "genai_config.json").read_text(encoding="utf-8"))["model"]
    return min(MOST_KEPT_BYTES, 4 * tokens * int(model.get("vocab_size", _LARGE_VOCABULARY)))


def _worded(error: VaivenError, variant: _Variant) -> str:
    """Return the error's words without where on this machine the model is."""
    return error.message.replace(str(variant.entry.path), variant.entry.model_id).rstrip(".")


def _first(group: ExceptionGroup[Exception], variant: _Variant) -> str:
    """Return the words of the first error of ours in the group.

    Raises:
        ExceptionGroup: There is another error in it, which is a defect.
    """
    known, others = group.split(VaivenError)
    if others is not None or known is None:
        raise group
    error = known.exceptions[0]
    while isinstance(error, ExceptionGroup):
        error = error.exceptions[0]
    assert isinstance(error, VaivenError)
    return _worded(error, variant)
