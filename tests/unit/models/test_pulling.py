"""Models are fetched whole or not at all, from this machine or from a hub that breaks off, lies or refuses."""

from __future__ import annotations

import asyncio
import errno
import hashlib
import io
import shutil
import tarfile
import threading
import zipfile
from pathlib import Path
from typing import Any

import pytest

from service.backends.onnx import files
from service.backends.onnx.catalogue import read_entry
from service.backends.onnx.hub import Hub
from service.backends.onnx.integrity import SUMS_FILE, verify
from service.backends.onnx.options import Provider
from service.errors import (
    AlreadyExistsError,
    DiskFullError,
    HubError,
    InvalidArgumentError,
    ModelFilesError,
    ModelLoadError,
    NotFoundError,
    PermissionDeniedError,
    VaivenError,
)
from service.models.inventory import Inventory
from service.models.operations import Reporter
from service.models.pulling import Puller, in_thread
from service.models.requests import HubSource, KnownSource, PathSource, PullOrder
from service.testing.tiny_model import TINY_MODEL_DIR
from tests.unit.models.hub_server import COMMIT, HubServer, hub_server


class Scene:
    """A catalogue, a folder from which may be taken, and what loads each model once."""

    def __init__(
        self, root: Path, hub_url: str = "http://127.0.0.1:9", token: str = "", timeout_s: float = 5.0
    ) -> None:
        self.models, self.incoming = root / "models", root / "incoming"
        self.incoming.mkdir(parents=True)
        self.inventory = Inventory(self.models, {}, (self.incoming,))
        self.tried: list[Path] = []
        self.refuse: VaivenError | None = None
        self.puller = Puller(self.inventory, Hub(hub_url, token=token, timeout_s=timeout_s), "cpu", self.trial)

    async def trial(self, path: Path, provider: Provider) -> None:
        self.tried.append(path)
        if self.refuse is not None:
            raise self.refuse

    async def pull(self, source: HubSource | PathSource | KnownSource, **more: Any) -> Path:
        order = PullOrder("own", source, **more)
        self.puller.check(order)
        return await self.puller.pull(order, Reporter())

    def catalogue(self) -> list[str]:
        """Return whatever has a name: nothing else may be seen by anyone."""
        shown = [path.name for path in self.models.iterdir()] if self.models.is_dir() else []
        return sorted(name for name in shown if not name.startswith("."))

    def staged(self) -> list[str]:
        staging = self.models / ".staging"
        return sorted(path.name for path in staging.rglob("*") if path.is_file()) if staging.is_dir() else []


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    return Scene(tmp_path)


def tiny(scene: Scene, *, sums: bool = True) -> Path:
    folder = scene.incoming / "tiny"
    shutil.copytree(TINY_MODEL_DIR, folder)
    if not sums:
        (folder / SUMS_FILE).unlink()
    return folder


def tiny_files(folder: str = "") -> dict[str, bytes]:
    return {
        f"{folder}{path.name}": path.read_bytes() for path in sorted(TINY_MODEL_DIR.iterdir()) if path.name != SUMS_FILE
    }


# --- from this machine


@pytest.mark.parametrize("sums", [True, False])
async def test_a_folder_becomes_a_model_with_sums_and_a_name_of_its_own(scene: Scene, sums: bool) -> None:
    path = await scene.pull(PathSource(str(tiny(scene, sums=sums))))

    assert path == scene.models / "own"
    assert verify(path)
    entry = read_entry(path)
    assert (entry.model_id, entry.problem) == ("own", "")
    assert scene.inventory.entry("own").path == path
    assert (scene.catalogue(), scene.staged()) == (["own"], [])
    assert len(scene.tried) == 1


@pytest.mark.parametrize("kind", ["tar", "tar.gz", "zip"])
@pytest.mark.parametrize("inside", ["", "a-folder/"])
async def test_an_archive_becomes_a_model(scene: Scene, kind: str, inside: str) -> None:
    archive = scene.incoming / f"tiny.{kind}"
    if kind == "zip":
        with zipfile.ZipFile(archive, "w") as packed:
            for name, body in tiny_files(inside).items():
                packed.writestr(name, body)
    else:
        with tarfile.open(archive, "w:gz" if kind == "tar.gz" else "w") as tar:
            for name, body in tiny_files(inside).items():
                member = tarfile.TarInfo(name)
                member.size = len(body)
                tar.addfile(member, io.BytesIO(body))
    digest = hashlib.sha256(archive.read_bytes()).hexdigest()
    assert verify(await scene.pull(PathSource(str(archive), digest)))

    other = Scene(scene.models.parent / "other")
    shutil.copy(archive, other.incoming)
    with pytest.raises(ModelFilesError, match="SHA-256"):
        await other.pull(PathSource(str(other.incoming / archive.name), "0" * 64))
    assert (other.catalogue(), other.staged()) == ([], [])


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


DAMAGE = {
    "a weight is changed": lambda f: (f / "model.onnx.data").write_bytes(
        b"x" + (f / "model.onnx.data").read_bytes()[1:]
    ),
    "the weights are cut": lambda f: cut(f / "model.onnx.data"),
    "the weights are missing": lambda f: (f / "model.onnx.data").unlink(),
    "the model is missing": lambda f: (f / "model.onnx").unlink(),
    "the model is empty": lambda f: (f / "model.onnx").write_bytes(b""),
    "there is no tokenizer": lambda f: (f / "tokenizer.json").unlink(),
    "the configuration is missing": lambda f: (f / "genai_config.json").unlink(),
    "the configuration is no JSON": lambda f: (f / "genai_config.json").write_text("{"),
    "the sums are no sums": lambda f: (f / SUMS_FILE).write_text("what"),
    "a file is in no sums": lambda f: (f / "more.bin").write_bytes(b"1"),
    "a file is a link": lambda f: (f / "link.bin").symlink_to("/etc/hostname"),
    "a file leads out": lambda f: (f / "genai_config.json").write_text(
        (f / "genai_config.json").read_text().replace('"model.onnx"', '"../model.onnx"')
    ),
}


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
async def test_of_a_damaged_model_nothing_is_kept(scene: Scene, damage: Any) -> None:
    folder = tiny(scene)
    damage(folder)
    with pytest.raises(ModelFilesError) as raised:
        await scene.pull(PathSource(str(folder)))
    assert str(scene.models) not in raised.value.message
    assert (scene.catalogue(), scene.staged()) == ([], [])


async def test_what_is_whole_and_does_not_load_is_not_kept(scene: Scene) -> None:
    scene.refuse = ModelLoadError("The graph is broken.")
    with pytest.raises(ModelFilesError, match="do not load: The graph is broken"):
        await scene.pull(PathSource(str(tiny(scene, sums=False))))
    assert (scene.catalogue(), scene.staged()) == ([], [])


ESCAPES = ["../evil", "/etc/evil", "a/../../evil", "a\\..\\evil", "C:evil"]


@pytest.mark.parametrize("name", ESCAPES)
@pytest.mark.parametrize("kind", ["tar", "zip"])
async def test_an_archive_writes_nothing_outside(scene: Scene, kind: str, name: str) -> None:
    archive = scene.incoming / f"x.{kind}"
    if kind == "zip":
        with zipfile.ZipFile(archive, "w") as packed:
            packed.writestr(zipfile.ZipInfo(name), b"x")
    else:
        with tarfile.open(archive, "w") as tar:
            tar.addfile(tarfile.TarInfo(name))
    with pytest.raises(ModelFilesError, match="leads out"):
        await scene.pull(PathSource(str(archive)))
    assert (scene.catalogue(), scene.staged()) == ([], [])


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE])
async def test_an_archive_holds_plain_files_only(scene: Scene, kind: bytes) -> None:
    archive, member = scene.incoming / "x.tar", tarfile.TarInfo("link")
    member.type, member.linkname = kind, "/etc/passwd"
    with tarfile.open(archive, "w") as tar:
        tar.addfile(member)
    with pytest.raises(ModelFilesError, match="plain files"):
        await scene.pull(PathSource(str(archive)))


@pytest.mark.parametrize("kind", ["tar", "tar.gz", "tgz", "zip"])
@pytest.mark.parametrize("body", [b"", b"no archive at all" * 100])
async def test_what_is_no_archive_is_refused(scene: Scene, kind: str, body: bytes) -> None:
    archive = scene.incoming / f"x.{kind}"
    archive.write_bytes(body)
    with pytest.raises(ModelFilesError):
        await scene.pull(PathSource(str(archive)))
    assert (scene.catalogue(), scene.staged()) == ([], [])


async def test_a_cut_archive_is_refused(scene: Scene) -> None:
    whole = shutil.make_archive(str(scene.incoming / "tiny"), "gztar", tiny(scene))
    cut(Path(whole))
    with pytest.raises(ModelFilesError):
        await scene.pull(PathSource(whole))
    assert (scene.catalogue(), scene.staged()) == ([], [])


@pytest.mark.parametrize("path", ["/etc", "tiny", "{incoming}/../models", "{incoming}/out"])
def test_only_what_the_operator_allows_is_read(scene: Scene, path: str) -> None:
    (scene.incoming / "out").symlink_to("/etc")
    with pytest.raises(PermissionDeniedError):
        scene.puller.check(PullOrder("own", PathSource(path.format(incoming=scene.incoming))))


def test_a_pull_is_judged_before_it_begins(scene: Scene) -> None:
    note = scene.incoming / "note.md"
    note.write_text("no model")
    with pytest.raises(InvalidArgumentError, match="neither a folder"):
        scene.puller.check(PullOrder("own", PathSource(str(note))))
    with pytest.raises(InvalidArgumentError, match="is for archives"):
        scene.puller.check(PullOrder("own", PathSource(str(scene.incoming), "0" * 64)))
    with pytest.raises(NotFoundError):
        scene.puller.check(PullOrder("own", PathSource(str(scene.incoming / "nothing"))))
    with pytest.raises(NotFoundError, match=r"known are phi-4-mini"):
        scene.puller.check(PullOrder("own", KnownSource("gpt")))
    with pytest.raises(NotFoundError, match="for directml"):
        scene.puller.check(PullOrder("own", KnownSource("phi-4-mini"), provider="directml"))
    scene.puller.check(PullOrder("own", KnownSource("llama-3.2-1b"), checkpoint=True))
    (scene.models / "own").mkdir(parents=True)
    with pytest.raises(AlreadyExistsError):
        scene.puller.check(PullOrder("own", PathSource(str(scene.incoming))))


async def test_a_full_disk_is_told_before_and_while_it_fills(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tiny(scene)
    usage = shutil.disk_usage(scene.incoming)
    with monkeypatch.context() as patched:
        patched.setattr(shutil, "disk_usage", lambda path: usage._replace(free=1000))
        with pytest.raises(DiskFullError, match="1,000 are free"):
            await scene.pull(PathSource(str(folder)))

    def full(source: Path, target: Path, told: files.Told) -> None:
        with files.disk(target):
            raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(files, "copy_tree", full)
    with pytest.raises(DiskFullError, match="disk where models are kept is full"):
        await scene.pull(PathSource(str(folder)))
    assert (scene.catalogue(), scene.staged()) == ([], [])


async def test_a_cancelled_copy_stops_and_leaves_nothing(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    begun, ended = threading.Event(), threading.Event()

    def endless(source: Path, target: Path, told: files.Told) -> None:
        target.mkdir()
        (target / "begun.bin").write_bytes(b"x")
        begun.set()
        try:
            while True:
                told(1)
        finally:
            ended.set()

    monkeypatch.setattr(files, "copy_tree", endless)
    pulling = asyncio.create_task(scene.pull(PathSource(str(tiny(scene)))))
    await asyncio.to_thread(begun.wait)
    pulling.cancel()
    with pytest.raises(asyncio.CancelledError):
        await pulling
    assert ended.is_set()
    assert (scene.catalogue(), scene.staged()) == ([], [])


async def test_work_in_a_thread_says_how_far_it_is() -> None:
    said: list[int] = []

    def work(told: files.Told) -> str:
        told(1)
        return "done"

    assert (await in_thread(work, said.append), said) == ("done", [1])


# --- from a hub


async def from_hub(root: Path, hub: HubServer, source: HubSource, **more: Any) -> tuple[Scene, Path]:
    scene = Scene(root, hub.url, token="secret")
    return scene, await scene.pull(source, **more)


async def test_a_folder_of_a_commit_becomes_a_model(tmp_path: Path) -> None:
    async with hub_server({**tiny_files("cpu/"), "cuda/model.onnx": b"no", "README.md": b"#"}) as hub:
        scene, path = await from_hub(tmp_path, hub, HubSource("acme/own", "main", "cpu"))

    assert verify(path)
    words = (path / "vaiven-model.json").read_text()
    assert f'"revision": "{COMMIT}"' in words
    assert '"source": "acme/own/cpu"' in words
    assert scene.staged() == []
    assert {where for where, _, _ in hub.asked if "resolve" in where} == {
        f"/acme/own/resolve/{COMMIT}/cpu/{name}" for name in tiny_files()
    }, "what is fetched is that very commit"


async def test_the_token_is_for_the_hub_alone(tmp_path: Path) -> None:
    async with hub_server(tiny_files()) as hub, hub_server(tiny_files()) as elsewhere:
        hub.elsewhere = elsewhere.url
        await from_hub(tmp_path, hub, HubSource("acme/own"))

    assert {sent for _, _, sent in hub.asked} == {"Bearer secret"}
    assert elsewhere.asked
    assert {sent for _, _, sent in elsewhere.asked} == {""}


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a file that is always full is a thing of Linux")
async def test_a_disk_that_fills_while_a_hub_is_asked_is_told_and_what_came_is_kept(tmp_path: Path) -> None:
    async with hub_server(tiny_files()) as hub:
        scene = Scene(tmp_path, hub.url)
        hub.elsewhere = "http://127.0.0.1:9"
        with pytest.raises(HubError):
            await scene.pull(HubSource("acme/own"))
        (parts,) = scene.models.rglob("parts")
        (parts / "model.onnx.data.part").symlink_to("/dev/full")
        hub.elsewhere = ""
        with pytest.raises(DiskFullError, match="Make room and ask again; what was fetched is kept"):
            await scene.pull(HubSource("acme/own"))
        assert scene.catalogue() == []
        assert "chat_template.jinja" in scene.staged()
        (parts / "model.onnx.data.part").unlink()
        assert verify(await scene.pull(HubSource("acme/own")))


async def test_a_file_that_breaks_off_goes_on_where_it_stopped(tmp_path: Path) -> None:
    async with hub_server(tiny_files()) as hub:
        hub.cut_after["model.onnx.data"] = 5000
        _, path = await from_hub(tmp_path, hub, HubSource("acme/own"))

    assert verify(path)
    assert hub.ranges("model.onnx.data") == ["", "bytes=5000-"]


async def test_a_killed_pull_goes_on_from_the_bytes_that_are_there(tmp_path: Path) -> None:
    async with hub_server(tiny_files()) as hub:
        scene = Scene(tmp_path, hub.url)
        hub.elsewhere = "http://127.0.0.1:9"
        with pytest.raises(HubError, match="cannot be reached"):
            await scene.pull(HubSource("acme/own"))
        assert scene.catalogue() == []
        (part,) = [one.parent for one in scene.models.rglob("parts/*") if one.name == "chat_template.jinja"]
        (part / "model.onnx.data.part").write_bytes(tiny_files()["model.onnx.data"][:7000])
        hub.elsewhere = ""
        hub.asked.clear()
        path = await scene.pull(HubSource("acme/own", COMMIT))

    assert verify(path)
    assert hub.ranges("model.onnx.data") == ["bytes=7000-"]
    assert not [where for where, _, _ in hub.asked if where.endswith("chat_template.jinja")], "what is there is kept"


@pytest.mark.parametrize("name", ["model.onnx.data", "tokenizer_config.json"])
async def test_a_file_that_is_not_what_the_hub_says_is_thrown_away(tmp_path: Path, name: str) -> None:
    async with hub_server(tiny_files()) as hub:
        hub.corrupt = {name}
        scene = Scene(tmp_path, hub.url)
        with pytest.raises(ModelFilesError, match=f"{name} does not match"):
            await scene.pull(HubSource("acme/own"))
    assert scene.catalogue() == []
    assert not [staged for staged in scene.staged() if staged.startswith(name)]


async def test_what_the_hub_says_is_told_in_words(tmp_path: Path) -> None:
    async with hub_server(tiny_files()) as hub:
        scene = Scene(tmp_path, hub.url)
        for status, kind in (
            (404, NotFoundError),
            (401, PermissionDeniedError),
            (403, PermissionDeniedError),
            (500, HubError),
        ):
            hub.status = status
            with pytest.raises(kind):
                await scene.pull(HubSource("acme/own"))
        hub.status = 200
        with pytest.raises(NotFoundError):
            await scene.pull(HubSource("acme/own", "v9"))
        with pytest.raises(NotFoundError, match="nothing in that folder"):
            await scene.pull(HubSource("acme/own", "main", "gpu"))
        with pytest.raises(NotFoundError):
            await scene.pull(HubSource("acme/none"))
    assert (scene.catalogue(), scene.staged()) == ([], [])


@pytest.mark.parametrize(
    "source", [HubSource("own"), HubSource("a/../b"), HubSource("a/b", "../x"), HubSource("a/b", "main", "../x")]
)
def test_a_place_in_a_hub_has_a_form(scene: Scene, source: HubSource) -> None:
    with pytest.raises(InvalidArgumentError):
        scene.puller.check(PullOrder("own", source))


@pytest.mark.parametrize("path", ["../evil", "/etc/evil", "a/../../evil"])
async def test_names_of_a_hub_lead_nowhere(tmp_path: Path, path: str) -> None:
    async with hub_server({**tiny_files(), path: b"x"}) as hub:
        with pytest.raises((HubError, ModelFilesError)):
            await from_hub(tmp_path, hub, HubSource("acme/own"))
    assert not (tmp_path / "evil").exists()


async def test_of_a_checkpoint_no_pickle_is_fetched_and_nothing_can_be_loaded(tmp_path: Path) -> None:
    header = b'{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}'
    weights = len(header).to_bytes(8, "little") + header + b"1234"
    held = {
        "config.json": b'{"architectures": ["LlamaForCausalLM"], "max_position_embeddings": 64}',
        "model.safetensors": weights,
        "tokenizer.json": b"{}",
        "pytorch_model.bin": b"pickle",
        "modeling_own.py": b"import os",
    }
    async with hub_server(held) as hub:
        scene, path = await from_hub(tmp_path, hub, HubSource("acme/own"), checkpoint=True)
        assert scene.inventory.checkpoint("own") == path
        assert not {"pytorch_model.bin", "modeling_own.py"} & {one.name for one in path.iterdir()}
        assert scene.inventory.entries() == {}
        hub.files["model.safetensors"] = weights[:-1]
        with pytest.raises(ModelFilesError, match="cut short"):
            await Scene(tmp_path / "again", hub.url).pull(HubSource("acme/own"), checkpoint=True)


async def test_two_that_pull_one_model_at_once_are_not_in_each_others_way(tmp_path: Path) -> None:
    async with hub_server(tiny_files()) as hub:
        scene = Scene(tmp_path, hub.url, timeout_s=60.0)  # the stalled one shall stay where it is
        hub.stall_after["model.onnx.data"] = 7000
        slow = asyncio.create_task(scene.pull(HubSource("acme/own", COMMIT)))
        await hub.stalled.wait()
        with pytest.raises(AlreadyExistsError, match="Another operation is making models/own"):
            await scene.pull(HubSource("acme/own", COMMIT))
        order = PullOrder("twin", HubSource("acme/own", COMMIT))
        assert verify(await scene.puller.pull(order, Reporter()))
        slow.cancel()
        with pytest.raises(asyncio.CancelledError):
            await slow
        assert scene.catalogue() == ["twin"]
        hub.asked.clear()
        assert verify(await scene.pull(HubSource("acme/own", COMMIT)))
        assert hub.ranges("model.onnx.data") == ["bytes=7000-"], "what the first had is still there"
    assert (scene.catalogue(), scene.staged()) == (["own", "twin"], [])
