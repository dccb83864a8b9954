"""The moments at which the core must act by itself, always worked out from the state.

A deadline is never cancelled: it is looked up again when it comes, and what no longer applies
does nothing. So nothing can outlive its deadline, and a restart loses no timer.
"""

from __future__ import annotations

from collections.abc import Iterator
from heapq import heapify, heappop, heappush

from router.core.matching import NEVER
from router.core.model import OFFERED, Agent, Contact
from router.core.priority import waits_since
from router.core.state import UNANSWERED, State

Key = tuple[str, str, str]
"""(kind, contact or agent or queue, agent): what a deadline is about."""

_FEW = 1_024  # deadlines in the heap that nobody minds


class Deadlines:
    def __init__(self, state: State) -> None:
        self._heap: list[tuple[int, int, Key]] = []
        self._armed: dict[Key, int] = {}
        self._count = 0
        self.rebuild(state)

    def rebuild(self, state: State) -> None:
        self._heap.clear()
        self._armed.clear()
        for contact in state.contacts.values():
            self.watch_contact(state, contact)
        for agent in state.agents.values():
            self.watch_agent(agent)
        self.watch_hours(state, state.at)
        heapify(self._heap)

    def next(self) -> int | None:
        return self._heap[0][0] if self._heap else None

    def due(self, at: int) -> Iterator[Key]:
        """Take out, in order, every deadline up to ``at``, those armed meanwhile included."""
        while self._heap and self._heap[0][0] <= at:
            due, _, key = heappop(self._heap)
            if self._armed.get(key) == due:
                del self._armed[key]
                yield key

    def watch_contact(self, state: State, contact: Contact) -> None:
        if contact.state not in UNANSWERED and not contact.wrapping:
            return
        for due, key in _of_contact(state, contact):
            self._arm(due, key)

    def watch_agent(self, agent: Agent) -> None:
        if agent.traits_until:
            self._arm(agent.traits_until, ("skills", agent.id, ""))

    def watch_hours(self, state: State, at: int) -> None:
        """Wake when a queue with a ``closed`` rule opens or closes."""
        for queue in state.catalog.queues.values():
            hours = state.catalog.hours.get(queue.hours)
            if hours is not None and any(rule.when == "closed" for rule in queue.overflow):
                change = hours.next_change(at)
                if change is not None:
                    self._arm(change, ("hours", queue.id, ""))

    def shrink(self, state: State) -> None:
        """Forget deadlines that no longer apply once they are most of the heap."""
        if len(self._heap) <= _FEW:
            return
        live = len(state.contacts) + len(state.agents)
        if len(self._heap) > _FEW + 16 * live:
            self.rebuild(state)

    def _arm(self, due: int, key: Key) -> None:
        if self._armed.get(key) != due:
            self._armed[key] = due
            self._count += 1
            heappush(self._heap, (due, self._count, key))


def _of_contact(state: State, contact: Contact) -> Iterator[tuple[int, Key]]:
    for agent in contact.wrapping:
        yield state.agents[agent].slots[contact.id].wrap_until, ("wrap_up", contact.id, agent)
    if contact.state not in UNANSWERED:
        return
    for offer_id in contact.offers.values():
        yield state.offers[offer_id].expires_at, ("offer", offer_id, "")
    if contact.step_until:
        yield contact.step_until, ("step", contact.id, "")
    if contact.preferred_until:
        yield contact.preferred_until, ("preference", contact.id, "")
    if contact.state is OFFERED and not state.index.is_ringing(contact.id):
        return
    if contact.callback is not None and contact.callback.not_before:
        yield contact.callback.not_before, ("callback", contact.id, "")
    yield from _looks_again(state, contact)


def _looks_again(state: State, contact: Contact) -> Iterator[tuple[int, Key]]:
    """Moments at which a waiting contact may find an agent, or must overflow, by time alone."""
    at = state.at
    for until in contact.excluded.values():
        if at < until < NEVER:
            yield until, ("look", contact.id, str(until))
    for delay in state.index.delays(contact.queue):
        if contact.waiting_since + delay > at:
            yield contact.waiting_since + delay, ("look", contact.id, f"+{delay}")
    for rule in state.catalog.queues[contact.queue].overflow:
        since = waits_since(contact) if rule.when == "wait" else contact.unstaffed_since
        if rule.when in {"wait", "unstaffed"} and since and since + rule.at > at:
            yield since + rule.at, ("overflow", contact.id, f"{rule.when} {rule.at}")
