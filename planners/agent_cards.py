"""The agents as their file describes them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Final

import yaml
from pydantic import ConfigDict, Field, StringConstraints, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass

from plugins.schema_validator import path_text

AGENTS_FILE: Final = Path(__file__).resolve().parent / "agents.yaml"
"""The agents that come with the service."""

PREFIX: Final = "agents."
"""How the functions begin by which plans call agents."""

RESERVED: Final = frozenset({"choose", "answer", "take_over", "hand_over"})
"""Names of functions that are about agents, so that no agent has them."""

_FORM: Final = ConfigDict(extra="forbid")
_Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,31}$")]
_Function = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]{0,63}\.[a-z][a-z0-9_-]{0,63}$")]


class AgentFileError(ValueError):
    """The file of the agents is missing or wrong; `source` names it and `field` the place in it."""

    def __init__(self, source: str, field: str, message: str) -> None:
        super().__init__(f"{source}: {field}: {message}" if field else f"{source}: {message}")
        self.source = source
        self.field = field


@dataclass(frozen=True, config=_FORM)
class AgentCard:
    """One agent: `functions` is all it may call, `hands_over_to` all the agents to which it may hand a request."""

    name: _Name
    description: Annotated[str, StringConstraints(min_length=1, max_length=120)]
    instructions: Annotated[str, StringConstraints(min_length=1, max_length=4_000)]
    functions: Annotated[tuple[_Function, ...], Field(min_length=1)]
    hands_over_to: tuple[_Name, ...] = ()


@dataclass(frozen=True, config=_FORM)
class _File:
    agents: Annotated[tuple[AgentCard, ...], Field(min_length=1)]


def load_agents(path: Path = AGENTS_FILE) -> tuple[AgentCard, ...]:
    """Read the agents.

    Raises:
        AgentFileError: the file cannot be read or is wrong; it names the field.
    """
    try:
        raw: Any = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise AgentFileError(str(path), "", f"cannot be read: {error}") from error
    try:
        cards = TypeAdapter(_File).validate_python(raw).agents
    except ValidationError as invalid:
        first = invalid.errors()[0]
        raise AgentFileError(str(path), path_text(first["loc"]), first["msg"]) from None
    names = [card.name for card in cards]
    for at, card in enumerate(cards):
        field = f"agents[{at}]"
        if card.name in RESERVED or names.count(card.name) > 1:
            raise AgentFileError(str(path), f"{field}.name", f"is taken: {card.name}")
        if unknown := [name for name in card.hands_over_to if name == card.name or name not in names]:
            raise AgentFileError(str(path), f"{field}.hands_over_to", f"names no other agent: {', '.join(unknown)}")
    return cards
