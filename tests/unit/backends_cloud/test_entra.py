from __future__ import annotations

import asyncio
from typing import Any

import pytest
from azure.core.credentials import AccessToken
from azure.core.exceptions import ClientAuthenticationError, ServiceRequestError

from service.backends.azure_openai.entra import EntraToken, default_credential
from service.backends.azure_openai.options import EntraOptions
from service.backends.openai_protocol.errors import UpstreamRefusedError, UpstreamUnavailableError

SCOPE = "https://cognitiveservices.azure.com/.default"


class Credential:
    """Gives a new token each time, valid for an hour, unless it is told to fail or to wait."""

    def __init__(self) -> None:
        self.now = 1_000_000.0
        self.asked: list[tuple[str, ...]] = []
        self.error: Exception | None = None
        self.hold: asyncio.Event | None = None
        self.closed = False

    async def get_token(self, *scopes: str, **_: Any) -> AccessToken:
        self.asked.append(scopes)
        if self.hold is not None:
            await self.hold.wait()
        if self.error is not None:
            raise self.error
        return AccessToken(f"token-{len(self.asked)}", int(self.now) + 3600)

    async def close(self) -> None:
        self.closed = True

    async def __aenter__(self) -> Credential:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    def token(self) -> EntraToken:
        return EntraToken(self, SCOPE, "Model", lambda: self.now)


async def test_a_token_is_kept_and_renewed_before_its_end() -> None:
    credential = Credential()
    token = credential.token()
    assert await token.headers() == {"Authorization": "Bearer token-1"}
    credential.now += 3200
    assert await token.headers() == {"Authorization": "Bearer token-1"}
    credential.now += 150
    assert await token.headers() == {"Authorization": "Bearer token-2"}
    assert credential.asked == [(SCOPE,)] * 2


async def test_one_request_renews_it_for_all() -> None:
    credential = Credential()
    credential.hold = asyncio.Event()
    token = credential.token()
    waiting = [asyncio.create_task(token.headers()) for _ in range(20)]
    while not credential.asked:  # noqa: ASYNC110 - the fake has no event for it
        await asyncio.sleep(0)
    credential.hold.set()
    assert {headers["Authorization"] for headers in await asyncio.gather(*waiting)} == {"Bearer token-1"}
    assert len(credential.asked) == 1


async def test_a_refused_token_is_not_shown_again() -> None:
    token = Credential().token()
    await token.headers()
    assert token.forget()
    assert await token.headers() == {"Authorization": "Bearer token-2"}


async def test_an_old_token_serves_while_no_new_one_is_to_be_had() -> None:
    credential = Credential()
    token = credential.token()
    await token.headers()
    credential.now += 3400
    credential.error = ServiceRequestError("no network")
    assert await token.headers() == {"Authorization": "Bearer token-1"}
    credential.now += 300
    with pytest.raises(UpstreamUnavailableError) as error:
        await token.headers()
    assert error.value.reason == "UPSTREAM_UNREACHABLE"


async def test_no_token_at_all() -> None:
    credential = Credential()
    credential.error = ClientAuthenticationError("AADSTS700016: account ana@company.example")
    with pytest.raises(UpstreamRefusedError) as error:
        await credential.token().headers()
    assert error.value.reason == "UPSTREAM_CREDENTIALS"
    assert "ana@" not in error.value.message
    assert error.value.__cause__ is None


async def test_closing_closes_the_credential() -> None:
    credential = Credential()
    await credential.token().close()
    assert credential.closed


async def test_the_default_is_azure_identitys_chain() -> None:
    credential = default_credential(EntraOptions(managed_identity_client_id="id", authority="login.example"))
    assert type(credential).__name__ == "DefaultAzureCredential"
    await credential.close()
