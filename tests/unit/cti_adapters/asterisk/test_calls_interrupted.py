"""The router is restarted, the connection cut, Asterisk killed, in the middle of every call."""

from __future__ import annotations

import pytest

from router.core import commands as c
from router.core import events as e
from router.core.durations import SECOND
from router.core.model import AgentState, ContactState
from tests.asterisk.centre import Centre
from tests.asterisk.virtual_time import in_virtual_time
from tests.unit.cti_adapters.asterisk.call_stages import (
    LIVE,
    NUMBER,
    OUTSIDE,
    PATIENT,
    name_of,
    put_through,
    talking,
)

in_every_state = pytest.mark.parametrize("stage", LIVE, ids=name_of)
ENDS = (e.Abandoned, e.Overflowed, e.TransferredOut, e.Completed)


def picture(centre):
    """Who is on the telephone, and hears what."""
    channels = centre.asterisk.channels.values()
    return {(one.party, one.state, one.music, tuple(one.talks_with)) for one in channels}


def states(centre):
    contacts = centre.replica.state.contacts.values()
    return {(contact.id, contact.state, contact.agent) for contact in contacts}


async def comes_to_an_end(centre, customer):
    """The customer hangs up: all are free, and each contact has ended once."""
    await centre.hang_up(customer)
    await centre.passes(5)
    for channel in list(centre.asterisk.channels.values()):
        centre.asterisk.hang_up(channel)  # of a callback the agent is left
    await centre.passes(5)
    ended = [event.contact for event in centre.said if isinstance(event, ENDS)]
    came = [event.contact for event in centre.said if isinstance(event, e.ContactArrived)]
    assert sorted(ended) == sorted(set(ended))
    if customer.party not in [contact.callback and customer.party for contact in centre.contacts]:
        assert sorted(ended) == sorted(came)
        centre.quiet()


@in_every_state
@in_virtual_time
async def test_a_restart_of_the_router_drops_no_call_and_asks_nothing_twice(stage):
    async with Centre(PATIENT) as centre:
        customer = await stage(centre)
        before, decided = picture(centre), states(centre)
        log = len(centre.said)
        await centre.restart()
        assert states(centre) == decided
        assert len(centre.said) == log
        assert centre.asked("Originate") == []
        assert centre.asked("Hangup") == []
        await centre.passes(3)
        assert picture(centre) == before
        assert len(centre.asked()) <= 6
        await comes_to_an_end(centre, customer)


async def goes_on(centre, customer):
    """Whoever is rung picks up, and whoever is on hold is fetched, until they talk."""
    for agent in ("ann", "ben", "chi"):
        if centre.agent(agent).state is not AgentState.READY:
            await centre.ready(agent)
    for _ in range(3):
        for party in ("ann", "ben", "chi", customer.party):
            if centre.asterisk.rings(party):
                await centre.answer(party)
        contact = centre.contact
        if contact.consult:
            await centre.act(c.CancelConsult, contact=contact.id)
        if contact.state is ContactState.HELD:
            await centre.act(c.Retrieve, contact=contact.id)
    talk = set(customer.talks_with)
    assert talk == {centre.contact.agent, *centre.contact.participants}


@in_every_state
@pytest.mark.parametrize("by", ["cut", "restart"])
@in_virtual_time
async def test_every_call_goes_on_afterwards(stage, by):
    async with Centre(PATIENT) as centre:
        customer = await stage(centre)
        if by == "cut":
            centre.asterisk.cut()
            centre.asterisk.restore()
            await centre.rest()
        else:
            await centre.restart()
        await goes_on(centre, customer)


@in_every_state
@in_virtual_time
async def test_a_cut_connection_changes_nothing_by_itself(stage):
    async with Centre(PATIENT) as centre:
        customer = await stage(centre)
        before, decided = picture(centre), states(centre)
        log = len(centre.said)
        centre.asterisk.cut()
        await centre.passes(2)
        centre.asterisk.restore()
        await centre.rest()
        assert states(centre) == decided
        assert len(centre.said) == log
        await centre.passes(1)
        assert picture(centre) == before
        await comes_to_an_end(centre, customer)


@in_every_state
@pytest.mark.parametrize("by", ["cut", "restart"])
@in_virtual_time
async def test_a_customer_who_hung_up_meanwhile_is_seen_to_be_gone(stage, by):
    async with Centre(PATIENT) as centre:
        customer = await stage(centre)
        if by == "cut":
            centre.asterisk.cut()
            centre.asterisk.hang_up(customer)
            await centre.passes(2)
            centre.asterisk.restore()
        else:
            await centre.stop()
            centre.asterisk.hang_up(customer)
            await centre.start()
        await centre.rest()
        await comes_to_an_end(centre, customer)


@in_every_state
@in_virtual_time
async def test_when_asterisk_is_killed_every_contact_ends_once_and_nobody_stays_busy(stage):
    async with Centre(PATIENT) as centre:
        customer = await stage(centre)
        centre.asterisk.kill()
        await centre.passes(2)
        centre.asterisk.restore()
        await centre.rest()
        await comes_to_an_end(centre, customer)


@in_every_state
@in_virtual_time
async def test_everything_heard_again_is_harmless(stage):
    """Twice, and then late: after the call has ended."""
    async with Centre(PATIENT) as centre:
        customer = await stage(centre)
        before, decided = picture(centre), states(centre)
        told, asked = list(centre.asterisk.told), len(centre.asked())
        for event in told:
            centre.asterisk.say(event)
            await centre.rest()
        await centre.passes(3)
        assert states(centre) == decided
        assert picture(centre) == before
        assert len(centre.asked()) <= asked + len(told)
        await comes_to_an_end(centre, customer)
        ended = len(centre.said)
        centre.asterisk.say(*centre.asterisk.told)
        await centre.passes(3)
        assert len(centre.said) == ended
        assert centre.asterisk.channels == {}


@pytest.mark.parametrize("who", ["customer", "the one outside"])
@pytest.mark.parametrize("by", ["cut", "restart"])
@in_virtual_time
async def test_a_customer_who_was_put_through_talks_on_until_either_hangs_up(by, who):
    async with Centre() as centre:
        customer = await put_through(centre)
        before = picture(centre)
        if by == "cut":
            centre.asterisk.cut()
            await centre.passes(2)
            centre.asterisk.restore()
        else:
            await centre.restart()
        await centre.passes(5)
        assert picture(centre) == before
        await centre.hang_up(customer if who == "customer" else OUTSIDE)
        centre.quiet()


@in_virtual_time
async def test_who_was_put_through_and_left_alone_while_there_was_no_router_is_hung_up():
    async with Centre() as centre:
        await put_through(centre)
        await centre.stop()
        centre.asterisk.hang_up(OUTSIDE)
        await centre.start()
        centre.quiet()


@in_virtual_time
async def test_a_conversation_that_the_desk_ended_while_nothing_could_be_asked_is_hung_up():
    async with Centre() as centre:
        await talking(centre)
        centre.asterisk.cut()
        await centre.act(c.EndContact, contact=centre.contact.id)
        await centre.stop()
        centre.asterisk.restore()
        await centre.start()
        centre.quiet()


@pytest.mark.parametrize("by", ["cut", "restart"])
@in_virtual_time
async def test_a_fax_that_was_coming_in_becomes_its_contact(by):
    async with Centre() as centre:
        sender = await centre.call(dialled="200", number=NUMBER)
        if by == "cut":
            centre.asterisk.cut()
            centre.asterisk.restore()
        else:
            await centre.restart()
        await centre.hang_up(sender)
        assert (centre.contact.channel, centre.contact.address) == ("fax", NUMBER)
        assert len(centre.pbx) == 0


@in_virtual_time
async def test_a_call_that_came_while_there_was_no_router_is_taken():
    async with Centre() as centre:
        await centre.stop()
        customer = centre.asterisk.call(number=NUMBER)
        await centre.start()
        assert centre.contact.address == NUMBER
        await centre.ready("ann")
        await centre.answer("ann")
        assert customer.talks_with == ["ann"]
        await comes_to_an_end(centre, customer)


@pytest.mark.parametrize("by", ["cut", "restart"])
@in_virtual_time
async def test_who_was_put_through_talks_on_while_the_agent_still_writes_it_up(by):
    async with Centre({"wrap_up": 30 * SECOND}) as centre:
        customer = await put_through(centre)
        assert centre.contact.state is ContactState.TRANSFERRED
        if by == "cut":
            centre.asterisk.cut()
            centre.asterisk.restore()
        else:
            await centre.restart()
        await centre.passes(40)
        assert centre.contacts == []
        assert customer.talks_with == [OUTSIDE]
        await centre.hang_up(customer)
        centre.quiet()
