"""Prompts in Semantic Kernel's YAML as plugins of one function."""

from plugins.sources.prompt.document import ModelRequirements, PromptDocument
from plugins.sources.prompt.source import PromptRegistration, PromptSource

__all__ = ["ModelRequirements", "PromptDocument", "PromptRegistration", "PromptSource"]
