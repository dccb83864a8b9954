"""``simulated.pbx``: simulated calls are contacts like any other."""

import asyncio

import pytest

from cti_adapters.simulated.pbx import SimulatedPbx
from cti_adapters.simulated.settings import CallerBehaviour, SimulationSettings
from router.core.commands import Hold, Retrieve, TransferToQueue
from router.core.durations import MINUTE, SECOND
from router.core.events import Rejected
from router.core.model import ContactState
from router.ports import Overloaded

STAYS = CallerBehaviour(
    patience=10_000 * MINUTE, asks_for_callback=0, hangs_up_first=1, hold_patience=10_000 * MINUTE
)


def settings(**fields):
    return SimulationSettings(**{"calls_per_minute": 0, "caller": STAYS, **fields})


@pytest.fixture
def pbx(centre, world):
    return lambda **fields: world.add(
        SimulatedPbx(centre, centre.intake, centre.replica, centre.clock, settings(**fields))
    )


async def test_a_placed_call_is_one_contact_with_its_address(centre, pbx):
    contact = await pbx().place_call("+34600", "line")
    assert centre.contact(contact).address == "+34600"
    assert centre.contact(contact).channel == "voice"
    assert centre.contact(contact).state is ContactState.QUEUED
    assert "topic" in centre.contact(contact).attributes


async def test_a_call_placed_without_wishes_picks_a_way_in(centre, pbx):
    contact = await pbx().place_call()
    assert centre.contact(contact).entry_point == "line"


async def test_a_call_may_be_placed_with_what_the_caller_chooses(centre, pbx):
    chosen = await pbx().place_call("+34600", "line", "1")
    assert centre.contact(chosen).queue == "sales"


async def test_a_call_with_a_choice_that_is_not_offered_is_refused(centre, pbx):
    refusal = await pbx().place_call("+34600", "line", "no such key")
    assert isinstance(refusal, Rejected)
    assert centre.replica.state.contacts == {}


@pytest.mark.parametrize("entry_point", ["website", "nowhere", "x" * 1_000])
async def test_a_call_needs_an_entry_point_for_calls(centre, pbx, entry_point):
    refusal = await pbx().place_call("+34600", entry_point)
    assert isinstance(refusal, Rejected)
    assert refusal.reason.endswith(".")
    assert centre.replica.state.contacts == {}


async def test_a_call_is_held_transferred_and_ended_by_its_customer(centre, world, pbx):
    contact = await pbx().place_call("+34600", "line")
    await centre.deliver()
    centre.ready("ann")
    centre.accept(contact)
    await world.run(3)
    centre.apply(Hold(id="hold", contact=contact))
    await world.run(10)
    centre.apply(Retrieve(id="retrieve", contact=contact))
    await world.run(2)
    centre.apply(TransferToQueue(id="transfer", contact=contact, queue="sales"))
    centre.ready("ben")
    await world.run(1)
    centre.accept(contact)
    await world.run(1_200)
    names = centre.names(contact)
    assert names.count("OfferAccepted") == 2
    assert "ContactEnded" in names
    assert centre.events(contact)[names.index("ContactEnded")].ended_by == "customer"


async def test_an_overloaded_engine_costs_a_call_but_not_the_simulation(centre, world, pbx):
    party = pbx()
    centre.trouble = Overloaded("full")
    with pytest.raises(Overloaded):
        await party.place_call("+34600", "line")
    centre.trouble = None
    assert isinstance(await party.place_call("+34600", "line"), str)


async def test_a_caller_who_could_not_hang_up_tries_again(centre, world, pbx):
    party = pbx(caller=CallerBehaviour(patience=SECOND, asks_for_callback=0))
    contact = await party.place_call("+34600", "line")
    centre.trouble = Overloaded("full")
    await world.run(20)
    assert centre.contact(contact) is not None
    centre.trouble = None
    await world.run(6)
    assert centre.names(contact)[-1] == "Abandoned"


async def test_calls_go_on_after_a_restart_and_new_ones_get_new_ids(centre, world, pbx):
    first = await pbx().place_call("+34600", "line")
    centre.pass_time(SECOND)
    reborn = SimulatedPbx(
        centre,
        centre.intake,
        centre.replica,
        centre.clock,
        settings(caller=CallerBehaviour(patience=SECOND, asks_for_callback=0)),
    )
    await reborn.start()
    world.parties[:] = centre.adapters[:] = [reborn]
    centre.heard = 0
    second = await reborn.place_call("+34600", "line")
    assert first != second
    await world.run(20)
    assert centre.names(first)[-1] == "Abandoned"
    await reborn.stop()


async def test_the_same_seed_makes_the_same_day(centre, world, pbx):
    pbx(calls_per_minute=6, callers=("+1", "+2", "+3"), caller=CallerBehaviour())
    centre.ready("ann", "ben")
    await world.run(600)
    assert sum(type(e).__name__ == "ContactArrived" for x in centre.entries for e in x.events) > 30
    assert all(
        contact.id.startswith("sim-call-") for contact in centre.replica.state.contacts.values()
    )


async def test_started_it_runs_by_itself_and_stops_without_a_trace(centre, world, pbx):
    party = pbx(calls_per_minute=0)
    await party.start()
    party.set_rate(600_000)
    for _ in range(500):
        centre.clock.advance(1_000)
        await asyncio.sleep(0)
        if centre.replica.state.contacts:
            break
    assert centre.replica.state.contacts
    await party.stop()
