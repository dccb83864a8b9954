"""Where a flow leads a caller, and what it says last, on an Asterisk in memory."""

from __future__ import annotations

import pytest

from router.core import commands as c
from router.core import events as e
from router.core.catalog import Announcement, OverflowRule, ToCallback, ToMessage, ToVoicemail
from router.core.durations import SECOND
from router.core.events import Rejected
from router.core.model import ContactState
from router.ports import FlowPrompt, PromptLine
from tests.asterisk.centre import Centre
from tests.asterisk.fake_commands import SOUND_LASTS
from tests.asterisk.scripted_flow import ScriptedFlow
from tests.asterisk.virtual_time import in_virtual_time

LASTS = SOUND_LASTS / SECOND
NUMBER, OUTSIDE, ABROAD = "+442079460001", "+442079460999", "+33142685300"
WORDS = (PromptLine(text="Good.", language="zh"), PromptLine(text="Bye", audio="our-bye"))
SAID = ["spoken/5-zh", "recorded/our-bye"]
GREETING = "spoken/38-en"  # the voicemail's own
PROMISED = "spoken/42-en"  # of a callback, by the telephone system


def flow_to(end, words=WORDS):
    return ScriptedFlow(FlowPrompt(turn=1, kind="choice", within=SECOND), leads_to=end, words=words)


async def led(centre):
    """A caller who answered the flow's one question."""
    customer = await centre.call(number=NUMBER)
    centre.asterisk.press(customer, "1")
    await centre.rest()
    return customer


def at_once(to):
    return {"overflow": (OverflowRule(when="unstaffed", at=0, to=to),)}


@pytest.mark.parametrize("words", [WORDS, ()])
@in_virtual_time
async def test_a_flow_that_has_ended_says_goodbye_and_hangs_up(words):
    async with Centre(flow=flow_to(c.SaidGoodbye(text="Farewell"), words)) as centre:
        customer = await led(centre)
        (over,) = [event for event in centre.said if isinstance(event, e.Overflowed)]
        assert over.cause == "flow"
        assert customer.heard == (SAID if words else ["spoken/8-en"])
        await centre.passes(2 * LASTS + 1)
        centre.quiet()


@in_virtual_time
async def test_a_flow_that_has_nothing_to_say_hangs_up():
    async with Centre(flow=flow_to(c.SaidGoodbye(), ())) as centre:
        customer = await led(centre)
        assert customer.heard == []
        centre.quiet()


@pytest.mark.parametrize("words", [WORDS, ()])
@in_virtual_time
async def test_before_the_tone_of_the_voicemail_the_flow_speaks_or_the_box(words):
    async with Centre(flow=flow_to(c.IntoVoicemail(box="box"), words)) as centre:
        customer = await led(centre)
        assert customer.heard == (SAID if words else [GREETING])
        await centre.passes(2 * LASTS + 1)
        assert customer.running.application == "RECORD"
        await centre.hang_up(customer)
        assert (centre.contact.channel, centre.contact.address) == ("voicemail", NUMBER)
        assert len(centre.pbx) == 0


@in_virtual_time
async def test_a_flow_puts_through_to_a_number_outside_when_it_has_said_so():
    async with Centre(flow=flow_to(c.OutTo(address=OUTSIDE))) as centre:
        customer = await led(centre)
        (out,) = [event for event in centre.said if isinstance(event, e.TransferredOut)]
        assert (out.agent, out.address) == ("", OUTSIDE)
        assert customer.heard == SAID
        assert not centre.asterisk.rings(OUTSIDE)
        await centre.passes(2 * LASTS + 1)
        await centre.answer(OUTSIDE)
        assert customer.talks_with == [OUTSIDE]
        await centre.hang_up(OUTSIDE)
        centre.quiet()


@in_virtual_time
async def test_who_hangs_up_before_being_put_through_is_not():
    async with Centre(flow=flow_to(c.OutTo(address=OUTSIDE))) as centre:
        await centre.hang_up(await led(centre))
        await centre.passes(10)
        assert not centre.asterisk.rings(OUTSIDE)
        centre.quiet()


@pytest.mark.parametrize(
    "end", [c.OutTo(address=ABROAD), c.IntoQueue(queue="care", call_back=ABROAD)], ids=str
)
@in_virtual_time
async def test_a_flow_dials_no_number_that_may_not_be_dialled(end):
    flow = flow_to(end)
    async with Centre(flow=flow) as centre:
        await led(centre)
        assert isinstance(flow.outcome, Rejected)
        assert flow.outcome.code == "not_allowed"
        assert centre.contact.state is ContactState.IN_FLOW
        assert not centre.asterisk.rings(ABROAD)


@in_virtual_time
async def test_who_was_promised_a_callback_hears_it_from_the_flow_and_is_hung_up():
    end = c.IntoQueue(queue="care", call_back=NUMBER)
    async with Centre(flow=flow_to(end)) as centre:
        customer = await led(centre)
        assert centre.contact.state is ContactState.CALLBACK_PROMISED
        assert customer.heard == SAID
        await centre.passes(2 * LASTS + 1)
        assert centre.asterisk.channels == {}
        await centre.ready("ann")
        await centre.answer("ann")
        await centre.answer(NUMBER)
        assert centre.asterisk.channel_of(NUMBER).talks_with == ["ann"]


@in_virtual_time
async def test_the_last_words_are_heard_at_the_beginning_of_the_wait_and_then_music():
    async with Centre(flow=flow_to(c.IntoQueue(queue="sales"))) as centre:
        customer = await led(centre)
        assert (centre.contact.queue, centre.contact.state) == ("sales", ContactState.QUEUED)
        assert customer.heard == SAID
        assert not customer.music or customer.running is not None
        await centre.passes(2 * LASTS + 1)
        assert customer.music
        assert customer.running is None
        await centre.passes(5)
        assert customer.heard == SAID


@in_virtual_time
async def test_what_the_flow_says_in_the_queue_is_heard_there_and_its_callback_promised():
    nearly = Announcement(text="Nearly", language="zh", audio="our-bye", after=9 * SECOND)
    end = c.IntoQueue(queue="sales", announcements=(nearly,), offer_callback=True)
    async with Centre(flow=flow_to(end, words=())) as centre:
        customer = await led(centre)
        key = centre.settings.announcing.callback_key
        assert centre.replica.state.catalog.queues["sales"].callback is None
        await centre.passes(9 + 2 * LASTS + 1)
        assert "recorded/our-bye" in customer.heard
        centre.asterisk.press(customer, key)
        await centre.passes(1)
        assert centre.contact.callback.address == NUMBER


@in_virtual_time
async def test_an_agent_who_answers_cuts_the_last_words_short():
    async with Centre(flow=flow_to(c.IntoQueue(queue="care"))) as centre:
        await centre.ready("ann")
        customer = await led(centre)
        assert centre.contact.state is ContactState.OFFERED
        assert customer.heard == SAID
        await centre.answer("ann")
        assert customer.talks_with == ["ann"]
        await centre.passes(10)
        assert customer.heard == SAID
        await centre.hang_up(customer)
        centre.quiet()


@pytest.mark.parametrize(
    ("to", "own"),
    [
        (ToMessage(text="Closed"), "spoken/6-en"),
        (ToVoicemail(box="box"), GREETING),
        (ToCallback(), PROMISED),
    ],
    ids=["message", "voicemail", "callback"],
)
@in_virtual_time
async def test_whom_the_queue_sends_on_at_once_hears_the_last_words_and_then_why(to, own):
    async with Centre(at_once(to), flow=flow_to(c.IntoQueue(queue="care"))) as centre:
        customer = await led(centre)
        assert customer.heard == [*SAID, own]


@in_virtual_time
async def test_a_restart_in_the_last_words_drops_nobody():
    async with Centre(flow=flow_to(c.IntoQueue(queue="care"))) as centre:
        customer = await led(centre)
        await centre.restart()
        await centre.passes(2 * LASTS + 2)
        assert customer.music
        await centre.ready("ann")
        await centre.answer("ann")
        assert customer.talks_with == ["ann"]
