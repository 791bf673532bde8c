"""Azure AI Foundry's model inference endpoint through azure-ai-inference, an optional extra that Microsoft retires."""

from service.backends.foundry.model import foundry_model
from service.backends.foundry.options import FoundryOptions

__all__ = ["FoundryOptions", "foundry_model"]
