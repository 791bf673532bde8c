"""Recipes: those that come with the service fit its plugins; wrong files and arguments say where."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from planners.facts import FunctionFacts
from planners.filling import Fill
from planners.journal import StepState
from planners.recipe import Recipe, RecipeArgumentError, RecipeError, load_recipe, load_recipes
from planners.references import uses
from plugins.manifest import load_installed
from plugins.output import FunctionResult
from tests.unit.planners.fakes import Bench, FakeTools, catalogue, ending, facts

INSTALLED = {
    f"{plugin.name}.{one.name}": FunctionFacts(
        f"{plugin.name}.{one.name}", one.description, one.input_schema, one.output_schema, one.effect, approval=False
    )
    for plugin in load_installed()
    for one in plugin.functions
}
RECIPES = load_recipes()
GOOD: dict[str, Any] = {
    "name": "good",
    "description": "Does good.",
    "parameters": {
        "type": "object",
        "additionalProperties": False,
        "required": ["who"],
        "properties": {
            "who": {"type": "string", "maxLength": 20},
            "how": {"type": "string", "default": "well"},
            "tags": {"type": "array", "items": {"type": "string"}},
        },
    },
    "steps": [
        {
            "id": "a",
            "function": "a.b",
            "arguments": {"who": "Dear ${params.who}", "how": {"$ref": "params.how"}, "tags": {"$ref": "params.tags"}},
        },
        {"id": "c", "function": "gather", "arguments": {"said": ["${steps.a.text}", {"$ref": "params.tags"}]}},
    ],
}


def written(folder: Path, recipe: Any, name: str = "good") -> Path:
    path = folder / f"{name}.yaml"
    path.write_text(recipe if isinstance(recipe, str) else yaml.safe_dump(recipe), encoding="utf-8")
    return path


def with_parameters(**properties: Any) -> dict[str, Any]:
    known = GOOD["parameters"]
    return {"parameters": {**known, "properties": {**known["properties"], **properties}}}


@pytest.fixture
def good(tmp_path: Path) -> Recipe:
    return load_recipe(written(tmp_path, GOOD))


def test_the_recipes_that_come_with_the_service() -> None:
    assert {"draft_and_revise", "answer_and_email", "review_and_test_code"} <= set(RECIPES)


@pytest.mark.parametrize("name", [name for name in RECIPES if not name.startswith("agents_")])
def test_a_recipe_fits_the_plugins(name: str) -> None:
    recipe = RECIPES[name]
    assert recipe.validate(INSTALLED) == ()
    sample = dict.fromkeys(recipe.parameters["required"], "x")
    plan = recipe.plan(Fill("What the user says.").completed(recipe.parameters, sample))
    assert plan.validate(INSTALLED) == ()
    assert not any(use.reference.source == "param" for step in plan.steps for use in uses(step.arguments))
    assert [step.description for step in plan.steps if not step.description] == []


async def test_answer_and_email_hands_the_answer_on() -> None:
    async def answers(arguments: Any, _: Any) -> FunctionResult:
        assert arguments == {"question": "May I return ${shoes}?"}
        data = {"answer": "Within 30 days [1].", "citations": [], "handed_over": False, "ticket": None}
        return FunctionResult("Within 30 days [1].", data)

    async def replies(arguments: Any, _: Any) -> FunctionResult:
        assert arguments == {
            "message": "Reply with this answer: Within 30 days [1].\n\nMay I return ${shoes}?",
            "sender": "Zoe",
        }
        return FunctionResult("Dear customer", {"subject": "", "body": "Dear customer"})

    plan = RECIPES["answer_and_email"].plan({"question": "May I return ${shoes}?", "sender": "Zoe"})
    bench = Bench(INSTALLED, FakeTools({"support.answer": answers, "email.reply": replies}))
    assert ending(await bench.run(plan)).outcome.text == "Dear customer"


async def test_review_and_tests_run_at_once_and_are_gathered() -> None:
    async def reviews(*_: Any) -> FunctionResult:
        return FunctionResult("Line 1: x", {"findings": [{"line": 1, "severity": "style", "message": "x"}]})

    async def tests(*_: Any) -> FunctionResult:
        return FunctionResult("def test(): ...", {"code": "def test(): ...", "valid": True})

    bench = Bench(INSTALLED, FakeTools({"code.review": reviews, "code.write_tests": tests}))
    end = ending(await bench.run(RECIPES["review_and_test_code"].plan({"code": "x = 1"})))
    assert end.state is StepState.DONE
    assert end.outcome.text == "Line 1: x\n\ndef test(): ..."
    assert end.outcome.data["tests_valid"] is True
    assert end.outcome.data["findings"][0]["line"] == 1


def test_parameters_are_filled_by_default_and_left_out_where_absent(good: Recipe) -> None:
    plan = good.plan({"who": "${steps.z.text}"}, goal="a greeting")
    first, second = plan.steps
    assert first.arguments == {"who": "Dear ${$}{steps.z.text}", "how": "well"}
    assert first.needs == ()
    assert second.arguments == {"said": ["${steps.a.text}"]}
    assert plan.goal == "a greeting"
    assert good.plan({"who": "x", "tags": ["t"]}).steps[0].arguments["tags"] == ["t"]


def test_arguments_that_do_not_fit_name_the_field_and_hide_the_value(good: Recipe) -> None:
    with pytest.raises(RecipeArgumentError, match="good: who must have at most 20 characters") as caught:
        good.plan({"who": "secret" * 9})
    assert "secret" not in str(caught.value)
    assert [one.field for one in caught.value.violations] == ["who"]


def test_a_text_that_needs_an_absent_parameter_is_refused(tmp_path: Path) -> None:
    steps = [{"id": "a", "function": "a.b", "arguments": {"x": "${params.who} ${params.how} ${params.tags}"}}]
    recipe = load_recipe(written(tmp_path, GOOD | {"steps": steps}))
    with pytest.raises(RecipeArgumentError, match=r"params\.tags does not exist"):
        recipe.plan({"who": "x"})


def test_a_recipe_is_checked_against_the_functions(good: Recipe) -> None:
    def found(**properties: Any) -> list[tuple[str, str]]:
        takes = {"type": "object", "additionalProperties": False, "properties": properties}
        return [(one.code, one.field) for one in good.validate(catalogue(facts("a.b", takes=takes)))]

    text = {"type": "string"}
    assert [one.code for one in good.validate({})] == ["FUNCTION_UNKNOWN"]
    assert found(who=text, how=text, tags={"type": "array", "items": text}) == []
    assert found(who=text, how={"type": "integer"}, tags={"type": "array"}) == [("REFERENCE_TYPE", "arguments.how")]
    assert found(who=text, tags={"type": "array"}) == [("ARGUMENT_INVALID", "arguments.how")]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": "other"}, "name"),
        ({"name": "Good"}, "name"),
        ({"colour": 1}, ""),
        ({"description": ""}, "description"),
        ({"steps": []}, "steps"),
        ({"steps": [{"id": "a", "function": "b"}]}, "steps[0].function"),
        ({"steps": [{"id": "a", "function": "a.b", "arguments": {"x": {"$ref": "nowhere"}}}]}, "steps[0].arguments"),
        ({"steps": [{"id": "a", "function": "a.b", "arguments": {"x": "${params.nobody}"}}]}, "steps[0].arguments"),
        ({"steps": [{"id": "a", "function": "a.b"}]}, "parameters.properties"),
        ({"parameters": {"type": "object", "properties": {}}}, "parameters"),
        (
            with_parameters(who={"type": "text"}),
            "parameters.properties.who.type",
        ),
        (
            {
                "parameters": {
                    **GOOD["parameters"],
                    "properties": {**GOOD["parameters"]["properties"], "how": {"type": "string", "default": 5}},
                }
            },
            "parameters.properties.how.default",
        ),
    ],
)
def test_a_wrong_file_names_itself_and_the_field(tmp_path: Path, change: dict[str, Any], field: str) -> None:
    path = written(tmp_path, GOOD | change)
    with pytest.raises(RecipeError) as caught:
        load_recipe(path)
    assert (caught.value.source, caught.value.field) == (str(path), field)


@pytest.mark.parametrize("text", ["steps: [", "- a", "", "name: good\nname: \x00"])
def test_what_is_no_recipe_at_all_is_said(tmp_path: Path, text: str) -> None:
    with pytest.raises(RecipeError):
        load_recipe(written(tmp_path, text))


def test_a_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match="cannot be read"):
        load_recipe(tmp_path / "absent.yaml")
    assert load_recipes(tmp_path) == {}
