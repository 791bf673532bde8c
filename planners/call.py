"""A request becomes one call of one function: the model chooses the function, then fills its arguments."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from planners.copied import copied
from planners.facts import FunctionFacts
from planners.filling import Fill
from planners.layout import FunctionLine, choice_system, choice_user
from planners.likely import likely
from planners.narrowing import narrowed, only_way
from planners.validation import violations
from plugins.manifest import FILL, model_schema

PlanCode = Literal["NO_FUNCTION", "MODEL_ANSWER_INVALID", "ARGUMENT_MISSING", "ARGUMENT_INVALID"]


class PlanError(ValueError):
    """No valid call could be made of a request. `field` is the path of the argument at fault, or empty."""

    def __init__(self, code: PlanCode, field: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.field = field
        self.message = message


class ChooserModel(Protocol):
    """A model that answers with JSON of a given schema."""

    async def complete_json(self, system: str, user: str, schema: dict[str, Any]) -> dict[str, Any]:
        """Return the model's answer to `user`, which fits `schema` (JSON Schema 2020-12)."""
        ...


@dataclass(frozen=True, slots=True)
class FunctionChoice:
    """A function that may be chosen: full name (`email.draft`), short description and whole input schema.

    `outside`: the schema comes from elsewhere; see `planners.validation.violations`. `writes`: a call changes
    something. `gives` are the names in its result.
    """

    name: str
    description: str
    input_schema: Mapping[str, Any]
    outside: bool = False
    writes: bool = False
    gives: tuple[str, ...] = ()

    @classmethod
    def of(cls, facts: FunctionFacts) -> FunctionChoice:
        """Return the function of a catalogue as a choice."""
        gives = tuple(facts.output_schema.get("properties", {}))
        return cls(facts.name, facts.description, facts.input_schema, facts.outside, facts.writes, gives)


@dataclass(frozen=True, slots=True)
class Decision:
    """The call to make. `how` says whether the function was the `only` one allowed or `chosen`."""

    function: str
    arguments: dict[str, Any]
    how: Literal["only", "chosen"]


class CallPlanner:
    """Decides with at most two constrained answers of a model: which function, and with which arguments."""

    async def decide(
        self,
        request: str,
        functions: Sequence[FunctionChoice],
        model: ChooserModel,
        *,
        last_answer: str = "",
        given: Mapping[str, Any] | None = None,
        small: bool = False,
    ) -> Decision:
        """Return the function for `request` and valid arguments for it.

        Args:
            request: what the user says.
            functions: those allowed, at least one.
            model: asked for the choice if there is one, and for the arguments that only the request can tell.
            last_answer: the last answer of the session, for arguments that are filled with it.
            given: arguments that the caller gives; they win over those of the model.
            small: the model is too small for functions that it was not made for: it chooses among those that the words
                of the request name, and fills their arguments with what stands in the request.

        Raises:
            PlanError: nothing may be chosen, the model answers what it was not asked, or the arguments do not fit.
        """
        if not functions:
            raise PlanError("NO_FUNCTION", "", "No function is allowed.")
        given = given or {}
        left = _named(request, functions, last_answer) if small else functions
        chosen = left[0] if len(left) == 1 else await _choose(request, left, model)
        decided = await _decide_arguments(request, chosen, model, given, small=small)
        arguments = _present(decided) | Fill(request, last_answer).copied(chosen.input_schema) | dict(given)
        _check(chosen, arguments)
        return Decision(chosen.name, arguments, "only" if len(functions) == 1 else "chosen")


def _named(request: str, functions: Sequence[FunctionChoice], last_answer: str) -> Sequence[FunctionChoice]:
    """Return the functions that a request may mean; what works on an earlier text needs one, at hand or pasted."""
    has_text = bool(last_answer) or "\n" in request.strip()
    able = [one for one in functions if has_text or not _takes_last_answer(one)] or functions
    named = set(likely(request, able))
    return [one for one in able if one.name in named]


def _takes_last_answer(function: FunctionChoice) -> bool:
    properties = function.input_schema.get("properties", {}).values()
    return any(isinstance(prop, Mapping) and prop.get(FILL) == "last_answer" for prop in properties)


def choice_schema(names: Sequence[str]) -> dict[str, Any]:
    """Return the schema of a choice of one of `names`."""
    return {
        "type": "object",
        "properties": {"name": {"enum": list(names)}},
        "required": ["name"],
        "additionalProperties": False,
    }


def call_schema(name: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Return the schema of a call of `name` whose arguments fit the schema `arguments`."""
    return {
        "type": "object",
        "properties": {"name": {"const": name}, "arguments": dict(arguments)},
        "required": ["name", "arguments"],
        "additionalProperties": False,
    }


async def _choose(request: str, functions: Sequence[FunctionChoice], model: ChooserModel) -> FunctionChoice:
    by_name = {f.name: f for f in functions}
    schema = choice_schema(list(by_name))
    answer = await model.complete_json(
        choice_system([FunctionLine(f.name, (), f.description) for f in functions]), choice_user(request), schema
    )
    chosen = by_name.get(str(answer.get("name")))
    if chosen is None:
        raise PlanError("MODEL_ANSWER_INVALID", "", "The model chose none of the allowed functions.")
    return chosen


async def _decide_arguments(
    request: str, chosen: FunctionChoice, model: ChooserModel, given: Mapping[str, Any], *, small: bool
) -> dict[str, Any]:
    """Return what the model reads from the request; it is not asked if everything is given, or nothing is left open."""
    schema = model_schema(chosen.input_schema)
    if set(schema["properties"]) <= set(given):
        return {}
    if small:
        schema = copied(schema, request)
    if small and chosen.outside:
        needed = chosen.input_schema.get("required", ())
        schema = narrowed(chosen.name, chosen.description, schema, request, needed)
        if (only := only_way(schema)) is not None:
            return only
    answer = await model.complete_json(choice_system([_line(chosen)]), request, call_schema(chosen.name, schema))
    arguments = answer.get("arguments")
    if not isinstance(arguments, dict):
        raise PlanError("MODEL_ANSWER_INVALID", "", f"The model gave no arguments for {chosen.name}.")
    return arguments


def _present(decided: Mapping[str, Any]) -> dict[str, Any]:
    """Return `decided` without the empty texts, by which the model says that the request does not tell."""
    stripped = {name: value.strip() if isinstance(value, str) else value for name, value in decided.items()}
    return {name: value for name, value in stripped.items() if value != ""}


def _check(chosen: FunctionChoice, arguments: Mapping[str, Any]) -> None:
    missing = [name for name in chosen.input_schema.get("required", ()) if name not in arguments]
    if missing:
        raise PlanError("ARGUMENT_MISSING", missing[0], f"{chosen.name} also needs: {', '.join(missing)}.")
    wrong = violations(chosen.input_schema, arguments, outside=chosen.outside)
    if wrong:
        first = wrong[0]
        raise PlanError("ARGUMENT_INVALID", first.field, f"{chosen.name}: {first.field} {first.message}.")


def _line(function: FunctionChoice) -> FunctionLine:
    filled_by_model = tuple(model_schema(function.input_schema)["properties"])
    return FunctionLine(function.name, filled_by_model, function.description)
