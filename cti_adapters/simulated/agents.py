"""Simulated colleagues at work: the commands of ``staff`` go to the router as time passes."""

from __future__ import annotations

import logging
from collections.abc import Callable

from cti_adapters.simulated.pace import Pace
from cti_adapters.simulated.settings import SimulationSettings
from cti_adapters.simulated.staff import Act, Staff, Typing
from router.core.events import Entry, Rejected
from router.ports import Clock, CommandSink, JournalUnavailable, Overloaded
from router.replica import Replica

OnTyping = Callable[[str, bool], None]

log = logging.getLogger(__name__)


class SimulatedAgents:
    """Drives ``agents``. ``agent_typing`` shows the visitor of a chat that an answer is coming."""

    def __init__(
        self,
        sink: CommandSink,
        replica: Replica,
        clock: Clock,
        settings: SimulationSettings,
        *,
        agents: tuple[str, ...],
        agent_typing: OnTyping,
    ) -> None:
        self._sink = sink
        self._replica = replica
        self._clock = clock
        self._agents = agents
        self._agent_typing = agent_typing
        self._staff = Staff(settings, agents, clock.now())
        self._pace = Pace(clock, self.step, self._staff.next_deadline)

    async def start(self) -> None:
        for agent in self._agents:
            self._staff.adopt(agent, self._replica.state, self._clock.now())
        self._pace.start()

    async def stop(self) -> None:
        await self._pace.stop()

    def handle(self, entry: Entry) -> None:
        before = self._staff.next_deadline()
        for event in entry.events:
            self._staff.observe(event, entry.at, self._replica.state)
        if self._staff.next_deadline() != before:
            self._pace.wake()

    def claim(self, agent: str) -> None:
        """A person has signed in as ``agent``: the simulation does nothing more in their name."""
        self._staff.claim(agent)

    def release(self, agent: str) -> None:
        """The person has gone; the simulation goes on with an agent it drove before."""
        if agent in self._agents:
            self._staff.release(agent, self._replica.state, self._clock.now())
            self._pace.wake()

    async def step(self) -> None:
        """Do what is due now."""
        for act in self._staff.due(self._clock.now(), self._replica.state):
            if isinstance(act, Typing):
                self._agent_typing(act.contact, True)  # noqa: FBT003 -- the shape of OnTyping
            elif not await self._taken(act):
                self._staff.failed(act, self._clock.now())

    async def _taken(self, act: Act) -> bool:
        if isinstance(act, Typing):
            return True
        try:
            return not isinstance(await self._sink.submit(act), Rejected)
        except (Overloaded, JournalUnavailable):
            log.warning("the engine is busy; a simulated agent tries again")
            return False
