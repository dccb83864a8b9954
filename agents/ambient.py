"""News for everybody: who waits where, and which colleague's state changed; encoded once."""

from __future__ import annotations

from collections.abc import Iterable

from agents import views
from agents.messages import ColleaguesChanged, Waiting, WaitingChanged
from agents.outbox import Parcel
from agents.showing import UNNUMBERED
from router.core.events import Entry
from router.core.model import Agent
from router.core.state import State
from router.waiting import WaitingLines


class Ambient:
    """``version`` counts changes of colleagues; desks remember up to which they were told."""

    def __init__(self, state: State) -> None:
        self.version = 0
        self._lines = WaitingLines(state)
        self._waiting: dict[str, tuple[tuple[Waiting, ...], Parcel]] = {}  # by profile
        self._changed: dict[str, int] = {}  # colleague to version, latest change last
        self._news: dict[int, Parcel] = {}  # by the version a desk was told up to

    def follow(self, entry: Entry, state: State, colleagues: Iterable[str]) -> None:
        if self._lines.follow(entry, state):
            self._waiting.clear()
        for agent in colleagues:
            self.version += 1
            self._changed.pop(agent, None)
            self._changed[agent] = self.version
            self._news.clear()

    def catalog_changed(self) -> None:
        """Labels, profiles and bands may be others."""
        self._waiting.clear()
        self._news.clear()

    def waiting(self, state: State, agent: Agent, at: int) -> tuple[tuple[Waiting, ...], Parcel]:
        """The figures of the agent's queues, shared by all with the same profile."""
        name = agent.definition.profile
        known = self._waiting.get(name)
        if known is None:
            rows = views.waiting(state.catalog, state.catalog.profiles.get(name), self._lines)
            known = (rows, Parcel(WaitingChanged(n=UNNUMBERED, at=at, waiting=rows)))
            self._waiting[name] = known
        return known

    def colleagues(self, state: State, agent: str, since: int) -> Parcel | None:
        """What changed after version ``since`` for anyone but ``agent``; None when nothing did."""
        if since == self.version:
            return None
        if self._changed.get(agent, 0) > since:
            others = [other for other in self._since(since) if other != agent]
            return _news(state, others) if others else None
        if since not in self._news:
            self._news[since] = _news(state, self._since(since))
        return self._news[since]

    def _since(self, version: int) -> list[str]:
        changed = []
        for agent, at_version in reversed(self._changed.items()):
            if at_version <= version:
                break
            changed.append(agent)
        return changed


def _news(state: State, agents: Iterable[str]) -> Parcel:
    rows = [views.colleague(state.agents[a]) for a in agents if a in state.agents]
    return Parcel(ColleaguesChanged(n=UNNUMBERED, colleagues=tuple(rows)))
