"""What is retained: the presence of each agent and the figures of each queue, as they are now.

Said again only when something changed, presence at most a few times a second and figures as often
as the operator wants. What was retained for somebody who is gone is taken back, also when they
went while nobody was connected.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Iterator
from typing import Final

import msgspec

from router.core.durations import SECOND
from router.core.events import AgentEvent, CatalogPublished, ContactEvent, Entry
from router.core.model import Agent
from router.core.state import State
from router.edge.connection import Connection
from router.edge.messages import Outgoing, retained
from router.edge.naming import Topics
from router.edge.payloads import Presence, QueueFigures
from router.edge.pump import Follow
from router.ports import Clock
from router.replica import Replica

PRESENCE_EVERY: Final = 0.25  # seconds

Figures = Callable[[str], QueueFigures | None]
"""Of a queue, now; None when there is no such queue."""


class RetainedViews:
    """For one connection after another: each begins with everything."""

    def __init__(
        self,
        replica: Replica,
        figures: Figures,
        follow: Follow,
        topics: Topics,
        *,
        clock: Clock,
        figures_every: int,
    ) -> None:
        self._replica = replica
        self._figures = figures
        self._follow = follow
        self._topics = topics
        self._clock = clock
        self._figures_every = figures_every / SECOND
        self._touched: dict[str, None] = {}
        self._told: dict[str, msgspec.Struct] = {}  # by topic, without a position
        self._found: dict[str, None] = {}  # topics under which something was retained
        self._something = asyncio.Event()

    def found(self, topic: str) -> None:
        """Something is retained under ``topic``, which may be of somebody who is gone."""
        self._found[topic] = None
        self._something.set()

    async def run(self, connection: Connection) -> None:
        """Until the log ends. Raises ``BrokerLost`` or ``BrokerRefuses``."""
        self._told.clear()
        self._found.clear()
        for topic in (self._topics.all_presence, self._topics.all_figures):
            await connection.listen(topic, own=True)
        self._look_at_all()
        async with asyncio.TaskGroup() as group:
            tasks = [
                group.create_task(self._tell_presence(connection)),
                group.create_task(self._tell_figures(connection)),
            ]
            async for entry in self._follow(None):
                self._look(entry)
            for task in tasks:
                task.cancel()

    def _look_at_all(self) -> None:
        self._touched = dict.fromkeys(self._replica.state.agents)
        self._something.set()

    def _look(self, entry: Entry) -> None:
        """Mark those whose presence may be another after ``entry``."""
        state = self._replica.state
        if any(isinstance(event, CatalogPublished) for event in entry.events):
            self._found |= dict.fromkeys(self._told)
            self._look_at_all()
            return
        for event in entry.events:
            self._touched |= dict.fromkeys(_agents_of(event, state))
        if self._touched:
            self._something.set()

    async def _tell_presence(self, connection: Connection) -> None:
        while True:
            await self._something.wait()
            self._something.clear()
            touched, self._touched = self._touched, {}
            await self._tell(connection, self._presence(touched))
            await self._take_back(connection)
            await asyncio.sleep(PRESENCE_EVERY)

    def _presence(self, agents: Iterable[str]) -> Iterator[tuple[str, Presence]]:
        for agent in agents:
            known = self._replica.state.agents.get(agent)
            if known is not None:
                yield self._topics.presence(agent), presence(known, self._replica.position)

    async def _tell_figures(self, connection: Connection) -> None:
        """One queue after another: all at once would hold up somebody's offer."""
        while True:
            queues = tuple(self._replica.state.catalog.queues)
            for queue in queues:
                if (figures := self._figures(queue)) is not None:
                    await self._tell(connection, [(self._topics.figures(queue), figures)])
                await asyncio.sleep(self._figures_every / len(queues))
            if not queues:
                await asyncio.sleep(self._figures_every)

    async def _tell(
        self, connection: Connection, now: Iterable[tuple[str, Presence | QueueFigures]]
    ) -> None:
        """What is another than before, by topic."""
        under_way = []
        for topic, payload in now:
            plain = msgspec.structs.replace(payload, position=0)
            if self._told.get(topic) != plain:
                self._told[topic] = plain
                message = retained(topic, payload, self._clock.now(), self._topics)
                under_way.append(await connection.send(message))
        for one in under_way:
            await one

    async def _take_back(self, connection: Connection) -> None:
        """What is retained for agents and queues that are not there any more."""
        if not self._found:
            return
        found, self._found = self._found, {}
        state = self._replica.state
        present = {self._topics.presence(one) for one in state.agents}
        present |= {self._topics.figures(one) for one in state.catalog.queues}
        for topic in found:
            if topic not in present:
                self._told.pop(topic, None)
                await connection.told(Outgoing(topic=topic, payload=b"", retain=True))


def presence(agent: Agent, position: int) -> Presence:
    """``agent`` as it is when the journal has ``position``."""
    contacts: dict[str, int] = {}
    for slot in agent.slots.values():
        contacts[slot.channel] = contacts.get(slot.channel, 0) + 1
    return Presence(
        position=position,
        agent=agent.id,
        team=agent.definition.traits.team,
        state=agent.state.value,
        reason=agent.reason,
        since=agent.state_since,
        next_state=agent.next_state.value if agent.next_state else "",
        contacts=contacts,
        unreachable=tuple(agent.unreachable),
    )


def _agents_of(event: object, state: State) -> tuple[str, ...]:
    """Those whom ``event`` names, and those who have its contact."""
    named = (event.agent,) if isinstance(event, AgentEvent) else ()
    if not isinstance(event, ContactEvent):
        return named
    agent = getattr(event, "agent", "")
    contact = state.contacts.get(event.contact)
    with_it = () if contact is None else (contact.agent, *contact.participants, *contact.wrapping)
    return tuple(one for one in (agent, *with_it, *(contact.offers if contact else ())) if one)
