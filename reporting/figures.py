"""The figures of one queue or one agent over some span of time, and what is computed from them.

Every figure is a count or a sum, so spans add up; ratios and percentiles are computed when asked.
"""

from __future__ import annotations

import msgspec

from reporting.durations import Durations
from router.core.durations import SECOND

SHORT_ABANDON = 5 * SECOND
SERVICE_LEVEL_FORMULA = (
    "answered within the objective ÷ (answered + abandoned − abandoned within 5 s)"
)


class QueueFigures(msgspec.Struct, kw_only=True):
    """A stay in a queue counts as offered when it begins and has exactly one ending.

    ``offered = answered + abandoned + overflowed + moved + callbacks + ended + still waiting``.

    Each figure is counted at the moment it happened. A contact that is transferred, overflows or
    is given back by its agent begins a new stay. Callbacks that were promised no longer count in
    the service level: nobody is kept waiting on the line. Consultations are not counted here.
    """

    offered: int = 0
    answered: int = 0
    answered_within: int = 0
    abandoned: int = 0
    abandoned_short: int = 0
    overflowed: int = 0
    moved: int = 0  # taken to another queue while waiting
    callbacks: int = 0
    ended: int = 0
    overflowed_in: int = 0  # of ``offered``, those that came by …
    transferred_in: int = 0
    given_back: int = 0
    transferred_out: int = 0  # by the agent who had answered
    callbacks_answered: int = 0
    offers: int = 0
    offers_missed: int = 0
    offers_rejected: int = 0
    waits: Durations = msgspec.field(default_factory=Durations)  # of those answered
    abandon_waits: Durations = msgspec.field(default_factory=Durations)
    handling: Durations = msgspec.field(default_factory=Durations)  # talk, hold and wrap-up
    most_waiting: int = 0
    waiting: int = 0  # at the end of the span

    def add(self, other: QueueFigures) -> None:
        """Count ``other``, the span that follows, too."""
        for name in _SUMS:
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.waits.merge(other.waits)
        self.abandon_waits.merge(other.abandon_waits)
        self.handling.merge(other.handling)
        self.most_waiting = max(self.most_waiting, other.most_waiting)
        self.waiting = other.waiting

    @property
    def service_level(self) -> float | None:
        """``SERVICE_LEVEL_FORMULA``, 0-1; None when nothing has been measured."""
        measured = self.answered + self.abandoned - self.abandoned_short
        return self.answered_within / measured if measured > 0 else None

    @property
    def abandoned_share(self) -> float | None:
        """Abandoned, short ones left out on both sides, ÷ (answered + abandoned), 0-1."""
        measured = self.answered + self.abandoned - self.abandoned_short
        return (self.abandoned - self.abandoned_short) / measured if measured > 0 else None


_NOT_SUMS = frozenset({"waits", "abandon_waits", "handling", "most_waiting", "waiting"})
_SUMS = tuple(name for name in QueueFigures.__struct_fields__ if name not in _NOT_SUMS)


class AgentFigures(msgspec.Struct, kw_only=True):
    """One agent's day; times are microseconds."""

    offered: int = 0
    handled: int = 0
    missed: int = 0
    rejected: int = 0
    handling: Durations = msgspec.field(default_factory=Durations)
    busy: int = 0  # with at least one contact in hand or being written up
    idle: int = 0  # ready, with nothing in hand
    not_ready: dict[str, int] = {}  # by reason, with nothing in hand

    @property
    def occupancy(self) -> float:
        """Busy ÷ (busy + idle), 0-1."""
        worked = self.busy + self.idle
        return self.busy / worked if worked else 0.0
