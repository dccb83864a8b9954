"""A router with an e-mail channel, its mail servers in memory, and time that is told."""

import asyncio

from msgspec.structs import replace

from cti_adapters.email.channel import EmailChannel, MailParts
from cti_adapters.email.memory import MemoryMailStore
from cti_adapters.email.replying import Reply
from ivr.entry import route
from router.clock import ManualClock
from router.core.catalog import AgentDefinition, Catalog, EntryPoint, Profile, ProfileQueue, Queue
from router.core.commands import Accept, EndContact, FinishWrapUp, PublishCatalog, SetReady, SignIn
from router.core.durations import MINUTE, SECOND
from router.core.model import TERMINAL
from router.customers import Identification
from router.engine import Engine
from router.files import MemoryFiles
from router.intake import Intake
from router.journal.memory import MemoryJournal
from router.ports import Accepted
from tests.mail.in_memory import BOX, Connections, Directly, Server

START = 1_700_000_000 * SECOND


def catalog():
    return Catalog(
        version=1,
        queues={"care": Queue(id="care", label="Care", offer_for=10 * MINUTE, wrap_up=0)},
        profiles={
            "all": Profile(
                id="all",
                label="All",
                queues=(ProfileQueue(queue="care"),),
                capacity={"email": 50},
                alone=(),
            )
        },
        agents={
            name: AgentDefinition(id=name, name=name.title(), profile="all")
            for name in ("ann", "ben")
        },
        entry_points={"mail": EntryPoint(id="mail", channel="email", queue="care")},
    )


class Nobody:
    async def identify(self, channel, address):
        return Identification()


class MailCentre:
    """What outlives a restart: the journal, the store, the files, the servers."""

    def __init__(self, *boxes):
        self.boxes = boxes or (BOX,)
        self.clock = ManualClock(START)
        self.journal = MemoryJournal()
        self.store = MemoryMailStore()
        self.files = MemoryFiles()
        self.servers = {box.id: Server(box) for box in self.boxes}
        self.numbers = 0

    @property
    def server(self):
        return self.servers[self.boxes[0].id]

    async def start(self):
        self.engine = await Engine.open(self.journal, self.clock)
        await self.engine.start()
        self.replica = self.engine.replica
        sink = self.way_to(self.engine)
        self.intake = Intake(sink, self.replica, Nobody(), flow=route)
        parts = MailParts(
            boxes=self.boxes,
            store=self.store,
            files=self.files,
            reader=Directly(),
            connections=Connections(self.servers),
            directory=Nobody(),
            secret=b"s" * 32,
        )
        self.channel = EmailChannel(sink, self.intake, self.replica, self.clock, parts)
        if not self.replica.state.catalog.queues:
            await self.do(PublishCatalog(id="catalog", catalog=catalog(), replaces=0))
        await self.intake.recover()
        await self.channel.start()
        await self.settle()

    def way_to(self, engine):
        """How the channel and the intake reach it."""
        return engine

    async def stop(self):
        await self.channel.stop()
        await self.intake.close()
        await self.engine.stop()

    async def restart(self):
        await self.stop()
        await self.start()

    async def settle(self):
        """Until nothing more happens by itself at this moment."""
        quiet, before = 0, None
        while quiet < 60:
            await asyncio.sleep(0.001)
            now = (self.engine.replica.position, self._marks())
            quiet = quiet + 1 if now == before else 0
            before = now

    def _marks(self):
        store = self.store
        return ([one.became for one in store._in.values()], [o.state for o in store._out.values()])

    async def later(self, duration):
        """Time passes, and everybody looks."""
        self.clock.advance(duration)
        self.channel.look()
        for server in self.servers.values():
            server.news.set()
        await self.settle()

    async def do(self, command):
        self.numbers += 1
        outcome = await self.engine.submit(replace(command, id=command.id or f"c{self.numbers}"))
        assert isinstance(outcome, Accepted), outcome
        return outcome

    async def mail(self, raw, box="support"):
        self.servers[box].arrive(raw)
        await self.settle()

    def contacts(self):
        return list(self.replica.state.contacts.values())

    async def sign_in(self, agent="ann"):
        await self.do(SignIn(id="", agent=agent))
        await self.do(SetReady(id="", agent=agent))
        await self.settle()

    async def accept(self):
        (offer,) = self.replica.state.offers.values()
        await self.do(Accept(id="", offer=offer.id))
        return self.replica.state.contacts[offer.contact]

    async def finish(self, contact):
        await self.do(EndContact(id="", contact=contact.id, ended_by="agent"))
        live = self.replica.state.contacts.get(contact.id)
        if live is not None and live.state not in TERMINAL:
            await self.do(FinishWrapUp(id="", contact=contact.id, agent="ann"))

    async def reply(self, contact, text="Here you are.", ident="r1", **given):
        reply = Reply(id=ident, text=text, **given)
        outcome = await self.channel.replies.send(contact, "ann", "Ann", reply)
        await self.settle()
        return outcome
