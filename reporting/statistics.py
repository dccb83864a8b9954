"""Interval statistics: a fold over the log that counts what happened, per queue and per agent.

Nothing is ever set, only counted, so a counter equals a fold of the log by construction. The fold
looks at events alone, never at the routing state.
"""

from __future__ import annotations

from zoneinfo import ZoneInfo

import msgspec

from reporting.agent_counts import begin_day, count_agent_event, spend
from reporting.contact_counts import count_contact_event
from reporting.counts import Counts
from reporting.figures import AgentFigures, QueueFigures
from reporting.spans import INTERVAL, day_bounds, interval_of, last_intervals
from router.core import events as e
from router.core.durations import DAY, MINUTE

KEPT_DAYS = 2


class Statistics:
    """``zone`` (IANA name) says when a day begins."""

    def __init__(self, zone: str = "UTC", counts: Counts | None = None) -> None:
        self._zone = ZoneInfo(zone)
        self._counts = counts if counts is not None else Counts(zone=zone)

    @property
    def position(self) -> int:
        """The last entry counted."""
        return self._counts.position

    def handle(self, entry: e.Entry) -> None:
        """Count ``entry``; one that was counted already is ignored."""
        counts = self._counts
        if entry.position <= counts.position:
            return
        counts.position = entry.position
        if entry.at >= counts.next_day:
            self._begin_day(entry.at)
        for event in entry.events:
            if isinstance(event, e.ContactEvent):
                count_contact_event(counts, event, entry.at)
            elif isinstance(event, e.AgentEvent):
                count_agent_event(counts, event, entry.at)
            elif isinstance(event, e.CatalogPublished):
                counts.take_objectives(event.catalog)

    # -- asking -------------------------------------------------------------------------------

    def today(self, queue: str, at: int) -> QueueFigures:
        """The queue since midnight before ``at``; not to be changed."""
        figures = self._counts.today.get(queue) if self._is_today(at) else None
        return figures or QueueFigures()

    def agent_today(self, agent: str, at: int) -> AgentFigures:
        """The agent since midnight, time up to ``at`` included."""
        figures, midnight = AgentFigures(), self._counts.day
        if not self._is_today(at):
            midnight = day_bounds(at, self._zone)[0]
        elif agent in self._counts.agents_today:
            known = self._counts.agents_today[agent]
            figures = msgspec.structs.replace(known, not_ready=dict(known.not_ready))
        presence = self._counts.agents.get(agent)
        if presence is not None:
            spend(figures, presence, at - max(presence.since, midnight))
        return figures

    def recent(self, queue: str, at: int, span: int = 30 * MINUTE) -> QueueFigures:
        """The last ``span`` microseconds, to the interval: the one under way counts as one."""
        total = QueueFigures()
        for start in last_intervals(at, span):
            figures = self._counts.intervals.get(start, {}).get(queue)
            if figures is not None:
                total.add(figures)
        return total

    def trend(self, queue: str, at: int, spans: int = 12) -> tuple[int, ...]:
        """The most contacts waiting at once in each of the last intervals, oldest first."""
        level = self._waiting_before(queue, interval_of(at) - (spans - 1) * INTERVAL)
        most = []
        for start in last_intervals(at, spans * INTERVAL):
            figures = self._counts.intervals.get(start, {}).get(queue)
            most.append(figures.most_waiting if figures else level)
            level = figures.waiting if figures else level
        return tuple(most)

    def waiting(self, queue: str) -> int:
        """Contacts waiting in the queue by this fold's own count."""
        return self._counts.waiting.get(queue, 0)

    # -- keeping ------------------------------------------------------------------------------

    def snapshot(self) -> bytes:
        return msgspec.msgpack.encode(self._counts)

    @classmethod
    def restore(cls, body: bytes, zone: str = "UTC") -> Statistics:
        """Go on from a snapshot. Raises ``ValueError`` when it cannot be used: fold the log."""
        try:
            counts = msgspec.msgpack.decode(body, type=Counts)
        except msgspec.MsgspecError as problem:
            raise ValueError("the statistics snapshot cannot be read") from problem
        if counts.version != Counts().version or counts.zone != zone:
            raise ValueError("the statistics snapshot was made by another version or time zone")
        return cls(zone, counts)

    # -- days and intervals -------------------------------------------------------------------

    def _is_today(self, at: int) -> bool:
        return self._counts.day <= at < self._counts.next_day

    def _begin_day(self, at: int) -> None:
        counts = self._counts
        begin_day(counts, day_bounds(at, self._zone), at)
        counts.today = {}
        oldest = counts.day - (KEPT_DAYS - 1) * DAY
        counts.intervals = {s: q for s, q in counts.intervals.items() if s >= oldest}

    def _waiting_before(self, queue: str, start: int) -> int:
        """How many waited when ``start`` began, from the last interval known before it."""
        intervals = self._counts.intervals
        before = [s for s, queues in intervals.items() if s < start and queue in queues]
        if before:
            return intervals[max(before)][queue].waiting
        known = any(queue in queues for queues in intervals.values())
        return 0 if known else self._counts.waiting.get(queue, 0)
