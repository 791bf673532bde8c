"""A request of several parts as a plan of one call for each: for models too small to write a plan."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from planners.call import CallPlanner, ChooserModel, FunctionChoice
from planners.clauses import completed, names_a_thing, parts, topic
from planners.facts import FunctionFacts
from planners.filling import Fill
from planners.likely import meant
from planners.plan import Plan
from planners.plan_findings import InvalidPlanError, PlanLimits
from planners.references import REF, quoted
from planners.results import Earlier, addressed, named_as, of_one_name, told
from planners.shapes import Shape
from plugins.manifest import COPIED

_GOAL_CHARACTERS: Final = 4_000


async def plan_of_parts(
    request: str,
    functions: Sequence[FunctionFacts],
    model: ChooserModel,
    fill: Fill,
    *,
    most: int,
    limits: PlanLimits,
) -> Plan:
    """Return a plan that calls one function for each part of `request`, which gets what the parts before it said.

    Raises:
        PlanError: no call could be made of a part.
        InvalidPlanError: the calls make no plan that may run.
    """
    facts = {one.name: one for one in functions}
    verbs = {one.name.partition(".")[2].split("_")[0] for one in functions}
    maker = _StepMaker(functions, model, fill)
    steps = [await maker.step(f"s{at}", part) for at, part in enumerate(parts(request, most, verbs), start=1)]
    if not steps:
        raise InvalidPlanError(())
    plan = Plan.read({"steps": steps, "goal": request[:_GOAL_CHARACTERS]})
    if wrong := plan.validate(facts, limits):
        raise InvalidPlanError(wrong)
    return plan


class _StepMaker:
    """Makes a step of each part and keeps what later parts may refer to."""

    def __init__(self, functions: Sequence[FunctionFacts], model: ChooserModel, fill: Fill) -> None:
        self._facts = {one.name: one for one in functions}
        self._choices = [FunctionChoice.of(one) for one in functions]
        self._model = model
        self._fill = fill
        self._earlier: list[Earlier] = []
        self._untold = 0
        self._topic = ("", "")

    async def step(self, name: str, part: str) -> dict[str, Any]:
        """Return the step `name` that does what `part` says.

        Raises:
            PlanError: no call could be made of it.
        """
        called = set(meant(part, self._choices))
        said = completed(part, *self._topic)
        choices, referred = self._open(part, [one for one in self._choices if one.name in called])
        decision = await CallPlanner().decide(
            said, choices, self._model, last_answer=self._fill.last_answer, small=True
        )
        function = self._facts[decision.function]
        filled = decision.arguments if said == part else _without_copies(function, decision.arguments, self._topic[0])
        copied = Fill(part, self._fill.last_answer).copied(function.input_schema)  # as it was said
        known = {**filled, **copied, **self._given(function)}
        arguments = {argument: quoted(value) for argument, value in known.items()}
        arguments |= self._referred(function, known, part) | referred.get(function.name, {})
        before = self._earlier[self._untold :]
        if before and not function.outside:
            arguments |= told(function, {**known, **_references(arguments)}, before, part)
            self._untold = len(self._earlier)
        self._earlier.append(Earlier(name, function, part, decision.arguments))
        self._topic = topic(part, decision.arguments) if function.outside else self._topic
        return {"id": name, "function": function.name, "arguments": arguments}

    def _open(
        self, part: str, choices: Sequence[FunctionChoice]
    ) -> tuple[list[FunctionChoice], Mapping[str, dict[str, Any]]]:
        """Return the choices without the arguments that earlier results give, and these: where `part` has none itself.

        Only for functions from outside: what is installed takes texts.
        """
        if not self._earlier or names_a_thing(part):
            return list(choices), {}
        found = {one.name: of_one_name(self._facts[one.name], self._earlier) for one in choices if one.outside}
        return [_without(one, found.get(one.name, {})) for one in choices], found

    def _given(self, function: FunctionFacts) -> dict[str, Any]:
        properties = function.input_schema.get("properties", {})
        return {name: value for name, value in self._fill.given.items() if name in properties}

    def _referred(self, function: FunctionFacts, known: Mapping[str, Any], part: str) -> dict[str, Any]:
        """Return references for the arguments that name a value of an earlier result, as `the customer` does."""
        takes = Shape.of(function.input_schema)
        found: dict[str, Any] = addressed(function, self._earlier, part)
        found = {name: value for name, value in found.items() if name not in self._fill.given}
        for name, value in known.items():
            shapes = takes.at((name,))
            if name in self._fill.given or not shapes:
                continue
            if (reference := named_as(value, self._earlier, shapes[0])) is not None:
                found[name] = reference
        return found


def _without_copies(function: FunctionFacts, arguments: Mapping[str, Any], about: str) -> dict[str, Any]:
    """Return `arguments` without a name or signature that is but what the part was completed with."""
    properties = function.input_schema.get("properties", {})
    return {
        name: value
        for name, value in arguments.items()
        if not (properties[name].get(COPIED) and isinstance(value, str) and value in about)
    }


def _references(arguments: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in arguments.items() if isinstance(value, Mapping) and REF in value}


def _without(choice: FunctionChoice, arguments: Mapping[str, Any]) -> FunctionChoice:
    """Return the function as one that does not take `arguments`."""
    if not arguments:
        return choice
    schema = choice.input_schema
    properties = {name: prop for name, prop in schema["properties"].items() if name not in arguments}
    required = [name for name in schema.get("required", ()) if name not in arguments]
    return replace(choice, input_schema={**schema, "properties": properties, "required": required})
