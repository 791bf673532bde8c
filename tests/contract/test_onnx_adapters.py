"""Adapters on both engines, with a real worker and a tiny model: what `OnnxModel` promises of them."""

from __future__ import annotations

import asyncio
import importlib.util
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from service.backends.base import ChatMessage, GenerationRequest, TextPiece
from service.backends.onnx.client import OnnxModel
from service.backends.onnx.options import OnnxEngineOptions
from service.errors import NotFoundError, WorkerDiedError
from service.testing.tiny_model import FREE, copy_adaptable_model

pytestmark = pytest.mark.asyncio(loop_scope="module")

ENGINES = ["batched", "genai"] if importlib.util.find_spec("llguidance") else ["genai"]


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=ENGINES)
async def model(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[OnnxModel]:
    """A worker with its two adapters loaded."""
    entry = copy_adaptable_model(tmp_path_factory.mktemp("models") / "own", "mail", "code")
    options = OnnxEngineOptions(engine=request.param, restart_backoff_s=0.01)
    shared = OnnxModel(entry, options, price=FREE, inherited_environment=dict(os.environ))
    shared.start()
    await shared.ready()
    for name in ("mail", "code"):
        await shared.load_adapter(name)
    yield shared
    await shared.close()


async def answer(model: OnnxModel, adapter: str, text: str = "Write to Ana about Monday.", most: int = 24) -> str:
    messages = [ChatMessage("user", text)]
    request = GenerationRequest(messages=messages, max_output_tokens=most, adapter=adapter)
    return "".join([piece.text async for piece in model.generate(request) if isinstance(piece, TextPiece)])


async def test_each_request_has_its_own_adapter(model: OnnxModel) -> None:
    assert model.card.adapters == ("code", "mail")
    names = ["mail", "", "code"]
    lone = [await answer(model, name) for name in names]
    assert len(set(lone)) == 3
    together = await asyncio.gather(*(answer(model, name) for name in names * 3))
    assert together == lone * 3


async def test_an_unknown_adapter_is_refused_with_those_there_are(model: OnnxModel) -> None:
    with pytest.raises(NotFoundError, match="loaded are: code, mail"):
        await answer(model, "sales")
    with pytest.raises(NotFoundError, match="there are: code, mail"):
        await model.load_adapter("sales")


async def test_unloading_waits_for_those_who_use_it(model: OnnxModel) -> None:
    expected = await answer(model, "code")
    request = GenerationRequest(
        messages=[ChatMessage("user", "spade")], max_output_tokens=400, adapter="code", streamed=True
    )
    pieces = model.generate(request)
    await anext(pieces)
    unloading = asyncio.create_task(model.unload_adapter("code"))
    await asyncio.sleep(0)
    with pytest.raises(NotFoundError):
        await answer(model, "code", most=1)
    await pieces.aclose()
    await unloading
    assert model.card.adapters == ("mail",)
    await model.load_adapter("code")
    assert await answer(model, "code") == expected


async def test_a_new_worker_gets_the_adapters_of_its_predecessor(model: OnnxModel) -> None:
    expected = await answer(model, "mail")
    before = model.worker_pid
    assert before is not None
    os.kill(before, signal.SIGKILL)
    with pytest.raises(WorkerDiedError):
        await model.stats()
    assert model.card.adapters == ("code", "mail")
    assert await answer(model, "mail") == expected


async def test_a_new_worker_goes_on_without_an_adapter_that_is_gone(model: OnnxModel, tmp_path: Path) -> None:
    entry = copy_adaptable_model(tmp_path / "own", "mail", "code")
    other = OnnxModel(
        entry, OnnxEngineOptions(restart_backoff_s=0.01), price=FREE, inherited_environment=dict(os.environ)
    )
    other.start()
    await other.ready()
    try:
        await other.load_adapter("mail")
        await other.load_adapter("code")
        (entry.path / "adapters" / "code.onnx_adapter").unlink()
        before = other.worker_pid
        assert before is not None
        os.kill(before, signal.SIGKILL)
        with pytest.raises(WorkerDiedError):
            await other.stats()
        assert await answer(other, "mail")
        assert other.card.adapters == ("mail",)
    finally:
        await other.close()
