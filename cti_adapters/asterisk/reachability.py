"""Whether an agent can be called, as all telephone systems together see it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Protocol

from cti_adapters.asterisk.phones import PRIVATE_CALL
from cti_adapters.asterisk.settings import CHANNEL
from router.core.commands import SetReachable
from router.core.durations import SECOND
from router.core.model import Agent, SlotState
from router.ports import Clock
from router.replica import Replica

RESTS_FOR = 10 * SECOND  # a phone that refused a call: it may refuse every one
REFUSED = "phone refused a call"
SAYS_AGAIN = 2 * SECOND  # what the router was told and does not show

InUse = Callable[[str, int], bool]


class PhoneStates(Protocol):
    """The telephones as one system sees them: ``phones.Phones``, or what a branch says."""

    @property
    def known(self) -> bool: ...

    def why_not(self, agent: str, *, in_use_for_us: bool) -> str: ...


class PhonesElsewhere(PhoneStates):
    """As a branch sees them, whose adapter runs there: who cannot be rung, and why."""

    def __init__(self) -> None:
        self._known = False
        self._out: dict[str, str] = {}

    @property
    def known(self) -> bool:
        return self._known

    def note(self, out: Mapping[str, str] | None) -> None:
        """None while nothing is known."""
        self._known, self._out = out is not None, dict(out or {})

    def why_not(self, agent: str, *, in_use_for_us: bool) -> str:
        """The branch may hear of a call later than its telephone does."""
        why_not = self._out.get(agent, "")
        return "" if why_not == PRIVATE_CALL and in_use_for_us else why_not


class Reachability:
    """Each system ``joins`` with its phones, and asks for ``news`` when one of them changed, or
    when its connection did.
    """

    def __init__(self, replica: Replica, clock: Clock) -> None:
        self._replica = replica
        self._clock = clock
        self._systems: list[tuple[PhoneStates, InUse]] = []
        self._told: dict[str, tuple[str, int]] = {}  # by agent, why not, and when it was said
        self._rest_until: dict[str, int] = {}  # by agent

    @property
    def agents(self) -> Iterable[str]:
        """Whose telephones there may be."""
        return self._replica.state.agents

    def join(self, phones: PhoneStates, in_use: InUse) -> None:
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
        ours = _is_offered_or_talks(known) or any(in_use(agent, at) for _, in_use in self._systems)
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


class Reported(Reachability):
    """At a branch, whose centre judges what it and all others see: news is what this one sees, said
    once.
    """

    def __init__(self, replica: Replica, clock: Clock) -> None:
        super().__init__(replica, clock)
        self._said: dict[str, str] = {}  # by agent, why not

    def news(self, agent: str) -> SetReachable | None:
        news = super().news(agent)
        if news is not None:
            self._said[agent] = news.reason
        return news

    @property
    def known(self) -> bool:
        """Whether any telephone system can be asked."""
        return any(phones.known for phones, _ in self._systems)

    def _knows(self, agent: Agent, at: int) -> str:  # noqa: ARG002
        return self._said.get(agent.id, "")


def _is_offered_or_talks(agent: Agent) -> bool:
    """Then the phone is in use for the router, by whichever system: one at a branch does not say
    which phones it uses. A private call counts again as soon as the agent wraps up.
    """
    slots = agent.slots.values()
    return any(one.channel == CHANNEL and one.state is not SlotState.WRAPPING for one in slots)
