"""Manifests: those installed are whole and match their code; wrong ones are refused with file and field."""

from __future__ import annotations

from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator
from pydantic import ValidationError

from plugins.manifest import (
    FunctionManifest,
    ManifestError,
    PluginManifest,
    build_class,
    load_installed,
    load_manifest,
    model_schema,
)

INSTALLED = load_installed()
PLUGINS = Path(__file__).parents[3] / "plugins"
each_plugin = pytest.mark.parametrize("plugin", INSTALLED, ids=lambda p: p.name)

OBJECT: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "properties": {"text": {"type": "string", "description": "A text.", "maxLength": 9}},
}
VALID: dict[str, Any] = {
    "name": "demo",
    "version": "1.2.3",
    "kind": "python",
    "description": "Shows things.",
    "class": "plugins.email.functions:EmailPlugin",
    "functions": [
        {
            "name": "show",
            "description": "Show.",
            "effect": "none",
            "input_schema": OBJECT,
            "output_schema": deepcopy(OBJECT),
        }
    ],
}
INPUT = ("functions", 0, "input_schema")
TEXT = (*INPUT, "properties", "text")
AT_INPUT = "functions[0].input_schema"
AT_TEXT = f"{AT_INPUT}.properties.text"


def _written(folder: Path, manifest: Any) -> Path:
    path = folder / "demo" / "plugin.yaml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(manifest if isinstance(manifest, str) else yaml.safe_dump(manifest), encoding="utf-8")
    return path


def _changed(place: tuple[str | int, ...], value: Any) -> dict[str, Any]:
    """Return the valid manifest with `value` at `place`, or without that place for `...`."""
    manifest = deepcopy(VALID)
    target: Any = manifest
    for part in place[:-1]:
        target = target[part]
    if value is ...:
        del target[place[-1]]
    else:
        target[place[-1]] = value
    return manifest


def test_every_folder_with_functions_has_a_manifest() -> None:
    folders = {p.parent.name for p in PLUGINS.glob("*/functions.py")}
    assert folders == {m.name for m in INSTALLED}
    assert folders >= {"chat", "code", "email", "support"}


@each_plugin
def test_each_declared_function_is_implemented_and_no_other(plugin: PluginManifest) -> None:
    assert build_class(plugin).__name__ == plugin.implementation.split(":")[1]


@each_plugin
def test_each_plugin_has_a_readme_that_names_its_functions(plugin: PluginManifest) -> None:
    readme = (PLUGINS / plugin.name / "README.md").read_text(encoding="utf-8")
    assert all(f"`{f.name}`" in readme for f in plugin.functions)


@each_plugin
def test_descriptions_are_short_enough_for_the_chooser(plugin: PluginManifest) -> None:
    assert all(len(f.description.split()) <= 12 for f in plugin.functions)


@each_plugin
def test_what_a_model_fills_is_a_schema_of_its_own(plugin: PluginManifest) -> None:
    for function in plugin.functions:
        schema = function.model_schema()
        Draft202012Validator.check_schema(schema)
        assert set(schema["required"]) <= set(schema["properties"])
        assert not any("x-vaiven-fill" in p for p in schema["properties"].values())


def test_a_valid_manifest_is_read(tmp_path: Path) -> None:
    manifest = load_manifest(_written(tmp_path, VALID))
    assert manifest.function("show").effect == "none"
    assert load_installed(tmp_path) == (manifest,)
    with pytest.raises(KeyError):
        manifest.function("hide")
    with pytest.raises(ValidationError):
        manifest.name = "other"  # type: ignore[misc]  # that it is refused is the point


@pytest.mark.parametrize(
    ("place", "value", "field"),
    [
        (("name",), "Demo", "name"),
        (("name",), ..., ""),
        (("version",), "1", "version"),
        (("kind",), "wasm", "kind"),
        (("class",), "EmailPlugin", "class"),
        (("colour",), "red", ""),
        (("functions",), [], "functions"),
        (("functions", 0, "effect"), "delete", "functions[0].effect"),
        ((*INPUT, "type"), "array", f"{AT_INPUT}.type"),
        ((*INPUT, "additionalProperties"), True, f"{AT_INPUT}.additionalProperties"),
        (TEXT, {"type": "string"}, AT_TEXT),
        ((*TEXT, "maxLength"), ..., AT_TEXT),
        ((*TEXT, "maxLength"), -1, AT_INPUT),
        ((*TEXT, "x-vaiven-fill"), "guess", f"{AT_TEXT}.x-vaiven-fill"),
        (("functions", 0, "output_schema", "required"), ["title"], "functions[0].output_schema"),
        (("functions",), [VALID["functions"][0]] * 2, "functions"),
    ],
)
def test_a_wrong_manifest_is_refused_with_file_and_field(
    tmp_path: Path, place: tuple[str | int, ...], value: Any, field: str
) -> None:
    path = _written(tmp_path, _changed(place, value))
    with pytest.raises(ManifestError) as caught:
        load_manifest(path)
    assert caught.value.field == field
    assert str(path) in str(caught.value)
    assert field in str(caught.value)


@pytest.mark.parametrize("text", ["name: [", "- a list", ""])
def test_what_is_no_manifest_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(ManifestError, match=r"plugin\.yaml"):
        load_manifest(_written(tmp_path, text))


def test_a_missing_file_and_a_wrong_folder_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ManifestError, match="cannot be read"):
        load_manifest(tmp_path / "plugin.yaml")
    _written(tmp_path, VALID | {"name": "other"})
    with pytest.raises(ManifestError, match="must be demo"):
        load_installed(tmp_path)


def test_a_fill_that_nobody_knows_is_refused_without_a_file_too() -> None:
    text = OBJECT["properties"]["text"] | {"x-vaiven-fill": "guess"}
    with pytest.raises(ValidationError, match="x-vaiven-fill"):
        FunctionManifest.model_validate(
            VALID["functions"][0] | {"input_schema": OBJECT | {"properties": {"text": text}}}
        )


@pytest.mark.parametrize(
    ("implementation", "message"),
    [
        ("plugins.nowhere:X", "cannot import"),
        ("plugins.email.functions:Nothing", "cannot import"),
        ("plugins.email.layout:draft_input", "is no class"),
        ("plugins.email.functions:EmailPlugin", "not implemented: show; not declared: draft"),
    ],
)
def test_a_class_that_does_not_match_is_refused(implementation: str, message: str) -> None:
    with pytest.raises(ManifestError, match=message):
        build_class(PluginManifest.model_validate(VALID | {"class": implementation}))


def test_the_reduced_schema_lets_a_model_say_that_nothing_is_given() -> None:
    schema = {
        "type": "object",
        "required": ["text", "count"],
        "properties": {
            "text": {"type": "string", "minLength": 1, "pattern": "^[a-z]+$", "maxLength": 9},
            "whole": {"type": "string", "x-vaiven-fill": "request"},
            "count": {"type": "integer"},
            "level": {"type": "integer"},
            "tags": {"type": "array", "minItems": 1, "items": {"$ref": "#/$defs/tag"}},
        },
        "$defs": {"tag": {"type": "string"}},
    }
    assert model_schema(schema) == {
        "type": "object",
        "properties": {
            "text": {"type": "string", "maxLength": 9},
            "count": {"type": "integer"},
            "level": {"type": "integer"},
            "tags": {"type": "array", "items": {"$ref": "#/$defs/tag"}},
        },
        "required": ["text", "count", "tags"],
        "additionalProperties": False,
        "$defs": {"tag": {"type": "string"}},
    }
    assert model_schema({"type": "object"})["properties"] == {}


@pytest.mark.parametrize("name", ["run_context", "call_context", "kernel"])
def test_no_schema_takes_an_argument_that_is_the_host_s(name: str) -> None:
    wrong = deepcopy(VALID)
    wrong["functions"][0]["input_schema"]["properties"] = {name: deepcopy(OBJECT["properties"]["text"])}
    with pytest.raises(ValidationError, match=f"arguments that are the host's: {name}"):
        PluginManifest.model_validate(wrong)
