"""What an operator states of a model that is called over the network; every provider adds where and with which key."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, model_validator

from service.backends.base import ModelCard, Price
from service.backends.openai_protocol.tokens import IMAGE_TOKENS

_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})

Seconds = Annotated[float, Field(gt=0, allow_inf_nan=False)]
Count = Annotated[int, Field(ge=1)]
Amount = Annotated[float, Field(ge=0, allow_inf_nan=False)]


def _checked_url(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("must be a URL that begins with https:// (or http:// for a server of your own)")
    if parts.username is not None or parts.query or parts.fragment:
        raise ValueError("must hold no credentials, query or fragment")
    return value.rstrip("/")


def is_plain(url: str) -> bool:
    """Return whether what is sent to `url` can be read on its way; a loopback address has no way."""
    parts = urlsplit(url)
    return parts.scheme == "http" and parts.hostname not in _LOOPBACK


Url = Annotated[str, AfterValidator(_checked_url)]
"""An address without credentials, query or a slash at the end."""


def _checked_key(value: SecretStr) -> SecretStr:
    key = value.get_secret_value()
    if not key or not key.isascii() or not key.isprintable() or " " in key:
        raise ValueError("must be a key of visible ASCII characters, without a space or an end of line")
    return value


ApiKey = Annotated[SecretStr, AfterValidator(_checked_key)]
"""A key that can be sent in a header; one read from a file often has an end of line too many."""

Account = Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]*$")]
"""The name of an organization or project, as it is sent in a header."""


class FrozenOptions(BaseModel):
    """Options that do not change; what was wrong with a value is said without the value, which may be a secret."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class PriceOptions(FrozenOptions):
    """What a million tokens cost."""

    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")] = Field(description="ISO 4217 code of the currency.")
    input_per_mtok: Amount = Field(description="Price of a million tokens of the prompt.")
    output_per_mtok: Amount = Field(description="Price of a million tokens of the answer.")
    cached_input_per_mtok: Amount | None = Field(
        default=None,
        description="Price of a million tokens of the prompt that the upstream had cached; not set: as others.",
    )

    def price(self) -> Price:
        """Return the price as the contract words it."""
        cached = self.input_per_mtok if self.cached_input_per_mtok is None else self.cached_input_per_mtok
        return Price(self.currency, self.input_per_mtok, self.output_per_mtok, cached)


class Dialect(FrozenOptions):
    """Where an upstream's protocol departs from OpenAI's; each provider has its defaults."""

    limit_field: Literal["max_completion_tokens", "max_tokens"] = Field(
        default="max_completion_tokens", description="The request's field for the longest answer."
    )
    fixed_sampling: bool = Field(
        default=False, description="Whether the model refuses temperature, top_p and seed, as reasoning models do."
    )
    top_k: bool = Field(default=False, description="Whether the upstream knows `top_k`.")
    min_p: bool = Field(default=False, description="Whether the upstream knows `min_p`.")
    repetition_penalty: bool = Field(default=False, description="Whether the upstream knows `repetition_penalty`.")
    stream_usage: bool = Field(
        default=True, description="Whether the upstream reports usage in streams when it is asked to."
    )
    any_schema: bool = Field(
        default=False, description="Whether any JSON Schema is enforced, and not only OpenAI's strict subset."
    )
    max_stop_strings: Annotated[int, Field(ge=0)] = Field(default=4, description="The most stop strings in a request.")


class TokenLimitDialect(Dialect):
    """OpenAI's protocol as it was before reasoning models, which most other servers keep to."""

    limit_field: Literal["max_completion_tokens", "max_tokens"] = Field(
        default="max_tokens", description="The request's field for the longest answer."
    )


class WireOptions(FrozenOptions):
    """Limits of the connections to one upstream."""

    connect_timeout_s: Seconds = Field(default=5.0, description="Seconds that a connection may take to be made.")
    first_token_timeout_s: Seconds = Field(
        default=120.0, description="Seconds of a stream without a first token; raise it for models that reason long."
    )
    idle_timeout_s: Seconds = Field(default=30.0, description="Seconds that a stream may be silent once it has begun.")
    total_timeout_s: Seconds = Field(
        default=600.0, description="Seconds of a whole answer, whatever the caller's deadline."
    )
    attempts: Annotated[int, Field(ge=1, le=10)] = Field(
        default=3, description="Times that a request is sent in all, as long as nothing of an answer has come."
    )
    retry_wait_s: Seconds = Field(
        default=0.25, description="Pause in seconds before the second attempt; doubled for each further one."
    )
    retry_wait_max_s: Seconds = Field(
        default=5.0,
        description="The longest pause in seconds; an upstream that asks for a longer one is not asked again.",
    )
    max_concurrent: Count = Field(default=128, description="Requests at once, and connections; one more is refused.")
    keep_alive_s: Seconds = Field(default=30.0, description="Seconds that an idle connection is kept.")
    max_event_bytes: Count = Field(default=1024 * 1024, description="The largest event of a stream.")
    max_answer_bytes: Count = Field(default=16 * 1024 * 1024, description="The largest answer, after decompression.")
    proxy: Url | None = Field(
        default=None, description="Proxy to go through; the environment's proxies are never used."
    )
    ca_file: Path | None = Field(
        default=None, description="PEM file of the authorities to trust instead of the system's."
    )


class ModelOptions(FrozenOptions):
    """The facts of a model, and how it is called."""

    model_id: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._-]{0,62}$")] = Field(
        description="The model's id in vaiven, e.g. `gpt-4o`."
    )
    display_name: str = Field(default="", description="The model's name for people; not set: its id.")
    context_tokens: Count = Field(description="Tokens of prompt and answer together.")
    max_output_tokens: Count = Field(description="The longest answer in tokens.")
    supports_tools: bool = Field(default=True, description="Whether the model calls functions.")
    supports_json_schema: bool = Field(default=True, description="Whether its answers can be held to a JSON Schema.")
    supports_vision: bool = Field(default=False, description="Whether it reads images.")
    price: PriceOptions | None = Field(
        default=None, description="What it costs; zero only where that is so. Not set: not known."
    )
    locality: Literal["cloud", "local"] = Field(
        default="cloud", description="`local` only for a server in your own house: nothing is masked on the way to it."
    )
    license: str = Field(default="", description="The model's licence.")
    languages: tuple[str, ...] = Field(default=(), description="Languages it is good at, as BCP 47 tags.")
    tokens: Literal["o200k", "cl100k", "llama", "other"] = Field(
        default="other", description="The model's kind of tokenizer, for the estimate of a prompt's length."
    )
    image_tokens: Count = Field(
        default=IMAGE_TOKENS, description="The most tokens that an image takes, for the same estimate."
    )
    dialect: Dialect = Field(default_factory=Dialect, description="Where the upstream departs from OpenAI's protocol.")
    wire: WireOptions = Field(default_factory=WireOptions, description="Limits of the connections.")

    @model_validator(mode="after")
    def _check_tokens(self) -> ModelOptions:
        if self.max_output_tokens > self.context_tokens:
            raise ValueError("max_output_tokens must not be above context_tokens")
        return self

    def card(self, backend: str) -> ModelCard:
        """Return the facts as the contract words them, for `backend`."""
        return ModelCard(
            model_id=self.model_id,
            backend=backend,
            display_name=self.display_name or self.model_id,
            locality=self.locality,
            context_tokens=self.context_tokens,
            max_output_tokens=self.max_output_tokens,
            supports_tools=self.supports_tools,
            supports_json_schema=self.supports_json_schema,
            supports_grammar=False,
            supports_vision=self.supports_vision,
            price=None if self.price is None else self.price.price(),
            license=self.license,
            languages=self.languages,
        )
