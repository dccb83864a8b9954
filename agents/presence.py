"""Which agents have a desk that answers, and whose desk has been gone for too long.

Pure: connections are opaque, time is an argument in microseconds. The hub sweeps it; nothing
here sets a timer.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

import msgspec

from router.core.durations import SECOND

ConnectionT = TypeVar("ConnectionT", bound=Hashable)

# More time than this between two looks was not silence of the desks: either this process stood
# still (and what the desks sent is waiting to be read) or the clock jumped.
LONGEST_STEP = 2 * SECOND


class PresenceTimes(msgspec.Struct, frozen=True, kw_only=True):
    """``silence``: two heartbeats. ``grace`` lets a reload land. ``offer_grace``: the same while
    an offer waits for an agent who has no desk at all.
    """

    silence: int = 20 * SECOND
    grace: int = 15 * SECOND
    offer_grace: int = 5 * SECOND


class Presence(Generic[ConnectionT]):
    """Last heard by connection, gone since by agent.

    A desk that fell silent counts as gone since it was last heard, so that what it was offered
    goes back at once when the silence is noticed.
    """

    def __init__(self, times: PresenceTimes | None = None) -> None:
        self._times = times or PresenceTimes()
        self._heard: OrderedDict[ConnectionT, tuple[str, int]] = OrderedDict()
        self._connections: dict[str, set[ConnectionT]] = {}
        self._gone_since: dict[str, int] = {}
        self._seen_at: int | None = None
        self._now = 0

    def expect(self, agent: str, at: int) -> None:
        """The agent should have a desk but has none yet (after a restart of the service)."""
        now = self._advance(at)
        if agent not in self._connections:
            self._gone_since.setdefault(agent, now)

    def begin_anew(self, agent: str, at: int) -> None:
        """The grace of an agent without a desk begins now: they have just worked at one of which
        nobody told yet, or did nothing that needs one.
        """
        if agent in self._gone_since:
            self._gone_since[agent] = self._advance(at)

    def begin_all_anew(self, at: int) -> None:
        """Somebody else looks after those without a desk: from us they have all their grace."""
        self._gone_since = dict.fromkeys(self._gone_since, self._advance(at))

    def connected(self, agent: str, connection: ConnectionT, at: int) -> None:
        self._heard[connection] = (agent, self._advance(at))
        self._connections.setdefault(agent, set()).add(connection)
        self._gone_since.pop(agent, None)

    def heard(self, connection: ConnectionT, at: int) -> None:
        """Anything at all arrived on ``connection``; one that is not known is ignored."""
        known = self._heard.get(connection)
        if known is not None:
            self._heard[connection] = (known[0], self._advance(at))
            self._heard.move_to_end(connection)

    def disconnected(self, connection: ConnectionT, at: int) -> None:
        self._drop(connection, self._advance(at))

    def forget(self, agent: str) -> None:
        """The agent signed out: having no desk means nothing any more."""
        self._gone_since.pop(agent, None)

    def connections(self, agent: str) -> int:
        return len(self._connections.get(agent, ()))

    def silent(self, at: int) -> list[ConnectionT]:
        """Connections not heard for too long; they count as disconnected from now on."""
        now = self._advance(at)
        silent = []
        for connection, (_, heard) in self._heard.items():
            if now - heard < self._times.silence:
                break  # the rest was heard later
            silent.append(connection)
        for connection in silent:
            self._drop(connection, self._heard[connection][1])
        return silent

    def lost(self, at: int, has_offer: Callable[[str], bool]) -> list[str]:
        """Agents whose last desk is gone for longer than their grace. ``has_offer`` shortens it.

        They are named again at every look until they connect, sign out or are forgotten.
        """
        now = self._advance(at)
        return [
            agent
            for agent, since in self._gone_since.items()
            if now - since >= self._times.grace
            or (now - since >= self._times.offer_grace and has_offer(agent))
        ]

    def _drop(self, connection: ConnectionT, since: int) -> None:
        known = self._heard.pop(connection, None)
        if known is None:
            return
        agent = known[0]
        others = self._connections[agent]
        others.discard(connection)
        if not others:
            del self._connections[agent]
            self._gone_since[agent] = since

    def _advance(self, at: int) -> int:
        """Our own time: it follows ``at`` but never goes back and never leaps."""
        if self._seen_at is not None:
            self._now += min(max(at - self._seen_at, 0), LONGEST_STEP)
        self._seen_at = at
        return self._now
