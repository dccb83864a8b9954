"""What the agents who can serve each queue are doing, counted as entries come in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from router.core.catalog import Catalog
from router.core.model import Agent, AgentState, SlotState
from router.core.requirements import Traits, satisfies
from router.core.state import State

KINDS = 10_000  # of agents alike in skills and profile, whose queues are remembered
READY, BUSY, WRAPPING, NOT_READY = "ready", "busy", "wrapping", "not_ready"


class Headcount(msgspec.Struct, kw_only=True):
    """Signed-in agents; each is counted once. ``ready`` have nothing in hand."""

    ready: int = 0
    busy: int = 0
    wrapping: int = 0
    not_ready: int = 0

    def change(self, doing: str, by: int) -> None:
        setattr(self, doing, getattr(self, doing) + by)


def doing(agent: Agent) -> str | None:
    """``busy`` while anybody is served, ringing included; else ``wrapping``, else by state."""
    if any(slot.state is not SlotState.WRAPPING for slot in agent.slots.values()):
        return BUSY
    if agent.slots:
        return WRAPPING
    match agent.state:
        case AgentState.READY:
            return READY
        case AgentState.NOT_READY:
            return NOT_READY
        case AgentState.SIGNED_OUT:
            return None


class Staff:
    """Headcounts by queue, of the agents who meet the broadest demands of its own steps."""

    def __init__(self, state: State) -> None:
        self._by_queue: dict[str, Headcount] = {}
        self._counted: dict[str, tuple[tuple[str, ...], str]] = {}  # agent to (queues, doing)
        self._queues_of: dict[tuple[str, Traits], tuple[str, ...]] = {}
        self.recount(state)

    def recount(self, state: State) -> None:
        """Count anew, for another catalog."""
        self._by_queue = {queue: Headcount() for queue in state.catalog.queues}
        self._counted = {}
        self._queues_of = {}
        self.look(state, state.agents)

    def look(self, state: State, agents: Iterable[str]) -> set[str]:
        """Count these agents again; the queues whose headcount changed."""
        changed: set[str] = set()
        for agent_id in agents:
            agent = state.agents.get(agent_id)
            now = doing(agent) if agent else None
            known = (self._queues(state.catalog, agent), now) if agent and now else None
            before = self._counted.get(agent_id)
            if known == before:
                continue
            for counted, by in ((before, -1), (known, 1)):
                if counted is not None:
                    for queue in counted[0]:
                        self._by_queue[queue].change(counted[1], by)
                    changed.update(counted[0])
            if known is None:
                del self._counted[agent_id]
            else:
                self._counted[agent_id] = known
        return changed

    def of_queue(self, queue: str) -> Headcount:
        """Everybody signed in who could serve ``queue`` once its demands are relaxed."""
        return self._by_queue.get(queue, Headcount())

    def _queues(self, catalog: Catalog, agent: Agent) -> tuple[str, ...]:
        """Which queues such an agent can serve; worked out once for all who are alike."""
        kind = (agent.definition.profile, agent.traits)
        found = self._queues_of.get(kind)
        if found is None:
            if len(self._queues_of) >= KINDS:
                self._queues_of.clear()
            found = self._queues_of[kind] = tuple(_served(catalog, *kind))
        return found


def _served(catalog: Catalog, profile: str, traits: Traits) -> Iterator[str]:
    for term in catalog.profiles[profile].queues:
        if satisfies(catalog.queues[term.queue].steps[-1].condition, traits):
            yield term.queue
