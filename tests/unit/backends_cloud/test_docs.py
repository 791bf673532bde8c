"""The page on backends tells every option, every notice, and nothing that does not exist."""

from __future__ import annotations

import ast
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel, SecretStr

from service.backends.azure_openai import AzureOpenAIOptions, EntraOptions
from service.backends.foundry import FoundryOptions
from service.backends.huggingface import HuggingFaceOptions
from service.backends.openai import OpenAIOptions
from service.backends.openai_protocol import Dialect, ModelOptions, PriceOptions, WireOptions
from service.settings import Settings

ROOT = Path(__file__).resolve().parents[3]
PAGE = (ROOT / "docs" / "backends.md").read_text(encoding="utf-8")
SECTIONS: dict[str, type[BaseModel]] = {
    "azure_openai": AzureOpenAIOptions,
    "openai": OpenAIOptions,
    "huggingface": HuggingFaceOptions,
    "foundry": FoundryOptions,
    "Options of every model": ModelOptions,
    "`entra`: a token instead of a key": EntraOptions,
    "`price`: what it costs": PriceOptions,
    "`dialect`: where an upstream departs from the protocol": Dialect,
    "`wire`: limits of the connections": WireOptions,
}


def section(heading: str) -> str:
    (body,) = re.findall(rf"^##+ {re.escape(heading)}\n(.*?)(?=^##|\Z)", PAGE, re.MULTILINE | re.DOTALL)
    return str(body)


def default_of(name: str, kind: type[BaseModel]) -> str:
    field = kind.model_fields[name]
    if field.is_required():
        return "required"
    value: Any = field.get_default(call_default_factory=True, validated_data={})
    if value is None or value == "" or value == ():
        return "–"
    if isinstance(value, BaseModel):
        plain = Dialect().model_dump() if isinstance(value, Dialect) else value.model_dump()
        changed = {key: found for key, found in value.model_dump().items() if found != plain[key]}
        return ", ".join(f"`{key} = {_toml(found)}`" for key, found in changed.items()) or "its own"
    return f"`{_toml(value)}`"


def _toml(value: object) -> str:
    assert not isinstance(value, SecretStr)
    return str(value).lower() if isinstance(value, bool) else f'"{value}"' if isinstance(value, str) else f"{value}"


def rows(kind: type[BaseModel]) -> list[str]:
    """Return the table's rows; what a provider shares with all is told once."""
    shared = ModelOptions.model_fields if issubclass(kind, ModelOptions) and kind is not ModelOptions else {}
    own = {
        name: field
        for name, field in kind.model_fields.items()
        if name not in shared or default_of(name, kind) != default_of(name, ModelOptions)
    }
    return [f"| `{name}` | {default_of(name, kind)} | {field.description} |" for name, field in own.items()]


@pytest.mark.parametrize("heading", SECTIONS)
def test_the_page_has_every_option_and_no_other(heading: str) -> None:
    written = re.findall(r"^\| `[a-z_]+` \| .+ \|$", section(heading), re.MULTILINE)
    assert written == rows(SECTIONS[heading])


def test_the_settings_on_the_page_are_taken() -> None:
    (example,) = re.findall(r"^```toml\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    settings = Settings.model_validate(tomllib.loads(example))
    assert len(settings.azure_openai.deployments) == 1
    assert len(settings.huggingface.deployments) == 1


def test_the_page_has_every_notice_and_no_other() -> None:
    package = ROOT / "service" / "backends" / "openai_protocol"
    files = [package.parent / "base.py", *package.glob("*.py")]
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in files]
    constants = {
        str(node.value.value)
        for tree in trees
        for node in ast.walk(tree)
        if isinstance(node, ast.AnnAssign) and isinstance(node.value, ast.Constant)
        if isinstance(node.target, ast.Name) and node.value.value == node.target.id
    }
    assert set(re.findall(r"^\| `([A-Z_]+)` \|", section("Notices"), re.MULTILINE)) == constants
