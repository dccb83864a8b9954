"""A contact centre without tasks: the real core decides at once, adapters hear it when told."""

import asyncio

import pytest

from ivr.entry import route
from router.clock import ManualClock
from router.core.catalog import (
    AgentDefinition,
    CallbackOffer,
    Catalog,
    EntryPoint,
    Profile,
    ProfileQueue,
    Queue,
)
from router.core.commands import Accept, PublishCatalog, SetReady, SignIn, Tick
from router.core.durations import SECOND
from router.core.events import ContactEvent, Entry, Rejected
from router.core.machine import RoutingCore
from router.core.state import State
from router.customers import Identification
from router.intake import Intake
from router.ports import Accepted
from router.replica import Replica
from tests.hearing import wholly

START = 1_700_000_000 * SECOND


def demo_catalog():
    serves = (ProfileQueue(queue="care"), ProfileQueue(queue="sales"))
    return Catalog(
        version=1,
        queues={
            "care": Queue(
                id="care",
                label="Care",
                wrap_up=20 * SECOND,
                dispositions=("solved", "open"),
                callback=CallbackOffer(),
            ),
            "sales": Queue(id="sales", label="Sales", wrap_up=0),
        },
        profiles={
            "all": Profile(id="all", label="All", queues=serves, capacity={"voice": 1, "chat": 3})
        },
        agents={
            "ann": AgentDefinition(id="ann", name="Ann Lee", profile="all"),
            "ben": AgentDefinition(id="ben", name="Ben Roy", profile="all", public_name="Benny"),
        },
        entry_points={
            "line": EntryPoint(id="line", channel="voice", queue="care", choices={"1": "sales"}),
            "website": EntryPoint(
                id="website", channel="chat", queue="care", choices={"sales": "sales"}
            ),
        },
    )


class Centre:
    """Sink, directory and clock in one. ``deliver`` hands adapters what they have not heard."""

    def __init__(self):
        self.clock = ManualClock(START)
        self.core = RoutingCore(State())
        self.replica = Replica(State())
        self.entries = []
        self.adapters = []
        self.heard = 0
        self.trouble = None  # an exception every submission raises while it is set
        self.apply(PublishCatalog(id="catalog", catalog=demo_catalog(), replaces=0))
        self.intake = Intake(self, self.replica, self, flow=route, lookup_timeout=5 * SECOND)

    async def identify(self, channel, address):
        return Identification()

    async def submit(self, command):
        await asyncio.sleep(0)
        if self.trouble is not None:
            raise self.trouble
        return self.apply(command)

    def apply(self, command):
        result = self.core.handle(command, self.clock.now())
        if isinstance(result, Rejected):
            return result
        if result:
            entry = Entry(
                position=len(self.entries) + 1,
                at=self.clock.now(),
                cause=command.id,
                by=command.by,
                events=tuple(result),
            )
            self.entries.append(entry)
            self.replica.feed(entry)
        return Accepted(position=len(self.entries), events=tuple(result))

    async def deliver(self):
        while self.heard < len(self.entries):
            entry = self.entries[self.heard]
            self.heard += 1
            for adapter in self.adapters:
                await wholly(adapter.handle(entry))

    def pass_time(self, by):
        """Let the core see every deadline on the way."""
        until = self.clock.now() + by
        while (deadline := self.core.next_deadline()) is not None and deadline <= until:
            self.clock.set(max(deadline, self.clock.now()))
            self.apply(Tick(id=f"tick-{len(self.entries)}-{self.clock.now()}"))
        self.clock.set(until)

    def contact(self, ident):
        return self.replica.state.contacts.get(ident)

    def events(self, ident):
        return [
            event
            for entry in self.entries
            for event in entry.events
            if isinstance(event, ContactEvent) and event.contact == ident
        ]

    def names(self, ident):
        return [type(event).__name__ for event in self.events(ident)]

    def ready(self, *agents):
        for agent in agents:
            self.apply(SignIn(id=f"in-{agent}-{len(self.entries)}", agent=agent))
            self.apply(SetReady(id=f"ready-{agent}-{len(self.entries)}", agent=agent))

    def accept(self, contact):
        """The agent it is offered to takes it; their id."""
        agent, offer = next(iter(self.contact(contact).offers.items()))
        outcome = self.apply(Accept(id=f"accept-{offer}", offer=offer))
        assert isinstance(outcome, Accepted)
        return agent


@pytest.fixture
async def centre():
    made = Centre()
    yield made
    await made.intake.close()
    assert asyncio.all_tasks() == {asyncio.current_task()}, "a task was left behind"
