"""The options of a model behind Hugging Face's Inference Providers, text-generation-inference or vLLM."""

from __future__ import annotations

from typing import Final

from pydantic import Field, model_validator

from service.backends.openai_protocol.options import Account, ApiKey, ModelOptions, TokenLimitDialect, Url, is_plain

ROUTER_URL: Final = "https://router.huggingface.co/v1"
"""Source: Hugging Face, "Inference Providers", Chat Completion."""


class HuggingFaceDialect(TokenLimitDialect):
    """What text-generation-inference and vLLM have in common: a grammar engine that takes any schema."""

    any_schema: bool = Field(
        default=True, description="Whether any JSON Schema is enforced, and not only OpenAI's strict subset."
    )


class HuggingFaceOptions(ModelOptions):
    """A model behind `base_url`/chat/completions."""

    base_url: Url = Field(
        default=ROUTER_URL,
        description="The router, or a server of your own: `http://HOST:8080/v1` for TGI, `:8000/v1` for vLLM.",
    )
    model: str = Field(
        min_length=1, description="Repository of the model, perhaps with `:PROVIDER`; TGI takes any name, e.g. `tgi`."
    )
    api_key: ApiKey | None = Field(default=None, description="Hugging Face token, or the server's key; not set: none.")
    bill_to: Account = Field(default="", description="Organization that pays for calls through the router.")
    allow_http: bool = Field(
        default=False, description="Whether a server that is not on this machine is called unencrypted."
    )
    # pyright does not see that `model_config` makes models frozen, which is what allows a narrower field.
    dialect: HuggingFaceDialect = Field(  # pyright: ignore[reportIncompatibleVariableOverride]
        default_factory=HuggingFaceDialect,
        description="Where the upstream departs from OpenAI's protocol; vLLM knows `top_k`.",
    )

    @model_validator(mode="after")
    def _check_address(self) -> HuggingFaceOptions:
        if is_plain(self.base_url) and not self.allow_http:
            raise ValueError("base_url must begin with https://; set allow_http for a server on a network you trust")
        return self
