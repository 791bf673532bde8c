"""What a run may know of its session: the latest whole turns that fit some model, and how much was left out.

What fits the one that answers is found out once that is decided (`service.routing.past`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from plugins.context import Turn
from service.backends.base import ChatMessage
from service.routing.candidates import Candidate
from service.routing.past import Past, answer_reserve
from service.routing.request import RouteRequest
from service.store import sessions
from service.store.sessions import MessageRow
from service.store.store import Store

MAX_MESSAGES: Final = 200
"""More than this is not looked at: older messages are left out whatever the model's context."""

PROMPT_SHARE: Final = 8
"""An eighth of the context is kept for a function's own words, which are not known yet."""


@dataclass(frozen=True, slots=True)
class History:
    """Turns in order of time; `left_out` counts the messages before them; `last_answer` may be one of those.

    `past` holds the same turns for routing, those that one run brought together; None: there are none.
    """

    turns: tuple[Turn, ...] = ()
    left_out: int = 0
    last_answer: str = ""
    past: Past | None = None


async def load_history(
    store: Store, tenant: str, session_id: str, candidate: Candidate | None, request: RouteRequest, said: str
) -> History:
    """Return what fits beside `said`, the new message, on `candidate`; None trims by `MAX_MESSAGES` alone."""
    count, rows = await store.read(
        lambda connection: (
            getattr(sessions.get_session(connection, tenant, session_id), "message_count", 0),
            sessions.last_messages(connection, tenant, session_id, limit=MAX_MESSAGES),
        )
    )
    pairs = _whole_turns(rows)
    kept = pairs if candidate is None else await _fitting(pairs, candidate, request, said)
    turns = tuple(turn for pair in kept for turn in pair)
    last = next((turn.text for pair in reversed(pairs) for turn in reversed(pair) if turn.role == "assistant"), "")
    past = tuple(tuple(ChatMessage(turn.role, turn.text) for turn in pair) for pair in kept)
    return History(turns, count - len(turns), last, Past(past) if past else None)


def _whole_turns(rows: Sequence[MessageRow]) -> list[list[Turn]]:
    """Group the messages by run: what one run brought is kept or left out together."""
    groups: dict[str, list[Turn]] = {}
    for row in rows:
        groups.setdefault(row.run_id, []).append(Turn("user" if row.role == "user" else "assistant", row.text))
    whole = list(groups.values())
    # The oldest may have lost its beginning to the limit of the query.
    return whole[1:] if rows and rows[0].role != "user" else whole


async def _fitting(
    pairs: Sequence[Sequence[Turn]], candidate: Candidate, request: RouteRequest, said: str
) -> Sequence[Sequence[Turn]]:
    card, count = candidate.card, candidate.generator.count_tokens
    answer = answer_reserve(card, request.generation.max_output_tokens)
    left = card.context_tokens - answer - card.context_tokens // PROMPT_SHARE
    if pairs:
        left -= await count([ChatMessage("user", said)])
    for kept, pair in enumerate(reversed(pairs)):
        left -= await count([ChatMessage(turn.role, turn.text) for turn in pair])
        if left < 0:
            return pairs[len(pairs) - kept :]
    return pairs
