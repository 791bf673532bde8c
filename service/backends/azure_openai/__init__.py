"""Azure OpenAI, on the v1 route or a dated api-version, with a key or Entra ID."""

from service.backends.azure_openai.model import azure_openai_model
from service.backends.azure_openai.options import AzureOpenAIOptions, EntraOptions

__all__ = ["AzureOpenAIOptions", "EntraOptions", "azure_openai_model"]
