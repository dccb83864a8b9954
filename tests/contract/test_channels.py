"""What every channel owes the router, tested on each one of the registry.

A channel joins by adding its ``Peer``: the customer's end of it, and nothing else.
"""

import asyncio
import json
from abc import ABC, abstractmethod

import pytest
from msgspec.structs import replace

from cti_adapters.asterisk.ami.codec import Message
from cti_adapters.asterisk.settings import PbxSettings
from cti_adapters.email.channel import MailParts
from cti_adapters.email.memory import MemoryMailStore
from cti_adapters.registry import ADAPTERS, AdapterContext
from cti_adapters.simulated.settings import CallerBehaviour, SimulationSettings
from cti_adapters.webchat.settings import ChatSettings
from cti_adapters.webhook.channel import HookParts
from cti_adapters.webhook.memory import MemoryHookStore
from cti_adapters.webhook.receiving import Refused
from ivr.entry import route
from router.clock import ManualClock
from router.core import events as e
from router.core.catalog import AgentDefinition, Catalog, EntryPoint, Profile, ProfileQueue, Queue
from router.core.commands import (
    Accept,
    Arrive,
    EndContact,
    Enqueue,
    FinishWrapUp,
    Hold,
    PostMessage,
    PublishCatalog,
    Reject,
    Requeue,
    Retrieve,
    SetReady,
    SignIn,
    TransferToQueue,
)
from router.core.durations import MINUTE, SECOND
from router.core.events import ContactEvent
from router.core.model import ContactState
from router.customers import Identification
from router.engine import Engine
from router.files import MemoryFiles
from router.intake import Intake
from router.journal.memory import MemoryJournal
from router.limits import Rate
from router.ports import Accepted, Arrival, ChannelAdapter
from router.text import one_line
from tests.asterisk.fake_asterisk import FakeAsterisk
from tests.hearing import wholly
from tests.mail.in_memory import BOX, Connections, Directly, Server, letter
from tests.webhook.in_memory import HOOK, signed
from tests.webhook.in_memory import Service as Texts

START = 1_700_000_000 * SECOND
TERMINAL = (e.Abandoned, e.Overflowed, e.TransferredOut, e.Completed)
HOSTILE = (
    "<script>x</script>\r\nAction: Hangup\x00\x1b[2J\u202e'; DROP TABLE contacts; --" + "A" * 900
)


def catalog(channel):
    return Catalog(
        version=1,
        queues={
            "care": Queue(id="care", label="Care", offer_for=10 * MINUTE),
            "sales": Queue(id="sales", label="Sales", offer_for=10 * MINUTE),
        },
        profiles={
            "all": Profile(
                id="all",
                label="All",
                queues=(ProfileQueue(queue="care"), ProfileQueue(queue="sales")),
                capacity={channel: 50},
                alone=(),
            )
        },
        agents={
            name: AgentDefinition(id=name, name=name.title(), profile="all")
            for name in ("ann", "ben")
        },
        entry_points={"door": EntryPoint(id="door", channel=channel, queue="care")},
    )


class Nobody:
    async def identify(self, channel, address):
        return Identification()


class Service:
    """A router with one channel, started and stopped like the real one."""

    def __init__(self, adapter_name):
        self.adapter_name = adapter_name
        self.clock = ManualClock(START)
        self.journal = MemoryJournal()
        self.asterisk = FakeAsterisk(self.clock, ("ann", "ben"))  # outlives the router
        self.mailbox = Server()  # and the store and the files as well
        self.mails, self.files = MemoryMailStore(), MemoryFiles()
        self.texts, self.hooks = Texts(), MemoryHookStore()
        self.commands = 0
        self.failure = None

    async def start(self):
        self.engine = await Engine.open(self.journal, self.clock)
        await self.engine.start()
        self.intake = Intake(self.engine, self.engine.replica, Nobody(), flow=route)
        plenty = Rate(burst=10_000, every=100)
        context = AdapterContext(
            sink=self.engine,
            intake=self.intake,
            replica=self.engine.replica,
            clock=self.clock,
            chat=ChatSettings(secret=b"s" * 32, source_starts=plenty, source_connections=plenty),
            simulation=SimulationSettings(
                calls_per_minute=0, caller=CallerBehaviour(patience=1_000_000 * MINUTE)
            ),
            pbxs=(PbxSettings(numbers={"100": "door"}),),
            manager_of=self.asterisk.manager_of,
            mail=self.mail_parts(),
            hooks=HookParts(
                hooks=(replace(HOOK, entry_point="door"),)
                if self.adapter_name == "webhook"
                else (),
                store=self.hooks,
                post_of=lambda _: self.texts,
            ),
        )
        self.adapter: ChannelAdapter = ADAPTERS[self.adapter_name](context)
        await self.do(PublishCatalog(id="catalog", catalog=catalog(self.adapter.name), replaces=0))
        await self.intake.recover()
        await self.adapter.start()
        self.heard = 0
        self.follower = asyncio.create_task(self.follow())
        await self.settle()

    def mail_parts(self):
        box = replace(BOX, entry_point="door")
        return MailParts(
            boxes=(box,) if self.adapter_name == "email" else (),
            store=self.mails,
            files=self.files,
            reader=Directly(),
            connections=Connections({box.id: self.mailbox}),
            directory=Nobody(),
            secret=b"s" * 32,
        )

    async def follow(self):
        """From the beginning of the journal, every time: at least once means again."""
        async for entry in self.engine.follow(after=0):
            await wholly(self.adapter.handle(entry))
            self.heard = entry.position

    async def stop(self):
        await self.adapter.stop()
        await self.intake.close()
        await self.engine.stop()
        await self.follower

    async def restart(self):
        await self.stop()
        self.clock.advance(SECOND)
        await self.start()

    async def settle(self):
        """Until the channel has heard everything and asks for nothing more."""
        quiet = 0
        while quiet < 20:
            before = self.progress()
            await asyncio.sleep(0)
            if self.follower.done():
                await self.follower  # what the adapter raised
            quiet = quiet + 1 if before == self.progress() and self.heard == before[0] else 0

    def progress(self):
        asked = [len(manager.asked) for manager in self.asterisk.managers]
        return self.engine.replica.position, len(self.asterisk.told), asked

    async def do(self, command):
        outcome = await self.engine.submit(command)
        assert isinstance(outcome, Accepted), outcome
        return outcome

    async def agent(self, command, **fields):
        self.commands += 1
        await self.do(command(id=f"agent-{self.commands}-{self.engine.replica.position}", **fields))
        await self.settle()

    async def ready(self, agent):
        await self.agent(SignIn, agent=agent)
        await self.agent(SetReady, agent=agent)

    async def accept(self, contact):
        """At the desk; a telephone that rings is picked up as well."""
        agent, offer = next(iter(self.contact(contact).offers.items()))
        await self.agent(Accept, offer=offer)
        if self.asterisk.rings(agent):
            self.asterisk.answer(agent)
            await self.settle()
        return agent

    def contact(self, contact):
        return self.engine.replica.state.contacts.get(contact)

    async def entries(self):
        return [entry async for entry in self.journal.read()]

    async def history(self, contact):
        return [
            event
            for entry in await self.entries()
            for event in entry.events
            if isinstance(event, ContactEvent) and event.contact == contact
        ]

    async def how_it_ended(self, contact):
        """The names of the terminal events: exactly one in the end."""
        events = await self.history(contact)
        return [type(event).__name__ for event in events if isinstance(event, TERMINAL)]

    async def arrivals(self):
        entries = await self.entries()
        return [x.contact for y in entries for x in y.events if isinstance(x, e.ContactArrived)]


class Peer(ABC):
    """The customers' end of a channel."""

    def __init__(self, service):
        self.service = service

    @abstractmethod
    async def arrive(self, words="Hello") -> str | None:
        """A customer comes in with these words wherever the channel takes words; the contact,
        None when they were turned away."""

    @abstractmethod
    async def arrive_again(self) -> None:
        """What the world would send twice for the last arrival is sent again."""

    @abstractmethod
    async def leave(self, contact) -> None:
        """The customer goes, whatever is happening with the contact."""

    @abstractmethod
    async def rubbish(self) -> None:
        """What no well-behaved peer sends."""

    def still_open(self) -> list[object]:
        """The customers' ends of connections that the channel should have closed and has not."""
        return []


class Caller(Peer):
    async def arrive(self, words="Hello"):
        contact = await self.service.adapter.place_call(words, "door")
        await self.service.settle()
        self.last = contact
        return contact if isinstance(contact, str) else None

    async def arrive_again(self):
        await self.service.intake.receive(
            Arrival(contact=self.last, channel="voice", address="Hello", entry_point="door")
        )

    async def leave(self, contact):
        await self.service.adapter.hang_up(contact)
        await self.service.settle()

    async def rubbish(self):
        await self.service.adapter.place_call(HOSTILE, HOSTILE)
        await self.service.adapter.hang_up(HOSTILE)


class Visitor(Peer):
    def __init__(self, service):
        super().__init__(service)
        self.tabs = {}
        self.tokens = {}
        self.came = 0
        self.last = b""

    async def arrive(self, words="Hello"):
        self.came += 1
        self.last = json.dumps(
            {
                "type": "start_chat",
                "id": f"start-0123456789abcdef-{self.came}",
                "entry_point": "door",
                "name": words,
                "text": words,
                "address": words,
                "language": words,
                "choice": words,
            }
        ).encode()
        tab, session = await self.opened(self.last)
        if session is None:
            return None
        contact = tab.chat.contact
        self.tabs[contact], self.tokens[contact] = tab, session["token"]
        return contact

    async def arrive_again(self):
        await self.opened(self.last)

    async def opened(self, frame):
        tab = self.service.adapter.connect("192.0.2.1")
        await tab.receive(frame)
        await self.service.settle()
        heard = [json.loads(message) for message in tab.drain()]
        return tab, next((m for m in heard if m["type"] == "session"), None)

    async def leave(self, contact):
        tab = self.tabs[contact]
        if tab.closed:  # the service was restarted: the page comes back by itself
            resume = {"type": "resume_chat", "id": "resume", "token": self.tokens[contact]}
            tab, _ = await self.opened(json.dumps(resume).encode())
        await tab.receive(b'{"type":"leave_chat","id":"leave"}')
        await self.service.settle()

    def still_open(self):
        return [contact for contact, tab in self.tabs.items() if not tab.closed]

    async def rubbish(self):
        for frame in (b"", b"\xff", HOSTILE.encode(), b"[" * 9_999, b'{"type":"say_line"}'):
            tab = self.service.adapter.connect("192.0.2.9")
            await tab.receive(frame)
            tab.close()


class Telephone(Peer):
    """A real call, as far as Asterisk tells of it."""

    def __init__(self, service):
        super().__init__(service)
        self.asterisk = service.asterisk
        self.channels = {}

    async def arrive(self, words="Hello"):
        self.last = len(self.asterisk.told)
        channel = self.asterisk.call(words, caller=words)
        await self.service.settle()
        contact = f"pbx:{channel.unique}"
        self.channels[contact] = channel
        return contact if self.service.contact(contact) else None

    async def arrive_again(self):
        self.asterisk.say(*self.asterisk.told[self.last :])

    async def leave(self, contact):
        self.asterisk.hang_up(self.channels[contact])
        await self.service.settle()

    def still_open(self):
        """Those that the router has done with: a call goes on in Asterisk while there is no
        router, and the next one takes it up, so that stopping closes none.
        """
        live = self.service.engine.replica.state.contacts
        up = self.asterisk.channels
        return [c for c, channel in self.channels.items() if channel.unique in up and c not in live]

    async def rubbish(self):
        names = ("AsyncAGIStart", "AsyncAGIExec", "BridgeEnter", "Hangup", "OriginateResponse")
        fields = ("Channel", "Uniqueid", "Linkedid", "CommandId", "Result", "Device", "State")
        for name in (*names, "DeviceStateChange", "NoSuchEvent", HOSTILE):
            self.asterisk.say(
                Message((("Event", name),)),
                Message((("Event", name), *((field, "") for field in fields))),
                Message((("Event", name), *((field, HOSTILE) for field in fields))),
                Message((("Event", name), ("Uniqueid", f"pb:{HOSTILE}:::"), ("Channel", "x"))),
            )
        await self.service.settle()


class Correspondent(Peer):
    """Somebody who writes mails. They cannot leave: a mail waits without them."""

    def __init__(self, service):
        super().__init__(service)
        self.server = service.mailbox
        self.came = 0

    async def arrive(self, words="Hello"):
        self.came += 1
        self.last = letter(
            self.came, sender=f"maria{self.came}@example.org", subject=one_line(words), text=words
        )
        before = set(await self.service.arrivals())
        await self.arrive_again()
        await self.service.settle()
        return next((one for one in await self.service.arrivals() if one not in before), None)

    async def arrive_again(self):
        self.server.arrive(self.last)

    async def leave(self, contact):
        raise NotImplementedError("nobody leaves a mail")

    async def rubbish(self):
        for raw in (
            b"",
            b"\xff" * 999,
            HOSTILE.encode(),
            b"From: x\r\n" * 9_999,
            letter(subject=HOSTILE),
        ):
            self.server.arrive(raw)
        await self.service.settle()


class Texter(Peer):
    """Somebody who writes to a service, which tells us by its webhook."""

    def __init__(self, service):
        super().__init__(service)
        self.came = 0
        self.senders = {}

    async def arrive(self, words="Hello"):
        self.came += 1
        sender = f"+44163296{self.came:04}"
        self.last = {"type": "message", "id": f"m{self.came}", "from": sender, "text": words}
        before = set(await self.service.arrivals())
        await self.arrive_again()
        contact = await self.new_contact(before)
        self.senders[contact] = sender
        return contact

    async def new_contact(self, before):
        """Everything but time passes by itself."""
        for _ in range(100):
            await self.service.settle()
            new = [one for one in await self.service.arrivals() if one not in before]
            if new:
                return new[0]
        return None

    async def arrive_again(self):
        await self.send(self.last)

    async def send(self, said):
        body, headers = signed(said, self.service.clock.now())
        await self.service.adapter.door.receive(HOOK.id, headers, body)
        self.service.adapter.look()
        await self.service.settle()

    async def leave(self, contact):
        self.came += 1
        await self.send({"type": "stop", "id": f"m{self.came}", "from": self.senders[contact]})

    async def rubbish(self):
        door = self.service.adapter.door
        for body in (b"", b"\xff", HOSTILE.encode(), b"[" * 99_999, b'{"type":"message"}'):
            for given in ({}, signed(body, self.service.clock.now())[1]):
                with pytest.raises(Refused):
                    await door.receive(HOOK.id, given, body)


PEERS = {
    "webchat": Visitor,
    "simulated": Caller,
    "asterisk": Telephone,
    "email": Correspondent,
    "webhook": Texter,
}
can_leave = pytest.mark.parametrize("service", sorted(set(ADAPTERS) - {"email"}), indirect=True)


@pytest.fixture(params=sorted(ADAPTERS))
async def service(request):
    made = Service(request.param)
    await made.start()
    yield made
    await made.stop()
    assert asyncio.all_tasks() == {asyncio.current_task()}, "a task was left behind"


@pytest.fixture
def peer(service):
    return PEERS[service.adapter_name](service)


def test_every_channel_has_its_peer():
    assert set(PEERS) == set(ADAPTERS)


async def test_an_arrival_is_exactly_one_contact_in_its_queue(service, peer):
    contact = await peer.arrive()
    assert await service.arrivals() == [contact]
    assert service.contact(contact).state is ContactState.QUEUED
    assert service.contact(contact).channel == service.adapter.name
    assert service.contact(contact).entry_point == "door"


async def test_an_arrival_that_is_repeated_stays_one_contact(service, peer):
    contact = await peer.arrive()
    await peer.arrive_again()
    await service.settle()
    assert await service.arrivals() == [contact]


async def test_many_at_once_are_as_many_contacts(service, peer):
    contacts = [await peer.arrive() for _ in range(20)]
    assert len(set(contacts)) == 20
    assert sorted(await service.arrivals()) == sorted(contacts)


@can_leave
async def test_leaving_before_an_offer_abandons(service, peer):
    contact = await peer.arrive()
    await peer.leave(contact)
    assert await service.how_it_ended(contact) == ["Abandoned"]


@can_leave
async def test_leaving_during_an_offer_abandons_and_frees_the_agent(service, peer):
    contact = await peer.arrive()
    await service.ready("ann")
    assert service.contact(contact).state is ContactState.OFFERED
    await peer.leave(contact)
    assert await service.how_it_ended(contact) == ["Abandoned"]
    assert service.engine.replica.state.agents["ann"].slots == {}


@can_leave
async def test_leaving_during_the_conversation_ends_it_by_the_customer(service, peer):
    contact = await peer.arrive()
    await service.ready("ann")
    await service.accept(contact)
    await peer.leave(contact)
    assert service.contact(contact).ended_by == "customer"
    await service.agent(FinishWrapUp, contact=contact, agent="ann")
    assert await service.how_it_ended(contact) == ["Completed"]


@can_leave
async def test_the_agent_may_end_it_and_leaving_afterwards_is_harmless(service, peer):
    contact = await peer.arrive()
    await service.ready("ann")
    await service.accept(contact)
    await service.agent(EndContact, contact=contact)
    await peer.leave(contact)
    await service.agent(FinishWrapUp, contact=contact, agent="ann")
    await peer.leave(contact)
    assert await service.how_it_ended(contact) == ["Completed"]
    ended = [x for x in await service.history(contact) if isinstance(x, e.ContactEnded)]
    assert [event.ended_by for event in ended] == ["agent"]


@can_leave
async def test_leaving_after_being_given_back_abandons(service, peer):
    contact = await peer.arrive()
    await service.ready("ann")
    await service.accept(contact)
    await service.agent(Requeue, contact=contact)
    await peer.leave(contact)
    assert await service.how_it_ended(contact) == ["Abandoned"]


async def whole_conversation(service, peer):
    """Everything that can happen to a contact between its arrival and its end."""
    contact = await peer.arrive()
    await service.ready("ann")
    await service.agent(Reject, offer=next(iter(service.contact(contact).offers.values())))
    await service.ready("ben")
    await service.accept(contact)
    await service.agent(
        PostMessage, contact=contact, message="m", author="agent", agent="ben", text="Hi"
    )
    await service.agent(Hold, contact=contact)
    await service.agent(Retrieve, contact=contact)
    await service.agent(TransferToQueue, contact=contact, queue="sales")
    await service.accept(contact)
    return contact


@can_leave
async def test_entries_heard_again_change_nothing(service, peer):
    contact = await whole_conversation(service, peer)
    before = await service.entries()
    for start in range(len(before)):
        for entry in before[start:]:
            await wholly(service.adapter.handle(entry))
    await service.settle()
    assert await service.entries() == before
    await peer.leave(contact)
    assert service.contact(contact).ended_by == "customer"


async def test_entries_about_contacts_of_others_change_nothing(service, peer):
    mine = await peer.arrive()
    for number, channel in enumerate((service.adapter.name, "email", "fax", "voice")):
        other = f"other-{number}"
        await service.do(Arrive(id=f"a{number}", contact=other, channel=channel))
        await service.do(Enqueue(id=f"q{number}", contact=other, queue="care"))
    await service.settle()
    before = await service.entries()
    await service.settle()
    assert await service.entries() == before
    assert service.contact(mine).state is ContactState.QUEUED


@pytest.mark.parametrize("stage", ["waiting", "offered", "talking", "held"])
@can_leave
async def test_a_contact_survives_a_restart_and_its_customer_can_leave(service, peer, stage):
    contact = await peer.arrive()
    if stage != "waiting":
        await service.ready("ann")
    if stage in ("talking", "held"):
        await service.accept(contact)
    if stage == "held":
        await service.agent(Hold, contact=contact)
    before = await service.entries()
    await service.restart()
    assert await service.entries() == before
    await peer.leave(contact)
    if stage in ("talking", "held"):
        await service.agent(FinishWrapUp, contact=contact, agent="ann")
    ended = "Completed" if stage in ("talking", "held") else "Abandoned"
    assert await service.how_it_ended(contact) == [ended]


@can_leave
async def test_a_restart_after_the_end_does_not_bring_it_back(service, peer):
    contact = await peer.arrive()
    await peer.leave(contact)
    await service.restart()
    assert service.contact(contact) is None
    assert await service.how_it_ended(contact) == ["Abandoned"]
    assert await peer.arrive() != contact


@can_leave
async def test_hostile_words_do_no_harm_and_leave_no_control_characters(service, peer):
    contact = await peer.arrive(HOSTILE)
    well_behaved = await peer.arrive()
    assert service.contact(well_behaved).state is ContactState.QUEUED
    if contact is not None:
        live = service.contact(contact)
        texts = [live.address, *live.attributes.values(), *(m.text for m in live.messages)]
        assert all(c == "\n" or c.isprintable() for text in texts for c in text)
        await peer.leave(contact)
        assert await service.how_it_ended(contact) == ["Abandoned"]


async def test_rubbish_is_survived(service, peer):
    await peer.rubbish()
    contact = await peer.arrive()
    assert service.contact(contact).state is ContactState.QUEUED


async def test_it_stops_in_the_middle_of_everything_without_a_trace(service, peer):
    await whole_conversation(service, peer)
    await peer.arrive()
    await service.restart()
    await peer.arrive()
    await service.stop()
    assert asyncio.all_tasks() == {asyncio.current_task()}
    assert peer.still_open() == []
    await service.start()
