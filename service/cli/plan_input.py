"""A plan as a person writes it: arguments on the command line, steps in a file."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import yaml
from google.protobuf.struct_pb2 import Struct
from vaiven.v1.plan_pb2 import STEP_APPROVAL_ALWAYS, STEP_APPROVAL_UNSPECIFIED, PlanStep

from service.cli.exits import USAGE, CommandError
from service.cli.names import function_name
from service.cli.words import read_text

_FIELDS = frozenset(
    {"id", "function", "arguments", "depends_on", "description", "deadline_s", "approval", "idempotent"}
)


def arguments_struct(given: Sequence[str]) -> Struct:
    """Return `NAME=VALUE`s as an object; a value that is JSON is taken as such, any other as text.

    Raises:
        CommandError: One has no name.
    """
    values: dict[str, Any] = {}
    for one in given:
        name, equals, value = one.partition("=")
        if not name or not equals:
            raise CommandError(f"{one!r} is not of the form NAME=VALUE.", exit_code=USAGE)
        try:
            values[name] = json.loads(value)
        except ValueError:
            values[name] = value
    return _struct(values)


def object_struct(text: str, option: str) -> Struct:
    """Return a JSON object; nothing is an empty one.

    Raises:
        CommandError: It is no JSON object.
    """
    try:
        values = json.loads(text) if text else {}
    except ValueError as error:
        raise CommandError(f"{option} is no JSON.", exit_code=USAGE) from error
    if not isinstance(values, dict):
        raise CommandError(f"{option} is no JSON object.", exit_code=USAGE)
    return _struct(values)


def read_steps(file: str) -> tuple[list[PlanStep], str]:
    """Return the steps in a file and the name of the answering one, or nothing.

    Raises:
        CommandError: The file cannot be read, or holds no steps.
    """
    try:
        data = yaml.safe_load(read_text(file))
    except yaml.YAMLError as error:
        raise CommandError(f"{file} is neither JSON nor YAML.", exit_code=USAGE) from error
    steps = data.get("steps") if isinstance(data, dict) else data
    if not isinstance(steps, list):
        raise CommandError(f"{file} has no list of steps.", exit_code=USAGE)
    answer = data.get("answer", "") if isinstance(data, dict) else ""
    return [_step(step, f"{file}: steps[{at}]") for at, step in enumerate(steps)], str(answer)


def _step(data: Any, place: str) -> PlanStep:
    if not isinstance(data, dict) or not isinstance(data.get("id"), str):
        raise CommandError(f"{place} is no step: it needs an id and a function.", exit_code=USAGE)
    if unknown := sorted(set(map(str, data)) - _FIELDS):
        raise CommandError(f"{place}: there is no field {', '.join(unknown)}.", exit_code=USAGE)
    function = str(data.get("function", "gather"))
    try:
        return PlanStep(
            id=data["id"],
            function="" if function == "gather" else function_name(function),
            arguments=_struct(data.get("arguments") or {}),
            depends_on=data.get("depends_on") or (),
            description=data.get("description", ""),
            deadline_s=data.get("deadline_s"),
            approval=STEP_APPROVAL_ALWAYS if data.get("approval") == "always" else STEP_APPROVAL_UNSPECIFIED,
            idempotent=data.get("idempotent"),
        )
    except (TypeError, ValueError) as error:
        raise CommandError(f"{place}: a field is of the wrong type ({error}).", exit_code=USAGE) from error


def _struct(values: dict[str, Any]) -> Struct:
    struct = Struct()
    struct.update(values)
    return struct
