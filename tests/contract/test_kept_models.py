"""A whole service keeps models: fetched, loaded, asked, unloaded; a killed worker and a cut file leave it up."""

from __future__ import annotations

import json
import os
import shutil
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from service.backends.base import ChatMessage, GenerationRequest, ModelCard
from service.backends.onnx.client import OnnxModel
from service.bootstrap import App
from service.errors import (
    AlreadyExistsError,
    FailedPreconditionError,
    NotFoundError,
    PermissionDeniedError,
    WorkerDiedError,
)
from service.models.operation_records import OperationFailure, OperationRecord
from service.models.requests import PathSource, PullOrder
from service.runs.spec import LOCAL_PRINCIPAL, Principal
from service.settings import embedded_model
from service.testing.app import scripted_app
from service.testing.tiny_model import TINY_MODEL_DIR

REQUEST = GenerationRequest([ChatMessage("user", "hi")], max_output_tokens=4)


async def ended(app: App, record: OperationRecord) -> OperationRecord:
    return await app.ports.operations.wait(LOCAL_PRINCIPAL, record.name, 60.0)


async def states(app: App) -> dict[str, str]:
    return {card.model_id: card.state for card in (await app.ports.models.list(LOCAL_PRINCIPAL, 0, "")).items}


def loaded(app: App, model_id: str) -> OnnxModel:
    generator = app.fleet.plans.now.candidates.get(model_id).generator
    assert isinstance(generator, OnnxModel)
    return generator


async def test_all_that_is_on_the_machine_is_listed(tmp_path: Path) -> None:
    incoming, kept = tmp_path / "incoming", tmp_path / "models"
    shutil.copytree(TINY_MODEL_DIR, kept / "broken")
    (kept / "broken" / "genai_config.json").write_text("{oops")
    header = b'{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}'
    (incoming / "big").mkdir(parents=True)
    (incoming / "big" / "config.json").write_text('{"architectures": ["Llama"], "max_position_embeddings": 4096}')
    (incoming / "big" / "tokenizer.json").write_text("{}")
    (incoming / "big" / "model.safetensors").write_bytes(len(header).to_bytes(8, "little") + header + b"1234")
    async with scripted_app(tmp_path, "hello", models={"import_directories": (incoming,)}) as app:
        models = app.ports.models
        order = PullOrder("big", PathSource(str(incoming / "big")), checkpoint=True)
        done = await ended(app, await models.pull(LOCAL_PRINCIPAL, order, None))
        assert isinstance(done.outcome, ModelCard), done.outcome
        assert await states(app) == {"big": "unloaded", "broken": "failed", "fake": "ready"}
        big = await models.get(LOCAL_PRINCIPAL, "models/big")
        assert (big.context_tokens, "QuantizeModel builds models of it" in big.state_message) == (4096, True)
        broken = await models.get(LOCAL_PRINCIPAL, "models/broken")
        assert "genai_config.json" in broken.state_message
        assert str(tmp_path) not in broken.state_message
        with pytest.raises(FailedPreconditionError, match="is a checkpoint"):
            await models.load(LOCAL_PRINCIPAL, "models/big", None)
        with pytest.raises(FailedPreconditionError, match="cannot be read"):
            await models.load(LOCAL_PRINCIPAL, "models/broken", None)
        with pytest.raises(AlreadyExistsError):
            await models.pull(LOCAL_PRINCIPAL, PullOrder("big", PathSource(str(incoming / "big"))), None)


def other_tokenizer(folder: Path) -> None:
    shutil.copy(embedded_model() / "tokenizer.json", folder)


def other_heads(folder: Path) -> None:
    config = json.loads((folder / "genai_config.json").read_text())
    config["model"]["decoder"]["head_size"] *= 2
    (folder / "genai_config.json").write_text(json.dumps(config))


def other_weights(folder: Path) -> None:
    weights = folder / "model.onnx.data"
    weights.write_bytes(weights.read_bytes()[:-4096])


@pytest.mark.parametrize("mismatch", [other_tokenizer, other_heads, other_weights])
async def test_files_that_do_not_belong_together_are_not_kept(tmp_path: Path, mismatch: Callable[[Path], None]) -> None:
    folder = tmp_path / "incoming" / "mixed"
    shutil.copytree(TINY_MODEL_DIR, folder)
    (folder / "SHA256SUMS").unlink()
    mismatch(folder)
    async with scripted_app(tmp_path, "hello", models={"import_directories": (folder.parent,)}) as app:
        pulled = await ended(
            app, await app.ports.models.pull(LOCAL_PRINCIPAL, PullOrder("mixed", PathSource(str(folder))), None)
        )
        assert isinstance(pulled.outcome, OperationFailure)
        assert pulled.outcome.reason == "MODEL_FILES_INVALID"
        assert str(tmp_path) not in pulled.outcome.message
        assert await states(app) == {"fake": "ready"}
    assert [path.name for path in (tmp_path / "models").iterdir() if not path.name.startswith(".")] == []


async def test_a_model_is_fetched_loaded_asked_and_unloaded(tmp_path: Path) -> None:
    incoming = tmp_path / "incoming"
    shutil.copytree(TINY_MODEL_DIR, incoming / "tiny")
    shutil.copytree(TINY_MODEL_DIR, incoming / "cut")
    (incoming / "cut" / "SHA256SUMS").unlink()
    graph = incoming / "cut" / "model.onnx"
    graph.write_bytes(graph.read_bytes()[:5000] + b"model.onnx.data")
    async with scripted_app(tmp_path, "hello", models={"import_directories": (incoming,)}) as app:
        models = app.ports.models
        order = PullOrder("own", PathSource(str(incoming / "tiny")))
        with pytest.raises(PermissionDeniedError):
            await models.pull(Principal("other", "other"), order, None)
        cut = await ended(
            app, await models.pull(LOCAL_PRINCIPAL, PullOrder("cut", PathSource(str(graph.parent))), None)
        )
        assert isinstance(cut.outcome, OperationFailure)
        assert (cut.outcome.reason, await states(app)) == ("MODEL_FILES_INVALID", {"fake": "ready"})

        done = await ended(app, await models.pull(LOCAL_PRINCIPAL, order, None))
        assert isinstance(done.outcome, ModelCard), done.outcome
        assert await states(app) == {"fake": "ready", "own": "unloaded"}

        done = await ended(app, await models.load(LOCAL_PRINCIPAL, "models/own", None))
        assert isinstance(done.outcome, ModelCard), done.outcome
        assert await states(app) == {"fake": "ready", "own": "ready"}

        model = loaded(app, "own")
        assert [piece async for piece in model.generate(REQUEST)]
        pid = model.worker_pid
        assert pid is not None
        answer = model.generate(GenerationRequest([ChatMessage("user", "hi")], max_output_tokens=900))
        await anext(answer)
        os.kill(pid, signal.SIGKILL)
        with pytest.raises(WorkerDiedError):
            [piece async for piece in answer]
        assert [piece async for piece in model.generate(REQUEST)], "a killed worker is started again"

        assert (await models.unload(LOCAL_PRINCIPAL, "models/own", None)).state == "unloaded"
        assert await states(app) == {"fake": "ready", "own": "unloaded"}
        with pytest.raises(NotFoundError):
            loaded(app, "own")

    async with scripted_app(tmp_path, "hello", models={"pinned": ("own",)}) as app:
        assert await states(app) == {"fake": "ready", "own": "unloaded"}, "what was fetched is still there"
        assert (await app.ports.operations.get(LOCAL_PRINCIPAL, cut.name)).outcome == cut.outcome
