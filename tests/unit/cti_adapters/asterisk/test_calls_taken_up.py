"""What is taken up again, and what is cleared away, when nobody could listen for a while."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from cti_adapters.asterisk.calls import Calls
from router.core import commands as c
from router.core import events as e
from router.core.catalog import OverflowRule, ToVoicemail
from router.core.durations import SECOND
from router.core.model import ContactState
from tests.asterisk.centre import Centre
from tests.asterisk.virtual_time import in_virtual_time
from tests.unit.cti_adapters.asterisk.call_stages import (
    NUMBER,
    OUTSIDE,
    comes_to_an_end,
    picture,
    put_through,
    talking,
)


@in_virtual_time
async def test_a_caller_whose_end_was_never_told_does_not_keep_an_agent_for_ever():
    async with Centre() as centre:
        customer = await centre.call(number=NUMBER)
        del centre.asterisk.channels[customer.unique]
        await centre.talking("ann", number="+442079460002")
        await centre.passes(20)
        assert [one.ended_by for one in centre.said if isinstance(one, e.ContactEnded)]
        assert centre.contact.address == "+442079460002"


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


@in_virtual_time
async def test_a_fax_that_comes_in_while_the_connection_is_cut_becomes_its_contact():
    async with Centre() as centre:
        sender = await centre.call(dialled="200", number=NUMBER)
        centre.asterisk.cut()
        centre.asterisk.restore()
        await centre.hang_up(sender)
        assert (centre.contact.channel, centre.contact.address) == ("fax", NUMBER)
        assert len(centre.pbx) == 0


LEFT = {"voicemail": "main_3a1__voicemail__box", "fax": "main_3a1__fax__papers"}


def files(folder):
    return [file.name for file in Path(folder).iterdir()]


async def leaving(centre, what):
    """Somebody who leaves a message, or a document."""
    customer = await centre.call(dialled="200" if what == "fax" else "100", number=NUMBER)
    if what == "voicemail":
        await centre.passes(31 + 2.5)  # the greeting
    return customer


TO_BOX = {"overflow": (OverflowRule(when="wait", at=30 * SECOND, to=ToVoicemail(box="box")),)}


@pytest.mark.parametrize("what", ["voicemail", "fax"])
@pytest.mark.parametrize("ends", ["while there is no router", "later"])
@in_virtual_time
async def test_what_is_left_behind_while_the_router_restarts_becomes_its_contact_once(what, ends):
    with TemporaryDirectory() as folder:
        async with Centre(TO_BOX, recordings=Path(folder)) as centre:
            customer = await leaving(centre, what)
            await centre.stop()
            if ends == "later":
                await centre.start()
                await centre.passes(40)
                assert centre.contacts == [], "it is not over yet"
            centre.asterisk.hang_up(customer)
            if ends != "later":
                await centre.start()
            await centre.passes(40)
            assert (centre.contact.channel, centre.contact.address) == (what, NUMBER)
            left = centre.contact.attributes["file"]
            assert files(folder) == [left]
            assert left.startswith(LEFT[what])
            await centre.restart()
            await centre.passes(40)
            assert len(centre.names([e.ContactArrived])) == (2 if what == "voicemail" else 1)
            assert len(centre.contacts) == 1


@in_virtual_time
async def test_a_message_that_is_brought_in_at_once_loses_its_mark_and_comes_in_once():
    with TemporaryDirectory() as folder:
        async with Centre(TO_BOX, recordings=Path(folder)) as centre:
            await centre.hang_up(await leaving(centre, "voicemail"))
            left = centre.contact.attributes["file"]
            assert files(folder) == [f"new-{left}"]
            await centre.passes(40)
            assert files(folder) == [left]
            assert len(centre.contacts) == 1


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


@in_virtual_time
async def test_a_call_that_fails_does_not_cost_the_others_their_care(monkeypatch, caplog):
    look_after = Calls._look_after

    def fails(calls, call, at):
        if call.number == "+442079460009":
            raise RuntimeError("a bug")
        look_after(calls, call, at)

    async with Centre() as centre:
        await centre.call(number="+442079460009")
        customer = await centre.call(number=NUMBER)
        monkeypatch.setattr(Calls, "_look_after", fails)
        centre.asterisk.cut()
        centre.asterisk.restore()
        del centre.asterisk.channels[customer.unique]
        await centre.passes(20)
        assert [one.address for one in centre.contacts] == ["+442079460009"]
        assert "looking after a call of main failed" in caplog.text
        monkeypatch.undo()


@in_virtual_time
async def test_an_arrival_that_came_late_is_let_go_when_its_caller_is_not_there_any_more():
    """As from the outbox of a branch that was killed; not before it is known who is there."""
    async with Centre() as centre:
        centre.asterisk.cut()
        await centre.do(c.Arrive(id="main:77/arrive", contact="main:77", channel="voice"))
        await centre.do(c.Enqueue(id="main:77/enqueue", contact="main:77", queue="care"))
        await centre.passes(30)
        assert centre.contact.state is ContactState.QUEUED
        centre.asterisk.restore()
        await centre.passes(2)
        await centre.do(c.Arrive(id="main:78/arrive", contact="main:78", channel="voice"))
        await centre.passes(2)
        assert centre.contacts == []
        assert centre.names([e.Abandoned]) == ["Abandoned", "Abandoned"]
