"""Calls in every state that they can be in, and what is to be seen of them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from router.core import commands as c
from router.core import events as e
from router.core.catalog import OverflowRule, ToVoicemail
from router.core.durations import SECOND
from tests.asterisk.centre import Centre
from tests.asterisk.fake_channel import Channel

NUMBER = "+442079460001"
OUTSIDE = "+442079460999"
PATIENT = {"overflow": (OverflowRule(when="wait", at=300 * SECOND, to=ToVoicemail(box="box")),)}

ENDS = (e.Abandoned, e.Overflowed, e.TransferredOut, e.Completed)

Stage = Callable[[Centre], Awaitable[Channel]]


async def waiting(centre: Centre) -> Channel:
    return await centre.call(number=NUMBER)


async def after_an_announcement(centre: Centre) -> Channel:
    customer = await centre.call(number=NUMBER)
    await centre.passes(23)
    assert customer.application == "Playback"
    assert customer.music
    return customer


async def ringing(centre: Centre) -> Channel:
    customer = await centre.call(number=NUMBER)
    await centre.ready("ann")
    assert centre.asterisk.rings("ann")
    return customer


async def accepted_on_the_desk(centre: Centre) -> Channel:
    customer = await ringing(centre)
    await centre.accept_on_desk("ann")
    return customer


async def talking(centre: Centre) -> Channel:
    return await centre.talking("ann", number=NUMBER)


async def held(centre: Centre) -> Channel:
    customer = await talking(centre)
    await centre.act(c.Hold, contact=centre.contact.id)
    return customer


async def talking_again(centre: Centre) -> Channel:
    customer = await held(centre)
    await centre.act(c.Retrieve, contact=centre.contact.id)
    return customer


async def given_back(centre: Centre) -> Channel:
    """The customer waits again, after a conversation."""
    customer = await talking(centre)
    await centre.act(c.SetNotReady, agent="ann", reason="lunch")
    await centre.act(c.Requeue, contact=centre.contact.id)
    assert customer.application == "Bridge"
    assert customer.music
    return customer


async def asking_a_colleague(centre: Centre) -> Channel:
    customer = await talking(centre)
    await centre.ready("ben")
    await centre.act(c.Consult, contact=centre.contact.id, consult="c1", agent="ben")
    return customer


async def consulting(centre: Centre) -> Channel:
    customer = await asking_a_colleague(centre)
    await centre.answer("ben")
    return customer


async def between_two(centre: Centre) -> Channel:
    """Back to the customer, while the colleague waits."""
    customer = await consulting(centre)
    await centre.act(c.Retrieve, contact=centre.contact.id)
    return customer


async def conference(centre: Centre) -> Channel:
    customer = await consulting(centre)
    await centre.act(c.Conference, contact=centre.contact.id)
    return customer


async def calling_back(centre: Centre) -> Channel:
    """An agent hears the customer's telephone ring."""
    await centre.call(number=NUMBER)
    await centre.act(c.PromiseCallback, contact=centre.contact.id, address=NUMBER)
    await centre.passes(3)
    await centre.ready("ann")
    await centre.answer("ann")
    customer = centre.asterisk.channel_of(NUMBER)
    assert customer is not None
    return customer


async def called_back(centre: Centre) -> Channel:
    await calling_back(centre)
    customer = centre.asterisk.answer(NUMBER)
    await centre.rest()
    return customer


async def put_through(centre: Centre) -> Channel:
    customer = await talking(centre)
    await centre.act(c.TransferOut, contact=centre.contact.id, address=OUTSIDE)
    await centre.answer(OUTSIDE)
    return customer


WAITING = (waiting, after_an_announcement, given_back)
RINGING = (ringing, accepted_on_the_desk)
TALKING = (talking, held, talking_again, called_back)
COMPANY = (asking_a_colleague, consulting, between_two, conference)
LIVE = (*WAITING, *RINGING, *TALKING, *COMPANY, calling_back)


def name_of(stage: Stage) -> str:
    return stage.__name__


def picture(centre: Centre) -> set[object]:
    """Who is on the telephone, and hears what."""
    channels = centre.asterisk.channels.values()
    return {(one.party, one.state, one.music, tuple(one.talks_with)) for one in channels}


def states(centre: Centre) -> set[object]:
    contacts = centre.replica.state.contacts.values()
    return {(contact.id, contact.state, contact.agent) for contact in contacts}


async def comes_to_an_end(centre: Centre, customer: Channel) -> None:
    """The customer hangs up: all are free, and each contact has ended once. Of a callback that
    was cut short, the agent hangs up as well, and its promise is left.
    """
    await centre.hang_up(customer)
    await centre.passes(5)
    for channel in list(centre.asterisk.channels.values()):
        centre.asterisk.hang_up(channel)
    await centre.passes(5)
    ended = [event.contact for event in centre.said if isinstance(event, ENDS)]
    came = [event.contact for event in centre.said if isinstance(event, e.ContactArrived)]
    assert sorted(ended) == sorted(set(ended))
    if not any(contact.callback for contact in centre.contacts):
        assert sorted(ended) == sorted(came)
        centre.quiet()
