"""What a plan must know of a function to be checked before anything runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from planners.costs import CallCost, unknown
from plugins.manifest import Effect

DEADLINE_S: Final = 60.0
"""How long a step may take, all its attempts together, where neither step nor function says."""


@dataclass(frozen=True, slots=True)
class FunctionFacts:
    """One function of the catalogue; `name` is full (`email.draft`), the schemas are JSON Schema 2020-12 of objects.

    `idempotent`: a second call with the same arguments changes nothing more. `takes_idempotency_key`: a second call
    with the same key is answered as the first was. `approval` None: a person is asked where the effect is `write`.
    `cost` says the most that one call may cost, and `budgeted` names the currencies in which budgets limit that, so
    that it must be known in each of them.
    `allowed` False: it exists, but the caller may not have it called. `outside`: its schemas come from elsewhere, e.g.
    from an imported document, so their regular expressions are not run.
    """

    name: str
    description: str
    input_schema: Mapping[str, Any]
    output_schema: Mapping[str, Any]
    effect: Effect
    idempotent: bool = False
    takes_idempotency_key: bool = False
    approval: bool | None = None
    deadline_s: float = DEADLINE_S
    cost: CallCost = unknown
    budgeted: frozenset[str] = frozenset()
    allowed: bool = True
    outside: bool = False

    @property
    def writes(self) -> bool:
        """Return whether a call changes something outside."""
        return self.effect == "write"

    @property
    def repeatable(self) -> bool:
        """Return whether a call whose outcome is unknown may be made again: it changes nothing twice."""
        return not self.writes or self.idempotent or self.takes_idempotency_key

    @property
    def needs_approval(self) -> bool:
        """Return whether a person has to agree to each call."""
        return self.writes if self.approval is None else self.approval
