"""What is asked of a run and what is known of it. No protobuf, no Semantic Kernel."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Final, Literal

from service.backends.base import Image
from service.economics.money import Money
from service.permissions import ALL_PERMISSIONS, Permission
from service.routing.policy import NO_POLICY, RoutingPolicy
from service.routing.request import GenerationParameters
from service.runs.events import Terminal
from service.runs.planning.records import PlannerName
from service.store.paging import Page

__all__ = [
    "LOCAL_PRINCIPAL",
    "GenerationParameters",
    "MessageRecord",
    "Page",
    "Principal",
    "RunRecord",
    "RunSpec",
    "RunState",
    "SessionRecord",
    "TicketRecord",
    "TicketState",
]


@dataclass(frozen=True, slots=True)
class Principal:
    """Who calls: `tenant` bounds everything that the call can see, `subject` is who in it.

    `permissions` are looked at before a call begins; work that goes on after it has none and needs none.
    """

    tenant: str
    subject: str
    permissions: frozenset[Permission] = frozenset()


LOCAL_PRINCIPAL = Principal(tenant="local", subject="local", permissions=ALL_PERMISSIONS)
"""The one principal of a service that asks for no credentials."""


_LATER_PARAMETERS: Final = (
    "min_p", "repetition_penalty", "presence_penalty", "logit_bias", "logprobs", "priority", "guidance",
    "adapter",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class RunSpec:
    """One request to run an agent.

    Either `function` is named, or it is None and the planner chooses one of `allowed_functions` (functions or whole
    plugins; empty: any) for the sentence `input`. `arguments` take precedence over what the planner reads from `input`;
    without `input` they are all there is.
    All names are resource names (`plugins/email/functions/draft`, `sessions/…`, `models/…`, `collections/…`).
    `deadline` is on the clock of `asyncio.get_running_loop().time()`. `request_id` makes the request repeatable:
    the same id and body follow the same run.
    `plan` is a stored plan to execute, `recipe` one to make a plan of with `arguments`; without either `planner` says
    how the request becomes calls, None: as the operator has it. `images` are shown to the models of its functions.
    The run as a whole costs `max_cost` at most, and the execution of a stored `plan` that may cost more is refused.
    """

    input: str = ""
    request_id: str | None = None
    session: str | None = None
    function: str | None = None
    arguments: Mapping[str, Any] = field(default_factory=dict)
    allowed_functions: tuple[str, ...] = ()
    model: str | None = None
    locality: Literal["local", "cloud"] | None = None
    generation: GenerationParameters = field(default_factory=GenerationParameters)
    collections: tuple[str, ...] = ()
    cancel_on_disconnect: bool = False
    deadline: float | None = None
    policy: RoutingPolicy = NO_POLICY
    planner: PlannerName | None = None
    recipe: str | None = None
    plan: str | None = None
    images: tuple[Image, ...] = ()
    max_cost: Money | None = None

    def fingerprint(self) -> str:
        """Return a digest of what is asked: two specs with the same one are the same request."""
        body = asdict(self) | {"arguments": dict(self.arguments)}
        for not_asked in ("request_id", "deadline"):
            del body[not_asked]
        # So that requests of before there were policies, planners and these parameters are still recognised.
        if self.policy.limits_nothing():
            del body["policy"]
        for unsaid in ("planner", "recipe", "plan", "max_cost"):
            if body[unsaid] is None:
                del body[unsaid]
        if not self.images:
            del body["images"]
        for unsaid in _LATER_PARAMETERS:
            if body["generation"][unsaid] is None:
                del body["generation"][unsaid]
        text = json.dumps(body, sort_keys=True, separators=(",", ":"), default=sorted)
        return hashlib.sha256(text.encode()).hexdigest()


class RunState(StrEnum):
    """Where a run is; all but RUNNING and WAITING are final. A run that waits goes on when a person has decided."""

    RUNNING = "RUNNING"
    WAITING = "WAITING"
    COMPLETED = "COMPLETED"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"
    INCOMPLETE = "INCOMPLETE"

    @property
    def is_final(self) -> bool:
        """Return whether the run has ended."""
        return self not in (RunState.RUNNING, RunState.WAITING)


@dataclass(frozen=True, slots=True)
class RunRecord:
    """A run as it is stored. `function` and `model` are None until they are decided, `terminal` until the end."""

    name: str
    state: RunState
    input: str
    session: str | None
    function: str | None
    model: str | None
    create_time: datetime
    end_time: datetime | None = None
    terminal: Terminal | None = None


@dataclass(frozen=True, slots=True)
class SessionRecord:
    """A conversation. `update_time` is when its last message was stored."""

    name: str
    title: str
    create_time: datetime
    update_time: datetime
    message_count: int = 0


@dataclass(frozen=True, slots=True)
class MessageRecord:
    """One message of a session; `run` is the run that brought it."""

    name: str
    role: Literal["user", "assistant"]
    text: str
    run: str
    create_time: datetime


class TicketState(StrEnum):
    """Whether a person still has to answer."""

    OPEN = "OPEN"
    CLOSED = "CLOSED"


@dataclass(frozen=True, slots=True)
class TicketRecord:
    """A question that was handed over to people; `close_time` and `resolution` are None while it is open."""

    name: str
    state: TicketState
    question: str
    reason: str
    run: str
    create_time: datetime
    close_time: datetime | None = None
    resolution: str | None = None
