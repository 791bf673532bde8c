"""Recipes: named plans with parameters, read from YAML; no model writes them and none is asked to fill them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any, Final

import yaml
from jsonschema import Draft202012Validator, SchemaError

from planners.facts import FunctionFacts
from planners.plan import Plan
from planners.plan_findings import InvalidPlanError, PlanViolation
from planners.references import REF, BadReferenceError, bind, uses
from planners.validation import Violation, violations
from plugins.schema_validator import path_text

FOLDER: Final = Path(__file__).resolve().parent / "library"
"""Where the recipes lie that come with the service."""

_SCHEMA: Final = Path(__file__).resolve().parent / "recipe.schema.json"
_PARAM: Final = "params."


class RecipeError(ValueError):
    """A recipe is missing or wrong; `source` names the file and `field` the place in it."""

    def __init__(self, source: str, field: str, message: str) -> None:
        super().__init__(f"{source}: {field}: {message}" if field else f"{source}: {message}")
        self.source = source
        self.field = field


class RecipeArgumentError(ValueError):
    """The arguments do not fit the parameters of a recipe; `violations` name the fields and repeat no value."""

    def __init__(self, recipe: str, wrong: tuple[Violation, ...]) -> None:
        super().__init__(f"{recipe}: " + "; ".join(f"{one.field} {one.message}".strip() for one in wrong))
        self.violations = wrong


@dataclass(frozen=True, slots=True)
class Recipe:
    """A named plan; `parameters` is the JSON Schema of what `template` refers to as `params.<name>`."""

    name: str
    description: str
    parameters: Mapping[str, Any]
    template: Plan

    def plan(self, arguments: Mapping[str, Any], goal: str = "") -> Plan:
        """Return the plan for `arguments`; defaults of the parameters are filled in, optional ones may be absent.

        Raises:
            RecipeArgumentError: the arguments do not fit.
        """
        if wrong := violations(self.parameters, arguments):
            raise RecipeArgumentError(self.name, wrong)
        defaults = {name: prop["default"] for name, prop in self._properties.items() if "default" in prop}
        given = {**defaults, **arguments}
        try:
            steps = tuple(
                replace(step, arguments=bind(_without_absent(step.arguments, given), given))
                for step in self.template.steps
            )
        except BadReferenceError as error:
            # A text needs a parameter that is optional and absent.
            raise RecipeArgumentError(self.name, (Violation("", f"{error}"),)) from None
        return replace(self.template, steps=steps, goal=goal or self.template.goal)

    def validate(self, catalogue: Mapping[str, FunctionFacts]) -> tuple[PlanViolation, ...]:
        """Return what is wrong with the recipe, given the functions there are, whatever its arguments will be."""
        return self.template.validate(catalogue, parameters=self.parameters)

    @property
    def _properties(self) -> Mapping[str, Any]:
        properties: Mapping[str, Any] = self.parameters["properties"]
        return properties


def load_recipe(path: Path) -> Recipe:
    """Read and check the recipe at `path`; whether its functions exist is checked against a catalogue.

    Raises:
        RecipeError: the file cannot be read or is no recipe; it names the file and the field.
    """
    try:
        raw = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise RecipeError(str(path), "", f"cannot be read: {error}") from error
    for wrong in _validator().iter_errors(raw):
        raise RecipeError(str(path), path_text(wrong.absolute_path), wrong.message)
    if raw["name"] != path.stem:
        raise RecipeError(str(path), "name", f"must be {path.stem}, as its file")
    try:
        Draft202012Validator.check_schema(raw["parameters"])
    except SchemaError as error:
        raise RecipeError(str(path), path_text(("parameters", *error.absolute_path)), error.message) from None
    try:
        template = Plan.read({key: raw[key] for key in ("steps", "answer") if key in raw})
    except InvalidPlanError as error:
        raise RecipeError(str(path), error.violations[0].field, error.violations[0].message) from None
    recipe = Recipe(raw["name"], raw["description"], raw["parameters"], template)
    _check_parameters(str(path), recipe)
    return recipe


def load_recipes(folder: Path = FOLDER) -> Mapping[str, Recipe]:
    """Return the recipes in the `.yaml` files of `folder`, by name.

    Raises:
        RecipeError: one is wrong.
    """
    return {path.stem: load_recipe(path) for path in sorted(folder.glob("*.yaml"))}


def _check_parameters(source: str, recipe: Recipe) -> None:
    """Refuse references to parameters that do not exist, parameters that nothing uses, and defaults that do not fit."""
    used: set[str] = set()
    for at, step in enumerate(recipe.template.steps):
        field = f"steps[{at}].arguments"
        try:
            names = {use.reference.name for use in uses(step.arguments) if use.reference.source == "param"}
        except BadReferenceError as error:
            raise RecipeError(source, field, str(error)) from None
        if unknown := names - set(recipe.parameters["properties"]):
            raise RecipeError(source, field, f"refers to no parameter: {', '.join(sorted(unknown))}")
        used |= names
    if unused := set(recipe.parameters["properties"]) - used:
        raise RecipeError(source, "parameters.properties", f"no step refers to {', '.join(sorted(unused))}")
    for name, prop in recipe.parameters["properties"].items():
        if "default" in prop and violations({"properties": {name: prop}}, {name: prop["default"]}):
            raise RecipeError(source, f"parameters.properties.{name}.default", "does not fit the parameter")


def _without_absent(value: Any, given: Mapping[str, Any]) -> Any:
    """Return `value` without the arguments and items that are a parameter which is not given."""
    if isinstance(value, dict):
        return {key: _without_absent(item, given) for key, item in value.items() if not _is_absent(item, given)}
    if isinstance(value, list):
        return [_without_absent(item, given) for item in value if not _is_absent(item, given)]
    return value


def _is_absent(value: Any, given: Mapping[str, Any]) -> bool:
    reference = value.get(REF) if isinstance(value, dict) else None
    return isinstance(reference, str) and reference.startswith(_PARAM) and reference[len(_PARAM) :] not in given


@cache
def _validator() -> Draft202012Validator:
    return Draft202012Validator(json.loads(_SCHEMA.read_text(encoding="utf-8")))
