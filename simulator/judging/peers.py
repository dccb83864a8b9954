"""How other products tell a caller how long it will take, as far as their formulas are known.

Each is given what it would have in its own product, at the moment a contact joins a queue. Where a
product has no answer (nobody at work, nothing answered yet) it gives None.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable
from typing import Final

import msgspec

from router.core.durations import SECOND
from router.core.estimates import mean_service
from router.core.model import Agent, AgentState, Contact
from router.core.state import State
from simulator.judging.conditions import meets

UNKNOWN_HANDLING: Final = 90 * SECOND  # what Genesys Engage takes before it has seen any
ALLOWANCE: Final = 10 * SECOND  # what CCAI adds


class Situation(msgspec.Struct, frozen=True, kw_only=True):
    """A queue as a contact joins it. Times are microseconds.

    ``ahead``: waiting in this queue before it. ``working``: agents at work who serve the queue
    and have the skills it asks for, ``ready`` of them free; ``shares``: for each of them 1 ÷ the
    number of queues they serve. ``on_this_queue``: share of the contacts those agents answered
    that came from this queue (the products take the share of time). ``hold``: the running mean of
    the waits of answered contacts. ``last_wait``: of whom an agent took last.
    """

    ahead: int
    working: int
    ready: int
    shares: float
    handling: int | None
    on_this_queue: float
    hold: int
    last_wait: int | None


Formula = Callable[[Situation], float | None]


def asterisk(found: Situation) -> float | None:
    """app_queue: an exponential mean of past waits, the newest weighing a quarter."""
    return float(found.hold)


def genesys_engage(found: Situation) -> float | None:
    """Stat Server's expected wait: AHT × calls in queue ÷ (active agents × share on this queue)."""
    handling = found.handling if found.handling is not None else UNKNOWN_HANDLING
    in_queue = max(found.ahead + 1 - found.ready, 0)
    agents = max(found.working, 0.0001) * max(found.on_this_queue, 0.01)
    return handling * in_queue / agents


def google_ccai(found: Situation) -> float | None:
    """Handling ÷ agents × queue, where an agent of several queues counts for a part of one."""
    if found.handling is None or not found.shares:
        return None
    return found.handling / found.shares * max(found.ahead + 1 - found.ready, 0) + ALLOWANCE


def expertflow(found: Situation) -> float | None:
    """Position × mean handling ÷ working agents."""
    if found.handling is None or not found.working:
        return None
    return (found.ahead + 1) * found.handling / found.working


def last_to_be_served(found: Situation) -> float | None:
    """The wait of the contact an agent took last: not a product, but what theory finds hard to
    beat where little is known (Ibrahim and Whitt, Manufacturing & Service Oper. Mgmt 11:397, 2009).
    """
    return None if found.last_wait is None else float(found.last_wait)


FORMULAS: Final[dict[str, Formula]] = {
    "Asterisk app_queue": asterisk,
    "Genesys Engage": genesys_engage,
    "Google CCAI": google_ccai,
    "Expertflow": expertflow,
    "last to be served": last_to_be_served,
}


class Memory:
    """What those products remember, by queue; told of every answer."""

    def __init__(self) -> None:
        self._hold: defaultdict[str, int] = defaultdict(int)
        self._last: dict[str, int] = {}
        self._handled: defaultdict[str, Counter[str]] = defaultdict(Counter)  # agent: queue: count

    def answered(self, queue: str, agent: str, waited: int) -> None:
        self._hold[queue] = (3 * self._hold[queue] + waited) >> 2
        self._last[queue] = waited
        self._handled[agent][queue] += 1

    def situation(self, state: State, contact: Contact) -> Situation:
        """Of a contact that has just joined its queue, and waits."""
        queue = contact.queue
        line = [one for one in state.waiting(queue) if one.id != contact.id]
        serving = [agent for agent in state.agents.values() if queue in _served(state, agent)]
        mine, all_of_them = self._work_of(serving, queue)
        return Situation(
            ahead=len(line),
            working=len(serving),
            ready=sum(not agent.slots for agent in serving),
            shares=sum(1 / len(_served(state, agent)) for agent in serving),
            handling=mean_service(state, queue, contact.channel),
            on_this_queue=mine / all_of_them if all_of_them else 1.0,
            hold=self._hold[queue],
            last_wait=self._last.get(queue),
        )

    def _work_of(self, agents: list[Agent], queue: str) -> tuple[int, int]:
        counts = [self._handled[agent.id] for agent in agents]
        return sum(one[queue] for one in counts), sum(one.total() for one in counts)


def _served(state: State, agent: Agent) -> list[str]:
    """The queues that somebody at work serves: those of their profile whose last step, which asks
    least, they meet. A product without steps would have exactly these agents in the queue.
    """
    if agent.state is not AgentState.READY:
        return []
    queues = state.catalog.queues
    profile = state.catalog.profiles[agent.definition.profile]
    return [
        one.queue
        for one in profile.queues
        if meets(queues[one.queue].steps[-1].condition, agent.traits)
    ]
