"""Models served by Hugging Face's software: Inference Providers, text-generation-inference, and vLLM beside them."""

from service.backends.huggingface.model import huggingface_model
from service.backends.huggingface.options import HuggingFaceOptions

__all__ = ["HuggingFaceOptions", "huggingface_model"]
