"""What a plugin says of itself in `plugin.yaml`: its functions, their schemas and effects."""

from __future__ import annotations

import importlib
import inspect
import json
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.metadata import entry_points
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from jsonschema import Draft202012Validator, SchemaError
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, field_validator

FILL = "x-vaiven-fill"
"""Keyword of a property that no model fills: its value says what does."""

COPIED = "x-vaiven-copied"
"""Keyword of a text that consists of words of the request: small models are held to them."""

RESERVED = frozenset({"run_context", "call_context", "kernel", "arguments", "service"})
"""Arguments that the host and Semantic Kernel hand to a function, so that no schema may have them."""

ENTRY_POINTS = "vaiven.plugins"
"""The group of entry points by which other packages bring plugins."""

_ROOT = Path(__file__).resolve().parent
_SCHEMA = _ROOT / "manifest.schema.json"
_FILE = "plugin.yaml"
_FILLS = ("request", "last_answer", "none")
_NON_EMPTY = frozenset({"minLength", "minItems", "pattern", "format"})
"""Keywords that would force a model to make up a value that the request does not give."""

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", max_length=64)]
Effect = Literal["none", "read", "write"]


class ManifestError(ValueError):
    """A manifest is missing or wrong; `source` names the file or plugin and `field` the place in it."""

    def __init__(self, source: str, field: str, message: str) -> None:
        super().__init__(f"{source}: {field}: {message}" if field else f"{source}: {message}")
        self.source = source
        self.field = field


class ModelUse(BaseModel):
    """The most that one call of a function asks of models, so that its cost can be told before it is made.

    So many `generations`, each of at most `output_tokens` tokens (None: as routing has it) after a prompt that is
    `argument_copies` times as long as the call's arguments and has `prompt_bytes` more bytes of UTF-8. `prompt_bytes`
    None: nobody can say how long the prompt is, so it is taken to fill the model's context. What a generation wrote may
    be in the prompts of those after it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    generations: Annotated[int, Field(ge=0, le=100)] = 1
    output_tokens: Annotated[int, Field(ge=1)] | None = None
    prompt_bytes: Annotated[int, Field(ge=0)] | None = None
    argument_copies: Annotated[int, Field(ge=1, le=100)] = 1


class FunctionManifest(BaseModel):
    """One function of a plugin. The schemas are JSON Schema 2020-12 and describe objects.

    `idempotent`: a second call with the same arguments changes nothing more. `takes_idempotency_key`: a second call
    with the same `call_context.idempotency_key` is answered as the first was. `approval` None: where a planner calls
    it, a person is asked first if it writes. `models` None: it is not said what a call asks of models, so that nobody
    knows what it costs.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Name
    description: Annotated[str, StringConstraints(min_length=1, max_length=120)]
    effect: Effect
    input_schema: dict[str, Any]
    output_schema: dict[str, Any]
    idempotent: bool = False
    takes_idempotency_key: bool = False
    approval: bool | None = None
    models: ModelUse | None = None

    @field_validator("input_schema")
    @classmethod
    def _leaves_the_host_its_arguments(cls, schema: dict[str, Any]) -> dict[str, Any]:
        if taken := sorted(RESERVED & set(schema.get("properties", {}))):
            raise ValueError(f"has arguments that are the host's: {', '.join(taken)}")
        return schema

    @field_validator("input_schema", "output_schema")
    @classmethod
    def _is_schema_of_object(cls, schema: dict[str, Any]) -> dict[str, Any]:
        try:
            Draft202012Validator.check_schema(schema)
        except SchemaError as error:
            place = "/".join(map(str, error.absolute_path))
            raise ValueError(f"is no JSON Schema 2020-12: {place}: {error.message}") from None
        if schema.get("type") != "object" or schema.get("additionalProperties") is not False:
            raise ValueError("must have type: object and additionalProperties: false")
        properties = schema.get("properties", {})
        unknown = [name for name in schema.get("required", ()) if name not in properties]
        if unknown:
            raise ValueError(f"requires what is no property: {', '.join(unknown)}")
        for name, prop in properties.items():
            if isinstance(prop, dict) and prop.get(FILL, "none") not in _FILLS:
                raise ValueError(f"properties/{name}: {FILL} must be one of {', '.join(_FILLS)}")
        return schema

    def model_schema(self) -> dict[str, Any]:
        """Return the input schema reduced to the properties that a model fills."""
        return model_schema(self.input_schema)


class PluginManifest(BaseModel):
    """A plugin: who it is, the class that implements it, and its functions."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Name
    version: Annotated[str, StringConstraints(pattern=r"^\d+\.\d+\.\d+$")]
    kind: Literal["python"]
    description: Annotated[str, StringConstraints(min_length=1, max_length=300)]
    implementation: Annotated[str, StringConstraints(pattern=r"^\w+(\.\w+)*:\w+$")] = Field(alias="class")
    functions: Annotated[tuple[FunctionManifest, ...], Field(min_length=1)]
    owners: tuple[str, ...] = ()
    settings: dict[str, Any] = Field(default_factory=dict)

    @field_validator("functions")
    @classmethod
    def _names_differ(cls, functions: tuple[FunctionManifest, ...]) -> tuple[FunctionManifest, ...]:
        names = [f.name for f in functions]
        twice = sorted({n for n in names if names.count(n) > 1})
        if twice:
            raise ValueError(f"declared twice: {', '.join(twice)}")
        return functions

    def function(self, name: str) -> FunctionManifest:
        """Return the function of that name.

        Raises:
            KeyError: there is none.
        """
        for function in self.functions:
            if function.name == name:
                return function
        raise KeyError(name)


def model_schema(input_schema: Mapping[str, Any]) -> dict[str, Any]:
    """Return `input_schema` reduced to the properties without `x-vaiven-fill`, for constrained decoding.

    Texts, lists and choices are always written, in the order of the schema, since the embedded model was trained so; an
    empty text or list says that the request does not give it, and therefore is allowed. Other optional properties may
    be left out.
    """
    properties = {
        name: {key: value for key, value in prop.items() if key not in _NON_EMPTY}
        for name, prop in input_schema.get("properties", {}).items()
        if FILL not in prop
    }
    required = [
        name
        for name, prop in properties.items()
        if name in input_schema.get("required", ()) or prop.get("type") in ("string", "array") or "enum" in prop
    ]
    reduced: dict[str, Any] = {"type": "object", "properties": properties, "required": required}
    return reduced | {"additionalProperties": False} | {k: input_schema[k] for k in ("$defs",) if k in input_schema}


def load_manifest(path: Path) -> PluginManifest:
    """Read and check the manifest at `path`.

    Raises:
        ManifestError: the file cannot be read or is no manifest; it names the file and the field.
    """
    try:
        raw = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise ManifestError(str(path), "", f"cannot be read: {error}") from error
    for wrong in _validator().iter_errors(raw):
        raise ManifestError(str(path), _place(wrong.absolute_path), wrong.message)
    try:
        return PluginManifest.model_validate(raw)
    except ValidationError as invalid:
        first = invalid.errors()[0]
        raise ManifestError(str(path), _place(first["loc"]), first["msg"].removeprefix("Value error, ")) from None


def load_installed(root: Path = _ROOT) -> tuple[PluginManifest, ...]:
    """Return the manifests of the plugins in the folders of `root`, by name.

    Raises:
        ManifestError: one is wrong, or is not named as its folder.
    """
    manifests = []
    for path in sorted(root.glob(f"*/{_FILE}")):
        manifest = load_manifest(path)
        if manifest.name != path.parent.name:
            raise ManifestError(str(path), "name", f"must be {path.parent.name}, as its folder")
        manifests.append(manifest)
    return tuple(manifests)


def load_listed(names: Sequence[str]) -> tuple[PluginManifest, ...]:
    """Return the manifests of plugins that came with other packages, by the names of their entry points.

    An entry point of the group `vaiven.plugins` names a package with a `plugin.yaml` beside its `__init__.py`.

    Raises:
        ManifestError: there is no such entry point, its package cannot be imported, or its manifest is wrong or is
            not named as the entry point.
    """
    points = {point.name: point for point in entry_points(group=ENTRY_POINTS)}
    manifests = []
    for name in names:
        if name not in points:
            raise ManifestError(name, "", f"no installed package has an entry point {name} in the group {ENTRY_POINTS}")
        try:
            module = points[name].load()
        except (ImportError, AttributeError) as error:
            raise ManifestError(name, "", f"cannot import {points[name].value}: {error}") from error
        file = getattr(module, "__file__", None)
        if file is None:
            raise ManifestError(name, "", f"{points[name].value} is no package with files")
        manifest = load_manifest(Path(file).parent / _FILE)
        if manifest.name != name:
            raise ManifestError(name, "name", f"must be {name}, as its entry point")
        manifests.append(manifest)
    return tuple(manifests)


def build_class(manifest: PluginManifest) -> type[Any]:
    """Return the class that implements the plugin; the host constructs it with what it needs.

    Raises:
        ManifestError: it cannot be imported, or its kernel functions are not those of the manifest.
    """
    module_name, _, class_name = manifest.implementation.partition(":")
    try:
        found = getattr(importlib.import_module(module_name), class_name)
    except (ImportError, AttributeError) as error:
        raise ManifestError(manifest.name, "class", f"cannot import {manifest.implementation}: {error}") from error
    if not inspect.isclass(found):
        raise ManifestError(manifest.name, "class", f"{manifest.implementation} is no class")
    declared = {f.name for f in manifest.functions}
    present = _kernel_functions(found)
    if declared != present:
        raise ManifestError(
            manifest.name,
            "functions",
            f"{manifest.implementation} does not match: "
            f"not implemented: {_listed(declared - present)}; not declared: {_listed(present - declared)}",
        )
    return found


def _kernel_functions(plugin: type[Any]) -> set[str]:
    """Return the names that Semantic Kernel's decorator gave to the methods of `plugin`."""
    members = (member for _, member in inspect.getmembers(plugin, inspect.isfunction))
    return {str(vars(m)["__kernel_function_name__"]) for m in members if "__kernel_function__" in vars(m)}


@cache
def _validator() -> Draft202012Validator:
    return Draft202012Validator(json.loads(_SCHEMA.read_text(encoding="utf-8")))


def _place(path: Any) -> str:
    """Return a path such as `functions[0].input_schema`."""
    return "".join(f"[{p}]" if isinstance(p, int) else f".{p}" for p in path).lstrip(".")


def _listed(names: set[str]) -> str:
    return ", ".join(sorted(names)) or "none"
