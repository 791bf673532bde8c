"""OpenAI, and any server that speaks its protocol."""

from service.backends.openai.model import openai_model
from service.backends.openai.options import OpenAIOptions

__all__ = ["OpenAIOptions", "openai_model"]
