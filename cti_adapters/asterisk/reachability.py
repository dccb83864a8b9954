"""Whether an agent can be called, as all telephone systems together see it."""

from __future__ import annotations

from collections.abc import Callable

from cti_adapters.asterisk.phones import Phones
from cti_adapters.asterisk.settings import CHANNEL
from router.core.commands import SetReachable
from router.core.durations import SECOND
from router.core.model import Agent
from router.ports import Clock
from router.replica import Replica

RESTS_FOR = 10 * SECOND  # a phone that refused a call: it may refuse every one
REFUSED = "phone refused a call"
SAYS_AGAIN = 2 * SECOND  # what the router was told and does not show

InUse = Callable[[str, int], bool]


class Reachability:
    """Each system ``joins`` with its phones, and asks for ``news`` when one of them changed, or
    when its connection did.
    """

    def __init__(self, replica: Replica, clock: Clock) -> None:
        self._replica = replica
        self._clock = clock
        self._systems: list[tuple[Phones, InUse]] = []
        self._told: dict[str, tuple[str, int]] = {}  # by agent, why not, and when it was said
        self._rest_until: dict[str, int] = {}  # by agent

    def join(self, phones: Phones, in_use: InUse) -> None:
        """``in_use``: whether that system uses the agent's phone for the router at a time."""
        self._systems.append((phones, in_use))

    def news(self, agent: str) -> SetReachable | None:
        """What the router does not know yet about the agent's phone. A call may come from any
        system, so what one of them cannot ring is out of reach; but no call comes from one without
        a connection, and while all are without nothing new is known.
        """
        known = self._replica.state.agents.get(agent)
        connected = [phones for phones, _ in self._systems if phones.known]
        if known is None or (self._systems and not connected):
            return None
        at = self._clock.now()
        ours = any(in_use(agent, at) for _, in_use in self._systems)
        reasons = (phones.why_not(agent, in_use_for_us=ours) for phones in connected)
        why_not = next(filter(None, reasons), REFUSED if self._rests(agent, at) else "")
        if self._knows(known, at) == why_not:
            return None
        self._told[agent] = why_not, at
        return SetReachable(
            id=f"phone/{agent}/{at}",
            by=CHANNEL,
            agent=agent,
            channel=CHANNEL,
            reachable=not why_not,
            reason=why_not,
        )

    def refused(self, agent: str) -> None:
        """The agent's phone did not take a call: it is left alone for a moment, or it would be
        rung for everybody who waits, one after the other.
        """
        self._rest_until[agent] = self._clock.now() + RESTS_FOR

    def _rests(self, agent: str, at: int) -> bool:
        if self._rest_until.get(agent, at) <= at:
            self._rest_until.pop(agent, None)
            return False
        return True

    def _knows(self, agent: Agent, at: int) -> str:
        """What was said a moment ago counts, though the router has not acted on it yet."""
        why_not, when = self._told.get(agent.id, ("", at - SAYS_AGAIN))
        return why_not if at - when < SAYS_AGAIN else agent.unreachable.get(CHANNEL, "")

    def forgotten(self) -> list[SetReachable]:
        """Without any telephone system nobody is out of its reach any more."""
        if self._systems:
            return []
        return [news for agent in self._replica.state.agents if (news := self.news(agent))]
