"""What a step takes from the results of earlier steps, by their schemas: values of one name, and what is to be told."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from planners.clauses import label, to_whom
from planners.facts import FunctionFacts
from planners.looks import looks
from planners.mentions import Kind
from planners.references import REF, escaped
from planners.shapes import Shape, misfit
from planners.wording import stems
from plugins.manifest import FILL

MOST_TOLD: Final = 6
"""How many values of one result are told; more are no longer what a reader looks for."""

ADDRESSEES: Final = frozenset({"recipient", "addressee", "to", "destinatario"})
"""What an argument is called that says to whom something goes."""

_SCALARS: Final = frozenset({"string", "integer", "number", "boolean"})


@dataclass(frozen=True, slots=True)
class Earlier:
    """A step before this one: `part` of the request is what it does, `arguments` are its own."""

    id: str
    function: FunctionFacts
    part: str
    arguments: Mapping[str, Any]

    @property
    def text(self) -> str:
        """Return the reference to what it says."""
        return f"steps.{self.id}.text"

    @property
    def is_list(self) -> bool:
        """Return whether the result is a list of structures, beside which its other values say little."""
        lists = [shape for name in self.function.output_schema.get("properties", {}) for shape in self.shapes(name)]
        return any(shape.types() == frozenset({"array"}) for shape in lists) and not any(
            name in self.arguments for name in self.values()
        )

    def field(self, name: str) -> str:
        """Return the reference to a value of its result."""
        return f"steps.{self.id}.result.{name}"

    def shapes(self, name: str) -> tuple[Shape, ...]:
        """Return what the value may be."""
        return Shape.of(self.function.output_schema).at((name,))

    def values(self) -> Iterator[str]:
        """Yield the names of its result's values that can stand within a text."""
        for name in self.function.output_schema.get("properties", {}):
            types = [shape.types() for shape in self.shapes(name)]
            if types and all(kinds is not None and kinds <= _SCALARS for kinds in types):
                yield name


def addressed(function: FunctionFacts, earlier: Sequence[Earlier], part: str) -> dict[str, dict[str, str]]:
    """Return the argument that says to whom something goes, where `part` calls them as an earlier value is called."""
    takes = Shape.of(function.input_schema)
    for name in ADDRESSEES.intersection(function.input_schema.get("properties", {})):
        for shape in takes.at((name,)):
            for who in to_whom(part):
                if (reference := named_as(who, earlier, shape)) is not None:
                    return {name: reference}
    return {}


def named_as(value: Any, earlier: Sequence[Earlier], target: Shape) -> dict[str, str] | None:
    """Return a reference to the value of an earlier result whose name `value` is: `the customer`, or None."""
    said = stems(value) if isinstance(value, str) else []
    for one in reversed(earlier):
        for name in one.values():
            if said and said == stems(name) and not misfit(one.shapes(name), target.forms()):
                return {REF: one.field(name)}
    return None


def of_one_name(function: FunctionFacts, earlier: Sequence[Earlier]) -> dict[str, dict[str, str]]:
    """Return references for the arguments that are called as a value of an earlier result, and may be what it is.

    Only for what a thing is known by, and what the function needs: two things may each have a note.
    """
    found = {}
    takes = Shape.of(function.input_schema)
    needed = function.input_schema.get("required", ())
    for name, prop in function.input_schema.get("properties", {}).items():
        if not isinstance(prop, Mapping) or FILL in prop:
            continue
        known_by = Kind.IDENTIFIER in looks(name, {})
        for one in reversed(earlier):
            if not (known_by or name in needed or name in one.arguments):
                continue
            if name in one.values() and not misfit(one.shapes(name), takes.at((name,))):
                found[name] = {REF: one.field(name)}
                break
    return found


def told(
    function: FunctionFacts, arguments: Mapping[str, Any], earlier: Sequence[Earlier], part: str
) -> dict[str, Any]:
    """Return the argument in which a function takes what was said before: one that is copied, or a list of texts.

    `arguments` are those that it has already; `part` is what it is to do.
    """
    for name, prop in function.input_schema.get("properties", {}).items():
        if not isinstance(prop, Mapping):
            continue
        if prop.get(FILL) == "request" and isinstance(arguments.get(name), str):
            said = "".join(f"\n\n${{{one.text}}}" for one in earlier)
            return {name: f"{escaped(arguments[name])}{said}"}
        items = prop.get("items")
        takes_texts = prop.get("type") == "array" and isinstance(items, Mapping) and items.get("type") == "string"
        if takes_texts and FILL not in prop:
            used = {value[REF] for value in arguments.values() if isinstance(value, Mapping) and REF in value}
            return {name: [point for one in earlier for point in _points(one, part, used)]}
    return {}


def _points(earlier: Earlier, part: str, used: set[str]) -> list[Any]:
    """Return what is to be told of a result: the values that are asked for, or all, each after its name.

    What the result may lack is told where it was asked for. Where nothing can be told by itself, all is, as it is.
    """
    values = [name for name in earlier.values() if earlier.field(name) not in used]
    said = {*stems(earlier.part), *stems(part)}
    known = [name for name in values if name in earlier.arguments]
    asked = [name for name in values if name not in known and said.intersection(stems(name))]
    always = set(earlier.function.output_schema.get("required", ()))
    rest = asked or [name for name in values if name in always and name not in known and not earlier.is_list]
    if not rest:
        return [{REF: earlier.text}]
    thing = label(earlier.part, earlier.arguments)
    names = [*(name for name in known if name in always), *rest][:MOST_TOLD]
    return [f"{' '.join([thing, *name.split('_')]).strip()}: ${{{earlier.field(name)}}}" for name in names]
