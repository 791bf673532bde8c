"""What happens in a loop of function calls, in order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from planners.plan_events import ApprovalRequired
from planners.turn import TokenUsage
from plugins.output import Citation, Note, TextDelta


@dataclass(frozen=True, slots=True)
class ToolCallStarted:
    """A call began to arrive; `name` is the function's full name, or what the model wrote where there is none."""

    call_id: str
    name: str


@dataclass(frozen=True, slots=True)
class ToolCallReady:
    """A call with its whole arguments, which fit the function's schema; it is about to be made."""

    call_id: str
    name: str
    arguments: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ToolCallResult:
    """What a call gave back, as the model sees it."""

    call_id: str
    text: str
    is_error: bool = False


Stop: TypeAlias = Literal["answer", "ended", "turns", "calls", "time"]


@dataclass(frozen=True, slots=True)
class LoopFinished:
    """The end of a loop, always last.

    `stopped`: the model gave its `answer`, or called a function that ends the loop (`ended`, then `last` is that call);
    or it had to answer because no more `turns` or `calls` are allowed, or the `time` was over. `text` is all text
    deltas joined, `usage` that of all turns, `finish_reason` the last turn's.
    """

    stopped: Stop
    text: str
    usage: TokenUsage
    turns: int
    calls: int
    finish_reason: str = ""
    last: ToolCallReady | None = None


LoopPiece: TypeAlias = (
    TextDelta | ToolCallStarted | ToolCallReady | ToolCallResult | ApprovalRequired | Note | Citation | LoopFinished
)
