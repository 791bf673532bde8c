"""The wire client for OpenAI's chat completions, which `azure_openai`, `openai`, `huggingface` and `foundry` share."""

from service.backends.openai_protocol.connection import Connection, Credentials, Exchange, FixedHeaders
from service.backends.openai_protocol.errors import (
    ContentFilterError,
    UpstreamMalformedError,
    UpstreamRefusedError,
    UpstreamRejectedError,
    UpstreamThrottledError,
    UpstreamTruncatedError,
    UpstreamUnavailableError,
)
from service.backends.openai_protocol.http import HttpConnection
from service.backends.openai_protocol.model import ProtocolModel
from service.backends.openai_protocol.options import Dialect, ModelOptions, PriceOptions, WireOptions
from service.backends.openai_protocol.quota import RateLimits

__all__ = [
    "Connection",
    "ContentFilterError",
    "Credentials",
    "Dialect",
    "Exchange",
    "FixedHeaders",
    "HttpConnection",
    "ModelOptions",
    "PriceOptions",
    "ProtocolModel",
    "RateLimits",
    "UpstreamMalformedError",
    "UpstreamRefusedError",
    "UpstreamRejectedError",
    "UpstreamThrottledError",
    "UpstreamTruncatedError",
    "UpstreamUnavailableError",
    "WireOptions",
]
