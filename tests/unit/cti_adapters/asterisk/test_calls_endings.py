"""How a call ends without an agent, or goes on later, on an Asterisk in memory."""

from __future__ import annotations

import pytest

from router.core import commands as c
from router.core import events as e
from router.core.catalog import CallbackOffer, OverflowRule, ToCallback, ToMessage, ToVoicemail
from router.core.durations import MINUTE, SECOND
from router.core.model import ContactState
from tests.asterisk.centre import Centre
from tests.asterisk.virtual_time import in_virtual_time

CUSTOMER = "+442079460001"


def after(seconds, to):
    return {"overflow": (OverflowRule(when="wait", at=seconds * SECOND, to=to),)}


async def promised(centre):
    """The customer has asked for a callback and hung up; an agent has answered for it."""
    customer = await centre.call(number=CUSTOMER)
    await centre.act(c.PromiseCallback, contact=centre.contact.id, address=CUSTOMER)
    assert centre.contact.state is ContactState.CALLBACK_PROMISED
    await centre.passes(3)  # the customer is told, and then hung up
    assert customer.unique not in centre.asterisk.channels
    await centre.ready("ann")
    assert not centre.asterisk.rings(CUSTOMER), "the agent comes first"
    await centre.answer("ann")
    assert centre.asterisk.rings(CUSTOMER)


@in_virtual_time
async def test_a_promised_callback_rings_the_agent_first_and_then_the_customer():
    async with Centre() as centre:
        await promised(centre)
        await centre.answer(CUSTOMER)
        assert centre.asterisk.channel_of(CUSTOMER).talks_with == ["ann"]
        await centre.passes(30)
        await centre.hang_up(CUSTOMER)
        (ended,) = [event for event in centre.said if isinstance(event, e.ContactEnded)]
        assert ended.ended_by == "customer"
        centre.quiet()


@in_virtual_time
async def test_a_customer_who_does_not_answer_is_called_again_later():
    offer = CallbackOffer(attempts=2, retry_after=5 * MINUTE)
    async with Centre({"callback": offer}) as centre:
        await promised(centre)
        await centre.passes(61)
        assert not centre.asterisk.rings(CUSTOMER)
        assert centre.contact.state is ContactState.CALLBACK_PROMISED
        assert centre.asterisk.channels == {}
        await centre.passes(300)
        await centre.answer("ann")
        await centre.answer(CUSTOMER)
        await centre.hang_up("ann")
        centre.quiet()


@in_virtual_time
async def test_a_customer_who_cannot_be_reached_is_given_up_in_the_end():
    offer = CallbackOffer(attempts=2, retry_after=MINUTE)
    async with Centre({"callback": offer}) as centre:
        await promised(centre)
        centre.asterisk.refuse(CUSTOMER)
        await centre.passes(62)
        await centre.answer("ann")
        centre.asterisk.refuse(CUSTOMER)
        await centre.passes(5)
        assert centre.names()[-1] in ("Completed", "Abandoned")
        centre.quiet()


@in_virtual_time
async def test_the_agent_hangs_up_before_the_customer_has_answered():
    async with Centre() as centre:
        await promised(centre)
        await centre.hang_up("ann")
        assert not centre.asterisk.rings(CUSTOMER)
        assert centre.asterisk.channels == {}


@in_virtual_time
async def test_a_key_asks_for_the_callback_that_was_offered():
    async with Centre() as centre:
        customer = await centre.call(number=CUSTOMER)
        centre.asterisk.press(customer, "1")  # before anything was offered
        await centre.passes(600)
        assert centre.contact.state is ContactState.QUEUED
        centre.asterisk.press(customer, "1")
        await centre.rest()
        assert centre.contact.state is ContactState.CALLBACK_PROMISED


@pytest.mark.parametrize("answered", [True, False])
@in_virtual_time
async def test_who_presses_the_key_while_a_phone_rings_is_called_back_unless_it_is_answered(
    answered,
):
    async with Centre({"offer_for": 5 * SECOND}) as centre:
        customer = await centre.call(number=CUSTOMER)
        await centre.passes(600)
        await centre.ready("ann")
        assert centre.contact.state is ContactState.OFFERED
        centre.asterisk.press(customer, "1")
        await centre.rest()
        assert centre.contact.state is ContactState.OFFERED
        if answered:
            await centre.answer("ann")
        await centre.passes(7)
        now = ContactState.CONNECTED if answered else ContactState.CALLBACK_PROMISED
        assert centre.contact.state is now


@pytest.mark.parametrize(
    ("number", "offered"),
    [
        ("02079460001", True),
        ("442079460001", True),
        ("00442079460001", True),
        ("+35312345678", False),
        ("6001", False),
        ("anonymous", False),
    ],
)
@in_virtual_time
async def test_a_callback_is_offered_to_numbers_alone_that_may_be_dialled(number, offered):
    async with Centre() as centre:
        customer = await centre.call(number=number)
        await centre.passes(600)
        centre.asterisk.press(customer, "1")
        await centre.rest()
        promised = centre.contact.state is ContactState.CALLBACK_PROMISED
        assert promised is offered


@pytest.mark.parametrize("number", ["+442079460001", "+15005550006", "anonymous"])
@in_virtual_time
async def test_overflow_promises_a_callback_to_numbers_alone_that_may_be_dialled(number):
    async with Centre(after(30, ToCallback())) as centre:
        await centre.call(number=number)
        await centre.passes(31)
        promised = centre.contact.state is ContactState.CALLBACK_PROMISED
        assert promised == number.startswith("+44")


@in_virtual_time
async def test_who_waits_too_long_hears_a_last_text():
    async with Centre(after(30, ToMessage(text="Sorry."))) as centre:
        customer = await centre.call()
        await centre.passes(31)
        assert customer.data == "spoken/6-en"
        assert centre.contacts == []
        await centre.passes(3)
        centre.quiet()


async def at_the_tone(centre):
    customer = await centre.call()
    await centre.passes(31)
    assert customer.application == "Playback"  # the greeting
    await centre.passes(2.5)
    assert customer.running.application == "RECORD"
    return customer


@pytest.mark.parametrize("way", ["hash key", "hanging up"])
@in_virtual_time
async def test_a_message_that_was_left_is_a_contact_of_its_own(way):
    async with Centre(after(30, ToVoicemail(box="box"))) as centre:
        customer = await at_the_tone(centre)
        if way == "hash key":
            centre.asterisk.press(customer, "#")
        else:
            centre.asterisk.hang_up(customer)
        await centre.rest()
        contact = centre.contact
        assert (contact.channel, contact.queue) == ("voicemail", "sales")
        assert contact.attributes["file"].endswith("__voicemail__box__+442079460001.wav")
        assert centre.asterisk.channels == {}
        assert len(centre.pbx) == 0


@in_virtual_time
async def test_who_hangs_up_at_the_greeting_leaves_no_message():
    async with Centre(after(30, ToVoicemail(box="box"))) as centre:
        customer = await centre.call()
        await centre.passes(31)
        await centre.hang_up(customer)
        centre.quiet()


@in_virtual_time
async def test_a_fax_is_received_and_becomes_a_contact():
    async with Centre() as centre:
        sender = await centre.call(dialled="200")
        assert sender.application == "ReceiveFAX"
        await centre.passes(60)
        await centre.hang_up(sender)
        contact = centre.contact
        assert (contact.channel, contact.entry_point) == ("fax", "papers")
        assert len(centre.pbx) == 0


@pytest.mark.parametrize("who", ["customer", "the one outside"])
@in_virtual_time
async def test_put_through_to_a_number_outside_until_either_hangs_up(who):
    async with Centre() as centre:
        customer = await centre.talking()
        outside = "+442079460999"
        await centre.act(c.TransferOut, contact=centre.contact.id, address=outside)
        assert centre.contacts == []
        assert centre.asterisk.channel_of("ann") is None
        await centre.answer(outside)
        assert customer.talks_with == [outside]
        await centre.passes(30)
        assert customer.talks_with == [outside]
        await centre.hang_up(customer if who == "customer" else outside)
        centre.quiet()


@in_virtual_time
async def test_a_number_that_may_not_be_dialled_is_not_dialled():
    async with Centre() as centre:
        await centre.talking()
        await centre.act(c.TransferOut, contact=centre.contact.id, address="+19005550100")
        assert not centre.asterisk.rings("+19005550100")
        await centre.passes(5)
        centre.quiet()


@pytest.mark.parametrize("heard", [True, False])
@in_virtual_time
async def test_a_cut_connection_does_not_disturb_who_leaves_a_message(heard):
    async with Centre(after(30, ToVoicemail(box="box"))) as centre:
        customer = await at_the_tone(centre)
        centre.asterisk.cut()
        if not heard:
            centre.asterisk.press(customer, "#")
        centre.asterisk.restore()
        await centre.passes(3)
        if heard:
            assert customer.running.application == "RECORD"
            centre.asterisk.press(customer, "#")
            await centre.rest()
        assert centre.contact.channel == "voicemail"
        assert centre.asterisk.channels == {}


@in_virtual_time
async def test_a_cut_connection_does_not_cut_a_last_text_short():
    async with Centre(after(30, ToMessage(text="Sorry."))) as centre:
        customer = await centre.call()
        await centre.passes(31)
        centre.asterisk.cut()
        centre.asterisk.restore()
        await centre.rest()
        assert customer.running.application == "Playback"
        await centre.passes(3)
        centre.quiet()


@in_virtual_time
async def test_a_key_that_is_pressed_while_the_router_is_busy_counts():
    async with Centre() as centre:
        customer = await centre.call(number=CUSTOMER)
        await centre.passes(600)
        centre.door.busy = True
        centre.asterisk.press(customer, "1")
        await centre.passes(3)
        centre.door.busy = False
        await centre.passes(3)
        assert centre.contact.state is ContactState.CALLBACK_PROMISED
