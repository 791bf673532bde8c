"""OpenAI, and servers that speak its protocol, as a backend."""

from __future__ import annotations

from service.backends.openai.options import OpenAIOptions
from service.backends.openai_protocol.connection import FixedHeaders
from service.backends.openai_protocol.http import HttpConnection
from service.backends.openai_protocol.model import ProtocolModel


def openai_model(options: OpenAIOptions) -> ProtocolModel:
    """Return the model; connections are made when it is first asked."""
    headers = {}
    if options.api_key is not None:
        headers["Authorization"] = f"Bearer {options.api_key.get_secret_value()}"
    if options.organization:
        headers["OpenAI-Organization"] = options.organization
    if options.project:
        headers["OpenAI-Project"] = options.project
    name = options.display_name or options.model_id
    connection = HttpConnection(name, f"{options.base_url}/chat/completions", FixedHeaders(headers), options.wire)
    return ProtocolModel(options, "openai", options.model, connection)
