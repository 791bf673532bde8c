"""Those who wait for a row: the more urgent first, then the tenant that was served least."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from itertools import islice

from service.backends.onnx.batched.request import Ticket


class FairQueue:
    """Tickets by priority and tenant. A tenant's own requests keep their order within a priority.

    Each tenant's service is counted in tokens. One that comes back after a pause is not owed the time of its absence:
    it starts level with the least served of those who are there.
    """

    def __init__(self) -> None:
        """Start empty."""
        self._lines: dict[tuple[int, str], deque[Ticket]] = {}
        self._served: dict[str, float] = {}
        self._working: dict[str, int] = {}
        self.tokens = 0

    def __len__(self) -> int:
        """Return how many wait."""
        return sum(len(line) for line in self._lines.values())

    def __iter__(self) -> Iterator[Ticket]:
        """Iterate over those who wait, in no particular order."""
        for line in self._lines.values():
            yield from line

    def put(self, ticket: Ticket) -> None:
        """Let `ticket` wait."""
        self._enter(ticket.tenant)
        self._lines.setdefault((ticket.priority, ticket.tenant), deque()).append(ticket)
        self.tokens += ticket.needed

    def first(self, ready: Callable[[Ticket], bool]) -> Ticket | None:
        """Return whose turn it is, of those who are `ready`; None where nobody is."""
        best: tuple[int, float, int] | None = None
        chosen: Ticket | None = None
        for (priority, tenant), line in self._lines.items():
            ticket = next((ticket for ticket in line if ready(ticket)), None)
            if ticket is not None:
                rank = (-priority, self._served[tenant], ticket.number)
                if best is None or rank < best:
                    best, chosen = rank, ticket
        return chosen

    def ahead(self, priority: int, tenant: str) -> Iterator[Ticket]:
        """Iterate over those who go before a new request, as far as that is certain.

        These are the more urgent ones, the tenant's own, and of each other tenant as many, whose turns come between.
        """
        own = len(self._lines.get((priority, tenant), ()))
        for (urgency, _), line in self._lines.items():
            if urgency >= priority:
                yield from islice(line, own if urgency == priority else None)

    def remove(self, ticket: Ticket) -> None:
        """Take `ticket` out; it is there."""
        place = (ticket.priority, ticket.tenant)
        line = self._lines[place]
        line.remove(ticket)
        if not line:
            del self._lines[place]
        self.tokens -= ticket.needed
        self._leave(ticket.tenant)

    def begin(self, ticket: Ticket) -> None:
        """Take `ticket` out, to be worked on until `end`."""
        self._enter(ticket.tenant)
        self.remove(ticket)

    def serve(self, tenant: str, tokens: float) -> None:
        """Count `tokens` of work done for `tenant`, which has something begun."""
        self._served[tenant] += tokens

    def end(self, tenant: str) -> None:
        """One request of `tenant` that `begin` began is over."""
        self._leave(tenant)

    def _enter(self, tenant: str) -> None:
        if tenant not in self._working:
            self._served[tenant] = min((self._served[other] for other in self._working), default=0.0)
            self._working[tenant] = 0
        self._working[tenant] += 1

    def _leave(self, tenant: str) -> None:
        self._working[tenant] -= 1
        if not self._working[tenant]:
            # Who has nothing here is forgotten: the table never grows with those who once came.
            del self._working[tenant], self._served[tenant]
