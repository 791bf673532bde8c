"""The options of a model at OpenAI, or at any server that speaks its protocol."""

from __future__ import annotations

from typing import Final

from pydantic import Field, model_validator

from service.backends.openai_protocol.options import Account, ApiKey, ModelOptions, Url, is_plain

OPENAI_URL: Final = "https://api.openai.com/v1"
"""Source: OpenAI API reference, "Introduction"."""


class OpenAIOptions(ModelOptions):
    """A model behind `base_url`/chat/completions."""

    base_url: Url = Field(default=OPENAI_URL, description="Address up to, and without, `/chat/completions`.")
    model: str = Field(min_length=1, description="The model's name at the upstream.")
    api_key: ApiKey | None = Field(default=None, description="Key to show; not set: none is shown.")
    organization: Account = Field(default="", description="OpenAI organization that pays; not set: the key's own.")
    project: Account = Field(default="", description="OpenAI project that pays; not set: the key's own.")
    allow_http: bool = Field(
        default=False, description="Whether a server that is not on this machine is called unencrypted."
    )

    @model_validator(mode="after")
    def _check_address(self) -> OpenAIOptions:
        if is_plain(self.base_url) and not self.allow_http:
            raise ValueError("base_url must begin with https://; set allow_http for a server on a network you trust")
        return self
