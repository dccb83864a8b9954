"""``router.intake``: one door, one effect, and a directory that nobody has to trust."""

import asyncio

import msgspec
import pytest

from router.core.catalog import AgentDefinition, Catalog, EntryPoint, Profile, ProfileQueue, Queue
from router.core.commands import Abandon, Arrive, Enqueue, PublishCatalog
from router.core.events import ContactEvent, Enqueued, Entry, Rejected
from router.core.machine import RoutingCore
from router.core.model import ContactState, CustomerRef
from router.core.state import State
from router.customers import Identification
from router.intake import Intake
from router.ports import (
    Accepted,
    Arrival,
    EngineStopped,
    JournalUnavailable,
    Overloaded,
    Route,
    Said,
)
from router.replica import Replica

CATALOG = Catalog(
    version=1,
    queues={"sales": Queue(id="sales", label="Sales"), "care": Queue(id="care", label="Care")},
    profiles={
        "all": Profile(
            id="all", label="All", queues=(ProfileQueue(queue="sales"),), capacity={"voice": 1}
        )
    },
    agents={"ann": AgentDefinition(id="ann", name="Ann Lee", profile="all")},
    entry_points={"line": EntryPoint(id="line", channel="voice", queue="sales")},
)
MARIA = CustomerRef(id="c1", name="María Díaz", tier="gold", value=3200)
ARRIVAL = Arrival(contact="k1", channel="voice", address="+34600000001", entry_point="line")


class Centre:
    """A sink that decides with the real core, at once, and a directory that is told what to do."""

    def __init__(self):
        self.core = RoutingCore(State())
        self.replica = Replica(State())
        self.entries = []
        self.commands = []
        self.trouble = []  # exceptions for the next submissions
        self.before = {}  # command type to a callback run before it is decided
        self.asked = []
        self.identified = []
        self.pauses = []
        self.answer = Identification()
        self.apply(PublishCatalog(id="catalog", catalog=CATALOG, replaces=0))

    def apply(self, command):
        result = self.core.handle(command, 1_000_000)
        if isinstance(result, Rejected):
            return result
        if result:
            entry = Entry(
                position=len(self.entries) + 1,
                at=1_000_000,
                cause=command.id,
                by=command.by,
                events=tuple(result),
            )
            self.entries.append(entry)
            self.replica.feed(entry)
        return Accepted(position=len(self.entries), events=tuple(result))

    async def submit(self, command):
        await asyncio.sleep(0)
        if self.trouble:
            trouble = self.trouble.pop(0)
            if trouble is not None:
                raise trouble
        self.before.pop(type(command), lambda: None)()
        self.commands.append(command)
        return self.apply(command)

    async def identify(self, channel, address):
        self.asked.append((channel, address))
        if callable(self.answer):
            return await self.answer()
        return self.answer

    async def pause(self, seconds):
        self.pauses.append(seconds)
        await asyncio.sleep(0)

    def contact(self, ident="k1"):
        return self.replica.state.contacts.get(ident)

    def names(self):
        return [type(command).__name__ for command in self.commands]

    def events(self, ident="k1"):
        return [
            event
            for entry in self.entries
            for event in entry.events
            if isinstance(event, ContactEvent) and event.contact == ident
        ]


def flow(catalog, arrival):
    entry = catalog.entry_points.get(arrival.entry_point)
    if entry is None:
        return Rejected(code="no_entry", reason="No such entry point.")
    return Route(queue=arrival.queue or entry.choices.get(arrival.choice, entry.queue))


@pytest.fixture
def centre():
    return Centre()


@pytest.fixture
async def intake(centre):
    made = Intake(
        centre,
        centre.replica,
        centre,
        flow=flow,
        on_identified=lambda contact, found: centre.identified.append((contact, found)),
        lookup_timeout=0,
        pause=centre.pause,
    )
    yield made
    await made.close()


async def settle():
    for _ in range(50):
        await asyncio.sleep(0)


def patient(centre, intake):
    """With time for the directory to answer, which a test that lets it answer needs."""
    intake._lookups._timeout = 5.0
    return intake


async def test_an_arrival_is_identified_and_queued_with_its_preferred_agents(centre, intake):
    centre.answer = Identification(
        customers=(MARIA,), matched_by=("phone",), preferred_agents=("ann", "gone", "ann")
    )
    outcome = await patient(centre, intake).receive(ARRIVAL)
    assert isinstance(outcome, Accepted)
    assert centre.names() == ["Arrive", "IdentifyCustomer", "EnterFlow", "Enqueue"]
    contact = centre.contact()
    assert (contact.state, contact.queue) == (ContactState.QUEUED, "sales")
    assert contact.customer == MARIA
    assert centre.commands[-1].preferred == ("ann",)
    assert centre.identified == [("k1", centre.answer)]
    assert centre.asked == [("voice", "+34600000001")]


async def test_several_matches_are_left_to_the_agent_to_choose(centre, intake):
    other = CustomerRef(id="c2", name="Mario")
    centre.answer = Identification(customers=(MARIA, other), matched_by=("phone", "phone"))
    await patient(centre, intake).receive(ARRIVAL)
    assert centre.contact().customer is None
    assert centre.identified[0][1].customers == (MARIA, other)


async def test_repeating_an_arrival_has_one_effect(centre, intake):
    first = await intake.receive(ARRIVAL)
    before = list(centre.entries)
    again = await intake.receive(ARRIVAL)
    together = await asyncio.gather(*(intake.receive(ARRIVAL) for _ in range(5)))
    assert all(isinstance(outcome, Accepted) for outcome in (first, again, *together))
    assert centre.entries == before


async def test_arriving_many_times_at_once_makes_one_contact(centre, intake):
    outcomes = await asyncio.gather(*(intake.receive(ARRIVAL) for _ in range(20)))
    assert all(isinstance(outcome, Accepted) for outcome in outcomes)
    assert [type(event).__name__ for event in centre.events()] == [
        "ContactArrived",
        "FlowEntered",
        "Enqueued",
    ]


async def test_a_directory_that_hangs_does_not_hold_the_contact_up(centre, intake):
    centre.answer = asyncio.Event().wait
    outcome = await intake.receive(ARRIVAL)
    assert isinstance(outcome, Accepted)
    assert centre.contact().state is ContactState.QUEUED
    assert centre.contact().customer is None


async def test_a_late_answer_still_identifies_a_live_contact(centre, intake):
    found = asyncio.get_running_loop().create_future()

    async def late():
        return await found

    centre.answer = late
    await intake.receive(ARRIVAL)
    found.set_result(
        Identification(customers=(MARIA,), matched_by=("phone",), preferred_agents=("ann",))
    )
    await settle()
    assert centre.contact().customer == MARIA
    assert centre.contact().preferred == ("ann",)
    assert [contact for contact, _ in centre.identified] == ["k1"]


async def test_a_late_answer_about_a_contact_that_left_is_dropped(centre, intake):
    found = asyncio.get_running_loop().create_future()

    async def late():
        return await found

    centre.answer = late
    await intake.receive(ARRIVAL)
    await centre.submit(Abandon(id="bye", contact="k1"))
    found.set_result(Identification(customers=(MARIA,), matched_by=("phone",)))
    await settle()
    assert centre.names()[-1] == "Abandon"
    assert centre.identified == []


async def raises():
    raise RuntimeError("the directory is on fire")


async def cancels_itself():
    raise asyncio.CancelledError


async def answers_nothing():
    return None


async def answers_nonsense():
    return Identification(customers=("María", CustomerRef(id="", name="x")), preferred_agents=(7,))


async def answers_the_unreadable():
    return Identification(customers=None)


@pytest.mark.parametrize(
    "lie", [raises, cancels_itself, answers_nothing, answers_nonsense, answers_the_unreadable]
)
async def test_a_directory_that_fails_or_lies_makes_the_contact_unknown(centre, intake, lie):
    centre.answer = lie
    outcome = await patient(centre, intake).receive(ARRIVAL)
    assert isinstance(outcome, Accepted)
    assert centre.contact().state is ContactState.QUEUED
    assert centre.contact().customer is None


async def test_a_listener_that_fails_does_not_hurt_the_contact(centre):
    def fails(contact, found):
        raise RuntimeError("no pop today")

    intake = Intake(centre, centre.replica, centre, flow=flow, on_identified=fails)
    assert isinstance(await intake.receive(ARRIVAL), Accepted)
    assert centre.contact().state is ContactState.QUEUED
    await intake.close()


async def test_an_unknown_entry_point_is_refused_with_nothing_half_done(centre, intake):
    before = list(centre.entries)
    outcome = await intake.receive(
        Arrival(contact="k", channel="voice", address="", entry_point="?")
    )
    assert outcome == Rejected(code="no_entry", reason="No such entry point.")
    assert centre.entries == before
    assert centre.asked == []


@pytest.mark.parametrize("ident", ["", "x" * 129, "a\nb", "a\x00b"])
async def test_an_id_that_is_no_id_is_refused(centre, intake, ident):
    outcome = await intake.receive(
        Arrival(contact=ident, channel="voice", address="", entry_point="line")
    )
    assert isinstance(outcome, Rejected)
    assert centre.commands == []


async def test_hostile_addresses_and_attributes_are_cut_not_refused(centre, intake):
    arrival = Arrival(
        contact="k1",
        channel="voice",
        address="+34\r\nAction: Hangup\x00" + "9" * 10_000,
        entry_point="line",
        attributes={"a\nb": "x" * 100_000, "": "nameless", **{f"n{i}": "v" for i in range(500)}},
    )
    assert isinstance(await intake.receive(arrival), Accepted)
    contact = centre.contact()
    assert contact.address.startswith("+34 Action: Hangup9")
    assert len(contact.address) == 320
    assert len(contact.attributes) <= 32
    assert contact.attributes["a b"] == "x" * 1_000


@pytest.mark.parametrize("leaves_before", ["EnterFlow", "Enqueue"])
async def test_a_customer_who_leaves_on_the_way_in_is_no_failure(centre, intake, leaves_before):
    from router.core import commands

    centre.before[getattr(commands, leaves_before)] = lambda: centre.apply(
        Abandon(id="bye", contact="k1")
    )
    assert isinstance(await intake.receive(ARRIVAL), Accepted)
    assert type(centre.events()[-1]).__name__ == "Abandoned"
    assert centre.contact() is None


async def test_a_queue_that_vanishes_on_the_way_in_does_not_strand_the_contact(centre, intake):
    def vanish():
        catalog = Catalog(version=2, queues={"care": Queue(id="care", label="Care")})
        centre.apply(PublishCatalog(id="smaller", catalog=catalog, replaces=1))

    centre.before[Enqueue] = vanish
    outcome = await intake.receive(ARRIVAL)
    assert isinstance(outcome, Rejected)
    assert type(centre.events()[-1]).__name__ == "Abandoned"


async def test_an_overloaded_engine_refuses_at_the_door_and_nothing_is_done(centre, intake):
    centre.trouble = [Overloaded("full")]
    with pytest.raises(Overloaded):
        await intake.receive(ARRIVAL)
    assert centre.contact() is None


async def test_a_contact_inside_the_door_is_brought_in_however_busy_the_engine(centre, intake):
    centre.trouble = [None, *[Overloaded("full"), JournalUnavailable("disk")] * 4]
    assert isinstance(await intake.receive(ARRIVAL), Accepted)
    assert centre.contact().state is ContactState.QUEUED
    assert len(centre.pauses) == 8
    assert max(centre.pauses) <= 1.0


async def test_a_stopped_engine_is_not_waited_for(centre, intake):
    centre.trouble = [None, EngineStopped("stopping")]
    with pytest.raises(EngineStopped):
        await intake.receive(ARRIVAL)
    assert centre.pauses == []


async def test_whoever_brought_the_contact_may_go_without_stranding_it(centre, intake):
    caller = asyncio.create_task(intake.receive(ARRIVAL))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    caller.cancel()
    with pytest.raises(asyncio.CancelledError):
        await caller
    await settle()
    assert centre.contact().state is ContactState.QUEUED


async def test_contacts_a_crash_left_at_the_door_are_brought_in(centre, intake):
    arrival = {"channel": "voice", "entry_point": "line", "attributes": {"choice": "2"}}
    centre.apply(Arrive(id="k1/arrive", contact="k1", **arrival))
    centre.apply(Arrive(id="k2/arrive", contact="k2", channel="voice", entry_point="gone"))
    assert await intake.recover() == 2
    assert centre.contact("k1").state is ContactState.QUEUED
    assert type(centre.events("k2")[-1]).__name__ == "Abandoned"


async def test_who_asked_in_a_form_goes_to_its_queue_also_after_a_crash_at_the_door(centre, intake):
    asked = {"asked_queue": "care"}
    arrived = {"channel": "voice", "entry_point": "line", "attributes": asked}
    centre.apply(Arrive(id="k1/arrive", contact="k1", **arrived))
    await intake.recover()
    assert centre.contact("k1").queue == "care"
    await intake.receive(msgspec.structs.replace(ARRIVAL, contact="k2", queue="care"))
    assert centre.contact("k2").attributes == asked


async def test_who_came_by_no_entry_point_is_left_to_who_brought_them(centre, intake):
    centre.apply(Arrive(id="k1/arrive", contact="k1", channel="voice", entry_point=""))
    assert await intake.recover() == 0
    assert centre.contact("k1").state is ContactState.ARRIVING


async def test_closing_leaves_no_task_behind(centre, intake):
    centre.answer = asyncio.Event().wait
    await intake.receive(ARRIVAL)
    await intake.close()
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_what_the_customer_wrote_stands_in_the_thread_before_it_is_queued(centre, intake):
    brought = msgspec.structs.replace(ARRIVAL, said=Said(id="m1", text="Where is my order?"))
    await intake.receive(brought)
    await intake.receive(brought)
    kinds = [type(event).__name__ for event in centre.events()]
    assert kinds.index("MessagePosted") < kinds.index("Enqueued")
    assert [message.text for message in centre.contact().messages] == ["Where is my order?"]


async def test_who_knows_the_matter_comes_first_for_the_time_the_channel_says(centre, intake):
    await intake.receive(
        msgspec.structs.replace(ARRIVAL, preferred=("ann", "gone"), preferred_for=3_000_000)
    )
    queued = next(event for event in centre.events() if isinstance(event, Enqueued))
    assert (queued.preferred, queued.preferred_until) == (("ann",), 1_000_000 + 3_000_000)
