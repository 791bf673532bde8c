"""Hugging Face's Inference Providers, text-generation-inference and vLLM as a backend."""

from __future__ import annotations

from service.backends.huggingface.options import HuggingFaceOptions
from service.backends.openai_protocol.connection import FixedHeaders
from service.backends.openai_protocol.http import HttpConnection
from service.backends.openai_protocol.model import ProtocolModel


def huggingface_model(options: HuggingFaceOptions) -> ProtocolModel:
    """Return the model; connections are made when it is first asked."""
    headers = {}
    if options.api_key is not None:
        headers["Authorization"] = f"Bearer {options.api_key.get_secret_value()}"
    if options.bill_to:
        headers["X-HF-Bill-To"] = options.bill_to
    name = options.display_name or options.model_id
    connection = HttpConnection(name, f"{options.base_url}/chat/completions", FixedHeaders(headers), options.wire)
    return ProtocolModel(options, "huggingface", options.model, connection)
