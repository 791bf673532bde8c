"""Models are built in a process of their own, within bounds, and kept only when they are whole; a script plays it."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import sys
from pathlib import Path

import psutil
import pytest

from service.backends.onnx.builder import Builder, BuildPlan, refuse_unloadable
from service.backends.onnx.integrity import verify
from service.backends.onnx.known import known_models, known_revision
from service.backends.onnx.options import Provider
from service.errors import (
    BuilderMissingError,
    BuildFailedError,
    InvalidArgumentError,
    ModelFilesError,
    ModelLoadError,
    NotFoundError,
    VaivenError,
)
from service.models.inventory import Inventory
from service.models.operations import Reporter
from service.models.quantizing import Quantizer
from service.models.requests import QuantizeOrder
from service.testing.tiny_model import TINY_MODEL_DIR

HEADER = b'{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}'
WEIGHTS = len(HEADER).to_bytes(8, "little") + HEADER + b"1234"

PLAYED = """#!{python}
import os, shutil, sys, time
if "--check" in sys.argv:
    zone = os.environ["TZ"]
    sys.stdout.write(zone.removeprefix("missing:").replace(",", " ") if zone.startswith("missing:") else "")
    sys.exit()
if "--run" in sys.argv:
    model = sys.argv[-1]
    if not os.path.isfile(os.path.join(model, "model.onnx")) or not os.path.isfile(sys.argv[3]):
        print("ValueError: nothing was built")
        sys.exit(1)
    os.mkdir(os.path.join(model, "adapters"))
    open(os.path.join(model, "adapters", "layout.json"), "w").write("{{}}")
    sys.exit()
print("Reading layer 0", flush=True)
print("Reading layer 1", flush=True)
does = open(os.path.join(sys.argv[sys.argv.index("-i") + 1], "does.txt")).read()
if does == "fails":
    print("ValueError: /home/somebody/x is wrong")
    sys.exit(1)
if does == "hangs":
    open(os.path.join(os.path.dirname(sys.argv[sys.argv.index("-o") + 1]), "pid"), "w").write(str(os.getpid()))
    print("Reading layer 2", flush=True)
    time.sleep(600)
shutil.copytree({tiny!r}, sys.argv[sys.argv.index("-o") + 1])
if does == "cuts":
    open(os.path.join(sys.argv[sys.argv.index("-o") + 1], "model.onnx.data"), "wb").close()
os.remove(os.path.join(sys.argv[sys.argv.index("-o") + 1], "SHA256SUMS"))
"""


class Scene:
    """A checkpoint, a catalogue, and a builder that does what `does` says."""

    def __init__(self, root: Path, does: str = "builds", *, missing: str = "", memory_bytes: int = 10**10) -> None:
        self.models, self.checkpoint = root / "models", root / "checkpoint"
        self.checkpoint.mkdir()
        (self.checkpoint / "config.json").write_text('{"architectures": ["Llama"], "num_hidden_layers": 3}')
        (self.checkpoint / "model.safetensors").write_bytes(WEIGHTS)
        (self.checkpoint / "tokenizer.json").write_text("{}")
        (self.checkpoint / "does.txt").write_text(does)
        python = root / "python"
        python.write_text(PLAYED.format(python=sys.executable, tiny=str(TINY_MODEL_DIR)))
        python.chmod(0o700)
        inherited = {"PATH": os.environ["PATH"], "TZ": f"missing:{missing}" if missing else "UTC"}
        builder = Builder(python, memory_bytes=memory_bytes, timeout_s=60.0, inherited=inherited)
        self.inventory = Inventory(self.models, {}, (root,))
        self.refuse: VaivenError | None = None
        self.reporter = Reporter()
        self.quantizer = Quantizer(self.inventory, builder, "cpu", self.trial)

    async def trial(self, path: Path, provider: Provider) -> None:
        if self.refuse is not None:
            raise self.refuse

    async def build(self, *, adaptable: bool = False) -> None:
        order = QuantizeOrder("small", "int4", path=str(self.checkpoint), adaptable=adaptable)
        self.quantizer.check(order)
        await self.quantizer.build(order, self.reporter)

    def left(self) -> list[str]:
        found = self.models.rglob("*") if self.models.is_dir() else ()
        return [path.name for path in found if path.is_file()]


async def test_what_is_built_has_a_name_its_precision_and_its_sums(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    await scene.build()
    entry = scene.inventory.entry("small")
    assert (entry.precision, entry.has_sums, entry.display_name != "") == ("int4", True, True)
    # The builder's libraries write the tokenizer anew, and not as it was.
    assert (entry.path / "tokenizer.json").read_text() == "{}"
    assert [path.name for path in (scene.models / ".staging").iterdir()] == []


async def test_a_model_that_is_made_ready_for_adapters_says_so_and_has_the_layout_among_its_sums(
    tmp_path: Path,
) -> None:
    scene = Scene(tmp_path)
    await scene.build(adaptable=True)
    entry = scene.inventory.entry("small")
    assert entry.supports_adapters
    assert verify(entry.path)
    assert "adapters/layout.json" in (entry.path / "SHA256SUMS").read_text()


@pytest.mark.parametrize(
    ("does", "words"),
    [("fails", "The builder failed: ValueError: x is wrong"), ("cuts", "model.onnx.data is empty")],
)
async def test_of_a_build_that_fails_nothing_is_kept(tmp_path: Path, does: str, words: str) -> None:
    scene = Scene(tmp_path, does)
    with pytest.raises((BuildFailedError, ModelFilesError), match=words):
        await scene.build()
    assert scene.left() == []


async def test_what_was_built_and_does_not_load_is_not_kept(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    scene.refuse = ModelLoadError("The graph is broken.")
    with pytest.raises(BuildFailedError, match="does not load: The graph is broken"):
        await scene.build()
    assert scene.left() == []


async def test_a_builder_that_takes_too_much_memory_is_ended(tmp_path: Path) -> None:
    scene = Scene(tmp_path, "hangs", memory_bytes=1)
    with pytest.raises(BuildFailedError, match=r"models\.build_memory_bytes \(1\)"):
        await scene.build()
    assert scene.left() == []


async def test_a_cancelled_build_ends_the_builder(tmp_path: Path) -> None:
    scene = Scene(tmp_path, "hangs")
    begun = asyncio.Event()
    scene.reporter.done = lambda done: begun.set() if done == 3 else None  # type: ignore[method-assign]
    building = asyncio.create_task(scene.build())
    await begun.wait()
    (pid,) = [int(path.read_text()) for path in scene.models.rglob("pid")]
    building.cancel()
    with pytest.raises(asyncio.CancelledError):
        await building
    assert not psutil.pid_exists(pid)
    assert scene.left() == []


async def test_without_its_packages_it_is_said_what_to_install(tmp_path: Path) -> None:
    scene = Scene(tmp_path, missing="torch,transformers")
    with pytest.raises(BuilderMissingError, match=r"torch, transformers\. Install vaiven\[quantize\]"):
        await scene.build()
    nowhere = Builder(tmp_path / "none", memory_bytes=1, timeout_s=1.0, inherited={})
    with pytest.raises(BuilderMissingError, match="builder_python"):
        await nowhere.check()


async def test_a_damaged_checkpoint_is_refused_before_anything_is_built(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    (scene.checkpoint / "model.safetensors").write_bytes(WEIGHTS[:-1])
    with pytest.raises(ModelFilesError, match="cut short"):
        await scene.build()
    shutil.rmtree(scene.checkpoint)
    with pytest.raises(NotFoundError):
        await scene.build()
    assert scene.left() == []


UNLOADABLE = [
    (BuildPlan("fp16", "cpu"), {}, "precision"),
    (BuildPlan("int8", "directml"), {}, "precision"),
    (BuildPlan("fp32", "directml"), {}, "precision"),
    (BuildPlan("fp32", "cpu", block_size=32), {}, "block_size"),
    (BuildPlan("fp32", "cpu", asymmetric=True), {}, "asymmetric"),
    (BuildPlan("int8", "cpu", last_layer_int8=True), {}, "last_layer_int8"),
    (BuildPlan("int4", "cpu", asymmetric=True), {"tie_word_embeddings": True}, "asymmetric"),
]


@pytest.mark.parametrize(("plan", "config", "field"), UNLOADABLE, ids=range(len(UNLOADABLE)))
def test_what_cannot_be_loaded_is_refused_by_its_field(plan: BuildPlan, config: dict[str, object], field: str) -> None:
    with pytest.raises(InvalidArgumentError) as raised:
        refuse_unloadable(plan, config)
    assert [violation.subject for violation in raised.value.violations] == [field]


def test_the_builder_is_asked_in_its_own_words() -> None:
    plan = BuildPlan("int4", "cpu", 64, asymmetric=True, last_layer_int8=True)
    refuse_unloadable(plan, {"tie_word_embeddings": False})
    told = plan.arguments(Path("in"), Path("out"), Path("cache"))
    assert told[:10] == ["-i", "in", "-o", "out", "-c", "cache", "-p", "int4", "-e", "cpu"]
    assert told[10:] == [
        *("--extra_options", "block_size=64", "accuracy_level=4", "is_symmetric=false"),
        *("algo_config=rtn", "matmul_mixed_precision=last_matmul:int8"),
    ]
    assert BuildPlan("fp32", "cuda").arguments(Path("i"), Path("o"), Path("c"))[-2:] == ["-e", "cuda"]


def test_each_known_model_says_where_it_is_and_what_it_is() -> None:
    for model in known_models().values():
        assert model.display_name
        assert model.license
        assert model.source
        assert model.checkpoint.count("/") == 1
        assert model.place("cpu", checkpoint=True).repository == model.checkpoint
        for build in model.builds.values():
            assert build.repository.count("/") == 1
            assert build.folder
            assert re.fullmatch("([0-9a-f]{40})?", build.revision)
        assert re.fullmatch("[0-9a-f]{40}", model.revision), "a checkpoint is taken at a commit"
        assert model.place("cpu", checkpoint=True).revision == model.revision


def test_a_known_repository_is_taken_at_its_commit_and_another_as_it_is_now() -> None:
    phi = known_models()["phi-4-mini"]
    assert phi.place("cpu", checkpoint=False).revision == known_revision(phi.builds["cpu"].repository) != "main"
    assert known_revision(phi.checkpoint) == phi.revision
    assert known_revision("acme/own") == known_revision("onnxruntime/DeepSeek-R1-Distill-ONNX") == "main"
