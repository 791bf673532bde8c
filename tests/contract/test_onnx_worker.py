"""The process of a local model: what it is given, what it brings in, and when it ends."""

from __future__ import annotations

import asyncio
import importlib.util
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from service.backends.base import ChatMessage, Finished, GenerationRequest, NoticePiece, Sampling, TextPiece
from service.backends.onnx.client import OnnxModel
from service.backends.onnx.options import OnnxEngineOptions
from service.backends.onnx.worker import NICENESS
from service.errors import InvalidArgumentError, ModelLoadError
from service.testing.tiny_model import FREE, copy_tiny_model, tiny_model

needs_batched = pytest.mark.skipif(
    importlib.util.find_spec("llguidance") is None, reason="the extra for DirectML has no llguidance"
)

ROOT = Path(__file__).resolve().parents[2]


def ask(**fields: object) -> GenerationRequest:
    messages = [ChatMessage("user", "Write to Ana about Monday.")]
    return GenerationRequest(**{"messages": messages, "max_output_tokens": 20, **fields})  # type: ignore[arg-type]


async def collect(model: OnnxModel, request: GenerationRequest) -> list[TextPiece | Finished]:
    return [piece async for piece in model.generate(request) if isinstance(piece, TextPiece | Finished)]


async def test_worker_gets_no_secrets_and_sends_no_telemetry(tmp_path: Path) -> None:
    inherited = {**os.environ, "HOME": str(tmp_path), "VAIVEN_AZURE__API_KEY": "secret"}
    inherited.pop("XDG_CACHE_HOME", None)
    inherited.pop("ORT_DISABLE_TELEMETRY", None)
    quiet = OnnxModel(tiny_model(), OnnxEngineOptions(), price=FREE, inherited_environment=inherited)
    quiet.start()
    await collect(quiet, ask())
    environment = psutil.Process(quiet.worker_pid).environ()
    await quiet.close()
    assert environment["ORT_DISABLE_TELEMETRY"] == "1"
    assert "VAIVEN_AZURE__API_KEY" not in environment
    assert await asyncio.to_thread(lambda: list(tmp_path.iterdir())) == []


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no niceness")
async def test_worker_gives_way_to_the_service() -> None:
    model = OnnxModel(tiny_model(), OnnxEngineOptions(), price=FREE, inherited_environment=dict(os.environ))
    model.start()
    await model.ready()
    niceness = psutil.Process(model.worker_pid).nice()
    await model.close()
    assert niceness == min(19, psutil.Process().nice() + NICENESS)


PARENT = """
import asyncio, os
from service.backends.onnx.client import OnnxModel
from service.backends.onnx.options import OnnxEngineOptions
from service.testing.tiny_model import FREE, tiny_model

async def main():
    model = OnnxModel(tiny_model(), OnnxEngineOptions(), price=FREE, inherited_environment=dict(os.environ))
    model.start()
    await model.ready()
    print(model.worker_pid, flush=True)
    await asyncio.Event().wait()

asyncio.run(main())
"""


async def test_parents_death_ends_the_worker() -> None:
    parent = await asyncio.create_subprocess_exec(
        sys.executable, "-c", PARENT, stdout=subprocess.PIPE, env={**os.environ, "PYTHONPATH": str(ROOT)}
    )
    assert parent.stdout is not None
    worker = psutil.Process(int(await parent.stdout.readline()))
    parent.kill()
    await parent.wait()
    await asyncio.to_thread(worker.wait, 20)
    assert not worker.is_running()


async def test_worker_imports_no_semantic_kernel() -> None:
    code = (
        "import sys, service.backends.onnx.worker\n"
        "print([name for name in ('semantic_kernel', 'pydantic', 'grpc') if name in sys.modules])"
    )
    child = await asyncio.create_subprocess_exec(sys.executable, "-c", code, stdout=subprocess.PIPE, cwd=ROOT)
    out, _ = await child.communicate()
    assert out.decode().strip() == "[]"


@needs_batched
async def test_log_probabilities_come_with_the_text_that_they_are_of() -> None:
    model = OnnxModel(tiny_model(), OnnxEngineOptions(), price=FREE, inherited_environment=dict(os.environ))
    model.start()
    *pieces, end = await collect(model, ask(sampling=Sampling(logprobs=2)))
    plain = await collect(model, ask())
    penalised = await collect(model, ask(sampling=Sampling(repetition_penalty=1.8, logit_bias=((9, 3.0),))))
    await model.close()
    texts = [piece for piece in pieces if isinstance(piece, TextPiece)]
    entries = [entry for piece in texts for entry in piece.logprobs]
    assert isinstance(end, Finished)
    assert len(entries) == end.usage.output_tokens == 20
    assert all(len(entry.top) == 2 and entry.chosen == entry.top[0] for entry in entries)
    said = "".join(piece.text for piece in texts)
    assert said == "".join(piece.text for piece in plain if isinstance(piece, TextPiece))
    assert said != "".join(piece.text for piece in penalised if isinstance(piece, TextPiece))


@needs_batched
async def test_a_model_that_cannot_be_batched_runs_on_generators_and_only_there(tmp_path: Path) -> None:
    entry = copy_tiny_model(tmp_path / "model")
    config = entry.path / "genai_config.json"
    config.write_text(
        config.read_text().replace('"past_present_share_buffer": true', '"past_present_share_buffer": false')
    )
    (entry.path / "SHA256SUMS").unlink()
    environment = dict(os.environ)
    options = OnnxEngineOptions(allow_unverified=True)
    model = OnnxModel(entry, options, price=FREE, inherited_environment=environment)
    model.start()
    assert isinstance((await collect(model, ask()))[-1], Finished)
    await model.close()
    asked = OnnxModel(entry, replace(options, engine="batched"), price=FREE, inherited_environment=environment)
    asked.start()
    with pytest.raises(ModelLoadError, match="past_present_share_buffer"):
        await asked.ready()
    await asked.close()


async def test_generators_say_what_they_do_not_know_and_refuse_what_they_cannot_give() -> None:
    options = OnnxEngineOptions(engine="genai")
    model = OnnxModel(tiny_model(), options, price=FREE, inherited_environment=dict(os.environ))
    model.start()
    pieces = [piece async for piece in model.generate(ask(sampling=Sampling(min_p=0.1, presence_penalty=0.5)))]
    with pytest.raises(InvalidArgumentError, match="log-probabilities"):
        await collect(model, ask(sampling=Sampling(logprobs=1)))
    await model.close()
    notices = [piece.message for piece in pieces if isinstance(piece, NoticePiece)]
    assert [next(name for name in ("min_p", "presence_penalty") if name in text) for text in notices] == [
        "min_p",
        "presence_penalty",
    ]
