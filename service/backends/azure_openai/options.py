"""The options of a deployment at Azure OpenAI."""

from __future__ import annotations

from typing import Final

from pydantic import Field, model_validator

from service.backends.openai_protocol.options import ApiKey, FrozenOptions, ModelOptions, Url, is_plain

AZURE_SCOPE: Final = "https://cognitiveservices.azure.com/.default"
"""Source: Microsoft Learn, "Azure OpenAI v1 API", authentication with Microsoft Entra ID."""


class EntraOptions(FrozenOptions):
    """How a token is got from Microsoft Entra ID."""

    scope: str = Field(default=AZURE_SCOPE, description="What the token is for; sovereign clouds have their own.")
    authority: str = Field(
        default="", description="Host of the authority, e.g. `login.microsoftonline.us`; not set: public."
    )
    managed_identity_client_id: str = Field(
        default="", description="Which user-assigned identity; not set: the system's."
    )


class AzureOpenAIOptions(ModelOptions):
    """A deployment, called with a key or, by default, with a token from Entra ID."""

    endpoint: Url = Field(description="The resource, e.g. `https://NAME.openai.azure.com`.")
    deployment: str = Field(
        pattern=r"^[A-Za-z0-9._-]+$", description="The deployment's name, which need not be the model's."
    )
    api_version: str | None = Field(
        default=None, description="Dated version such as `2024-10-21`; not set: the v1 route, which needs none."
    )
    api_key: ApiKey | None = Field(default=None, description="Key of the resource; not set: a token from Entra ID.")
    entra: EntraOptions = Field(default_factory=EntraOptions, description="How a token is got, without `api_key`.")
    allow_http: bool = Field(
        default=False, description="Whether a gateway that is not on this machine is called unencrypted."
    )

    @model_validator(mode="after")
    def _check_address(self) -> AzureOpenAIOptions:
        if is_plain(self.endpoint) and not self.allow_http:
            raise ValueError("endpoint must begin with https://; set allow_http for a gateway on a network you trust")
        if self.endpoint.endswith(("/openai/v1", "/openai")):
            raise ValueError("endpoint must be the resource's address, without /openai or /openai/v1")
        return self

    def url(self) -> str:
        """Return the address of the deployment's chat completions.

        Source: Microsoft Learn, "Azure OpenAI in Microsoft Foundry Models REST API reference" and "API lifecycle".
        """
        if self.api_version is None:
            return f"{self.endpoint}/openai/v1/chat/completions"
        route = f"{self.endpoint}/openai/deployments/{self.deployment}/chat/completions"
        return f"{route}?api-version={self.api_version}"
