"""The connection to a Foundry endpoint through azure-ai-inference's client, which signs requests and knows the route.

Its bytes are read by `openai_protocol`: the client's own reader fails on comments and on carriage returns, and takes a
stream without a finish reason for an answer (azure-ai-inference 1.0.0b9).
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import TYPE_CHECKING, Final

import aiohttp

from service.backends.foundry.options import FoundryOptions
from service.backends.openai_protocol.errors import UpstreamRefusedError
from service.backends.openai_protocol.faults import transport_error
from service.backends.openai_protocol.http import new_session, trust_of
from service.errors import VaivenError

if TYPE_CHECKING:
    from azure.ai.inference.aio import ChatCompletionsClient
    from azure.core.credentials_async import AsyncTokenCredential
    from azure.core.exceptions import AzureError
    from azure.core.rest import AsyncHttpResponse

_BLOCK_BYTES: Final = 256 * 1024
"""As much as is at hand is read at once, up to this."""


class FoundryExchange:
    """One answer on a connection of azure-core."""

    def __init__(self, name: str, response: AsyncHttpResponse) -> None:
        """Read `response`; `name` is the model's name in errors."""
        self._name = name
        self._response = response
        # Raw to azure-core: the session has decompressed them.
        self._bytes: AsyncIterator[bytes] = response.iter_raw()
        self.status = response.status_code
        self.headers: Mapping[str, str] = response.headers

    def at_hand(self) -> bytes | None:
        """Return None: azure-core does not tell."""
        return None

    async def read(self) -> bytes:
        """Return the bytes at hand, or the next that come."""
        from azure.core.exceptions import AzureError

        try:
            return await anext(self._bytes, b"")
        except (AzureError, aiohttp.ClientError, OSError) as error:
            raise _error_of(self._name, error, answering=True) from None

    async def aclose(self) -> None:
        """Close the response; aiohttp keeps a connection that was read to its end."""
        await self._response.close()


class FoundryConnection:
    """The way to one endpoint of the model inference API."""

    def __init__(self, name: str, options: FoundryOptions, credential: AsyncTokenCredential | None) -> None:
        """Call `options.endpoint` with its key, or with tokens of `credential`; `name` is the model's in errors."""
        self._name = name
        self._options = options
        self._credential = credential
        self._trust = trust_of(options.wire)
        self._session: aiohttp.ClientSession | None = None
        self._client: ChatCompletionsClient | None = None

    async def send(self, body: bytes, *, streamed: bool) -> FoundryExchange:
        """Post `body` through the client's own pipeline, less its retries and redirects."""
        from azure.core.exceptions import AzureError
        from azure.core.rest import HttpRequest

        request = HttpRequest(
            "POST",
            "/chat/completions",
            params={"api-version": self._options.api_version},
            headers={
                "Content-Type": "application/json",
                "Accept": "text/event-stream" if streamed else "application/json",
                # Lets fields such as `stream_options` through that the inference API itself does not know.
                "extra-parameters": "pass-through",
            },
            content=body,
        )
        if self._client is None:
            self._client = self._new_client()
        try:
            response = await self._client.send_request(request, stream=True)
        except (AzureError, aiohttp.ClientError, OSError) as error:
            raise _error_of(self._name, error, answering=False) from None
        return FoundryExchange(self._name, response)

    async def close(self) -> None:
        """Close the client, its connections and the credential."""
        if self._client is not None:
            await self._client.close()
        if self._session is not None:
            await self._session.close()
        if self._credential is not None:
            await self._credential.close()

    def _new_client(self) -> ChatCompletionsClient:
        from azure.ai.inference.aio import ChatCompletionsClient
        from azure.core.credentials import AzureKeyCredential
        from azure.core.pipeline.policies import SansIOHTTPPolicy
        from azure.core.pipeline.transport import AioHttpTransport

        options = self._options
        self._session = new_session(options.wire, self._trust)
        transport = AioHttpTransport(
            session=self._session,
            session_owner=False,
            use_env_settings=False,
            connection_timeout=options.wire.connect_timeout_s,
            read_timeout=options.wire.total_timeout_s,
            connection_data_block_size=_BLOCK_BYTES,
        )
        return ChatCompletionsClient(
            options.endpoint,
            self._credential or AzureKeyCredential(options.api_key.get_secret_value() if options.api_key else ""),
            api_version=options.api_version,
            credential_scopes=[options.entra.scope],
            transport=transport,
            retry_total=0,
            permit_redirects=False,
            http_logging_policy=SansIOHTTPPolicy(),
        )


def _error_of(name: str, error: AzureError | aiohttp.ClientError | OSError, *, answering: bool) -> VaivenError:
    from azure.core.exceptions import AzureError, ClientAuthenticationError

    if isinstance(error, ClientAuthenticationError):
        return UpstreamRefusedError(
            f"{name}: Entra ID gives no token; an operator must check the identity and its role.",
            reason="UPSTREAM_CREDENTIALS",
        )
    cause = error.inner_exception if isinstance(error, AzureError) else None
    return transport_error(name, cause if isinstance(cause, Exception) else error, answering=answering)
