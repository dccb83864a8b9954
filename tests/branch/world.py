"""A centre, a broker and a branch: real Mosquitto, real time, an Asterisk in memory at the branch.

Agents sit at the centre. Their telephones are the branch's Asterisk's, as its dialplan has it.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Self

from cti_adapters.asterisk.channel import AsteriskChannel
from cti_adapters.asterisk.guarded import GuardedSink
from cti_adapters.asterisk.reachability import Reachability
from cti_adapters.asterisk.settings import PbxSettings
from ivr.entry import route
from router.branch.centre import BranchCentre
from router.clock import SystemClock
from router.core import commands as c
from router.core.catalog import (
    AgentDefinition,
    Catalog,
    EntryPoint,
    Profile,
    ProfileQueue,
    Queue,
)
from router.core.durations import SECOND
from router.core.events import ContactEvent, Entry
from router.core.model import Contact, ContactState
from router.customers import Identification
from router.edge.settings import EdgeSettings
from router.engine import Engine
from router.intake import Intake
from router.journal.memory import MemoryJournal
from router.ports import Accepted, NoFlows
from server.branch_process import BranchProcess
from server.branches import branches_over
from tests.asterisk.fake_asterisk import FakeAsterisk
from tests.asterisk.scripted_flow import FLOW, ScriptedFlow
from tests.mqtt.centre import comes

BRANCH = "leeds"
SYSTEM = PbxSettings(id="lee", branch=BRANCH, numbers={"100": "line"})
AGENTS = tuple(f"agent{number}" for number in range(1, 41))


def catalog(agents: tuple[str, ...] = AGENTS, *, flow: str = "") -> Catalog:
    care = Queue(id="care", label="Care", wrap_up=0, offer_for=15 * SECOND)
    served = (ProfileQueue(queue="care"),)
    room = {"voice": 1, "voicemail": 1}
    return Catalog(
        version=1,
        queues={"care": care},
        profiles={"all": Profile(id="all", label="All", queues=served, capacity=room)},
        agents={one: AgentDefinition(id=one, name=one, profile="all") for one in agents},
        entry_points={"line": EntryPoint(id="line", channel="voice", queue="care", flow=flow)},
    )


class Nobody:
    async def identify(self, channel: str, address: str) -> Identification:
        return Identification()


class Centre:
    """The router and its end of the branch. ``said`` is its log, entry by entry."""

    def __init__(
        self,
        settings: EdgeSettings,
        agents: tuple[str, ...] = AGENTS,
        flow: ScriptedFlow | None = None,
    ) -> None:
        self.clock = SystemClock()
        self.journal = MemoryJournal()
        self.said: list[Entry] = []
        self.settings = settings
        self.agents = agents
        self.flow = flow
        self._commands = 0

    async def start(self) -> Self:
        self.engine = await Engine.open(self.journal, self.clock)
        await self.engine.start()
        self.replica = self.engine.replica
        sink = GuardedSink(self.engine, [SYSTEM], self.clock)
        if self.flow is not None:
            self.flow.serve(sink, self.replica)
        self.intake = Intake(sink, self.replica, Nobody(), flow=route, flows=self.flow)
        reachability = Reachability(self.replica, self.clock)
        self.channel = AsteriskChannel([], reachability, sink)
        self.channel.join_branch(BRANCH)
        self.branches: BranchCentre = branches_over(
            self.settings,
            [SYSTEM],
            self.channel,
            replica=self.replica,
            follow=self.engine.follow,
            sink=sink,
            intake=self.intake,
            flows=self.flow or NoFlows(),
            clock=self.clock,
        )
        await self.channel.start()
        self._follower = asyncio.create_task(self._follow())
        if not self.replica.state.catalog.version:
            made = catalog(self.agents, flow=FLOW if self.flow else "")
            await self.do(c.PublishCatalog(id="catalog", catalog=made, replaces=0))
        await self.intake.recover()
        await self.branches.start()
        return self

    async def stop(self) -> None:
        await self.branches.stop()
        await self.channel.stop()
        await self.intake.close()
        await self.engine.stop()
        await self._follower

    async def restart(self) -> None:
        await self.stop()
        await self.start()

    async def _follow(self) -> None:
        async for entry in self.engine.follow(after=len(self.said)):
            self.said.append(entry)

    async def do(self, command: c.Command) -> None:
        outcome = await self.engine.submit(command)
        assert isinstance(outcome, Accepted), outcome

    async def ready(self, *agents: str) -> None:
        for agent in agents:
            await self.do(c.SignIn(id=f"in/{agent}", by="desk", agent=agent))
            await self.do(c.SetReady(id=f"ready/{agent}", by="desk", agent=agent))

    @property
    def contacts(self) -> list[Contact]:
        return list(self.replica.state.contacts.values())

    def with_state(self, state: ContactState) -> list[Contact]:
        return [one for one in self.contacts if one.state is state]

    def events(self) -> list[ContactEvent]:
        every = (event for entry in self.said for event in entry.events)
        return [event for event in every if isinstance(event, ContactEvent)]


Reach = Callable[[str], EdgeSettings]


def settings_at(port: int, name: str) -> EdgeSettings:
    return EdgeSettings(host="127.0.0.1", port=port, username=name)


class Branch:
    """The process at the branch, over an Asterisk that outlives it."""

    def __init__(self, settings: EdgeSettings, folder: Path, asterisk: FakeAsterisk) -> None:
        self.asterisk = asterisk
        self._settings = settings
        self._folder = folder
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> Self:
        self.process = BranchProcess(
            self._settings,
            [SYSTEM],
            self._folder,
            manager_of=self.asterisk.manager_of,
        )
        self._task = asyncio.create_task(self.process.run())
        return self

    async def working(self) -> Self:
        await comes(lambda: self.process.channel is not None and self.process.site.connected)
        return self

    @property
    def hears(self) -> bool:
        """Whether the process knows which calls there are."""
        channel = self.process.channel
        return channel is not None and not any(pbx.problem for pbx in channel.pbxs)

    @property
    def kept(self) -> bool:
        """Whether all it heard is on its disk."""
        return self.process.site.all_kept

    async def die(self) -> None:
        """As with kill -9, as far as one process can play it: what was not on the disk is lost."""
        site = self.process.site
        site.copy.keeping.drop()
        site._store._pending = []
        await self.stop()

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
            self._task = None


@asynccontextmanager
async def world(
    port: int | Reach,
    folder: Path,
    agents: tuple[str, ...] = AGENTS,
    flow: ScriptedFlow | None = None,
) -> AsyncIterator[tuple[Centre, Branch]]:
    """``port``: of a broker that is open to all, or how each is let in by its name."""
    reach = partial(settings_at, port) if isinstance(port, int) else port
    centre = await Centre(reach("patchbay"), agents, flow).start()
    asterisk = FakeAsterisk(centre.clock, agents)
    branch = Branch(reach(BRANCH), folder, asterisk)
    looker = asyncio.create_task(_look(asterisk))
    try:
        await branch.start()
        yield centre, branch
    finally:
        looker.cancel()
        await asyncio.gather(looker, return_exceptions=True)
        await branch.stop()
        await centre.stop()


async def _look(asterisk: FakeAsterisk) -> None:
    while True:
        await asyncio.sleep(0.5)
        asterisk.look_at_clock()
