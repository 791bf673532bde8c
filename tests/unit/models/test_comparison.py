"""Variants of a model side by side: judged, recommended, and measured in processes of their own."""

from __future__ import annotations

import dataclasses
import os
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from service.backends.onnx.catalogue import ModelEntry
from service.backends.onnx.client import OnnxModel
from service.backends.onnx.files import write_words
from service.backends.onnx.options import OnnxEngineOptions
from service.backends.onnx.scoring_order import Passage, ScoringOrder
from service.errors import (
    FailedPreconditionError,
    InvalidArgumentError,
    ModelLoadError,
    NotFoundError,
    PermissionDeniedError,
)
from service.models.comparison.comparing import Comparer, ComparerParts
from service.models.comparison.likelihood import read_text
from service.models.comparison.recommendation import recommend
from service.models.comparison.records import CompareOrder, TaskOrder, TaskScore, VariantReport
from service.models.comparison.tasks import assignment_of, own_assignments
from service.models.inventory import Inventory
from service.models.operation_records import encode_outcome
from service.models.operations import Reporter
from service.settings import embedded_model
from service.testing.tiny_model import FREE, TINY_MODEL_DIR

MB = 1_000_000
WEIGHTS = embedded_model()
ENVIRONMENT = dict(os.environ)


# --- which one to take

FP32 = VariantReport("models/fp32", "fp32", 400 * MB, 600 * MB, 1.0, 50.0, 0.2, quality=1.0)
INT8 = VariantReport("models/int8", "int8", 120 * MB, 300 * MB, 1.0, 98.0, 0.2, quality=0.99)
INT4 = VariantReport("models/int4", "int4", 70 * MB, 250 * MB, 1.0, 100.0, 0.2, quality=0.96)
SMALL = VariantReport("models/small", "int4", 60 * MB, 240 * MB, 1.0, 130.0, 0.2, quality=0.90)
ALL = (FP32, INT8, INT4, SMALL)


@pytest.mark.parametrize(
    ("memory_mb", "least", "name", "words"),
    [
        (0, 0.95, "models/int4", "the fastest of the 3 that keep to the limits (any memory, at least 95.0%"),
        (0, 0.80, "models/small", "the fastest of the 4"),
        (320, 0.98, "models/int8", "the only one that keeps"),
        (0, 0.995, "models/fp32", "the only one that keeps"),
        (245, 0.95, "", "Of those that fit into the memory models/small keeps most, 90.0%."),
        (100, 0.95, "", "The smallest, models/small, takes 240 MB."),
    ],
)
def test_the_fastest_that_keeps_to_the_limits_is_taken(memory_mb: int, least: float, name: str, words: str) -> None:
    found = recommend(ALL, memory_bytes=memory_mb * MB, least_quality=least)
    assert found.name == name
    assert words in found.explanation
    assert len(found.reasons) == len(ALL) - bool(name), "each of the others is told why not"


def test_what_is_as_fast_is_told_apart_by_memory_and_why_not_is_said() -> None:
    found = recommend(ALL, memory_bytes=500 * MB, least_quality=0.95)
    assert found.reasons == (
        "models/fp32: it takes 600 MB of memory.",
        "models/int8: it is as fast and takes 300 MB of memory instead of 250 MB.",
        "models/small: it keeps 90.0% of the quality.",
    )


def test_what_was_not_measured_is_not_recommended() -> None:
    broken = VariantReport("models/broken", problem="it does not load")
    unread = replace(INT4, quality=None, problem="its tokens are others")
    found = recommend((broken, unread), memory_bytes=0, least_quality=0.0)
    assert (found.name, found.explanation.endswith("None was measured.")) == ("", True)
    assert found.reasons == (
        "models/broken: it was not measured: it does not load.",
        "models/int4: how good it is could not be measured: its tokens are others.",
    )


# --- what they are given to do


@pytest.mark.parametrize(
    ("task", "right", "wrong"),
    [
        (TaskOrder("?", ("yes", "yes.")), [" yes\n", "yes."], ["Yes", "yes it is"]),
        (TaskOrder("?", ("42",), match="contains"), ["It is 42."], ["It is 4 2."]),
        (TaskOrder("?", ('{"a": [1]}',), match="json"), ['{ "a":[1] }'], ['{"a": [2]}', "{oops"]),
    ],
)
def test_answers_are_judged(task: TaskOrder, right: list[str], wrong: list[str]) -> None:
    assignment = assignment_of(task)
    assert [assignment.is_right(answer) for answer in right] == [True] * len(right)
    assert [assignment.is_right(answer) for answer in wrong] == [False] * len(wrong)


def test_the_embedded_models_own_tasks_are_those_of_its_evaluation() -> None:
    found = own_assignments(2)
    assert found == found
    kinds = {assignment.kind for assignment in found}
    assert {"email.draft", "support.answer", "functions.choose"} <= kinds
    assert len(found) == 2 * len(kinds)
    assert all(assignment.is_right(assignment.answer) for assignment in found)
    assert [one.messages for one in found] == [one.messages for one in own_assignments(2)]


# --- what they make of a text


def scoring(model_dir: Path, passages: tuple[Passage, ...], **more: str) -> ScoringOrder:
    return ScoringOrder(str(model_dir), dataclasses.asdict(OnnxEngineOptions()), passages, 300, **more)


async def test_a_text_is_read_and_compared_with_the_reference(tmp_path: Path) -> None:
    kept = str(tmp_path / "logprobs.bin")
    told: list[int] = []
    text = (Passage("The harbour wakes before the town does. " * 40),)
    own = await read_text(scoring(WEIGHTS, text, write=kept), ENVIRONMENT, told.append)
    again = await read_text(scoring(WEIGHTS, text, read=kept), ENVIRONMENT, told.append)
    assert (own.judged, own.kl, own.top1) == (300, None, None)
    assert again.nll == pytest.approx(own.nll)
    assert again.kl == pytest.approx(0.0, abs=1e-6)
    assert again.top1 == 1.0
    assert told[-1] == 300
    # Another vocabulary has no probabilities that could be compared.
    other = await read_text(scoring(TINY_MODEL_DIR, text, read=kept), ENVIRONMENT, told.append)
    assert (other.judged, other.kl, other.top1) == (300, None, None)


async def test_of_an_answer_only_the_answer_is_judged(tmp_path: Path) -> None:
    # What the model was taught is likely after its question, and not by itself.
    passages = tuple(assignment.passage() for assignment in own_assignments(1))
    answers = await read_text(scoring(WEIGHTS, passages), ENVIRONMENT, lambda done: None)
    bare = await read_text(
        scoring(WEIGHTS, tuple(Passage(one.text) for one in passages)), ENVIRONMENT, lambda done: None
    )
    assert answers.nll < 1 < bare.nll


async def test_a_model_that_does_not_load_says_why(tmp_path: Path) -> None:
    with pytest.raises(ModelLoadError, match="no model directory"):
        await read_text(scoring(tmp_path / "nowhere", (Passage("a"),)), ENVIRONMENT, lambda done: None)


# --- all of it


class Scene:
    """A catalogue with variants of the small random model."""

    def __init__(self, root: Path) -> None:
        self.models = root / "models"
        self.inventory = Inventory(self.models, {}, (root / "incoming",))
        (root / "incoming").mkdir()
        options = OnnxEngineOptions()

        def make(entry: ModelEntry) -> OnnxModel:
            return OnnxModel(entry, options, price=FREE, inherited_environment=ENVIRONMENT)

        self.comparer = Comparer(ComparerParts(self.inventory, options, make, WEIGHTS, ENVIRONMENT))

    def add(self, name: str, *, precision: str = "int4", of: str = "big", where: Path | None = None) -> Path:
        folder = (where or self.models) / name
        shutil.copytree(TINY_MODEL_DIR, folder)
        write_words(folder, {"id": name, "precision": precision, "built_from": of})
        return folder

    def left(self) -> list[str]:
        return [path.name for path in (self.models / ".staging").iterdir()]


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    return Scene(tmp_path)


SHORT: dict[str, Any] = {
    "text": "A harbour wakes before the town does.",
    "repeats": 1,
    "output_tokens": 8,
    "text_tokens": 32,
}


async def test_variants_of_a_checkpoint_are_measured_and_one_that_is_damaged_is_told(
    scene: Scene, tmp_path: Path
) -> None:
    scene.add("full", precision="fp32")
    scene.add("same")
    scene.add("stranger", of="another")
    damaged = scene.add("damaged") / "model.onnx.data"
    damaged.write_bytes(damaged.read_bytes()[:-100])
    order = CompareOrder(checkpoint="big", tasks=(TaskOrder("?", ("never said",)),), least_quality=0.5, **SHORT)
    scene.comparer.check(order)
    reporter = Reporter()
    report = await scene.comparer.compare(order, reporter)

    found = {variant.name: variant for variant in report.variants}
    assert sorted(found) == ["models/damaged", "models/full", "models/same"]
    assert report.reference == "models/full"
    assert report.text_tokens > 10
    for name in ("models/full", "models/same"):
        variant = found[name]
        assert variant.problem == ""
        assert min(variant.size_bytes, variant.memory_bytes, variant.load_s, variant.output_tokens_per_s) > 0
        assert variant.tasks == (TaskScore("tasks", 0, 1),)
        # No task was done right by anyone: the likelihoods decide.
        assert variant.top1_agreement == 1.0
        assert variant.kl_divergence == pytest.approx(0.0, abs=1e-6)
        assert variant.quality == 1.0
    assert found["models/same"].perplexity == pytest.approx(found["models/full"].perplexity)
    assert "does not match its SHA-256 sum" in found["models/damaged"].problem
    assert str(tmp_path) not in found["models/damaged"].problem
    assert report.recommendation.name in ("models/full", "models/same")
    assert scene.left() == [], "the probabilities are thrown away"
    assert encode_outcome(report)


async def test_folders_are_compared_too(scene: Scene, tmp_path: Path) -> None:
    paths = tuple(str(scene.add(name, where=tmp_path / "incoming")) for name in ("one", "two"))
    report = await scene.comparer.compare(CompareOrder(paths=paths, reference=paths[1], **SHORT), Reporter())
    assert [variant.name for variant in report.variants] == list(paths)
    assert report.reference == paths[1]
    assert [variant.quality for variant in report.variants] == [1.0, 1.0]


async def test_without_a_reference_the_others_are_measured_and_not_judged(scene: Scene) -> None:
    first = scene.add("first") / "model.onnx.data"
    first.write_bytes(first.read_bytes()[:-100])
    scene.add("second")
    report = await scene.comparer.compare(CompareOrder(models=("first", "second"), **SHORT), Reporter())
    second = report.variants[1]
    assert second.output_tokens_per_s > 0
    assert second.quality is None
    assert "models/first could not be measured" in second.problem
    assert report.recommendation.name == ""


def test_what_cannot_be_compared_is_refused_before_anything_is_measured(scene: Scene, tmp_path: Path) -> None:
    scene.add("one")
    scene.add("two", of="other")
    cases: list[tuple[CompareOrder, type[Exception]]] = [
        (CompareOrder(models=("one",)), InvalidArgumentError),
        (CompareOrder(checkpoint="big"), InvalidArgumentError),
        (CompareOrder(models=("one", "two"), reference="models/three"), InvalidArgumentError),
        (CompareOrder(models=("one", "three")), NotFoundError),
        (CompareOrder(models=("one",), paths=("/etc",)), PermissionDeniedError),
        (CompareOrder(models=("one",), paths=(str(tmp_path / "incoming"),)), NotFoundError),
    ]
    for order, error in cases:
        with pytest.raises(error):
            scene.comparer.check(order)
    (scene.models / "two" / "genai_config.json").write_text("{oops")
    with pytest.raises(FailedPreconditionError):
        scene.comparer.check(CompareOrder(models=("one", "two")))
