"""News for everybody: who waits where, and which colleague's state changed; encoded once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from agents import views
from agents.messages import (
    Colleague,
    ColleaguesChanged,
    Directory,
    Waiting,
    WaitingChanged,
)
from agents.showing import UNNUMBERED
from router.core.events import Entry
from router.core.model import Agent
from router.core.state import State
from router.outbox import Parcel
from router.waiting import WaitingLines


class Ambient:
    """``version`` counts changes of colleagues; desks remember up to which they were told.

    They remember ``round``, the version when the last round began: a little old, but the same for
    many desks, which can then share one message.
    """

    def __init__(self, state: State) -> None:
        self.version = 0
        self.round = 0
        self._lines = WaitingLines(state)
        self._waiting: dict[str, tuple[tuple[Waiting, ...], Parcel]] = {}  # by profile
        self._changed: dict[str, int] = {}  # colleague to version, latest change last
        self._news: dict[int, Parcel] = {}  # by the version a desk was told up to
        self._colleagues: dict[str, Colleague] = {}
        self._places: dict[str, int] = {}  # in the order of the rows
        self._rows: tuple[Colleague, ...] = ()  # empty: to be drawn again
        self._look_at_colleagues(state)

    def follow(self, entry: Entry, state: State, colleagues: Iterable[str]) -> None:
        if self._lines.follow(entry, state):
            self._waiting.clear()
        for agent in colleagues:
            self.version += 1
            self._changed.pop(agent, None)
            self._changed[agent] = self.version
            known = state.agents.get(agent)
            if known is not None:
                self._colleagues[agent] = views.colleague(known)
                self._rows = ()

    def catalog_changed(self, state: State) -> None:
        """Labels, profiles, bands and names may be others; every page is sent a snapshot."""
        self._waiting.clear()
        self._news.clear()
        self._look_at_colleagues(state)

    def waiting(self, state: State, agent: Agent, at: int) -> tuple[tuple[Waiting, ...], Parcel]:
        """The figures of the agent's queues, shared by all with the same profile."""
        name = agent.definition.profile
        known = self._waiting.get(name)
        if known is None:
            rows = views.waiting(state.catalog, state.catalog.profiles.get(name), self._lines)
            known = (rows, Parcel(WaitingChanged(n=UNNUMBERED, at=at, waiting=rows)))
            self._waiting[name] = known
        return known

    def begin_round(self) -> None:
        """The next desks are told the news."""
        if self.round != self.version:
            self.round = self.version
            self._news.clear()

    def directory(self, state: State, agent: str) -> Directory:
        """What the pickers of ``agent`` offer."""
        if not self._rows:
            self._rows = tuple(self._colleagues.values())
        place = self._places.get(agent, len(self._rows))
        return views.directory(state.catalog, self._rows[:place] + self._rows[place + 1 :])

    def colleagues(self, since: int) -> Parcel | None:
        """What changed after version ``since``; None when nothing did."""
        if since == self.round:
            return None
        if since not in self._news:
            rows = tuple(self._changed_since(since))
            self._news[since] = Parcel(ColleaguesChanged(n=UNNUMBERED, colleagues=rows))
        return self._news[since]

    def _changed_since(self, version: int) -> Iterator[Colleague]:
        for agent, at_version in reversed(self._changed.items()):
            if at_version <= version:
                return
            if agent in self._colleagues:
                yield self._colleagues[agent]

    def _look_at_colleagues(self, state: State) -> None:
        self._colleagues = {a.id: views.colleague(a) for a in state.agents.values()}
        self._places = {agent: place for place, agent in enumerate(self._colleagues)}
        self._rows = ()
