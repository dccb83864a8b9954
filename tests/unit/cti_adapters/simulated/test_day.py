"""A simulated day: callers, visitors and colleagues together, the same for the same seed."""

import pytest

from cti_adapters.simulated.agents import SimulatedAgents
from cti_adapters.simulated.pbx import SimulatedPbx
from cti_adapters.simulated.settings import SimulationSettings
from cti_adapters.simulated.visits import SimulatedVisitors
from cti_adapters.webchat.hub import ChatHub
from cti_adapters.webchat.settings import ChatSettings
from router.core.model import TERMINAL

SETTINGS = SimulationSettings(
    seed=11,
    calls_per_minute=2,
    chats_per_minute=2,
    callers=("+1", "+2"),
    visitors=(("María Díaz", "maria@example.org"),),
)
MINUTES = 20


def populate(centre, world, seed=11):
    parts = (centre, centre.intake, centre.replica, centre.clock)
    settings = SimulationSettings(
        **{name: getattr(SETTINGS, name) for name in SETTINGS.__struct_fields__} | {"seed": seed}
    )
    hub = ChatHub(*parts, ChatSettings(secret=b"s" * 32))
    centre.adapters.append(hub)
    world.add(SimulatedPbx(*parts, settings))
    agents = world.add(
        SimulatedAgents(
            centre,
            centre.replica,
            centre.clock,
            settings,
            agents=("ann", "ben"),
            agent_typing=hub.attention.agent_typing,
        )
    )
    world.add(SimulatedVisitors(hub, centre.replica, centre.clock, settings), hears=False)
    return agents


async def begin(centre, world, agents):
    await agents.start()
    await agents.stop()  # the world moves it from here on, not its own task
    await world.run(MINUTES * 60)
    return world.history()


@pytest.fixture
async def day(centre, world):
    return await begin(centre, world, populate(centre, world))


def count(centre, name):
    return sum(type(event).__name__ == name for x in centre.entries for event in x.events)


async def test_the_centre_is_alive_with_nobody_signed_in_by_hand(centre, day):
    assert count(centre, "ContactArrived") > 40
    assert count(centre, "OfferAccepted") > 20
    assert count(centre, "WrapUpFinished") > 2
    assert count(centre, "AgentReady") > 2  # they come back from their breaks
    assert count(centre, "Completed") > 15
    ended = [
        event.ended_by
        for x in centre.entries
        for event in x.events
        if type(event).__name__ == "ContactEnded"
    ]
    assert set(ended) == {"customer", "agent"}
    dispositions = {
        event.disposition
        for x in centre.entries
        for event in x.events
        if type(event).__name__ == "WrapUpFinished"
    }
    assert dispositions & {"solved", "open"}


async def test_chats_are_conversations(centre, day):
    authors = {}
    for entry in centre.entries:
        for event in entry.events:
            if type(event).__name__ == "MessagePosted":
                authors.setdefault(event.contact, []).append(event.message.author)
    talks = [line for line in authors.values() if "agent" in line]
    assert len(talks) > 8
    assert sum(len(line) >= 4 for line in talks) > 5
    assert all(line[0] == "customer" for line in talks)


async def test_nothing_is_left_over_for_long(centre, world, day):
    for contact in centre.replica.state.contacts.values():
        assert contact.state not in TERMINAL
        assert centre.clock.now() - contact.arrived_at < 19 * 60 * 1_000_000


async def test_a_seed_repeats_the_day_to_the_last_event(day, make_centre):
    for seed, same in ((11, True), (12, False)):
        other, world = make_centre()
        repeated = await begin(other, world, populate(other, world, seed))
        assert (repeated == day) is same
        await other.intake.close()
