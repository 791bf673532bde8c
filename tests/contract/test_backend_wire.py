"""What only real connections show: they are kept, bounded and direct, and a refused token is renewed."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from azure.core.credentials import AccessToken

from service.backends.azure_openai import AzureOpenAIOptions, azure_openai_model
from service.backends.base import ChatMessage, Finished, GenerationRequest
from service.backends.openai_protocol import ProtocolModel, UpstreamRefusedError
from service.testing.upstream import Upstream
from tests.contract.backend_subjects import NETWORKED, PATIENT, networked

everywhere = pytest.mark.parametrize("backend", list(NETWORKED))


async def end_of(model: ProtocolModel, *, streamed: bool = True) -> Finished:
    *_, end = [
        piece async for piece in model.generate(GenerationRequest([ChatMessage("user", "hi")], 9, streamed=streamed))
    ]
    assert isinstance(end, Finished)
    return end


@everywhere
async def test_a_connection_is_used_again(backend: str) -> None:
    async with Upstream() as upstream, networked(backend, upstream.url) as model:
        for streamed in (True, False, True):
            await end_of(model, streamed=streamed)
        assert len(upstream.requests) == 3
        assert upstream.connections == 1


@everywhere
async def test_connections_are_bounded_by_the_requests_at_once(backend: str) -> None:
    async with Upstream(pace_s=0.001) as upstream, networked(backend, upstream.url) as model:
        await asyncio.gather(*(end_of(model) for _ in range(20)))
        await asyncio.gather(*(end_of(model) for _ in range(20)))
        assert upstream.connections <= 20


@everywhere
async def test_the_environments_proxies_are_not_used(backend: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "HTTPS_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    async with Upstream() as upstream, networked(backend, upstream.url) as model:
        assert await end_of(model)


@everywhere
async def test_a_proxy_that_is_set_is_used(backend: str) -> None:
    async with Upstream() as proxy:
        wire = PATIENT.model_copy(update={"proxy": proxy.url})
        async with networked(backend, "http://localhost:9", wire) as model:
            assert await end_of(model)
        assert proxy.requests[0].headers["host"] == "localhost:9"


@everywhere
async def test_redirects_are_not_followed(backend: str) -> None:
    async with Upstream(fault="redirect") as upstream, networked(backend, upstream.url) as model:
        with pytest.raises(UpstreamRefusedError):
            await end_of(model)
        assert len(upstream.requests) == 1


class Credential:
    def __init__(self) -> None:
        self.given = 0

    async def get_token(self, *_scopes: str, **_: Any) -> AccessToken:
        self.given += 1
        return AccessToken(f"token-{self.given}", 2_000_000_000)

    async def close(self) -> None:
        pass

    async def __aenter__(self) -> Credential:
        return self

    async def __aexit__(self, *_: object) -> None:
        pass


def with_token(url: str, credential: Credential) -> ProtocolModel:
    options = AzureOpenAIOptions(
        model_id="m",
        endpoint=url,
        deployment="d",
        context_tokens=1000,
        max_output_tokens=100,
        price={"currency": "EUR", "input_per_mtok": 1.0, "output_per_mtok": 1.0},
        wire=PATIENT,
    )
    return azure_openai_model(options, credential=credential)


async def test_a_refused_token_is_renewed_once() -> None:
    credential = Credential()
    async with Upstream(fault="status-401-once") as upstream:
        model = with_token(upstream.url, credential)
        try:
            assert await end_of(model)
        finally:
            await model.close()
        shown = [received.headers["authorization"] for received in upstream.requests]
    assert shown == ["Bearer token-1", "Bearer token-2"]


async def test_a_token_that_is_refused_again_is_an_operators_matter() -> None:
    async with Upstream(fault="status-401") as upstream:
        model = with_token(upstream.url, Credential())
        try:
            with pytest.raises(UpstreamRefusedError) as error:
                await end_of(model)
        finally:
            await model.close()
        assert len(upstream.requests) == 2
    assert error.value.reason == "UPSTREAM_CREDENTIALS"
