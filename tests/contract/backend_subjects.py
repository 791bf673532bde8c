"""The backends that the contract is held against: those called over the network, the fake, and the local engine."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final

from pydantic import SecretStr

from service.backends.azure_openai import AzureOpenAIOptions, azure_openai_model
from service.backends.base import Generator
from service.backends.fake import FakeAnswer, FakeGenerator
from service.backends.foundry import FoundryOptions, foundry_model
from service.backends.huggingface import HuggingFaceOptions, huggingface_model
from service.backends.onnx.client import OnnxModel
from service.backends.onnx.options import OnnxEngineOptions
from service.backends.openai import OpenAIOptions, openai_model
from service.backends.openai_protocol import ProtocolModel, WireOptions
from service.testing.tiny_model import FREE, tiny_model
from service.testing.upstream import Upstream
from service.testing.upstream_frames import Reply

KEY: Final = "sk-loopback-key"
PATIENT: Final = WireOptions(retry_wait_s=0.001)

_FACTS: Final[dict[str, Any]] = {
    "model_id": "loopback",
    "display_name": "Loopback",
    "context_tokens": 8000,
    "max_output_tokens": 1000,
    "supports_vision": True,
    "price": {"currency": "EUR", "input_per_mtok": 2.5, "output_per_mtok": 10.0},
    "api_key": SecretStr(KEY),
}


def azure(url: str, wire: WireOptions) -> ProtocolModel:
    return azure_openai_model(AzureOpenAIOptions(**_FACTS, endpoint=url, deployment="gpt-loop", wire=wire))


def azure_dated(url: str, wire: WireOptions) -> ProtocolModel:
    options = AzureOpenAIOptions(**_FACTS, endpoint=url, deployment="gpt-loop", api_version="2024-10-21", wire=wire)
    return azure_openai_model(options)


def openai(url: str, wire: WireOptions) -> ProtocolModel:
    return openai_model(OpenAIOptions(**_FACTS, base_url=f"{url}/v1", model="gpt-loop", wire=wire))


def huggingface(url: str, wire: WireOptions) -> ProtocolModel:
    return huggingface_model(HuggingFaceOptions(**_FACTS, base_url=f"{url}/v1", model="gpt-loop", wire=wire))


def foundry(url: str, wire: WireOptions) -> ProtocolModel:
    return foundry_model(FoundryOptions(**_FACTS, endpoint=f"{url}/models", model="gpt-loop", wire=wire))


NETWORKED: Final[dict[str, Callable[[str, WireOptions], ProtocolModel]]] = {
    "azure_openai": azure,
    "azure_openai_dated": azure_dated,
    "openai": openai,
    "huggingface": huggingface,
    "foundry": foundry,
}


@asynccontextmanager
async def networked(name: str, url: str, wire: WireOptions = PATIENT) -> AsyncIterator[ProtocolModel]:
    """Give the backend of that name, and close it."""
    model = NETWORKED[name](url, wire)
    try:
        yield model
    finally:
        await model.close()


@dataclass
class Subject:
    """A backend under test; `say` makes it answer so, if it can be told what to say."""

    generator: Generator
    say: Callable[[Reply], None] | None = None
    upstream: Upstream | None = None


def over_network(name: str, upstream: Upstream) -> Subject:
    def say(reply: Reply) -> None:
        upstream.reply = reply

    return Subject(NETWORKED[name](upstream.url, PATIENT), say, upstream)


def fake() -> Subject:
    answers = [_fake_answer(Reply())]

    def say(reply: Reply) -> None:
        answers[0] = _fake_answer(reply)

    return Subject(FakeGenerator(lambda _: answers[0]), say)


def _fake_answer(reply: Reply) -> FakeAnswer:
    return FakeAnswer((*reply.text, *reply.calls), "tool_calls" if reply.calls else "stop")


def onnx_generator() -> OnnxModel:
    return OnnxModel(tiny_model(), OnnxEngineOptions(), price=FREE, inherited_environment=dict(os.environ))
