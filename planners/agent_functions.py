"""Agents as functions that plans call: what they take and give, what they touch, and the most that they cost."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from planners.agent_cards import PREFIX, AgentCard
from planners.costs import NOTHING, CallCost, Cost, greatest, total, unknown
from planners.facts import FunctionFacts
from planners.loop_limits import LoopLimits
from plugins.manifest import Effect

AGENT_DEADLINE_S: Final = 600.0
"""How long a step that asks an agent may take: its calls may wait for people."""

HAND_OVER: Final = f"{PREFIX}hand_over"
_CHOOSE, _ANSWER, _TAKE_OVER = (f"{PREFIX}{name}" for name in ("choose", "answer", "take_over"))
_EFFECTS: Final[tuple[Effect, ...]] = ("none", "read", "write")
_REQUEST: Final = {"type": "string", "description": "What is asked.", "minLength": 1, "maxLength": 65_536}
_MATERIAL: Final = {"type": "string", "description": "What an earlier step found or wrote.", "maxLength": 200_000}

_MAY_HAND_OVER: Final = {"type": "boolean", "description": "Whether it may hand over; absent: it may."}


@dataclass(frozen=True, slots=True)
class AgentCosts:
    """The most that a `turn` of an agent costs, and the `choice` of one."""

    turn: CallCost = unknown
    choice: CallCost = unknown


COSTS_UNKNOWN: Final = AgentCosts()


def agent_functions(
    cards: Sequence[AgentCard], catalogue: Mapping[str, FunctionFacts], costs: AgentCosts, limits: LoopLimits
) -> dict[str, FunctionFacts]:
    """Return the functions by which plans call the agents of `cards`, given those that the agents call.

    An agent has the strongest effect of its functions, and may cost as many turns and as many of its dearest calls as
    `limits` let a loop have. It needs no approval itself: its calls ask for theirs.
    """
    reply, whom = _reply_schema(cards), {"type": "string", "description": "The agent.", "enum": [c.name for c in cards]}
    team = _Called(cards, catalogue, costs, limits)
    choice = FunctionFacts(
        _CHOOSE,
        "Choose the agent that suits a request.",
        object_schema({"request": _REQUEST}),
        object_schema({"agent": whom}),
        "none",
        approval=False,
        deadline_s=AGENT_DEADLINE_S,
        cost=costs.choice,
    )
    asked = {"request": _REQUEST, "material": _MATERIAL, "may_hand_over": _MAY_HAND_OVER}
    found = [
        *(
            _Called([card], catalogue, costs, limits).facts(
                f"{PREFIX}{card.name}", card.description, object_schema(asked, ["request"]), reply
            )
            for card in cards
        ),
        choice,
        team.facts(
            _ANSWER,
            "Ask the agent that is named.",
            object_schema({"agent": whom, **asked}, ["agent", "request"]),
            reply,
        ),
        team.facts(
            _TAKE_OVER,
            "Go on where an agent handed over, or pass its answer on.",
            object_schema({"request": _REQUEST, "previous": reply}),
            reply,
        ),
    ]
    return {one.name: one for one in found}


class _Called:
    """What one of several agents may call."""

    def __init__(
        self, cards: Iterable[AgentCard], catalogue: Mapping[str, FunctionFacts], costs: AgentCosts, limits: LoopLimits
    ) -> None:
        self._limits = limits
        self._functions = [catalogue[name] for card in cards for name in card.functions if name in catalogue]
        self._costs = costs

    def facts(self, name: str, description: str, takes: dict[str, Any], gives: dict[str, Any]) -> FunctionFacts:
        return FunctionFacts(
            name,
            description,
            takes,
            gives,
            _EFFECTS[max((_EFFECTS.index(one.effect) for one in self._functions), default=0)],
            approval=False,
            deadline_s=AGENT_DEADLINE_S,
            cost=self._cost,
            budgeted=frozenset().union(*(one.budgeted for one in self._functions)),
        )

    def _cost(self, _argument_bytes: int | None) -> Cost | None:
        # Whatever is asked, the prompt grows with each turn, and what is called is the model's to say.
        turn, call = self._costs.turn(None), greatest((NOTHING, *(one.cost(None) for one in self._functions)))
        if turn is None or call is None:
            return None
        return total([turn * self._limits.max_turns, call * self._limits.max_calls])


def hand_over(others: Sequence[AgentCard]) -> FunctionFacts:
    """Return the function by which an agent hands a request over to one of `others`; the loop ends with it."""
    told = "; ".join(f"{card.name}: {card.description}" for card in others)
    takes = object_schema(
        {
            "to": {"type": "string", "description": told, "enum": [card.name for card in others]},
            "reason": {"type": "string", "description": "What the other agent shall do.", "maxLength": 1_000},
        }
    )
    said = "Hand the request over when it is another agent's."
    return FunctionFacts(
        HAND_OVER, said, takes, {"type": "object"}, "none", approval=False, deadline_s=AGENT_DEADLINE_S
    )


def object_schema(properties: dict[str, Any], required: list[str] | None = None) -> dict[str, Any]:
    """Return the schema of an object with these properties and no others; `required` None: all of them are."""
    needed = list(properties) if required is None else required
    return {"type": "object", "properties": properties, "required": needed, "additionalProperties": False}


def _reply_schema(cards: Sequence[AgentCard]) -> dict[str, Any]:
    names = [card.name for card in cards]
    return object_schema(
        {
            "text": {"type": "string", "description": "What the agent says."},
            "agent": {"type": "string", "description": "Who says it.", "enum": names},
            "handed_to": {
                "type": "string",
                "description": "The agent to which it handed over; empty if it answered.",
                "enum": ["", *names],
            },
            "reason": {"type": "string", "description": "Why it handed over; empty if it answered."},
        }
    )
