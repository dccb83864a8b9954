"""A centre with an Asterisk in memory: engine, intake and telephone channel, in virtual time."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable, Iterable
from random import Random
from typing import Self

import msgspec

from cti_adapters.asterisk.channel import AsteriskChannel
from cti_adapters.asterisk.guarded import GuardedSink
from cti_adapters.asterisk.pbx import Pbx
from cti_adapters.asterisk.reachability import Reachability
from cti_adapters.asterisk.settings import OutboundRules, PbxSettings
from ivr.entry import route
from router.core.catalog import (
    AgentDefinition,
    CallbackOffer,
    Catalog,
    EntryPoint,
    Profile,
    ProfileQueue,
    Queue,
)
from router.core.commands import Accept, Command, PublishCatalog, SetReady, SignIn
from router.core.durations import SECOND
from router.core.events import ContactEvent
from router.core.model import Agent, Contact
from router.customers import Identification
from router.engine import Engine
from router.intake import Intake
from router.journal.memory import MemoryJournal
from router.ports import Accepted, CommandSink, Outcome, Overloaded
from tests.asterisk.fake_asterisk import FakeAsterisk
from tests.asterisk.fake_channel import Channel
from tests.asterisk.scripted_flow import FLOW, ScriptedFlow
from tests.asterisk.virtual_time import MOMENT, clock_of_loop

AGENTS = ("ann", "ben", "chi")
LOOKS_EVERY = 0.5  # seconds: Asterisk at its clock


class Nobody:
    async def identify(self, channel: str, address: str) -> Identification:
        return Identification()


class Door(CommandSink):
    """The router, as the channel reaches it; while it is ``busy`` it takes nothing."""

    def __init__(self, engine: Engine) -> None:
        self.busy = False
        self._engine = engine

    async def submit(self, command: Command) -> Outcome:
        if self.busy:
            raise Overloaded("Too many commands are waiting already.")
        return await self._engine.submit(command)


class Speakers:
    """Every text has its sound at once."""

    async def sound_for(self, text: str, language: str) -> str | None:
        return f"spoken/{len(text)}-{language}"

    async def recording(self, name: str, language: str, at: int) -> str | None:
        return f"recorded/{name}" if name.startswith("our-") else None

    async def close(self) -> None:
        return None


def catalog(*, flow: str = "", **care: object) -> Catalog:
    fields = {"wrap_up": 0, "offer_for": 15 * SECOND, "callback": CallbackOffer()} | care
    queue = Queue(id="care", label="Care", **fields)  # type: ignore[arg-type]
    queues = (ProfileQueue(queue="care"), ProfileQueue(queue="sales"))
    capacity = {"voice": 1, "voicemail": 1, "fax": 1}
    return Catalog(
        version=1,
        queues={"care": queue, "sales": Queue(id="sales", label="Sales", wrap_up=0)},
        profiles={"all": Profile(id="all", label="All", queues=queues, capacity=capacity)},
        agents={n: AgentDefinition(id=n, name=n.title(), profile="all") for n in AGENTS},
        entry_points={
            "line": EntryPoint(id="line", channel="voice", queue="care", flow=flow),
            "box": EntryPoint(id="box", channel="voicemail", queue="sales"),
            "papers": EntryPoint(id="papers", channel="fax", queue="sales"),
        },
    )


SETTINGS = PbxSettings(
    id="main",
    numbers={"100": "line"},
    faxes={"200": "papers"},
    trunk="PJSIP/{number}@trunk",
    outbound=OutboundRules(allow=("+44",)),
)


class Centre:
    """Use it as a context, in virtual time. ``said`` is everything the router said of contacts."""

    def __init__(
        self,
        care: dict[str, object] | None = None,
        *,
        chance: Random | None = None,
        flow: ScriptedFlow | None = None,
        **changes: object,
    ) -> None:
        self.clock = clock_of_loop()
        self.catalog = catalog(flow=FLOW if flow else "", **(care or {}))
        self.flow = flow
        self.settings = msgspec.structs.replace(SETTINGS, **changes)
        self.asterisk = FakeAsterisk(self.clock, AGENTS, chance)
        self.journal = MemoryJournal()
        self.said: list[ContactEvent] = []
        self._commands = itertools.count(1)

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, kind: type[BaseException] | None, *_: object) -> None:
        await self.stop()
        if kind is None:
            assert self.asterisk.complaints == []

    async def start(self) -> None:
        self.engine = await Engine.open(self.journal, self.clock)
        await self.engine.start()
        self.replica = self.engine.replica
        self.door = Door(self.engine)
        if self.flow is not None:
            self.flow.serve(GuardedSink(self.door, [self.settings], self.clock), self.replica)
        intake = self.intake = Intake(
            self.door, self.replica, Nobody(), flow=route, flows=self.flow
        )
        reachability = Reachability(self.replica, self.clock)
        pbx = self.pbx = Pbx(
            self.settings,
            self.door,
            intake,
            self.replica,
            self.clock,
            reachability=reachability,
            manager_of=self.asterisk.manager_of,
            voices=Speakers(),
            flows=self.flow,
        )
        self.channel = AsteriskChannel([pbx], reachability, self.engine)
        self._tasks = [asyncio.create_task(self._follow()), asyncio.create_task(self._look())]
        if not self.replica.state.catalog.version:
            await self.do(PublishCatalog(id="catalog", catalog=self.catalog, replaces=0))
        await intake.recover()
        await self.channel.start()
        await self.rest()

    async def _follow(self) -> None:
        async for entry in self.engine.follow(after=self.replica.position):
            self.said += [event for event in entry.events if isinstance(event, ContactEvent)]
            self.channel.handle(entry)

    async def _look(self) -> None:
        while True:
            await asyncio.sleep(LOOKS_EVERY)
            self.asterisk.look_at_clock()

    async def stop(self) -> None:
        await self.channel.stop()
        await self.intake.close()
        await self.engine.stop()
        follower, looker = self._tasks
        looker.cancel()
        await asyncio.gather(looker, return_exceptions=True)
        await follower

    async def restart(self) -> None:
        """A new router with the same log; Asterisk and its calls go on meanwhile."""
        await self.stop()
        await self.start()

    async def passes(self, seconds: float) -> None:
        await asyncio.sleep(seconds)
        await self.rest()

    async def rest(self) -> None:
        """Until everything that was begun has happened."""
        await asyncio.sleep(MOMENT)
        if self._tasks[0].done():
            await self._tasks[0]  # what the channel raised

    # -- people -----------------------------------------------------------------------------------

    async def do(self, command: Command) -> None:
        outcome = await self.engine.submit(command)
        assert isinstance(outcome, Accepted), outcome

    async def ask(self, kind: Callable[..., Command], **fields: object) -> Outcome:
        """What somebody presses on the desk; it may be refused."""
        key = f"desk-{next(self._commands)}-{self.replica.position}"
        return await self.engine.submit(kind(id=key, by="desk", **fields))

    async def act(self, kind: Callable[..., Command], **fields: object) -> None:
        outcome = await self.ask(kind, **fields)
        assert isinstance(outcome, Accepted), outcome
        await self.rest()

    async def ready(self, *agents: str) -> None:
        for agent in agents:
            await self.act(SignIn, agent=agent)
            await self.act(SetReady, agent=agent)

    async def call(self, **how: str) -> Channel:
        channel = self.asterisk.call(**how)
        await self.rest()
        return channel

    async def answer(self, *parties: str) -> None:
        for party in parties:
            self.asterisk.answer(party)
            await self.rest()

    async def accept_on_desk(self, agent: str) -> None:
        offer = next(o for o in self.replica.state.offers.values() if o.agent == agent)
        await self.act(Accept, offer=offer.id)

    async def hang_up(self, who: Channel | str) -> None:
        self.asterisk.hang_up(who)
        await self.rest()

    async def talking(self, agent: str = "ann", **how: str) -> Channel:
        """A customer in conversation with an agent."""
        await self.ready(agent)
        channel = await self.call(**how)
        await self.answer(agent)
        return channel

    # -- what is to be seen -----------------------------------------------------------------------

    @property
    def contacts(self) -> list[Contact]:
        return [c for c in self.replica.state.contacts.values() if not c.parent]

    @property
    def contact(self) -> Contact:
        (only,) = self.contacts
        return only

    def agent(self, name: str) -> Agent:
        return self.replica.state.agents[name]

    def names(self, kinds: Iterable[type[ContactEvent]] = ()) -> list[str]:
        """Of the events so far, or of those of these kinds."""
        wanted = tuple(kinds) or (ContactEvent,)
        return [type(event).__name__ for event in self.said if isinstance(event, wanted)]

    def asked(self, action: str = "") -> list[str]:
        """What was asked of Asterisk over the connection there is now, in order."""
        (manager,) = self.asterisk.managers
        return [name for name, _ in manager.asked if action in ("", name)]

    def quiet(self) -> None:
        """Nothing is left of any call."""
        assert self.asterisk.channels == {}
        assert self.contacts == []
        assert len(self.pbx) == 0
        assert not any(agent.slots for agent in self.replica.state.agents.values())
