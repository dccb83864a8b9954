"""Whole calls on an Asterisk in memory: who rings, who answers, and who does not."""

from __future__ import annotations

import pytest

from router.core import commands as c
from router.core import events as e
from router.core.durations import SECOND
from router.core.model import AgentState, ContactState
from tests.asterisk.centre import Centre
from tests.asterisk.virtual_time import in_virtual_time


@in_virtual_time
async def test_a_caller_hears_music_until_an_agent_answers_and_both_talk():
    async with Centre() as centre:
        customer = await centre.call(number="+441632960001", caller="Bob")
        assert (customer.state, customer.music) == ("Up", True)
        contact = centre.contact
        assert contact.state is ContactState.QUEUED
        assert (contact.address, contact.attributes) == ("+441632960001", {"name": "Bob"})
        await centre.ready("ann")
        assert contact.state is ContactState.OFFERED
        assert centre.asterisk.rings("ann")
        await centre.answer("ann")
        assert (contact.state, contact.agent) == (ContactState.CONNECTED, "ann")
        assert (customer.talks_with, customer.music) == (["ann"], False)
        await centre.passes(60)
        assert customer.talks_with == ["ann"]
        assert len(centre.asked()) == 2 + len(
            ("no limit", "answer", "music", "ring", "music off", "bridge")
        )


@pytest.mark.parametrize("who", ["customer", "agent"])
@in_virtual_time
async def test_either_side_hangs_up_and_both_are_free(who):
    async with Centre() as centre:
        customer = await centre.talking()
        await centre.hang_up(customer if who == "customer" else "ann")
        (ended,) = [event for event in centre.said if isinstance(event, e.ContactEnded)]
        assert ended.ended_by == who
        assert centre.names()[-1] == "Completed"
        centre.quiet()


@in_virtual_time
async def test_the_desk_ends_the_call():
    async with Centre() as centre:
        await centre.talking()
        await centre.act(c.EndContact, contact=centre.contact.id)
        centre.quiet()


@pytest.mark.parametrize("state", ["unanswered", "waiting", "ringing"])
@in_virtual_time
async def test_a_caller_gives_up(state):
    async with Centre() as centre:
        if state == "ringing":
            await centre.ready("ann")
        customer = centre.asterisk.call()
        if state != "unanswered":
            await centre.rest()
        await centre.hang_up(customer)
        assert centre.names()[-1] == "Abandoned"
        centre.quiet()
        if state == "ringing":
            assert centre.agent("ann").state is AgentState.READY


@in_virtual_time
async def test_an_agent_who_does_not_answer_is_not_ready_and_the_next_one_is_rung():
    async with Centre() as centre:
        await centre.ready("ann", "ben")
        customer = await centre.call()
        assert centre.asterisk.rings("ann")
        await centre.passes(16)
        assert not centre.asterisk.rings("ann")
        assert centre.agent("ann").state is AgentState.NOT_READY
        assert centre.asterisk.rings("ben")
        assert customer.music
        await centre.answer("ben")
        assert customer.talks_with == ["ben"]


@pytest.mark.parametrize(("cause", "reason"), [("17", "busy"), ("21", "declined")])
@in_virtual_time
async def test_a_phone_that_refuses_is_a_refused_offer(cause, reason):
    async with Centre() as centre:
        await centre.ready("ann", "ben")
        await centre.call()
        centre.asterisk.refuse("ann", cause)
        await centre.rest()
        (rejected,) = [event for event in centre.said if isinstance(event, e.OfferRejected)]
        assert (rejected.agent, rejected.reason) == ("ann", reason)
        assert centre.asterisk.rings("ben")


@in_virtual_time
async def test_a_phone_that_is_not_there_is_not_offered_anything():
    async with Centre() as centre:
        centre.asterisk.register("ann", here=False)
        await centre.ready("ann", "ben")
        await centre.call()
        assert centre.asterisk.rings("ben")
        assert centre.agent("ann").unreachable == {"voice": "phone not registered"}
        centre.asterisk.register("ann")
        await centre.rest()
        assert centre.agent("ann").unreachable == {}


@in_virtual_time
async def test_a_phone_in_a_private_call_is_not_rung_and_one_in_ours_is_no_private_call():
    async with Centre() as centre:
        centre.asterisk.private_call("ann")
        await centre.ready("ann", "ben")
        await centre.call()
        assert centre.agent("ann").unreachable == {"voice": "busy with a private call"}
        await centre.answer("ben")
        await centre.passes(5)
        assert centre.agent("ben").unreachable == {}
        centre.asterisk.private_call("ann", over=True)
        await centre.rest()
        await centre.call(number="+441632960002")
        assert centre.asterisk.rings("ann")


@in_virtual_time
async def test_accepted_on_the_desk_the_phone_is_still_picked_up():
    async with Centre() as centre:
        await centre.ready("ann")
        customer = await centre.call()
        await centre.accept_on_desk("ann")
        assert centre.contact.state is ContactState.CONNECTED
        assert customer.talks_with == []
        await centre.answer("ann")
        assert customer.talks_with == ["ann"]
        assert centre.asked("Originate") == ["Originate"]


@in_virtual_time
async def test_accepted_on_the_desk_and_not_picked_up_the_caller_gets_the_next_agent():
    async with Centre(answer_within=10 * SECOND) as centre:
        await centre.ready("ann", "ben")
        customer = await centre.call()
        await centre.accept_on_desk("ann")
        await centre.passes(12)
        assert "Returned" in centre.names()
        assert not centre.asterisk.rings("ann")
        assert centre.asterisk.rings("ben")
        await centre.answer("ben")
        assert customer.talks_with == ["ben"]


@in_virtual_time
async def test_accepted_on_the_desk_and_refused_on_the_phone():
    async with Centre() as centre:
        await centre.ready("ann", "ben")
        await centre.call()
        await centre.accept_on_desk("ann")
        centre.asterisk.refuse("ann")
        await centre.rest()
        assert "Returned" in centre.names()
        assert centre.asterisk.rings("ben")


@in_virtual_time
async def test_an_agents_line_breaks_and_the_agent_is_rung_again():
    async with Centre() as centre:
        customer = await centre.talking()
        centre.asterisk.lose("ann")
        await centre.rest()
        # At once, Asterisk may not know yet that the telephone is no longer where it was.
        assert not centre.asterisk.rings("ann")
        await centre.passes(2)
        assert centre.asterisk.rings("ann")
        assert customer.music
        await centre.answer("ann")
        assert customer.talks_with == ["ann"]
        assert centre.contact.state is ContactState.CONNECTED


@in_virtual_time
async def test_a_desk_that_is_loaded_anew_gets_its_call_back():
    async with Centre() as centre:
        customer = await centre.talking()
        centre.asterisk.lose("ann", "27")
        centre.asterisk.register("ann", here=False)
        await centre.passes(5)
        assert customer.music
        assert centre.contact.agent == "ann"
        assert len(centre.asked("Originate")) <= 6
        centre.asterisk.register("ann")
        await centre.passes(2)
        await centre.answer("ann")
        assert customer.talks_with == ["ann"]


@in_virtual_time
async def test_a_desk_that_is_not_loaded_again_gives_the_contact_back():
    async with Centre() as centre:
        await centre.ready("ben")
        customer = await centre.call()
        await centre.answer("ben")
        await centre.ready("ann")
        centre.asterisk.lose("ben", "27")
        centre.asterisk.register("ben", here=False)
        await centre.passes(13)
        assert centre.asterisk.rings("ann")
        await centre.answer("ann")
        assert customer.talks_with == ["ann"]


@in_virtual_time
async def test_calls_wait_for_each_other_and_keep_their_order():
    async with Centre() as centre:
        first = await centre.call(number="+441632960001")
        second = await centre.call(number="+441632960002")
        await centre.ready("ann")
        await centre.answer("ann")
        assert first.talks_with == ["ann"]
        await centre.hang_up(first)
        assert centre.asterisk.rings("ann")
        await centre.answer("ann")
        assert second.talks_with == ["ann"]


@in_virtual_time
async def test_a_number_without_an_entry_point_is_turned_away():
    async with Centre() as centre:
        await centre.call(dialled="999")
        assert centre.said == []
        centre.quiet()


@in_virtual_time
async def test_the_dialplan_may_send_a_call_to_an_entry_point_by_its_name():
    async with Centre() as centre:
        await centre.call(dialled="line")
        assert centre.contact.entry_point == "line"
