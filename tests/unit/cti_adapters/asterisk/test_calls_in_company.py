"""Holding, handing over and talking with several, on an Asterisk in memory."""

from __future__ import annotations

import pytest

from router.core import commands as c
from router.core import events as e
from router.core.model import ContactState
from tests.asterisk.centre import Centre
from tests.asterisk.virtual_time import in_virtual_time


async def consulting(centre):
    """Ann asks Ben about the customer, who hears music."""
    customer = await centre.talking("ann")
    await centre.ready("ben")
    await centre.act(c.Consult, contact=centre.contact.id, consult="c1", agent="ben")
    await centre.answer("ben")
    assert centre.asterisk.channel_of("ann").talks_with == ["ben"]
    assert (customer.talks_with, customer.music) == ([], True)
    return customer


def heard_by(centre, agent):
    channel = centre.asterisk.channel_of(agent)
    return channel and channel.talks_with


@pytest.mark.parametrize("way", ["desk", "telephone"])
@in_virtual_time
async def test_hold_is_music_for_the_customer_and_silence_for_the_agent(way):
    async with Centre() as centre:
        customer = await centre.talking()
        contact = centre.contact
        if way == "desk":
            await centre.act(c.Hold, contact=contact.id)
        else:
            centre.asterisk.hold("ann")
            await centre.rest()
        assert contact.state is ContactState.HELD
        assert (customer.talks_with, customer.music) == ([], True)
        assert not centre.asterisk.channel_of("ann").music
        if way == "desk":
            await centre.act(c.Retrieve, contact=contact.id)
        else:
            centre.asterisk.hold("ann", over=True)
            await centre.rest()
        assert customer.talks_with == ["ann"]
        await centre.hang_up("ann")
        centre.quiet()


@pytest.mark.parametrize("who", ["customer", "agent"])
@in_virtual_time
async def test_hanging_up_on_hold_ends_the_call(who):
    async with Centre() as centre:
        customer = await centre.talking()
        await centre.act(c.Hold, contact=centre.contact.id)
        await centre.hang_up(customer if who == "customer" else "ann")
        (ended,) = [event for event in centre.said if isinstance(event, e.ContactEnded)]
        assert ended.ended_by == who
        centre.quiet()


@in_virtual_time
async def test_transfer_to_a_queue_frees_the_agent_and_keeps_the_caller():
    async with Centre() as centre:
        customer = await centre.talking("ann")
        await centre.act(c.TransferToQueue, contact=centre.contact.id, queue="sales")
        await centre.ready("ben")
        await centre.answer("ann" if centre.asterisk.rings("ann") else "ben")
        assert customer.talks_with in (["ann"], ["ben"])
        await centre.hang_up(customer)
        centre.quiet()


@in_virtual_time
async def test_transfer_to_an_agent_rings_that_agent():
    async with Centre() as centre:
        customer = await centre.talking("ann")
        await centre.ready("ben")
        await centre.act(c.TransferToAgent, contact=centre.contact.id, agent="ben")
        assert heard_by(centre, "ann") is None
        assert customer.music
        await centre.answer("ben")
        assert customer.talks_with == ["ben"]


@in_virtual_time
async def test_a_consultation_is_called_off_and_the_customer_retrieved():
    async with Centre() as centre:
        customer = await consulting(centre)
        await centre.act(c.CancelConsult, contact=centre.contact.id)
        assert heard_by(centre, "ben") is None
        assert customer.music
        await centre.act(c.Retrieve, contact=centre.contact.id)
        assert customer.talks_with == ["ann"]


@in_virtual_time
async def test_back_to_the_customer_while_the_colleague_waits():
    async with Centre() as centre:
        customer = await consulting(centre)
        await centre.act(c.Retrieve, contact=centre.contact.id)
        assert customer.talks_with == ["ann"]
        assert heard_by(centre, "ben") == []
        await centre.act(c.Hold, contact=centre.contact.id)
        assert heard_by(centre, "ann") == ["ben"]
        assert customer.music


@pytest.mark.parametrize("by", ["desk", "hanging up"])
@in_virtual_time
async def test_a_warm_transfer_gives_the_customer_to_the_colleague(by):
    async with Centre() as centre:
        customer = await consulting(centre)
        if by == "desk":
            await centre.act(c.CompleteTransfer, contact=centre.contact.id)
        else:
            await centre.hang_up("ann")
        assert customer.talks_with == ["ben"]
        assert heard_by(centre, "ann") is None
        assert centre.contact.agent == "ben"
        await centre.hang_up("ben")
        centre.quiet()


@pytest.mark.parametrize("leaver", ["ann", "ben", "customer"])
@in_virtual_time
async def test_a_conference_goes_on_without_an_agent_but_not_without_the_customer(leaver):
    async with Centre() as centre:
        customer = await consulting(centre)
        await centre.act(c.Conference, contact=centre.contact.id)
        assert customer.talks_with == ["ann", "ben"]
        if leaver == "customer":
            await centre.hang_up(customer)
        else:
            await centre.hang_up(leaver)
            (stays,) = {"ann", "ben"} - {leaver}
            assert customer.talks_with == [stays]
            assert centre.contact.agent == stays
            await centre.hang_up(stays)
        centre.quiet()


@in_virtual_time
async def test_the_colleague_leaves_the_consultation_and_the_agent_stays():
    async with Centre() as centre:
        customer = await consulting(centre)
        await centre.hang_up("ben")
        assert centre.contact.agent == "ann"
        assert customer.music
        await centre.act(c.Retrieve, contact=centre.contact.id)
        assert customer.talks_with == ["ann"]


@in_virtual_time
async def test_the_colleague_does_not_answer():
    async with Centre() as centre:
        customer = await centre.talking("ann")
        await centre.ready("ben")
        await centre.act(c.Consult, contact=centre.contact.id, consult="c1", agent="ben")
        await centre.passes(30)
        assert not centre.asterisk.rings("ben")
        await centre.act(c.Retrieve, contact=centre.contact.id)
        assert customer.talks_with == ["ann"]


@in_virtual_time
async def test_the_customer_leaves_during_a_consultation():
    async with Centre() as centre:
        customer = await consulting(centre)
        await centre.hang_up(customer)
        await centre.passes(5)
        assert [type(x).__name__ for x in centre.said].count("Completed") == 2
        centre.quiet()


@in_virtual_time
async def test_a_supervisor_listens_and_goes_when_the_conversation_ends():
    async with Centre(phones={"sue": "PJSIP/chi"}) as centre:
        customer = await centre.talking("ann")
        assert centre.pbx.listen(centre.contact.id, "sue", "whisper")
        await centre.rest()
        await centre.answer("chi")
        supervisor = centre.asterisk.channel_of("chi")
        assert supervisor.data == f"{centre.asterisk.channel_of('ann').name},qwE"
        assert customer.talks_with == ["ann"]
        await centre.hang_up(customer)
        centre.quiet()
        assert not centre.pbx.listen("main:1", "sue", "listen")


@in_virtual_time
async def test_a_supervisor_is_not_called_up_again_for_the_agents_next_attempt():
    async with Centre(phones={"sue": "PJSIP/chi"}) as centre:
        await centre.talking("ann")
        centre.pbx.listen(centre.contact.id, "sue", "listen")
        await centre.rest()
        await centre.answer("chi")
        await centre.act(c.Requeue, contact=centre.contact.id)
        await centre.act(c.Reassign, contact=centre.contact.id, agent="ann")
        assert centre.asterisk.rings("ann")
        assert centre.asterisk.channel_of("chi") is None
