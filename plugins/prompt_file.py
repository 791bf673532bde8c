"""Prompt files: one YAML per function, read the same way by the plugins and by the corpus of the embedded model.

This module knows nothing of Semantic Kernel, so that training needs none of it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cache
from html import unescape
from pathlib import Path
from typing import Any

import yaml

_ROOT = Path(__file__).resolve().parent
_NAME = re.compile(r"[a-z][a-z0-9_]*")
_TEMPLATE = re.compile(
    r'\s*<message role="system">(?P<system>[^<{]+)</message>\s*<message role="user">\{\{\s*\$input\s*\}\}</message>\s*'
)

_NOT_XML = re.compile("[\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\x7f\\ud800-\\udfff\\ufffe\\uffff]")
"""Characters that XML 1.0 does not allow. Source: https://www.w3.org/TR/xml/#charsets."""


class PromptFileError(ValueError):
    """A prompt file is missing or is not of the form that every plugin uses."""


@dataclass(frozen=True, slots=True)
class PromptFile:
    """One prompt file; `template` is the Semantic Kernel template and `system` the text of its system message."""

    name: str
    description: str
    template: str
    system: str
    execution_settings: dict[str, dict[str, Any]] = field(default_factory=dict)


def path_of(plugin: str, function: str) -> Path:
    """Return where the prompt of `plugin.function` lies.

    Raises:
        PromptFileError: a name is not lower snake case.
    """
    for name in (plugin, function):
        if not _NAME.fullmatch(name):
            raise PromptFileError(f"not a name: {name!r}")
    return _ROOT / plugin / "prompts" / f"{function}.yaml"


def load(plugin: str, function: str) -> PromptFile:
    """Read the prompt of `plugin.function`.

    Raises:
        PromptFileError: there is no such file, or its template is not one system line and one user `{{$input}}`.
    """
    path = path_of(plugin, function)
    try:
        raw = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError) as error:
        raise PromptFileError(f"cannot read {path}: {error}") from error
    if not isinstance(raw, dict) or raw.get("name") != function or raw.get("template_format") != "semantic-kernel":
        raise PromptFileError(f"{path}: needs name: {function} and template_format: semantic-kernel")
    template = str(raw.get("template", "")).strip()
    match = _TEMPLATE.fullmatch(template)
    if match is None:
        raise PromptFileError(f"{path}: the template must be one system line and one user message {{{{$input}}}}")
    return PromptFile(
        name=function,
        description=str(raw.get("description", "")),
        template=template,
        system=unescape(match["system"]),
        execution_settings=dict(raw.get("execution_settings") or {}),
    )


def visible(text: str) -> str:
    """Return `text` without the characters that prompts, which are XML, cannot hold, so that no model sees them."""
    return _NOT_XML.sub("", text)


@cache
def system_text(plugin: str, function: str) -> str:
    """Return the system message of `plugin.function` as a model sees it.

    Raises:
        PromptFileError: as `load`.
    """
    return load(plugin, function).system
