"""What the statistics know: the counts, and what must be remembered to count the next event."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import msgspec

from reporting.figures import AgentFigures, QueueFigures
from reporting.spans import interval_of
from router.core.catalog import Catalog, Hours
from router.core.durations import SECOND
from router.core.model import AgentState
from router.core.objectives import counted

DEFAULT_WITHIN: Final = 20 * SECOND


class Stay(msgspec.Struct, kw_only=True):
    """A contact that waits in a queue, unanswered."""

    queue: str
    since: int


class Contact(msgspec.Struct, kw_only=True):
    """What must be remembered of a live contact."""

    queue: str = ""
    stay: Stay | None = None
    callback: bool = False  # promised, and not yet reached
    in_hand: bool = False
    internal: bool = False
    over: bool = False
    shares: dict[str, int] = {}  # agent to when they took it


class Presence(msgspec.Struct, kw_only=True):
    """What an agent is doing, counted up to ``since``."""

    state: str = AgentState.SIGNED_OUT.value
    reason: str = ""
    since: int = 0
    shares: int = 0


class Counts(msgspec.Struct, kw_only=True):
    """Everything the fold knows; what a snapshot holds."""

    position: int = 0
    day: int = 0  # when the day the ``today`` figures are of began
    next_day: int = 0
    zone: str = ""
    within: dict[str, int] = {}  # queue to its service objective
    within_hours: dict[str, str] = {}  # queue to the hours in which waiting counts to it
    hours: dict[str, Hours] = {}  # those of them that are named
    contacts: dict[str, Contact] = {}
    agents: dict[str, Presence] = {}
    today: dict[str, QueueFigures] = {}
    agents_today: dict[str, AgentFigures] = {}
    intervals: dict[int, dict[str, QueueFigures]] = {}  # by start, then queue
    waiting: dict[str, int] = {}
    version: int = 2

    def take_objectives(self, catalog: Catalog) -> None:
        """From now on answers are judged by the objectives of ``catalog``."""
        queues = catalog.queues.values()
        self.within = {queue.id: queue.service_within for queue in queues}
        self.within_hours = {q.id: q.objective_hours for q in queues if q.objective_hours}
        named = set(self.within_hours.values())
        self.hours = {key: hours for key, hours in catalog.hours.items() if key in named}

    def in_time(self, queue: str, since: int, at: int) -> bool:
        """Whether an answer at ``at`` keeps the objective for who waited since then."""
        hours = self.hours.get(self.within_hours.get(queue, ""))
        return counted(hours, since, at) <= self.within.get(queue, DEFAULT_WITHIN)

    def of_queue(self, queue: str, at: int) -> Iterator[QueueFigures]:
        """The figures that an event in ``queue`` counts in: the day's and the interval's."""
        for spans in (self.today, self.intervals.setdefault(interval_of(at), {})):
            figures = spans.get(queue)
            if figures is None:
                level = self.waiting.get(queue, 0)
                figures = spans[queue] = QueueFigures(most_waiting=level, waiting=level)
            yield figures

    def of_agent(self, agent: str) -> AgentFigures:
        """The agent's figures of the day."""
        return self.agents_today.setdefault(agent, AgentFigures())

    def count(self, queue: str, at: int, *names: str) -> None:
        """One more of each of ``names`` in ``queue``, if it has one."""
        if queue:
            for figures in self.of_queue(queue, at):
                for name in names:
                    setattr(figures, name, getattr(figures, name) + 1)

    def level(self, queue: str, at: int, change: int) -> None:
        """So many more wait in ``queue``."""
        level = self.waiting.get(queue, 0) + change
        # Made with the level before the change: it was waiting in this span, too.
        for figures in self.of_queue(queue, at):
            figures.waiting = level
            figures.most_waiting = max(figures.most_waiting, level)
        self.waiting[queue] = level
