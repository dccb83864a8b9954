"""A router with a webhook channel, its service in memory, and time that is told."""

import asyncio
import random

from msgspec.structs import replace

from cti_adapters.webhook.channel import HookParts, WebhookChannel
from cti_adapters.webhook.memory import MemoryHookStore
from ivr.entry import route
from router.clock import ManualClock
from router.core.catalog import AgentDefinition, Catalog, EntryPoint, Profile, ProfileQueue, Queue
from router.core.commands import Accept, PostMessage, PublishCatalog, SetReady, SignIn
from router.core.durations import MINUTE, SECOND
from router.customers import Identification
from router.engine import Engine
from router.intake import Intake
from router.journal.memory import MemoryJournal
from router.ports import Accepted
from tests.hearing import wholly
from tests.webhook.in_memory import HOOK, Service, signed

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
                capacity={"webhook": 50},
                alone=(),
            )
        },
        agents={"ann": AgentDefinition(id="ann", name="Ann Lindqvist", profile="all")},
        entry_points={"texts": EntryPoint(id="texts", channel="webhook", queue="care")},
    )


class Nobody:
    async def identify(self, channel, address):
        return Identification()


class HookCentre:
    """What outlives a restart: the journal, the store, the service."""

    def __init__(self, hook=HOOK, flows=None, flow=route):
        self.hook = hook
        self.clock = ManualClock(START)
        self.journal = MemoryJournal()
        self.store = MemoryHookStore()
        self.service = Service()
        self.flows = flows
        self.flow = flow
        self.numbers = 0

    async def start(self, entry_points=True):
        self.engine = await Engine.open(self.journal, self.clock)
        await self.engine.start()
        self.replica = self.engine.replica
        self.intake = Intake(self.engine, self.replica, Nobody(), flow=self.flow)
        parts = HookParts(
            hooks=(self.hook,),
            store=self.store,
            post_of=lambda _: self.service,
            chance=random.Random(1),
        )
        self.channel = WebhookChannel(
            self.engine, self.intake, self.replica, self.clock, parts, flows=self.flows
        )
        if not self.replica.state.catalog.queues:
            known = catalog() if entry_points else replace(catalog(), entry_points={})
            await self.do(PublishCatalog(id="catalog", catalog=known, replaces=0))
        await self.intake.recover()
        await self.channel.start()
        self.follower = asyncio.create_task(self._follow())
        await self.settle()

    async def _follow(self):
        after = await self.channel.position(self.replica.position)
        async for entry in self.engine.follow(after=after):
            await wholly(self.channel.handle(entry))

    async def stop(self):
        await self.channel.stop()
        await self.intake.close()
        await self.engine.stop()
        await self.follower

    async def restart(self):
        await self.stop()
        await self.start()

    async def settle(self):
        """Until nothing more happens by itself at this moment."""
        quiet, before = 0, None
        while quiet < 40:
            await asyncio.sleep(0.001)
            now = (self.replica.position, list(self.store._in.values()), self._sent())
            quiet = quiet + 1 if now == before else 0
            before = now

    def _sent(self):
        return list(self.store._out.values())

    async def later(self, duration):
        self.clock.advance(duration)
        self.channel.look()
        await self.settle()

    async def do(self, command):
        self.numbers += 1
        given = command.id or f"c{self.numbers}-{self.clock.now()}"
        outcome = await self.engine.submit(replace(command, id=given))
        assert isinstance(outcome, Accepted), outcome
        await self.settle()
        return outcome

    async def receive(self, **said):
        body, headers = signed({"type": "message", "from": "+441", **said}, self.clock.now())
        received = await self.channel.door.receive("sms", headers, body)
        self.channel.look()
        await self.settle()
        return received

    def contacts(self):
        return list(self.replica.state.contacts.values())

    async def accept(self):
        if not self.replica.state.agents["ann"].slots and not self.replica.state.offers:
            await self.do(SignIn(id="", agent="ann"))
            await self.do(SetReady(id="", agent="ann"))
        (offer,) = self.replica.state.offers.values()
        await self.do(Accept(id="", offer=offer.id))
        return self.replica.state.contacts[offer.contact]

    async def say(self, contact, text):
        self.numbers += 1
        message = f"m{self.numbers}"
        await self.do(
            PostMessage(
                id="", contact=contact.id, message=message, author="agent", agent="ann", text=text
            )
        )
