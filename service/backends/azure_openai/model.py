"""Azure OpenAI as a backend."""

from __future__ import annotations

from typing import TYPE_CHECKING

from service.backends.azure_openai.entra import EntraToken, default_credential
from service.backends.azure_openai.options import AzureOpenAIOptions
from service.backends.openai_protocol.connection import Credentials, FixedHeaders
from service.backends.openai_protocol.http import HttpConnection
from service.backends.openai_protocol.model import ProtocolModel

if TYPE_CHECKING:
    from azure.core.credentials_async import AsyncTokenCredential


def azure_openai_model(options: AzureOpenAIOptions, *, credential: AsyncTokenCredential | None = None) -> ProtocolModel:
    """Return the deployment; without a key it shows tokens of `credential`, by default azure-identity's own choice.

    Raises:
        ModelLoadError: `ca_file` cannot be read.
    """
    name = options.display_name or options.model_id
    credentials: Credentials
    if options.api_key is not None:
        credentials = FixedHeaders({"api-key": options.api_key.get_secret_value()})
    else:
        credentials = EntraToken(credential or default_credential(options.entra), options.entra.scope, name)
    connection = HttpConnection(name, options.url(), credentials, options.wire)
    return ProtocolModel(options, "azure_openai", options.deployment, connection)
