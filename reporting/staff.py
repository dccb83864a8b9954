"""What the agents of each routing profile are doing, counted as entries come in."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from router.core.catalog import Catalog
from router.core.model import Agent, AgentState, SlotState
from router.core.state import State

READY, BUSY, WRAPPING, NOT_READY = "ready", "busy", "wrapping", "not_ready"


class Headcount(msgspec.Struct, kw_only=True):
    """Signed-in agents; each is counted once. ``ready`` have nothing in hand."""

    ready: int = 0
    busy: int = 0
    wrapping: int = 0
    not_ready: int = 0

    def add(self, other: Headcount) -> None:
        for doing in (READY, BUSY, WRAPPING, NOT_READY):
            self.change(doing, getattr(other, doing))

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
    """Headcounts by profile, and by queue for the profiles that serve it."""

    def __init__(self, state: State) -> None:
        self._by_profile: dict[str, Headcount] = {}
        self._counted: dict[str, tuple[str, str]] = {}  # agent to (profile, doing)
        self._serving: dict[str, tuple[str, ...]] = {}  # queue to profiles
        self._served: dict[str, tuple[str, ...]] = {}  # profile to queues
        self.recount(state)

    def recount(self, state: State) -> None:
        """Count anew, for another catalog."""
        self._by_profile = {}
        self._counted = {}
        self._serving = _serving(state.catalog)
        self._served = {
            profile.id: tuple(served.queue for served in profile.queues)
            for profile in state.catalog.profiles.values()
        }
        self.look(state, state.agents)

    def look(self, state: State, agents: Iterable[str]) -> set[str]:
        """Count these agents again; the queues whose headcount changed."""
        changed: set[str] = set()
        for agent_id in agents:
            agent = state.agents.get(agent_id)
            now = doing(agent) if agent else None
            known = (agent.definition.profile, now) if agent and now else None
            before = self._counted.get(agent_id)
            if known == before:
                continue
            for counted, by in ((before, -1), (known, 1)):
                if counted is not None:
                    self._by_profile.setdefault(counted[0], Headcount()).change(counted[1], by)
                    changed.update(self._served.get(counted[0], ()))
            if known is None:
                del self._counted[agent_id]
            else:
                self._counted[agent_id] = known
        return changed

    def of_queue(self, queue: str) -> Headcount:
        """Everybody signed in whose profile serves ``queue``, whatever their skills."""
        total = Headcount()
        for profile in self._serving.get(queue, ()):
            if profile in self._by_profile:
                total.add(self._by_profile[profile])
        return total


def _serving(catalog: Catalog) -> dict[str, tuple[str, ...]]:
    serving: dict[str, list[str]] = {queue: [] for queue in catalog.queues}
    for profile in catalog.profiles.values():
        for served in profile.queues:
            serving.setdefault(served.queue, []).append(profile.id)
    return {queue: tuple(profiles) for queue, profiles in serving.items()}
