"""A token from Microsoft Entra ID, kept until it is nearly over; azure-identity is loaded when it is needed."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final

from service.backends.azure_openai.options import EntraOptions
from service.backends.openai_protocol.errors import UpstreamRefusedError, UpstreamUnavailableError
from service.errors import VaivenError

if TYPE_CHECKING:
    from azure.core.credentials import AccessToken
    from azure.core.credentials_async import AsyncTokenCredential

REFRESH_EARLY_S: Final = 300.0
"""A token is renewed so long before its end. Source: azure-core 1.41, `BearerTokenCredentialPolicy`."""


def default_credential(options: EntraOptions) -> AsyncTokenCredential:
    """Return azure-identity's chain: environment, workload identity, managed identity, developer tools."""
    from azure.identity.aio import DefaultAzureCredential

    return DefaultAzureCredential(
        authority=options.authority or None,
        managed_identity_client_id=options.managed_identity_client_id or None,
    )


class EntraToken:
    """Credentials that renew themselves; see `openai_protocol.connection.Credentials`."""

    def __init__(
        self, credential: AsyncTokenCredential, scope: str, name: str, clock: Callable[[], float] = time.time
    ) -> None:
        """Ask `credential` for tokens; `name` is the model's name in errors, `clock` the seconds since 1970."""
        self._credential = credential
        self._scope = scope
        self._name = name
        self._clock = clock
        self._token: AccessToken | None = None
        self._renewal = asyncio.Lock()

    async def headers(self) -> Mapping[str, str]:
        """Return the header with a token that is valid; one request renews it while others wait."""
        token = self._token
        if token is None or token.expires_on - self._clock() < REFRESH_EARLY_S:
            async with self._renewal:
                if self._token is token:
                    self._token = await self._renewed()
                token = self._token
        assert token is not None
        return {"Authorization": f"Bearer {token.token}"}

    def forget(self) -> bool:
        """Drop the token, so that the next request brings a new one."""
        self._token = None
        return True

    async def close(self) -> None:
        """Close the credential."""
        await self._credential.close()

    async def _renewed(self) -> AccessToken:
        from azure.core.exceptions import AzureError, ClientAuthenticationError

        try:
            return await self._credential.get_token(self._scope)
        except AzureError as error:
            if self._token is not None and self._token.expires_on > self._clock():
                return self._token
            # The text of such an error may name accounts; azure-identity logs it where it is asked to.
            raise self._error(refused=isinstance(error, ClientAuthenticationError)) from None

    def _error(self, *, refused: bool) -> VaivenError:
        if refused:
            return UpstreamRefusedError(
                f"{self._name}: Entra ID gives no token; an operator must check the identity and its role.",
                reason="UPSTREAM_CREDENTIALS",
            )
        return UpstreamUnavailableError(f"{self._name}: Entra ID cannot be reached.", reason="UPSTREAM_UNREACHABLE")
