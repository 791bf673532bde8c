"""The options of a model behind Azure AI Foundry's model inference endpoint."""

from __future__ import annotations

from typing import Final

from pydantic import Field, model_validator

from service.backends.azure_openai.options import EntraOptions
from service.backends.openai_protocol.options import ApiKey, ModelOptions, TokenLimitDialect, Url, is_plain

API_VERSION: Final = "2024-05-01-preview"
"""Source: azure-ai-inference 1.0.0b9, `ChatCompletionsClient`."""


class FoundryOptions(ModelOptions):
    """A model behind `endpoint`/chat/completions, called with a key or, by default, with a token from Entra ID."""

    endpoint: Url = Field(description="The endpoint, e.g. `https://NAME.services.ai.azure.com/models`.")
    model: str = Field(min_length=1, description="The deployment's name at the endpoint.")
    api_version: str = Field(default=API_VERSION, description="Version of the inference API.")
    api_key: ApiKey | None = Field(default=None, description="Key of the resource; not set: a token from Entra ID.")
    entra: EntraOptions = Field(default_factory=EntraOptions, description="How a token is got, without `api_key`.")
    allow_http: bool = Field(
        default=False, description="Whether a gateway that is not on this machine is called unencrypted."
    )
    # pyright does not see that `model_config` makes models frozen, which is what allows a narrower field.
    dialect: TokenLimitDialect = Field(  # pyright: ignore[reportIncompatibleVariableOverride]
        default_factory=TokenLimitDialect, description="Where the upstream departs from OpenAI's protocol."
    )

    @model_validator(mode="after")
    def _check_address(self) -> FoundryOptions:
        if is_plain(self.endpoint) and not self.allow_http:
            raise ValueError("endpoint must begin with https://; set allow_http for a gateway on a network you trust")
        return self
