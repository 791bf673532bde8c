"""Azure AI Foundry's model inference endpoint as a backend."""

from __future__ import annotations

from typing import TYPE_CHECKING

from service.backends.azure_openai.entra import default_credential
from service.backends.foundry.connection import FoundryConnection
from service.backends.foundry.options import FoundryOptions
from service.backends.openai_protocol.model import ProtocolModel
from service.errors import ModelLoadError

if TYPE_CHECKING:
    from azure.core.credentials_async import AsyncTokenCredential


def foundry_model(options: FoundryOptions, *, credential: AsyncTokenCredential | None = None) -> ProtocolModel:
    """Return the model; without a key it shows tokens of `credential`, by default azure-identity's own choice.

    Raises:
        ModelLoadError: azure-ai-inference is not installed, or `ca_file` cannot be read.
    """
    try:
        import azure.ai.inference.aio  # noqa: F401 - to say at the start what is missing
    except ImportError:
        raise ModelLoadError("The backend foundry needs azure-ai-inference: install vaiven[foundry].") from None
    if options.api_key is None and credential is None:
        credential = default_credential(options.entra)
    name = options.display_name or options.model_id
    connection = FoundryConnection(name, options, None if options.api_key is not None else credential)
    return ProtocolModel(options, "foundry", options.model, connection)
