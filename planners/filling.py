"""Arguments that are copied whole, so that no model has to retype them: the request, the last answer, what is given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from plugins.manifest import FILL


@dataclass(frozen=True, slots=True)
class Fill:
    """What arguments may be filled with; `given` are the caller's own, by name, and win over everything else."""

    request: str = ""
    last_answer: str = ""
    given: Mapping[str, Any] = field(default_factory=dict)

    def copied(self, input_schema: Mapping[str, Any]) -> dict[str, Any]:
        """Return the arguments that the schema says are copies, as far as there is something to copy."""
        sources = {"request": self.request, "last_answer": self.last_answer}
        properties = input_schema.get("properties", {})
        values = {name: sources.get(prop.get(FILL, ""), "") for name, prop in properties.items()}
        return {name: value for name, value in values.items() if value}

    def completed(self, input_schema: Mapping[str, Any], arguments: Mapping[str, Any]) -> dict[str, Any]:
        """Return `arguments` with copies for what is absent, and with those given that the schema knows."""
        properties = input_schema.get("properties", {})
        given = {name: value for name, value in self.given.items() if name in properties}
        return {**self.copied(input_schema), **arguments, **given}
