"""The supervisors' board: rows kept up to date, each at most once a second, changed rows only.

Entries only mark rows; a tenth of the rows is drawn every tenth of a second, so that a large
centre is never drawn in one go in front of somebody's offer.
"""

from __future__ import annotations

import asyncio
import logging

from reporting.board_session import BoardSession
from reporting.messages import AgentRow, QueueRow
from reporting.rows import agent_row, queue_row
from reporting.staff import Staff
from reporting.statistics import Statistics
from router.core.catalog import Queue
from router.core.events import CatalogPublished, ContactEvent, Entry
from router.core.model import Contact
from router.core.state import State
from router.ports import Clock
from router.replica import Replica
from router.waiting import WaitingLines

log = logging.getLogger(__name__)

TICK = 0.1  # seconds
SLICES = 10
REDRAW = 10  # rounds (seconds) after which a quiet row is drawn anew: windows move on


class BoardHub:
    """``handle`` every entry in order, keep ``run`` running, ``connect`` a session per socket.

    It feeds ``statistics`` itself, before its own look at an entry. ``position`` is the last entry
    it was handed, or the last that the statistics had before.
    """

    def __init__(self, replica: Replica, statistics: Statistics, clock: Clock) -> None:
        self.queue_rows: dict[str, QueueRow] = {}
        self.agent_rows: dict[str, AgentRow] = {}
        self._replica = replica
        self._statistics = statistics
        self._clock = clock
        self._lines = WaitingLines(replica.state)
        self._staff = Staff(replica.state)
        self._dirty_agents: set[str] = set()
        self._dirty_queues: set[str] = set()
        self._sessions: set[BoardSession] = set()
        self._connections = 0
        self._ticks = 0
        self._all_anew()

    @property
    def position(self) -> int:
        return self._statistics.position

    @property
    def boards_connected(self) -> int:
        return len(self._sessions)

    def now(self) -> int:
        return self._clock.now()

    def connect(self) -> BoardSession:
        """A session for one board."""
        self._connections += 1
        session = BoardSession(self, self._connections)
        self._sessions.add(session)
        return session

    def ended(self, session: BoardSession) -> None:
        self._sessions.discard(session)

    def close(self) -> None:
        """End every session (the service stops)."""
        for session in list(self._sessions):
            session.close()

    def handle(self, entry: Entry) -> None:
        """Mark the rows ``entry`` changes. The replica must have it already."""
        self._statistics.handle(entry)
        state = self._replica.state
        if any(isinstance(event, CatalogPublished) for event in entry.events):
            self._staff.recount(state)
            self._lines = WaitingLines(state)
            self._all_anew()
            return
        agents = _agents_of(entry, state)
        self._dirty_agents |= agents
        self._dirty_queues |= self._staff.look(state, agents)
        self._dirty_queues |= self._lines.follow(entry, state)
        for event in entry.events:
            if isinstance(event, ContactEvent):
                contact = state.contacts.get(event.contact)
                if contact is not None and contact.queue:
                    self._dirty_queues.add(contact.queue)

    async def run(self) -> None:
        """Tick for ever; cancel it to stop."""
        while True:
            await asyncio.sleep(TICK)
            try:
                self.tick()
            except Exception:
                log.exception("the board's timer failed; it goes on")

    def tick(self) -> None:
        """Once every tenth of a second: draw the next tenth of the rows, let boards hear them."""
        self._ticks += 1
        turn, at, state = self._ticks % SLICES, self._clock.now(), self._replica.state
        self._draw_queues(state, turn, at)
        self._draw_agents(state, turn, at)
        for session in list(self._sessions):
            if session.number % SLICES == turn:
                session.turn()

    def drawn(self, queue: str) -> QueueRow | None:
        """The row as of now, in which every entry up to ``position`` is counted."""
        state = self._replica.state
        known = state.catalog.queues.get(queue)
        return None if known is None else self._queue_row(state, known, self._clock.now())

    def _queue_row(self, state: State, queue: Queue, at: int) -> QueueRow:
        return queue_row(
            state, queue, at, lines=self._lines, staff=self._staff, statistics=self._statistics
        )

    def _draw_queues(self, state: State, turn: int, at: int) -> None:
        changed = []
        anew = (self._ticks // SLICES) % REDRAW == 0
        for place, queue in enumerate(state.catalog.queues.values()):
            if place % SLICES != turn:
                continue
            if anew or queue.id in self._dirty_queues or self._lines.count(queue.id):
                self._dirty_queues.discard(queue.id)
                row = self._queue_row(state, queue, at)
                if self.queue_rows.get(queue.id) != row:
                    self.queue_rows[queue.id] = row
                    changed.append(queue.id)
        self._tell(queues=changed)

    def _draw_agents(self, state: State, turn: int, at: int) -> None:
        changed = []
        for agent_id in [a for a in self._dirty_agents if _slice(state, a) == turn]:
            self._dirty_agents.discard(agent_id)
            agent = state.agents.get(agent_id)
            row = agent_row(state, agent, at, self._statistics) if agent else None
            if row is None:
                self.agent_rows.pop(agent_id, None)
            elif self.agent_rows.get(agent_id) != row:
                self.agent_rows[agent_id] = row
            else:
                continue
            changed.append(agent_id)
        self._tell(agents=changed)

    def _all_anew(self) -> None:
        """Another catalog: draw every row now, and say which are gone."""
        state, at = self._replica.state, self._clock.now()
        before = (set(self.queue_rows), set(self.agent_rows))
        self.queue_rows = {
            queue.id: self._queue_row(state, queue, at) for queue in state.catalog.queues.values()
        }
        self.agent_rows = {
            agent.id: agent_row(state, agent, at, self._statistics)
            for agent in state.agents.values()
        }
        self._tell(
            queues=sorted(before[0] | set(self.queue_rows)),
            agents=sorted(before[1] | set(self.agent_rows)),
        )

    def _tell(self, *, queues: list[str] | None = None, agents: list[str] | None = None) -> None:
        if queues or agents:
            for session in self._sessions:
                session.changed(queues or (), agents or ())


def _slice(state: State, agent_id: str) -> int:
    agent = state.agents.get(agent_id)
    return agent.number % SLICES if agent else 0


def _agents_of(entry: Entry, state: State) -> set[str]:
    """Agents whose row may be another after ``entry``."""
    agents = {agent for event in entry.events if (agent := getattr(event, "agent", ""))}
    for event in entry.events:
        if isinstance(event, ContactEvent):
            agents.update(_on(state.contacts.get(event.contact)))
    return agents


def _on(contact: Contact | None) -> list[str]:
    if contact is None:
        return []
    holder = [contact.agent] if contact.agent else []
    return [*holder, *contact.participants, *contact.wrapping, *contact.offers]
