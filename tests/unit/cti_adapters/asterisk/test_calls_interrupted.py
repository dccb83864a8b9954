"""The router is restarted, the connection cut, Asterisk killed, in the middle of every call."""

from __future__ import annotations

import pytest

from router.core import commands as c
from router.core.model import AgentState, ContactState
from tests.asterisk.centre import Centre
from tests.asterisk.virtual_time import in_virtual_time
from tests.unit.cti_adapters.asterisk.call_stages import (
    LIVE,
    PATIENT,
    comes_to_an_end,
    name_of,
    picture,
    states,
)

in_every_state = pytest.mark.parametrize("stage", LIVE, ids=name_of)


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
        assert [one for one in centre.contacts if one.callback is None] == [], "at once"
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
