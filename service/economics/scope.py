"""For what is spent, and when: which budgets a generation falls under, and which generations count for a budget."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Final

from service.store.usage import Slice

TENANT: Final = ""
"""The subject of a budget for the tenant as a whole."""

EACH_PLUGIN: Final = "plugins/-"
EACH_SESSION: Final = "sessions/-"
EACH_RUN: Final = "runs/-"
"""The subjects of budgets that every plugin, session or run has for itself."""


class Period(StrEnum):
    """The time after which a budget begins anew, in UTC; LIFETIME never does."""

    DAY = "DAY"
    MONTH = "MONTH"
    LIFETIME = "LIFETIME"


@dataclass(frozen=True, slots=True)
class Window:
    """Days from `start` up to but without `end`; None on both sides is all time."""

    start: date | None = None
    end: date | None = None

    @property
    def start_time(self) -> datetime | None:
        """Return the first moment, in UTC."""
        return None if self.start is None else datetime.combine(self.start, time(), UTC)

    @property
    def end_time(self) -> datetime | None:
        """Return the first moment after it, in UTC."""
        return None if self.end is None else datetime.combine(self.end, time(), UTC)


def window(period: Period, day: date) -> Window:
    """Return the window of the period that `day` is in."""
    match period:
        case Period.DAY:
            return Window(day, day + timedelta(days=1))
        case Period.MONTH:
            start = day.replace(day=1)
            return Window(start, (start + timedelta(days=31)).replace(day=1))
        case Period.LIFETIME:
            return Window()


@dataclass(frozen=True, slots=True)
class SpendScope:
    """For whom a generation is: all are bare ids. `plugin` and `function` are empty while the planner chooses."""

    tenant: str
    run_id: str
    session_id: str = ""
    plugin: str = ""
    function: str = ""

    @property
    def subjects(self) -> frozenset[str]:
        """Return the subjects of the budgets that the generation falls under."""
        subjects = {TENANT, EACH_RUN}
        if self.plugin:
            subjects |= {f"plugins/{self.plugin}", EACH_PLUGIN}
        if self.session_id:
            subjects |= {f"sessions/{self.session_id}", EACH_SESSION}
        return frozenset(subjects)

    def counted_by(self, subject: str, span: Window) -> Slice:
        """Return which generations count for a budget of `subject`, one of `subjects`, in the time `span`."""
        kind = subject.partition("/")[0]
        return Slice(
            tenant=self.tenant,
            plugin=self.plugin if kind == "plugins" else None,
            session_id=self.session_id if kind == "sessions" else None,
            run_id=self.run_id if kind == "runs" else None,
            start_day=None if span.start is None else span.start.isoformat(),
            end_day=None if span.end is None else span.end.isoformat(),
        )


def scope_of_subject(tenant: str, subject: str) -> SpendScope | None:
    """Return a scope under the one thing that `subject` names; None where it stands for each of many."""
    if subject == TENANT:
        return SpendScope(tenant, run_id="")
    kind, _, identity = subject.partition("/")
    if identity == "-":
        return None
    if kind == "plugins":
        return SpendScope(tenant, run_id="", plugin=identity)
    return SpendScope(tenant, run_id="", session_id=identity)
